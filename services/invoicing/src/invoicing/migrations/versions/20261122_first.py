"""First tables of invoicing: invoices with lines, plans, the ledger of payments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from kontor import core_tables

revision = "20261122_first"
down_revision = None
branch_labels = None
depends_on = None

# An issued invoice changes in the named columns only, and is never deleted; nor do its lines change.
# § 14 UStG, Art. 957a OR and GoBD ask for documents that cannot be altered unnoticed.
_FREEZE = """
CREATE FUNCTION invoice_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mutable CONSTANT text[] := ARRAY[
        'version', 'state', 'updated_at', 'paid_minor', 'late_fee_minor', 'delivered_at', 'paid_at',
        'document_id', 'document_sha256', 'mail_id', 'problem', 'search', 'number_key', 'due_key'];
BEGIN
    IF OLD.number IS NULL THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be deleted', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF to_jsonb(OLD) - mutable IS DISTINCT FROM to_jsonb(NEW) - mutable THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be changed', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoice_frozen BEFORE UPDATE OR DELETE ON invoice
    FOR EACH ROW EXECUTE FUNCTION invoice_is_frozen();

CREATE FUNCTION line_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    issued text;
BEGIN
    SELECT number INTO issued FROM invoice
        WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.invoice_id END,
                     CASE WHEN TG_OP <> 'DELETE' THEN NEW.invoice_id END)
          AND number IS NOT NULL
        LIMIT 1;
    IF issued IS NOT NULL THEN
        RAISE EXCEPTION 'invoice % is issued, its lines cannot be changed', issued USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER line_frozen BEFORE INSERT OR UPDATE OR DELETE ON line
    FOR EACH ROW EXECUTE FUNCTION line_is_frozen();

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: reverse an entry by a new one' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER payment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

