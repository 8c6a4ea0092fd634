"""The tables of the quotes service. The database repeats what the domain promises."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from kontor import core_tables
from quotes.domain.booking import Status
from quotes.domain.state import State

metadata = sa.MetaData(naming_convention=core_tables.core.naming_convention)
core_tables.define(metadata)

_STATES = ", ".join(f"'{state}'" for state in State)
_STATUSES = ", ".join(f"'{status}'" for status in Status)


def _when(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required)


quote = sa.Table(
    "quote",
    metadata,
    sa.Column("id", UUID(as_uuid=False), primary_key=True),
    sa.Column("deal_uuid", UUID(as_uuid=False), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("number", sa.Text),
    sa.Column("series_year", sa.Integer),
    sa.Column("series_seq", sa.BigInteger),
    sa.Column("customer_id", UUID(as_uuid=False), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("bank_account_id", UUID(as_uuid=False)),
    sa.Column("valid_until", sa.Date, nullable=False),
    sa.Column("intro", sa.Text, nullable=False),
    sa.Column("closing", sa.Text, nullable=False),
    sa.Column("notes", sa.Text, nullable=False, comment="for admins only"),
    sa.Column("price_entry", sa.Text, nullable=False),
    sa.Column("vat_mode", sa.Text, nullable=False),
    sa.Column("lines", JSONB, nullable=False),
    sa.Column("payment", JSONB, nullable=False),
    sa.Column("installments", JSONB, nullable=False),
    sa.Column("event", JSONB(none_as_null=True), comment="what a booking is made of at conversion"),
    sa.Column("attachments", JSONB, nullable=False, server_default="[]"),
    sa.Column("exemption_reason", sa.Text, nullable=False, server_default=""),
    sa.Column("totals", JSONB, nullable=False, comment="VAT groups and line nets behind the three sums"),
    sa.Column("net_minor", sa.BigInteger, nullable=False),
    sa.Column("vat_minor", sa.BigInteger, nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("sent_version", sa.Integer, nullable=False),
    sa.Column("issue_date", sa.Date),
    _when("sent_at"),
    _when("answered_at"),
    sa.Column("answer_id", UUID(as_uuid=False)),
    sa.Column(
        "pending_until",
        sa.DateTime(timezone=True),
        comment="the customer may turn the answer around until then; NULL once it is announced",
    ),
    _when("created_at", required=True),
    _when("updated_at", required=True),
    sa.Column("created_by_admin_id", sa.Text),
    sa.Column("search_text", sa.Text, sa.Computed("folded((COALESCE(number, '') || ' ') || title)", persisted=True)),
    sa.CheckConstraint(f"state IN ({_STATES})", name="state"),
    sa.CheckConstraint("version >= 1", name="version"),
    sa.CheckConstraint("state = 'draft' OR (number IS NOT NULL AND sent_version >= 1)", name="number"),
    sa.CheckConstraint("state = 'draft' OR sent_at IS NOT NULL", name="sent_at"),
    sa.CheckConstraint(
        "(state IN ('accepted', 'declined', 'converted')) = (answer_id IS NOT NULL)"
        " AND (answer_id IS NULL) = (answered_at IS NULL)",
        name="answer",
    ),
    sa.CheckConstraint("pending_until IS NULL OR state IN ('accepted', 'declined')", name="pending"),
    sa.CheckConstraint("net_minor + vat_minor = total_minor AND total_minor >= 0", name="total"),
    sa.CheckConstraint("jsonb_typeof(lines) = 'array' AND jsonb_array_length(lines) > 0", name="lines"),
    sa.CheckConstraint("event IS NULL OR jsonb_typeof(event) = 'object'", name="event"),
    sa.CheckConstraint(
        "jsonb_typeof(attachments) = 'array' AND jsonb_array_length(attachments) <= 10", name="attachments"
    ),
    sa.CheckConstraint("price_entry IN ('net', 'gross')", name="price_entry"),
    sa.CheckConstraint("language IN ('de', 'en')", name="language"),
    sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    sa.CheckConstraint("num_nulls(number, series_year, series_seq) IN (0, 3)", name="series"),
    sa.Index("uq_quote_number", "number", unique=True),
    sa.Index("uq_quote_series", "series_year", "series_seq", unique=True),
    sa.Index("ix_quote_created_at", "created_at", "id"),
    sa.Index("ix_quote_updated_at", "updated_at", "id"),
    sa.Index("ix_quote_customer_id", "customer_id"),
    sa.Index("ix_quote_deal_uuid", "deal_uuid"),
    sa.Index("ix_quote_state", "state"),
    sa.Index("ix_quote_figures", "state", "currency", "total_minor"),
    sa.Index("ix_quote_total_minor", "total_minor", "id"),
    sa.Index("ix_quote_valid_until", "valid_until", "id"),
    sa.Index("ix_quote_title", "title", "id"),
    sa.Index("ix_quote_open", "valid_until", postgresql_where=sa.text("state = 'sent'")),
    sa.Index("ix_quote_pending", "pending_until", postgresql_where=sa.text("pending_until IS NOT NULL")),
)

quote_version = sa.Table(
    "quote_version",
    metadata,
    sa.Column("quote_id", UUID(as_uuid=False), sa.ForeignKey("quote.id"), primary_key=True),
    sa.Column("version_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("snapshot", JSONB, nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    _when("sent_at", required=True),
    sa.Column("sent_by", JSONB, nullable=False),
    sa.Column("sent_event_id", UUID(as_uuid=False), nullable=False, comment="the quote_sent.v1 that told of it"),
    sa.Column("document_id", UUID(as_uuid=False)),
    sa.Column("document_sha256", sa.Text),
    sa.Column("code_required", sa.Boolean, nullable=False, server_default="false"),
    sa.UniqueConstraint("sent_event_id", name="uq_quote_version_sent_event_id"),
    sa.CheckConstraint("version_no >= 1", name="version_no"),
    sa.CheckConstraint("(document_id IS NULL) = (document_sha256 IS NULL)", name="document"),
)

quote_opening = sa.Table(
    "quote_opening",
    metadata,
    sa.Column("quote_id", UUID(as_uuid=False), primary_key=True),
    sa.Column("version_no", sa.Integer, primary_key=True, autoincrement=False),
    _when("at", required=True),
    sa.ForeignKeyConstraint(
        ["quote_id", "version_no"],
        ["quote_version.quote_id", "quote_version.version_no"],
        name="fk_quote_opening_version",
    ),
)

quote_link = sa.Table(
    "quote_link",
    metadata,
    sa.Column("token_sha256", sa.Text, primary_key=True),
    sa.Column("quote_id", UUID(as_uuid=False), sa.ForeignKey("quote.id"), nullable=False),
    sa.Column("version_no", sa.Integer, nullable=False),
    _when("created_at", required=True),
    _when("revoked_at"),
    sa.Column("purpose", sa.Text, nullable=False, server_default="answer"),
    sa.CheckConstraint("token_sha256 ~ '^[0-9a-f]{64}$'", name="token_sha256"),
    sa.CheckConstraint("purpose IN ('answer', 'expiring')", name="purpose"),
    sa.Index("uq_quote_link_alive", "quote_id", "purpose", unique=True, postgresql_where=sa.text("revoked_at IS NULL")),
    sa.Index(
        "uq_quote_link_expiring",
        "quote_id",
        "version_no",
        unique=True,
        postgresql_where=sa.text("purpose = 'expiring'"),
    ),
)

link_code = sa.Table(
    "link_code",
    metadata,
    sa.Column("id", UUID(as_uuid=False), primary_key=True),
    sa.Column("token_sha256", sa.Text, sa.ForeignKey("quote_link.token_sha256"), nullable=False),
    sa.Column("code_sha256", sa.Text, nullable=False, comment="of link and code: the code alone is soon guessed"),
    _when("created_at", required=True),
    _when("expires_at", required=True),
    sa.Column("wrong_tries", sa.Integer, nullable=False, server_default="0"),
    _when("used_at"),
    sa.CheckConstraint("code_sha256 ~ '^[0-9a-f]{64}$'", name="code_sha256"),
    sa.CheckConstraint("wrong_tries BETWEEN 0 AND 5", name="wrong_tries"),
    sa.Index("ix_link_code_token_sha256", "token_sha256", "created_at"),
    sa.Index("ix_link_code_created_at", "created_at"),
)

link_session = sa.Table(
    "link_session",
    metadata,
    sa.Column("session_sha256", sa.Text, primary_key=True),
    sa.Column("token_sha256", sa.Text, sa.ForeignKey("quote_link.token_sha256"), nullable=False),
    _when("created_at", required=True),
    _when("expires_at", required=True),
    sa.CheckConstraint("session_sha256 ~ '^[0-9a-f]{64}$'", name="session_sha256"),
    sa.Index("ix_link_session_expires_at", "expires_at"),
)

quote_answer = sa.Table(
    "quote_answer",
    metadata,
    sa.Column("id", UUID(as_uuid=False), primary_key=True),
    sa.Column("quote_id", UUID(as_uuid=False), nullable=False),
    sa.Column("version_no", sa.Integer, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    _when("at", required=True),
    sa.Column("ip", sa.Text),
    sa.Column("user_agent", sa.Text),
    sa.Column("selection", JSONB, nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("terms_sha256", sa.Text, comment="of the terms of service that were accepted"),
    sa.Column("document_sha256", sa.Text, comment="of the PDF that was answered"),
    sa.Column("accepted_document_id", UUID(as_uuid=False), comment="the PDF with the acceptance"),
    sa.Column("final_at", sa.DateTime(timezone=True), comment="end of the correction window; NULL: final at once"),
    sa.ForeignKeyConstraint(
        ["quote_id", "version_no"],
        ["quote_version.quote_id", "quote_version.version_no"],
        name="fk_quote_answer_version",
    ),
    sa.CheckConstraint("verdict IN ('accepted', 'declined')", name="verdict"),
    sa.CheckConstraint("\"by\" IN ('customer', 'admin')", name="by"),
    sa.Index("ix_quote_answer_version", "quote_id", "version_no", "at"),
)

conversion = sa.Table(
    "conversion",
    metadata,
    sa.Column("quote_id", UUID(as_uuid=False), sa.ForeignKey("quote.id"), primary_key=True),
    sa.Column("contract", sa.Boolean, nullable=False),
    sa.Column("invoice", sa.Boolean, nullable=False),
    sa.Column("booking_id", UUID(as_uuid=False), comment="made in the same transaction"),
    _when("at", required=True),
    sa.CheckConstraint("contract OR invoice OR booking_id IS NOT NULL", name="something"),
)

conversion_target = sa.Table(
    "conversion_target",
    metadata,
    sa.Column("record_id", UUID(as_uuid=False), primary_key=True, comment="id the spawned document will have"),
    sa.Column("quote_id", UUID(as_uuid=False), sa.ForeignKey("conversion.quote_id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    _when("arrived_at"),
    sa.CheckConstraint("kind IN ('contract', 'invoice')", name="kind"),
    sa.Index("uq_conversion_target_position", "quote_id", "kind", "position", unique=True),
)

wrong_look_up = sa.Table(
    "wrong_look_up",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    _when("at", required=True),
    sa.Index("ix_wrong_look_up_address", "address", "at"),
    sa.Index("ix_wrong_look_up_at", "at"),
)

booking = sa.Table(
    "booking",
    metadata,
    sa.Column("id", UUID(as_uuid=False), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("start_local", sa.DateTime(timezone=False), nullable=False, comment="as the clocks show it"),
    sa.Column("end_local", sa.DateTime(timezone=False), nullable=False, comment="all day: of the last day"),
    sa.Column("all_day", sa.Boolean, nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
    _when("starts_at", required=True),
    _when("ends_at", required=True),
    sa.Column("location", sa.Text, nullable=False),
    sa.Column("customer_id", UUID(as_uuid=False)),
    sa.Column("deal_uuid", UUID(as_uuid=False)),
    sa.Column("quote_id", UUID(as_uuid=False), sa.ForeignKey("quote.id")),
    sa.Column("resource", sa.Text, nullable=False),
    sa.Column("exclusive", sa.Boolean, nullable=False),
    sa.Column("reminder_opt_out", sa.Boolean, nullable=False),
    _when("created_at", required=True),
    _when("updated_at", required=True),
    sa.Column("created_by_admin_id", sa.Text),
    sa.CheckConstraint(f"status IN ({_STATUSES})", name="status"),
    sa.CheckConstraint("version >= 1", name="version"),
    sa.CheckConstraint("ends_at > starts_at AND end_local >= start_local", name="period"),
    sa.CheckConstraint("NOT exclusive OR resource <> ''", name="resource"),
    sa.Index("uq_booking_quote_id", "quote_id", unique=True),
    sa.Index("ix_booking_starts_at", "starts_at", "id"),
    sa.Index("ix_booking_ends_at", "ends_at"),
    sa.Index("ix_booking_customer_id", "customer_id"),
    sa.Index("ix_booking_deal_uuid", "deal_uuid"),
)


def _named(name: str, *columns: Any) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("id", UUID(as_uuid=False), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        _when("created_at", required=True),
        _when("updated_at", required=True),
        sa.Column("created_by_admin_id", sa.Text),
        sa.CheckConstraint("version >= 1 AND name <> ''", name="name"),
        sa.Index(f"ix_{name}_name", "name", "id"),
        *columns,
    )


line_item_preset = _named(
    "line_item_preset",
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("line", JSONB, nullable=False),
    sa.CheckConstraint("jsonb_typeof(line) = 'object'", name="line"),
)

quote_template = _named(
    "quote_template",
    sa.Column("content", JSONB, nullable=False),
    sa.CheckConstraint("jsonb_array_length(content -> 'lines') > 0", name="content"),
)
