"""The tables of invoicing. What the code decides, the database repeats as CHECK, unique index or trigger."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR, UUID

from kontor import core_tables

metadata = sa.MetaData(naming_convention=core_tables.core.naming_convention)
core_tables.define(metadata)

_MOMENT = sa.DateTime(timezone=True)
_UNISSUED = "state IN ('draft', 'pending_delivery')"

# Columns of an issued invoice that may still change. Everything else is frozen by a trigger, columns added
# later included, until they are named here and in that trigger.
MUTABLE = (
    "version",
    "state",
    "updated_at",
    "paid_minor",
    "late_fee_minor",
    "delivered_at",
    "paid_at",
    "document_id",
    "document_sha256",
    "mail_id",
    "problem",
)

# Computed by the database from other columns.
GENERATED = ("search", "number_key", "due_key")

plan = sa.Table(
    "plan",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("quote_id", UUID(as_uuid=True), nullable=False, unique=True, comment="a quote spawns invoices once"),
    sa.Column("deal_uuid", UUID(as_uuid=True), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("created_at", _MOMENT, nullable=False),
    sa.CheckConstraint("count > 0", name="count"),
)

invoice = sa.Table(
    "invoice",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("deal_uuid", UUID(as_uuid=True), nullable=False),
    sa.Column("cancels_invoice_id", UUID(as_uuid=True), sa.ForeignKey("invoice.id")),
    # content
    sa.Column("customer_id", UUID(as_uuid=True), nullable=False),
    sa.Column("customer_name", sa.Text, nullable=False),
    sa.Column("customer_email", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("intro", sa.Text, nullable=False),
    sa.Column("closing", sa.Text, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("exemption_reason", sa.Text, nullable=False, server_default=""),
    sa.Column("price_entry", sa.Text, nullable=False),
    sa.Column("payment", JSONB, nullable=False),
    sa.Column("bank_account_id", sa.Text),
    sa.Column("service_from", sa.Date),
    sa.Column("service_to", sa.Date),
    sa.Column("payment_slip", sa.Text),
    sa.Column("vat_mode", sa.Text, nullable=False, server_default=sa.text("'standard'")),
    # totals
    sa.Column("net_minor", sa.BigInteger, nullable=False),
    sa.Column("vat_minor", sa.BigInteger, nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("vat_groups", JSONB, nullable=False),
    # origin
    sa.Column("quote_id", UUID(as_uuid=True)),
    sa.Column("quote_number", sa.Text),
    sa.Column("contract_id", UUID(as_uuid=True)),
    sa.Column("installment_plan_id", UUID(as_uuid=True), sa.ForeignKey("plan.id")),
    sa.Column("installment_index", sa.Integer),
    sa.Column("installment_count", sa.Integer),
    sa.Column("installment_label", sa.Text),
    sa.Column("installment_percent", sa.Numeric),
    sa.Column("installment_trigger", sa.Text),
    sa.Column("installment_date", sa.Date),
    sa.Column("installment_days", sa.Integer),
    # issue
    sa.Column("number", sa.Text),
    sa.Column("series_year", sa.Integer),
    sa.Column("series_seq", sa.BigInteger),
    sa.Column("issue_date", sa.Date),
    sa.Column("due_date", sa.Date),
    sa.Column("reference_type", sa.Text),
    sa.Column("reference", sa.Text),
    sa.Column("snapshot", JSONB(none_as_null=True)),
    sa.Column("recipient", JSONB(none_as_null=True)),
    sa.Column("issued_at", _MOMENT),
    # after the issue
    sa.Column("paid_minor", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("late_fee_minor", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("delivered_at", _MOMENT),
    sa.Column("paid_at", _MOMENT),
    sa.Column("document_id", UUID(as_uuid=True)),
    sa.Column("document_sha256", sa.Text),
    sa.Column("mail_id", sa.Text),
    sa.Column("problem", JSONB(none_as_null=True)),
    sa.Column("created_by_admin_id", sa.Text),
    sa.Column("created_at", _MOMENT, nullable=False),
    sa.Column("updated_at", _MOMENT, nullable=False),
    sa.Column(
        "search",
        TSVECTOR,
        sa.Computed(
            "to_tsvector('simple'::regconfig, translate(lower(coalesce(number, '') || ' ' || title || ' ' || "
            "customer_name || ' ' || coalesce(quote_number, '')), '-/._,;:()&@', '           '))",
            persisted=True,
        ),
    ),
    # Sort keys: drafts, which have neither number nor due date, come first and last.
    sa.Column(
        "number_key",
        sa.BigInteger,
        sa.Computed("coalesce(series_year * 10000000000 + series_seq, 0)", persisted=True),
    ),
    sa.Column("due_key", sa.Date, sa.Computed("coalesce(due_date, '9999-12-31'::date)", persisted=True)),
    sa.CheckConstraint("version > 0", name="version"),
    sa.CheckConstraint("kind IN ('invoice', 'storno', 'credit_note', 'deposit', 'final')", name="kind"),
    sa.CheckConstraint(
        "state IN ('draft', 'pending_delivery', 'issuing', 'sent', 'partially_paid', 'paid', 'overdue')",
        name="state",
    ),
    sa.CheckConstraint("(kind = 'storno') = (cancels_invoice_id IS NOT NULL)", name="cancels"),
    sa.CheckConstraint("language IN ('de', 'en')", name="language"),
    sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    sa.CheckConstraint("price_entry IN ('net', 'gross')", name="price_entry"),
    sa.CheckConstraint("payment_slip IN ('swiss', 'epc', 'none')", name="payment_slip"),
    sa.CheckConstraint("vat_mode IN ('standard', 'small_business')", name="vat_mode"),
    sa.CheckConstraint("service_to >= service_from", name="service"),
    sa.CheckConstraint("net_minor + vat_minor = total_minor", name="total"),
    sa.CheckConstraint("kind IN ('storno', 'credit_note') OR total_minor >= 0", name="total_not_negative"),
    sa.CheckConstraint("paid_minor >= 0 AND late_fee_minor >= 0", name="paid"),
    sa.CheckConstraint(f"({_UNISSUED}) = (number IS NULL)", name="issued_has_number"),
    sa.CheckConstraint(
        "num_nonnulls(number, series_year, series_seq, issue_date, due_date, reference_type, snapshot, recipient,"
        " issued_at) IN (0, 9)",
        name="issued_is_complete",
    ),
    sa.CheckConstraint("number IS NOT NULL OR (paid_minor = 0 AND delivered_at IS NULL)", name="draft_has_no_money"),
    sa.CheckConstraint("due_date >= issue_date", name="due"),
    sa.CheckConstraint("reference_type IN ('QRR', 'SCOR', 'NON')", name="reference_type"),
    sa.CheckConstraint("number IS NULL OR (reference IS NULL) = (reference_type = 'NON')", name="reference"),
    sa.CheckConstraint("state <> 'paid' OR paid_at IS NOT NULL", name="paid_at"),
    sa.CheckConstraint(
        "num_nonnulls(installment_plan_id, installment_index, installment_count, installment_label,"
        " installment_percent, installment_trigger) IN (0, 6)",
        name="installment",
    ),
    sa.CheckConstraint("installment_index BETWEEN 1 AND installment_count", name="installment_index"),
    sa.UniqueConstraint("number"),
    sa.UniqueConstraint("series_year", "series_seq"),
    sa.UniqueConstraint("reference"),
    sa.UniqueConstraint("installment_plan_id", "installment_index"),
    sa.UniqueConstraint("cancels_invoice_id"),
    sa.Index("ix_invoice_created", "created_at", "id"),
    sa.Index("ix_invoice_state_created", "state", "created_at", "id"),
    sa.Index("ix_invoice_customer_created", "customer_id", "created_at", "id"),
    sa.Index("ix_invoice_deal_uuid", "deal_uuid"),
    sa.Index("ix_invoice_quote_id", "quote_id"),
    sa.Index("ix_invoice_number_key", "number_key", "id"),
    sa.Index("ix_invoice_due_key", "due_key", "id"),
    sa.Index("ix_invoice_total", "total_minor", "id"),
    sa.Index("ix_invoice_name", "customer_name", "id"),
    sa.Index(
        "ix_invoice_open_due",
        "due_date",
        postgresql_where=sa.text("state IN ('sent', 'partially_paid')"),
    ),
    sa.Index("ix_invoice_search", "search", postgresql_using="gin"),
)

line = sa.Table(
    "line",
    metadata,
    sa.Column("invoice_id", UUID(as_uuid=True), sa.ForeignKey("invoice.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("vat_rate", sa.Numeric, nullable=False, comment="percent"),
    sa.Column("net_minor", sa.BigInteger, nullable=False, comment="as entered: gross where prices are gross"),
    sa.Column("content", JSONB, nullable=False, comment="the line as entered, quantities as exact text"),
    sa.CheckConstraint("kind IN ('item', 'discount')", name="kind"),
    sa.CheckConstraint("position > 0", name="position"),
    sa.UniqueConstraint("invoice_id", "position"),
)

payment = sa.Table(
    "payment",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("invoice_id", UUID(as_uuid=True), sa.ForeignKey("invoice.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("method", sa.Text),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("recorded_by", JSONB, nullable=False),
    sa.Column("recorded_at", _MOMENT, nullable=False),
    sa.CheckConstraint("kind IN ('payment', 'skonto', 'credit_note')", name="kind"),
    sa.CheckConstraint("amount_minor <> 0", name="amount"),
    sa.CheckConstraint("(kind = 'payment') = (method IS NOT NULL)", name="method"),
    sa.CheckConstraint("method IN ('bank', 'cash', 'card', 'twint', 'paypal', 'other')", name="method_known"),
    sa.Index("ix_payment_invoice_id", "invoice_id", "date"),
)

# How many invoices are in each state, as signed entries that a job sums up: counting a million rows for
# every list is too slow, and one row per state would make all writers queue for it.
tally = sa.Table(
    "tally",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
)
