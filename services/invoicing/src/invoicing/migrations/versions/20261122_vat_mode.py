"""How VAT is charged is kept with the invoice: a business that is not registered charges none."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_vat_mode"
down_revision = "20261122_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invoice", sa.Column("vat_mode", sa.Text(), nullable=False, server_default=sa.text("'standard'")))
    op.create_check_constraint("vat_mode", "invoice", "vat_mode IN ('standard', 'small_business')")
