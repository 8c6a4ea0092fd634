"""Why lines of an invoice are exempt from VAT."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_exemption_reason"
down_revision = "20261122_vat_mode"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invoice", sa.Column("exemption_reason", sa.Text(), nullable=False, server_default=""))
