"""The first tables: quotes, their frozen versions, links, answers and conversions."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from kontor import core_tables

revision = "2026_11_22_first"
down_revision = None
branch_labels = None
depends_on = None

_MOVES = """
CREATE FUNCTION quote_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IS DISTINCT FROM OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'sent'),
        ('sent', 'draft'), ('sent', 'accepted'), ('sent', 'declined'), ('sent', 'expired'), ('sent', 'withdrawn'),
        ('declined', 'draft'),
        ('expired', 'draft'),
        ('accepted', 'converted'), ('accepted', 'declined')
    ) THEN
        RAISE EXCEPTION 'a quote does not move from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.number IS NOT NULL AND (NEW.number, NEW.series_year, NEW.series_seq)
            IS DISTINCT FROM (OLD.number, OLD.series_year, OLD.series_seq) THEN
        RAISE EXCEPTION 'the number of a quote stays' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.deal_uuid <> OLD.deal_uuid OR NEW.version <= OLD.version THEN
        RAISE EXCEPTION 'the deal of a quote stays and its version grows' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quote_moves BEFORE UPDATE ON quote FOR EACH ROW EXECUTE FUNCTION quote_moves();

CREATE FUNCTION quote_number_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL THEN
        RAISE EXCEPTION 'a numbered quote cannot be deleted' USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER quote_number_stays BEFORE DELETE ON quote FOR EACH ROW EXECUTE FUNCTION quote_number_stays();
"""

_FROZEN = """
CREATE FUNCTION quote_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.document_id IS NOT NULL OR (to_jsonb(NEW) - 'document_id' - 'document_sha256')
            IS DISTINCT FROM (to_jsonb(OLD) - 'document_id' - 'document_sha256') THEN
        RAISE EXCEPTION 'a sent version of a quote is frozen' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quote_version_is_frozen BEFORE UPDATE OR DELETE ON quote_version
    FOR EACH ROW EXECUTE FUNCTION quote_version_is_frozen();

CREATE FUNCTION quote_answer_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
            OR (OLD.document_sha256 IS NOT NULL AND NEW.document_sha256 IS DISTINCT FROM OLD.document_sha256)
            OR (OLD.accepted_document_id IS NOT NULL
                AND NEW.accepted_document_id IS DISTINCT FROM OLD.accepted_document_id)
            OR (to_jsonb(NEW) - 'document_sha256' - 'accepted_document_id')
                IS DISTINCT FROM (to_jsonb(OLD) - 'document_sha256' - 'accepted_document_id') THEN
        RAISE EXCEPTION 'the answer to a quote is frozen' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quote_answer_is_frozen BEFORE UPDATE OR DELETE ON quote_answer
    FOR EACH ROW EXECUTE FUNCTION quote_answer_is_frozen();

CREATE FUNCTION quote_link_stays_dead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL OR (to_jsonb(NEW) - 'revoked_at') IS DISTINCT FROM (to_jsonb(OLD) - 'revoked_at') THEN
        RAISE EXCEPTION 'a link is revoked once and for all' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quote_link_stays_dead BEFORE UPDATE ON quote_link
    FOR EACH ROW EXECUTE FUNCTION quote_link_stays_dead();
