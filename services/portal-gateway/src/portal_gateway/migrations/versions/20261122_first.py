"""First tables of the gateway: people, settings, the deal projection, safe repetition of requests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kontor import core_tables

revision = "20261122_first"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    core_tables.create(op)

    op.create_table(
        "admin",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "role IN ('super_admin', 'admin', 'team', 'viewer', 'accountant')", name=op.f("ck_admin_role")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_admin_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin")),
    )
    op.create_index("uq_admin_email", "admin", ["email"], unique=True)
    op.create_table(
        "answer",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_sha256", sa.Text(), nullable=False, comment="method, path and body of the first request"),
        sa.Column("taken", sa.UUID(), nullable=False, comment="which run of the request holds the row"),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("body_sealed", sa.Text(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key", name=op.f("pk_answer")),
    )
    op.create_index("ix_answer_created_at", "answer", ["created_at"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index("ix_attempt_at", "attempt", ["at"], unique=False)
    op.create_index("ix_attempt_purpose_key_at", "attempt", ["purpose", "key", "at"], unique=False)
    op.create_table(
        "bank_account",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reference_type", sa.Text(), nullable=False),
        sa.Column("qr_bill_enabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("example", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reference_type IN ('QRR', 'SCOR', 'NON')", name=op.f("ck_bank_account_reference_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
    )
    op.create_index(
        "uq_bank_account_default",
        "bank_account",
        ["currency"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_index("uq_bank_account_iban_currency", "bank_account", ["iban", "currency"], unique=True)
    op.create_table(
        "customer",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("customer_number", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column(
            "fields",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the record's other fields, checked by business rules in code",
        ),
        sa.Column("created_by_admin_id", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('active', 'deactivated')", name=op.f("ck_customer_state")),
        sa.CheckConstraint("version > 0", name=op.f("ck_customer_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    op.create_index("ix_customer_created", "customer", ["created_at", "id"], unique=False)
    op.create_index("ix_customer_email", "customer", ["email"], unique=False)
    op.create_index("ix_customer_name", "customer", [sa.literal_column("lower(display_name)"), "id"], unique=False)
    op.create_index("uq_customer_customer_number", "customer", ["customer_number"], unique=True)
    op.create_table(
        "deal",
        sa.Column("deal_uuid", sa.UUID(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("deal_uuid", name=op.f("pk_deal")),
    )
    op.create_index("ix_deal_customer_id", "deal", ["customer_id"], unique=False)
    op.create_index("ix_deal_updated", "deal", ["updated_at", "deal_uuid"], unique=False)
    op.create_table(
        "deal_record",
        sa.Column("record_id", sa.UUID(), nullable=False),
        sa.Column("deal_uuid", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_version", sa.BigInteger(), nullable=False),
        sa.Column(
            "fact_versions",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="which version of the record told each fact",
        ),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=True),
        sa.Column("open_minor", sa.BigInteger(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("parent_id", sa.UUID(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('quote', 'contract', 'invoice')", name=op.f("ck_deal_record_kind")),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_deal_record")),
    )
    op.create_index("ix_deal_record_customer_id", "deal_record", ["customer_id"], unique=False)
    op.create_index("ix_deal_record_deal_uuid", "deal_record", ["deal_uuid"], unique=False)
    op.create_index("ix_deal_record_kind_state", "deal_record", ["kind", "state"], unique=False)
    op.create_table(
        "deal_step",
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("deal_uuid", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("actor", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_deal_step")),
    )
    op.create_index("ix_deal_step_deal", "deal_step", ["deal_uuid", "occurred_at", "event_id"], unique=False)
    op.create_index("ix_deal_step_record", "deal_step", ["record_id"], unique=False)
    op.create_table(
        "live_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_change")),
    )
    op.create_index("ix_live_change_at", "live_change", ["at"], unique=False)
    op.create_table(
        "payment_term",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("example", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_term")),
    )
    op.create_index("uq_payment_term_name", "payment_term", ["name"], unique=True)
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.UUID(), nullable=False, comment="admin.id or portal_account.id"),
        sa.Column("ip", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('admin', 'customer')", name=op.f("ck_session_kind")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_session")),
        sa.UniqueConstraint("id", name=op.f("uq_session_id")),
    )
    op.create_index("ix_session_created_at", "session", ["created_at"], unique=False)
    op.create_index("ix_session_holder", "session", ["kind", "holder_id"], unique=False)
    op.create_table(
        "setting",
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_setting_version")),
        sa.PrimaryKeyConstraint("section", name=op.f("pk_setting")),
    )
    op.create_table(
        "setup_link",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_setup_link")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("admin_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["admin_id"], ["admin.id"], name=op.f("fk_api_token_admin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
    )
    op.create_index("ix_api_token_admin_id", "api_token", ["admin_id"], unique=False)
    op.create_index("uq_api_token_token_sha256", "api_token", ["token_sha256"], unique=True)
    op.create_table(
        "invitation",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_invitation_customer_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_invitation")),
    )
    op.create_index("ix_invitation_customer_id", "invitation", ["customer_id"], unique=False)
    op.create_index(
        "uq_invitation_open",
        "invitation",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("used_at IS NULL AND revoked_at IS NULL"),
    )
    op.create_table(
        "portal_account",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_portal_account_email_lower")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_portal_account_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_account")),
    )
    op.create_index("uq_portal_account_customer_id", "portal_account", ["customer_id"], unique=True)
    op.create_index("uq_portal_account_email", "portal_account", ["email"], unique=True)
