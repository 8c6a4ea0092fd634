"""Bulk actions."""

revision = "20261123_jobs"
down_revision = "20261123_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
