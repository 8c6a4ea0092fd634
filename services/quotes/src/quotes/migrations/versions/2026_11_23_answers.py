"""Resending, correction window, codes before the content, reminders of expiry."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "2026_11_23_answers"
down_revision = "2026_11_23_content"
branch_labels = None
depends_on = None

_MOVES = """
CREATE OR REPLACE FUNCTION quote_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IS DISTINCT FROM OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'sent'),
        ('sent', 'draft'), ('sent', 'accepted'), ('sent', 'declined'), ('sent', 'expired'), ('sent', 'withdrawn'),
        ('declined', 'draft'),
        ('expired', 'draft'),
        ('accepted', 'converted'), ('accepted', 'declined')
    ) AND NOT (OLD.state = 'declined' AND NEW.state = 'accepted' AND OLD.pending_until IS NOT NULL) THEN
        RAISE EXCEPTION 'a quote does not move from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.number IS NOT NULL AND (NEW.number, NEW.series_year, NEW.series_seq)
            IS DISTINCT FROM (OLD.number, OLD.series_year, OLD.series_seq) THEN
        RAISE EXCEPTION 'the number of a quote stays' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.deal_uuid <> OLD.deal_uuid OR NEW.version <= OLD.version THEN
        RAISE EXCEPTION 'the deal of a quote stays and its version grows' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.pending_until > OLD.pending_until THEN
        RAISE EXCEPTION 'a correction does not open the window anew' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""

_ANSWERS = """
CREATE FUNCTION quote_answer_in_turn() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last quote_answer;
BEGIN
    PERFORM 1 FROM quote WHERE id = NEW.quote_id FOR UPDATE;
    SELECT * INTO last FROM quote_answer
        WHERE quote_id = NEW.quote_id AND version_no = NEW.version_no ORDER BY at DESC, id DESC LIMIT 1;
    IF FOUND AND (
        last.verdict = NEW.verdict
        OR (NEW."by" = 'customer' AND (last."by" = 'admin' OR last.final_at IS NULL OR last.final_at <= NEW.at))
        OR (NEW."by" = 'admin' AND NEW.verdict = 'accepted')
        OR NEW.final_at > last.final_at
    ) THEN
        RAISE EXCEPTION 'the answer to a quote stands' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quote_answer_in_turn BEFORE INSERT ON quote_answer
    FOR EACH ROW EXECUTE FUNCTION quote_answer_in_turn();
"""


def _when(name: str, *, required: bool = False, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required, comment=comment)


def upgrade() -> None:
    _answers()
    _links()
    _codes()


def _answers() -> None:
    comment = "the customer may turn the answer around until then; NULL once it is announced"
    op.add_column("quote", _when("pending_until", comment=comment))
    op.create_check_constraint(
        op.f("ck_quote_pending"), "quote", "pending_until IS NULL OR state IN ('accepted', 'declined')"
    )
    op.create_index(
        "ix_quote_pending", "quote", ["pending_until"], postgresql_where=sa.text("pending_until IS NOT NULL")
    )
    op.add_column("quote_answer", _when("final_at", comment="end of the correction window; NULL: final at once"))
    op.drop_index("uq_quote_answer_verdict", "quote_answer")
    op.drop_index("uq_quote_answer_customer", "quote_answer")
    op.create_index("ix_quote_answer_version", "quote_answer", ["quote_id", "version_no", "at"])
    op.execute(_MOVES)
    op.execute(_ANSWERS)


def _links() -> None:
    op.add_column("quote_link", sa.Column("purpose", sa.Text, nullable=False, server_default="answer"))
    op.create_check_constraint(op.f("ck_quote_link_purpose"), "quote_link", "purpose IN ('answer', 'expiring')")
    op.drop_index("uq_quote_link_live", "quote_link")
    alive = sa.text("revoked_at IS NULL")
    op.create_index("uq_quote_link_alive", "quote_link", ["quote_id", "purpose"], unique=True, postgresql_where=alive)
    op.create_index(
        "uq_quote_link_expiring",
        "quote_link",
        ["quote_id", "version_no"],
        unique=True,
        postgresql_where=sa.text("purpose = 'expiring'"),
    )


def _codes() -> None:
    op.add_column("quote_version", sa.Column("code_required", sa.Boolean, nullable=False, server_default="false"))
    op.create_table(
        "link_code",
        sa.Column("id", UUID(as_uuid=False), primary_key=True),
        sa.Column("token_sha256", sa.Text, nullable=False),
        sa.Column("code_sha256", sa.Text, nullable=False, comment="of link and code: the code alone is soon guessed"),
        _when("created_at", required=True),
        _when("expires_at", required=True),
        sa.Column("wrong_tries", sa.Integer, nullable=False, server_default="0"),
        _when("used_at"),
        sa.ForeignKeyConstraint(["token_sha256"], ["quote_link.token_sha256"], name=op.f("fk_link_code_token_sha256")),
        sa.CheckConstraint("code_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_link_code_code_sha256")),
        sa.CheckConstraint("wrong_tries BETWEEN 0 AND 5", name=op.f("ck_link_code_wrong_tries")),
    )
    op.create_index("ix_link_code_token_sha256", "link_code", ["token_sha256", "created_at"])
    op.create_index("ix_link_code_created_at", "link_code", ["created_at"])
    op.create_table(
        "link_session",
        sa.Column("session_sha256", sa.Text, primary_key=True),
        sa.Column("token_sha256", sa.Text, nullable=False),
        _when("created_at", required=True),
        _when("expires_at", required=True),
        sa.ForeignKeyConstraint(
            ["token_sha256"], ["quote_link.token_sha256"], name=op.f("fk_link_session_token_sha256")
        ),
        sa.CheckConstraint("session_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_link_session_session_sha256")),
    )
    op.create_index("ix_link_session_expires_at", "link_session", ["expires_at"])
