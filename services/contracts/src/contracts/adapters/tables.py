"""The tables of the contracts service. Triggers and the seed live in the migration."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from kontor import core_tables

metadata = sa.MetaData()
core_tables.define(metadata)


def _id(name: str = "id", **options: bool) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True), **options)  # type: ignore[arg-type]


def _time(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


blocks = sa.Table(
    "blocks",
    metadata,
    _id(primary_key=True),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("key", sa.Text, comment="names a system block; the same in every language"),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body_markdown", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("system", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("example", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_by_admin_id", sa.Text),
    _time("created_at", nullable=False),
    _time("updated_at", nullable=False),
    sa.UniqueConstraint("key", "language", name="uq_blocks_key"),
)

quotes = sa.Table(
    "quotes",
    metadata,
    _id("quote_id", primary_key=True),
    _id("deal_uuid", nullable=False),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Column("facts", JSONB, nullable=False, comment="of the converted quote, as its event told them"),
    _time("received_at", nullable=False),
)

contracts = sa.Table(
    "contracts",
    metadata,
    _id(primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("number", sa.Text),
    sa.Column("number_year", sa.Integer),
    sa.Column("number_seq", sa.BigInteger),
    _id("deal_uuid", nullable=False),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Column("customer", JSONB, nullable=False, comment="as known at the last change; frozen with the send"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    _id("quote_id"),
    _id("booking_id"),
    _id("revises_id"),
    sa.Column("signing_modes", ARRAY(sa.Text), nullable=False),
    sa.Column("signing_order", sa.Text, nullable=False),
    sa.Column("code_required", sa.Boolean, nullable=False),
    sa.Column("valid_until", sa.Date),
    sa.Column("consents", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("review_hash", sa.Text),
    sa.Column("content", sa.Text, comment="canonical JSON of what was sent; content_hash is its SHA-256"),
    sa.Column("content_hash", sa.Text),
    _id("document_id"),
    sa.Column("document_sha256", sa.Text),
    _id("final_document_id"),
    sa.Column("integrity_hash", sa.Text),
    _time("sent_at"),
    _time("signed_at"),
    _time("countersigned_at"),
    _time("sealed_at"),
    _time("ended_at"),
    sa.Column("end_reason", sa.Text),
    _time("integrity_alarm_at"),
    sa.Column("problem", JSONB(none_as_null=True), comment="why a document of it could not be made; null when it was"),
    sa.Column("log_length", sa.Integer, nullable=False, server_default="0"),
    sa.Column("log_head", sa.Text, nullable=False),
    sa.Column("created_by_admin_id", sa.Text),
    _time("created_at", nullable=False),
    _time("updated_at", nullable=False),
    sa.UniqueConstraint("number", name="uq_contracts_number"),
    sa.UniqueConstraint("number_year", "number_seq", name="uq_contracts_number_seq"),
    sa.Index("ix_contracts_listed", "created_at", "id"),
    sa.Index("ix_contracts_state", "state", "created_at", "id"),
    sa.Index("ix_contracts_deal_uuid", "deal_uuid"),
    sa.Index("ix_contracts_customer_id", "customer_id"),
    sa.Index("ix_contracts_open", "valid_until", postgresql_where=sa.text("state = 'sent'")),
)

contract_blocks = sa.Table(
    "contract_blocks",
    metadata,
    _id(primary_key=True),
    sa.Column(
        "contract_id",
        UUID(as_uuid=True),
        sa.ForeignKey("contracts.id", ondelete="CASCADE", name="fk_contract_blocks_contract_id"),
        nullable=False,
    ),
    sa.Column("position", sa.Integer, nullable=False),
    _id("block_id"),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body_markdown", sa.Text, nullable=False),
    sa.Column("library_title", sa.Text),
    sa.Column("library_body", sa.Text),
    sa.Column("example", sa.Boolean, nullable=False),
    sa.Column("body_resolved", sa.Text, comment="with the placeholders filled; set at the send"),
    sa.UniqueConstraint("contract_id", "position", name="uq_contract_blocks_position"),
)

signers = sa.Table(
    "signers",
    metadata,
    _id(primary_key=True),
    sa.Column(
        "contract_id",
        UUID(as_uuid=True),
        sa.ForeignKey("contracts.id", ondelete="CASCADE", name="fk_signers_contract_id"),
        nullable=False,
    ),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    _time("invited_at"),
    _time("viewed_at"),
    _time("answered_at"),
    sa.Column("reason", sa.Text),
    sa.Column("reminders", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("contract_id", "position", name="uq_signers_position"),
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True, comment="SHA-256 of the token; the token is not kept"),
    sa.Column(
        "contract_id",
        UUID(as_uuid=True),
        sa.ForeignKey("contracts.id", name="fk_links_contract_id"),
        nullable=False,
    ),
    sa.Column("signer_id", UUID(as_uuid=True), sa.ForeignKey("signers.id", name="fk_links_signer_id"), nullable=False),
    _time("created_at", nullable=False),
    _time("revoked_at"),
    sa.Index("ix_links_contract_id", "contract_id"),
)

signatures = sa.Table(
    "signatures",
    metadata,
    _id(primary_key=True),
    sa.Column(
        "contract_id",
        UUID(as_uuid=True),
        sa.ForeignKey("contracts.id", name="fk_signatures_contract_id"),
        nullable=False,
    ),
    sa.Column("signer_id", UUID(as_uuid=True), sa.ForeignKey("signers.id", name="fk_signatures_signer_id")),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, comment="as entered when signing"),
    sa.Column("email", sa.Text),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("image", sa.LargeBinary, nullable=False),
    sa.Column("image_sha256", sa.Text, nullable=False),
    sa.Column("received_sha256", sa.Text, nullable=False),
    sa.Column("consents", JSONB, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("evidence_hash", sa.Text, nullable=False, comment="SHA-256 over all facts of this signature"),
    _time("signed_at", nullable=False),
    sa.Column("ip", sa.Text),
    sa.Column("user_agent", sa.Text),
    sa.Column("code_verified", sa.Boolean, nullable=False),
    sa.Index("ix_signatures_contract_id", "contract_id"),
    sa.Index("uq_signatures_customer", "signer_id", unique=True, postgresql_where=sa.text("role = 'customer'")),
    sa.Index("uq_signatures_issuer", "contract_id", unique=True, postgresql_where=sa.text("role = 'issuer'")),
)

signing_log = sa.Table(
    "signing_log",
    metadata,
    sa.Column(
        "contract_id",
        UUID(as_uuid=True),
        sa.ForeignKey("contracts.id", name="fk_signing_log_contract_id"),
        primary_key=True,
    ),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("type", sa.Text, nullable=False),
    _time("at", nullable=False),
    sa.Column("actor", JSONB, nullable=False),
    sa.Column("facts", JSONB, nullable=False),
    sa.Column("previous_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

wrong_links = sa.Table(
    "wrong_links",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    _time("at", nullable=False),
    sa.Index("ix_wrong_links_address", "address", "at"),
)
