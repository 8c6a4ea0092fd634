"""Customers: tags, sign-in links, password resets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_customers"
down_revision = "20261122_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "customer",
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_index("ix_customer_tags", "customer", ["tags"], postgresql_using="gin")
    op.create_index("ix_customer_email_lower", "customer", [sa.literal_column("lower(email)")])
    op.create_table(
        "customer_link",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('sign_in', 'password_reset')", name=op.f("ck_customer_link_purpose")),
        sa.ForeignKeyConstraint(["account_id"], ["portal_account.id"], name=op.f("fk_customer_link_account_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_customer_link")),
    )
    op.create_index("ix_customer_link_expires_at", "customer_link", ["expires_at"])
    op.create_index("ix_customer_link_account_id", "customer_link", ["account_id"])


def downgrade() -> None:
    op.drop_table("customer_link")
    op.drop_index("ix_customer_email_lower", "customer")
    op.drop_index("ix_customer_tags", "customer")
    op.drop_column("customer", "tags")
