"""What an admin writes: VAT categories, event, attachments."""

revision = "2026_11_23_content"
down_revision = "2026_11_22_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
