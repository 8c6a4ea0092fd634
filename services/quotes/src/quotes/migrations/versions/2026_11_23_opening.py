"""When the customer first opened each version of a quote."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "2026_11_23_opening"
down_revision = "2026_11_23_listing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quote_opening",
        sa.Column("quote_id", UUID(as_uuid=False), nullable=False),
        sa.Column("version_no", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("quote_id", "version_no", name=op.f("pk_quote_opening")),
        sa.ForeignKeyConstraint(
            ["quote_id", "version_no"],
            ["quote_version.quote_id", "quote_version.version_no"],
            name=op.f("fk_quote_opening_version"),
        ),
    )


def downgrade() -> None:
    op.drop_table("quote_opening")
