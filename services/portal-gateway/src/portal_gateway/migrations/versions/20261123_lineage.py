"""Bookings in the chain of a deal."""

from alembic import op

revision = "20261123_lineage"
down_revision = "20261123_jobs"
branch_labels = None
depends_on = None

_NAME = op.f("ck_deal_record_kind")


def upgrade() -> None:
    op.drop_constraint(_NAME, "deal_record")
    op.create_check_constraint(_NAME, "deal_record", "kind IN ('quote', 'booking', 'contract', 'invoice')")


def downgrade() -> None:
    op.drop_constraint(_NAME, "deal_record")
    op.create_check_constraint(_NAME, "deal_record", "kind IN ('quote', 'contract', 'invoice')")
