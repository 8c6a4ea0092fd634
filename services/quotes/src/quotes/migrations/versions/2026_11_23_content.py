"""What an admin writes: the event, attachments, why lines are exempt from VAT."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_23_content"
down_revision = "2026_11_22_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quote", sa.Column("event", JSONB, comment="what a booking is made of at conversion"))
    op.add_column("quote", sa.Column("attachments", JSONB, nullable=False, server_default="[]"))
    op.add_column("quote", sa.Column("exemption_reason", sa.Text, nullable=False, server_default=""))
    op.create_check_constraint("event", "quote", "event IS NULL OR jsonb_typeof(event) = 'object'")
    op.create_check_constraint(
        "attachments", "quote", "jsonb_typeof(attachments) = 'array' AND jsonb_array_length(attachments) <= 10"
    )


def downgrade() -> None:
    op.drop_constraint("attachments", "quote", type_="check")
    op.drop_constraint("event", "quote", type_="check")
    for name in ("exemption_reason", "attachments", "event"):
        op.drop_column("quote", name)
