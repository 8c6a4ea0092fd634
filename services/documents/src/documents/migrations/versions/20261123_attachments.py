"""Attachments handed in by admins."""

revision = "20261123_attachments"
down_revision = "20261122_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