"""


def _id(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, UUID(as_uuid=False), **options)


def _when(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required)


def upgrade() -> None:
    core_tables.create(op)
    _quote()
    _version_link_answer()
    _conversion()
    op.create_table(
        "wrong_look_up",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("address", sa.Text, nullable=False),
        _when("at", required=True),
    )
    op.create_index("ix_wrong_look_up_address", "wrong_look_up", ["address", "at"])
    op.create_index("ix_wrong_look_up_at", "wrong_look_up", ["at"])
    op.execute(_MOVES)
    op.execute(_FROZEN)


def _quote() -> None:
    op.create_table(
        "quote",
        _id("id", primary_key=True),
        _id("deal_uuid", nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("series_year", sa.Integer),
        sa.Column("series_seq", sa.BigInteger),
        _id("customer_id", nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        _id("bank_account_id"),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("intro", sa.Text, nullable=False),
        sa.Column("closing", sa.Text, nullable=False),
        sa.Column("notes", sa.Text, nullable=False, comment="for admins only"),
        sa.Column("price_entry", sa.Text, nullable=False),
        sa.Column("vat_mode", sa.Text, nullable=False),
        sa.Column("lines", JSONB, nullable=False),
        sa.Column("payment", JSONB, nullable=False),
        sa.Column("installments", JSONB, nullable=False),
        sa.Column("totals", JSONB, nullable=False, comment="VAT groups and line nets behind the three sums"),
        sa.Column("net_minor", sa.BigInteger, nullable=False),
        sa.Column("vat_minor", sa.BigInteger, nullable=False),
        sa.Column("total_minor", sa.BigInteger, nullable=False),
        sa.Column("sent_version", sa.Integer, nullable=False),
        sa.Column("issue_date", sa.Date),
        _when("sent_at"),
        _when("answered_at"),
        _id("answer_id"),
        _when("created_at", required=True),
        _when("updated_at", required=True),
        sa.Column("created_by_admin_id", sa.Text),
        sa.CheckConstraint(
            "state IN ('draft', 'sent', 'accepted', 'declined', 'expired', 'converted', 'withdrawn')",
            name=op.f("ck_quote_state"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_quote_version")),
        sa.CheckConstraint(
            "state = 'draft' OR (number IS NOT NULL AND sent_version >= 1)", name=op.f("ck_quote_number")
        ),
        sa.CheckConstraint("state = 'draft' OR sent_at IS NOT NULL", name=op.f("ck_quote_sent_at")),
        sa.CheckConstraint(
            "(state IN ('accepted', 'declined', 'converted')) = (answer_id IS NOT NULL)"
            " AND (answer_id IS NULL) = (answered_at IS NULL)",
            name=op.f("ck_quote_answer"),
        ),
        sa.CheckConstraint("net_minor + vat_minor = total_minor AND total_minor >= 0", name=op.f("ck_quote_total")),
        sa.CheckConstraint(
            "jsonb_typeof(lines) = 'array' AND jsonb_array_length(lines) > 0", name=op.f("ck_quote_lines")
        ),
        sa.CheckConstraint("num_nulls(number, series_year, series_seq) IN (0, 3)", name=op.f("ck_quote_series")),
        sa.CheckConstraint("price_entry IN ('net', 'gross')", name=op.f("ck_quote_price_entry")),
        sa.CheckConstraint("language IN ('de', 'en')", name=op.f("ck_quote_language")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_quote_currency")),
    )
    op.create_index("uq_quote_number", "quote", ["number"], unique=True)
    op.create_index("uq_quote_series", "quote", ["series_year", "series_seq"], unique=True)
    op.create_index("ix_quote_created_at", "quote", ["created_at", "id"])
    op.create_index("ix_quote_updated_at", "quote", ["updated_at", "id"])
    op.create_index("ix_quote_customer_id", "quote", ["customer_id"])
    op.create_index("ix_quote_deal_uuid", "quote", ["deal_uuid"])
    op.create_index("ix_quote_state", "quote", ["state"])
    op.create_index("ix_quote_open", "quote", ["valid_until"], postgresql_where=sa.text("state = 'sent'"))


def _version_link_answer() -> None:
    op.create_table(
        "quote_version",
        _id("quote_id", primary_key=True),
        sa.Column("version_no", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("snapshot", JSONB, nullable=False),
        sa.Column("total_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        _when("sent_at", required=True),
        sa.Column("sent_by", JSONB, nullable=False),
        _id("sent_event_id", nullable=False, comment="the quote_sent.v1 that told of it"),
        _id("document_id"),
        sa.Column("document_sha256", sa.Text),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_version_quote_id")),
        sa.UniqueConstraint("sent_event_id", name="uq_quote_version_sent_event_id"),
        sa.CheckConstraint("version_no >= 1", name=op.f("ck_quote_version_version_no")),
        sa.CheckConstraint("(document_id IS NULL) = (document_sha256 IS NULL)", name=op.f("ck_quote_version_document")),
    )
    op.create_table(
        "quote_link",
        sa.Column("token_sha256", sa.Text, primary_key=True),
        _id("quote_id", nullable=False),
        sa.Column("version_no", sa.Integer, nullable=False),
        _when("created_at", required=True),
        _when("revoked_at"),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_link_quote_id")),
        sa.CheckConstraint("token_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_quote_link_token_sha256")),
    )
    op.create_index(
        "uq_quote_link_live", "quote_link", ["quote_id"], unique=True, postgresql_where=sa.text("revoked_at IS NULL")
    )
    op.create_table(
        "quote_answer",
        _id("id", primary_key=True),
        _id("quote_id", nullable=False),
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
        _id("accepted_document_id", comment="the PDF with the acceptance"),
        sa.ForeignKeyConstraint(
            ["quote_id", "version_no"],
            ["quote_version.quote_id", "quote_version.version_no"],
            name="fk_quote_answer_version",
        ),
        sa.CheckConstraint("verdict IN ('accepted', 'declined')", name=op.f("ck_quote_answer_verdict")),
        sa.CheckConstraint("\"by\" IN ('customer', 'admin')", name=op.f("ck_quote_answer_by")),
    )
    op.create_index("uq_quote_answer_verdict", "quote_answer", ["quote_id", "version_no", "verdict"], unique=True)
    op.create_index(
        "uq_quote_answer_customer",
        "quote_answer",
        ["quote_id", "version_no"],
        unique=True,
        postgresql_where=sa.text("\"by\" = 'customer'"),
    )


def _conversion() -> None:
    op.create_table(
        "conversion",
        _id("quote_id", primary_key=True),
        sa.Column("contract", sa.Boolean, nullable=False),
        sa.Column("invoice", sa.Boolean, nullable=False),
        _when("at", required=True),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_conversion_quote_id")),
        sa.CheckConstraint("contract OR invoice", name=op.f("ck_conversion_something")),
    )
    op.create_table(
        "conversion_target",
        _id("record_id", primary_key=True, comment="id the spawned document will have"),
        _id("quote_id", nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        _when("arrived_at"),
        sa.ForeignKeyConstraint(["quote_id"], ["conversion.quote_id"], name=op.f("fk_conversion_target_quote_id")),
        sa.CheckConstraint("kind IN ('contract', 'invoice')", name=op.f("ck_conversion_target_kind")),
    )
    op.create_index("uq_conversion_target_position", "conversion_target", ["quote_id", "kind", "position"], unique=True)
