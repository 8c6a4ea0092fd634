"""Resending, correction window, codes before the content, reminders of expiry."""

revision = "2026_11_23_answers"
down_revision = "2026_11_23_content"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