CREATE FUNCTION invoices_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'invoices are kept' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER invoice_kept BEFORE TRUNCATE ON invoice FOR EACH STATEMENT EXECUTE FUNCTION invoices_are_kept();
CREATE TRIGGER line_kept BEFORE TRUNCATE ON line FOR EACH STATEMENT EXECUTE FUNCTION invoices_are_kept();
"""

_TALLY = """
CREATE FUNCTION invoice_is_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = NEW.state THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO tally (state, count) VALUES (OLD.state, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO tally (state, count) VALUES (NEW.state, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoice_counted AFTER INSERT OR DELETE OR UPDATE OF state ON invoice
    FOR EACH ROW EXECUTE FUNCTION invoice_is_counted();
"""


def upgrade() -> None:
    core_tables.create(op)
    op.create_table(
        "plan",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("quote_id", sa.UUID(), nullable=False, comment="a quote spawns invoices once"),
        sa.Column("deal_uuid", sa.UUID(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_plan_count")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("quote_id", name=op.f("uq_plan_quote_id")),
    )
    op.create_table(
        "tally",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally")),
    )
    op.create_table(
        "invoice",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("deal_uuid", sa.UUID(), nullable=False),
        sa.Column("cancels_invoice_id", sa.UUID(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("customer_email", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("closing", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("price_entry", sa.Text(), nullable=False),
        sa.Column("payment", JSONB(), nullable=False),
        sa.Column("bank_account_id", sa.Text(), nullable=True),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_to", sa.Date(), nullable=True),
        sa.Column("payment_slip", sa.Text(), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_groups", JSONB(), nullable=False),
        sa.Column("quote_id", sa.UUID(), nullable=True),
        sa.Column("quote_number", sa.Text(), nullable=True),
        sa.Column("contract_id", sa.UUID(), nullable=True),
        sa.Column("installment_plan_id", sa.UUID(), nullable=True),
        sa.Column("installment_index", sa.Integer(), nullable=True),
        sa.Column("installment_count", sa.Integer(), nullable=True),
        sa.Column("installment_label", sa.Text(), nullable=True),
        sa.Column("installment_percent", sa.Numeric(), nullable=True),
        sa.Column("installment_trigger", sa.Text(), nullable=True),
        sa.Column("installment_date", sa.Date(), nullable=True),
        sa.Column("installment_days", sa.Integer(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("series_year", sa.Integer(), nullable=True),
        sa.Column("series_seq", sa.BigInteger(), nullable=True),
        sa.Column("issue_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("reference_type", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("snapshot", JSONB(), nullable=True),
        sa.Column("recipient", JSONB(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("late_fee_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_id", sa.UUID(), nullable=True),
        sa.Column("document_sha256", sa.Text(), nullable=True),
        sa.Column("mail_id", sa.Text(), nullable=True),
        sa.Column("problem", JSONB(), nullable=True),
        sa.Column("created_by_admin_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "search",
            TSVECTOR(),
            sa.Computed(
                "to_tsvector('simple'::regconfig, translate(lower(coalesce(number, '') || ' ' || title || ' ' || "
                "customer_name || ' ' || coalesce(quote_number, '')), '-/._,;:()&@', '           '))",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "number_key",
            sa.BigInteger(),
            sa.Computed("coalesce(series_year * 10000000000 + series_seq, 0)", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "due_key", sa.Date(), sa.Computed("coalesce(due_date, '9999-12-31'::date)", persisted=True), nullable=True
        ),
        sa.CheckConstraint("(kind = 'storno') = (cancels_invoice_id IS NOT NULL)", name=op.f("ck_invoice_cancels")),
        sa.CheckConstraint(
            "(state IN ('draft', 'pending_delivery')) = (number IS NULL)", name=op.f("ck_invoice_issued_has_number")
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_invoice_currency")),
        sa.CheckConstraint(
            "kind IN ('invoice', 'storno', 'credit_note', 'deposit', 'final')", name=op.f("ck_invoice_kind")
        ),
        sa.CheckConstraint(
            "kind IN ('storno', 'credit_note') OR total_minor >= 0", name=op.f("ck_invoice_total_not_negative")
        ),
        sa.CheckConstraint("language IN ('de', 'en')", name=op.f("ck_invoice_language")),
        sa.CheckConstraint(
            "number IS NULL OR (reference IS NULL) = (reference_type = 'NON')", name=op.f("ck_invoice_reference")
        ),
        sa.CheckConstraint("payment_slip IN ('swiss', 'epc', 'none')", name=op.f("ck_invoice_payment_slip")),
        sa.CheckConstraint("price_entry IN ('net', 'gross')", name=op.f("ck_invoice_price_entry")),
        sa.CheckConstraint("reference_type IN ('QRR', 'SCOR', 'NON')", name=op.f("ck_invoice_reference_type")),
        sa.CheckConstraint("state <> 'paid' OR paid_at IS NOT NULL", name=op.f("ck_invoice_paid_at")),
        sa.CheckConstraint(
            "state IN ('draft', 'pending_delivery', 'issuing', 'sent', 'partially_paid', 'paid', 'overdue')",
            name=op.f("ck_invoice_state"),
        ),
        sa.CheckConstraint("due_date >= issue_date", name=op.f("ck_invoice_due")),
        sa.CheckConstraint(
            "installment_index BETWEEN 1 AND installment_count", name=op.f("ck_invoice_installment_index")
        ),
        sa.CheckConstraint("net_minor + vat_minor = total_minor", name=op.f("ck_invoice_total")),
        sa.CheckConstraint(
            "num_nonnulls(installment_plan_id, installment_index, installment_count, installment_label,"
            " installment_percent, installment_trigger) IN (0, 6)",
            name=op.f("ck_invoice_installment"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(number, series_year, series_seq, issue_date, due_date, reference_type,"
            " snapshot, recipient, issued_at) IN (0, 9)",
            name=op.f("ck_invoice_issued_is_complete"),
        ),
        sa.CheckConstraint(
            "number IS NOT NULL OR (paid_minor = 0 AND delivered_at IS NULL)",
            name=op.f("ck_invoice_draft_has_no_money"),
        ),
        sa.CheckConstraint("paid_minor >= 0 AND late_fee_minor >= 0", name=op.f("ck_invoice_paid")),
        sa.CheckConstraint("service_to >= service_from", name=op.f("ck_invoice_service")),
        sa.CheckConstraint("version > 0", name=op.f("ck_invoice_version")),
        sa.ForeignKeyConstraint(["cancels_invoice_id"], ["invoice.id"], name=op.f("fk_invoice_cancels_invoice_id")),
        sa.ForeignKeyConstraint(["installment_plan_id"], ["plan.id"], name=op.f("fk_invoice_installment_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("cancels_invoice_id", name=op.f("uq_invoice_cancels_invoice_id")),
        sa.UniqueConstraint("installment_plan_id", "installment_index", name=op.f("uq_invoice_installment_plan_id")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_invoice_reference")),
        sa.UniqueConstraint("series_year", "series_seq", name=op.f("uq_invoice_series_year")),
    )
    op.create_index("ix_invoice_created", "invoice", ["created_at", "id"], unique=False)
    op.create_index("ix_invoice_customer_created", "invoice", ["customer_id", "created_at", "id"], unique=False)
    op.create_index("ix_invoice_deal_uuid", "invoice", ["deal_uuid"], unique=False)
    op.create_index("ix_invoice_due_key", "invoice", ["due_key", "id"], unique=False)
    op.create_index("ix_invoice_name", "invoice", ["customer_name", "id"], unique=False)
    op.create_index("ix_invoice_number_key", "invoice", ["number_key", "id"], unique=False)
    op.create_index(
        "ix_invoice_open_due",
        "invoice",
        ["due_date"],
        unique=False,
        postgresql_where=sa.text("state IN ('sent', 'partially_paid')"),
    )
    op.create_index("ix_invoice_quote_id", "invoice", ["quote_id"], unique=False)
    op.create_index("ix_invoice_search", "invoice", ["search"], unique=False, postgresql_using="gin")
    op.create_index("ix_invoice_state_created", "invoice", ["state", "created_at", "id"], unique=False)
    op.create_index("ix_invoice_total", "invoice", ["total_minor", "id"], unique=False)
    op.create_table(
        "line",
        sa.Column("invoice_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("vat_rate", sa.Numeric(), nullable=False, comment="percent"),
        sa.Column("net_minor", sa.BigInteger(), nullable=False, comment="as entered: gross where prices are gross"),
        sa.Column(
            "content",
            JSONB(),
            nullable=False,
            comment="the line as entered, quantities as exact text",
        ),
        sa.CheckConstraint("kind IN ('item', 'discount')", name=op.f("ck_line_kind")),
        sa.CheckConstraint("position > 0", name=op.f("ck_line_position")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_line_invoice_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("invoice_id", "id", name=op.f("pk_line")),
        sa.UniqueConstraint("invoice_id", "position", name=op.f("uq_line_invoice_id")),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("invoice_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'payment') = (method IS NOT NULL)", name=op.f("ck_payment_method")),
        sa.CheckConstraint("kind IN ('payment', 'skonto', 'credit_note')", name=op.f("ck_payment_kind")),
        sa.CheckConstraint(
            "method IN ('bank', 'cash', 'card', 'twint', 'paypal', 'other')", name=op.f("ck_payment_method_known")
        ),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_payment_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    op.create_index("ix_payment_invoice_id", "payment", ["invoice_id", "date"], unique=False)
    op.execute(_FREEZE)
    op.execute(_TALLY)
