"""The tables the gateway owns: people, settings, the deal projection, and what keeps requests safe to repeat."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from kontor import core_tables

metadata = sa.MetaData(naming_convention=core_tables.core.naming_convention)
core_tables.define(metadata)

_NOW = sa.text("now()")
_FALSE = sa.text("false")
_TRUE = sa.text("true")


def _when(name: str, *, required: bool = False, default: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required, server_default=_NOW if default else None)


admin = sa.Table(
    "admin",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False, server_default=_TRUE),
    _when("created_at", required=True, default=True),
    _when("updated_at", required=True, default=True),
    sa.CheckConstraint("role IN ('super_admin', 'admin', 'team', 'viewer', 'accountant')", name="role"),
    sa.CheckConstraint("email = lower(email)", name="email_lower"),
    sa.Index("uq_admin_email", "email", unique=True),
)

setup_link = sa.Table(
    "setup_link",
    metadata,
    sa.Column("token_sha256", sa.Text, primary_key=True),
    _when("created_at", required=True, default=True),
    _when("used_at"),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("token_sha256", sa.Text, primary_key=True),
    sa.Column("id", UUID(as_uuid=True), nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("holder_id", UUID(as_uuid=True), nullable=False, comment="admin.id or portal_account.id"),
    sa.Column("ip", sa.Text, nullable=False),
    sa.Column("user_agent", sa.Text, nullable=False),
    _when("created_at", required=True, default=True),
    _when("last_used_at", required=True, default=True),
    sa.CheckConstraint("kind IN ('admin', 'customer')", name="kind"),
    sa.Index("ix_session_holder", "kind", "holder_id"),
    sa.Index("ix_session_created_at", "created_at"),
)

api_token = sa.Table(
    "api_token",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("admin_id", UUID(as_uuid=True), sa.ForeignKey("admin.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("token_sha256", sa.Text, nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    _when("created_at", required=True, default=True),
    _when("last_used_at"),
    _when("expires_at"),
    _when("revoked_at"),
    sa.Index("uq_api_token_token_sha256", "token_sha256", unique=True),
    sa.Index("ix_api_token_admin_id", "admin_id"),
)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    _when("at", required=True, default=True),
    sa.Index("ix_attempt_purpose_key_at", "purpose", "key", "at"),
    sa.Index("ix_attempt_at", "at"),
)

customer = sa.Table(
    "customer",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("customer_number", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("search_text", sa.Text, nullable=False),
    sa.Column("fields", JSONB, nullable=False, comment="the record's other fields, checked by business rules in code"),
    sa.Column("tags", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
    sa.Column("created_by_admin_id", UUID(as_uuid=True)),
    _when("created_at", required=True),
    _when("updated_at", required=True),
    sa.CheckConstraint("state IN ('active', 'deactivated')", name="state"),
    sa.CheckConstraint("version > 0", name="version"),
    sa.Index("uq_customer_customer_number", "customer_number", unique=True),
    sa.Index("ix_customer_created", "created_at", "id"),
    sa.Index("ix_customer_name", sa.text("lower(display_name)"), "id"),
    sa.Index("ix_customer_email", "email"),
    sa.Index("ix_customer_email_lower", sa.text("lower(email)")),
    sa.Index("ix_customer_tags", "tags", postgresql_using="gin"),
)

portal_account = sa.Table(
    "portal_account",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("customer_id", UUID(as_uuid=True), sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    _when("created_at", required=True, default=True),
    sa.CheckConstraint("email = lower(email)", name="email_lower"),
    sa.Index("uq_portal_account_customer_id", "customer_id", unique=True),
    sa.Index("uq_portal_account_email", "email", unique=True),
)

invitation = sa.Table(
    "invitation",
    metadata,
    sa.Column("token_sha256", sa.Text, primary_key=True),
    sa.Column("customer_id", UUID(as_uuid=True), sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    _when("created_at", required=True),
    _when("expires_at", required=True),
    _when("used_at"),
    _when("revoked_at"),
    sa.Index("ix_invitation_customer_id", "customer_id"),
    sa.Index(
        "uq_invitation_open",
        "customer_id",
        unique=True,
        postgresql_where=sa.text("used_at IS NULL AND revoked_at IS NULL"),
    ),
)

customer_link = sa.Table(
    "customer_link",
    metadata,
    sa.Column("token_sha256", sa.Text, primary_key=True),
    sa.Column("account_id", UUID(as_uuid=True), sa.ForeignKey("portal_account.id"), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    _when("created_at", required=True),
    _when("expires_at", required=True),
    _when("used_at"),
    _when("revoked_at"),
    sa.CheckConstraint("purpose IN ('sign_in', 'password_reset')", name="purpose"),
    sa.Index("ix_customer_link_expires_at", "expires_at"),
    sa.Index("ix_customer_link_account_id", "account_id"),
)

setting = sa.Table(
    "setting",
    metadata,
    sa.Column("section", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("value", JSONB, nullable=False),
    _when("updated_at", required=True),
    sa.CheckConstraint("version > 0", name="version"),
)

bank_account = sa.Table(
    "bank_account",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("iban", sa.Text, nullable=False),
    sa.Column("bic", sa.Text),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("is_default", sa.Boolean, nullable=False, server_default=_FALSE),
    sa.Column("reference_type", sa.Text, nullable=False),
    sa.Column("qr_bill_enabled", sa.Boolean, nullable=False, server_default=_FALSE),
    sa.Column("example", sa.Boolean, nullable=False, server_default=_FALSE),
    _when("created_at", required=True),
    _when("updated_at", required=True),
    sa.CheckConstraint("reference_type IN ('QRR', 'SCOR', 'NON')", name="reference_type"),
    sa.Index("uq_bank_account_iban_currency", "iban", "currency", unique=True),
    sa.Index("uq_bank_account_default", "currency", unique=True, postgresql_where=sa.text("is_default")),
)

payment_term = sa.Table(
    "payment_term",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("terms", JSONB, nullable=False),
    sa.Column("example", sa.Boolean, nullable=False, server_default=_FALSE),
    sa.Column("active", sa.Boolean, nullable=False, server_default=_TRUE),
    _when("created_at", required=True),
    _when("updated_at", required=True),
    sa.Index("uq_payment_term_name", "name", unique=True),
)

deal = sa.Table(
    "deal",
    metadata,
    sa.Column("deal_uuid", UUID(as_uuid=True), primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("customer_id", UUID(as_uuid=True)),
    _when("created_at", required=True),
    _when("updated_at", required=True),
    sa.Index("ix_deal_updated", "updated_at", "deal_uuid"),
    sa.Index("ix_deal_customer_id", "customer_id"),
)

deal_record = sa.Table(
    "deal_record",
    metadata,
    sa.Column("record_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("deal_uuid", UUID(as_uuid=True), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("number", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("state_version", sa.BigInteger, nullable=False),
    sa.Column("fact_versions", JSONB, nullable=False, comment="which version of the record told each fact"),
    sa.Column("title", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("currency", sa.Text),
    sa.Column("total_minor", sa.BigInteger),
    sa.Column("open_minor", sa.BigInteger),
    sa.Column("label", sa.Text),
    sa.Column("position", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("parent_id", UUID(as_uuid=True)),
    sa.Column("customer_id", UUID(as_uuid=True)),
    _when("created_at", required=True),
    _when("updated_at", required=True),
    sa.CheckConstraint("kind IN ('quote', 'booking', 'contract', 'invoice')", name="kind"),
    sa.Index("ix_deal_record_deal_uuid", "deal_uuid"),
    sa.Index("ix_deal_record_customer_id", "customer_id"),
    sa.Index("ix_deal_record_kind_state", "kind", "state"),
)

deal_step = sa.Table(
    "deal_step",
    metadata,
    sa.Column("event_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("deal_uuid", UUID(as_uuid=True), nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("number", sa.Text),
    sa.Column("actor", JSONB, nullable=False),
    sa.Column("facts", JSONB, nullable=False),
    _when("occurred_at", required=True),
    sa.Index("ix_deal_step_deal", "deal_uuid", "occurred_at", "event_id"),
    sa.Index("ix_deal_step_record", "record_id"),
)

live_change = sa.Table(
    "live_change",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("customer_id", UUID(as_uuid=True)),
    sa.Column("permission", sa.Text, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    _when("at", required=True, default=True),
    sa.Index("ix_live_change_at", "at"),
)

answer = sa.Table(
    "answer",
    metadata,
    sa.Column("principal", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request_sha256", sa.Text, nullable=False, comment="method, path and body of the first request"),
    sa.Column("taken", UUID(as_uuid=True), nullable=False, comment="which run of the request holds the row"),
    sa.Column("status", sa.Integer),
    sa.Column("headers", JSONB),
    sa.Column("body_sealed", sa.Text),
    _when("taken_at", required=True, default=True),
    _when("created_at", required=True, default=True),
    sa.Index("ix_answer_created_at", "created_at"),
)

bulk_job = sa.Table(
    "bulk_job",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("actor", JSONB, nullable=False, comment="in whose name every row is carried out"),
    sa.Column("admin_id", UUID(as_uuid=True), nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    _when("created_at", required=True),
    _when("finished_at"),
    sa.CheckConstraint("state IN ('running', 'done', 'stopped')", name="state"),
    sa.CheckConstraint("(state = 'running') = (finished_at IS NULL)", name="finished"),
    sa.Index("ix_bulk_job_running", "created_at", postgresql_where=sa.text("state = 'running'")),
)

bulk_row = sa.Table(
    "bulk_row",
    metadata,
    sa.Column("job_id", UUID(as_uuid=True), sa.ForeignKey("bulk_job.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("record_id", UUID(as_uuid=True), nullable=False),
    sa.Column("label", sa.Text, nullable=False, comment="number or title when the action was started"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("code", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("result_id", UUID(as_uuid=True), comment="the copy that was made"),
    _when("at"),
    sa.CheckConstraint("state IN ('waiting', 'done', 'refused')", name="state"),
    sa.CheckConstraint("(state = 'waiting') = (at IS NULL)", name="at"),
    sa.CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="reason"),
    sa.Index("uq_bulk_row_record_id", "job_id", "record_id", unique=True),
    sa.Index("ix_bulk_row_waiting", "job_id", "position", postgresql_where=sa.text("state = 'waiting'")),
)
