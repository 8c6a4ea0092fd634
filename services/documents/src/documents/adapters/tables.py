"""Tables of the documents service."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from kontor.core_tables import core, define

metadata = sa.MetaData(naming_convention=core.naming_convention)
define(metadata)

_NOW = sa.text("now()")

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, comment="none: an attachment stored before its record"),
    sa.Column("number", sa.Text),
    sa.Column("deal_uuid", UUID(as_uuid=True)),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("mime", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("record_version", sa.Integer, comment="v1, v2 … of the record that was frozen"),
    sa.Column("template_version", sa.Integer, nullable=False),
    sa.Column("backend", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("length(sha256) = 64 AND size > 0 AND pages > 0", name="content"),
    sa.CheckConstraint("backend IN ('disk', 's3')", name="backend"),
    sa.Index("ix_documents_record_id", "record_id"),
    sa.Index("ix_documents_deal_uuid", "deal_uuid"),
)

failures = sa.Table(
    "failures",
    metadata,
    sa.Column("event_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

mails = sa.Table(
    "mails",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("deal_uuid", UUID(as_uuid=True)),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("sender_name", sa.Text, nullable=False),
    sa.Column("reply_to", sa.Text),
    sa.Column("to_email", sa.Text, nullable=False),
    sa.Column("to_name", sa.Text, nullable=False),
    sa.Column("cc", JSONB, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("html", sa.Text, nullable=False),
    sa.Column("attachments", JSONB, nullable=False, comment="ids of documents"),
    sa.Column("link_path", sa.Text, comment="path before the token"),
    sa.Column("link_sealed", sa.Text, comment="gone once the mail is sent"),
    sa.Column("code_sealed", sa.Text, comment="gone once the mail is sent"),
    sa.Column("record_version", sa.BigInteger, comment="the record's version when the mail was queued"),
    sa.Column("expires_at", sa.DateTime(timezone=True), comment="pointless afterwards: its link or code is over"),
    sa.Column("message_id", sa.Text, nullable=False, unique=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_try", sa.DateTime(timezone=True)),
    sa.Column("lease", UUID(as_uuid=True)),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("handover_at", sa.DateTime(timezone=True), comment="set right before DATA"),
    sa.Column("last_error", sa.Text),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("sent_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed', 'called_off')", name="state"),
    sa.CheckConstraint("(state = 'sending') = (lease IS NOT NULL)", name="lease"),
    sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
    sa.CheckConstraint(
        "state NOT IN ('sent', 'called_off') OR (link_sealed IS NULL AND code_sealed IS NULL)", name="redacted"
    ),
    sa.Index("ix_mails_due", "next_try", postgresql_where=sa.text("state = 'queued'")),
    sa.Index("ix_mails_leased", "lease_until", postgresql_where=sa.text("state = 'sending'")),
    sa.Index("ix_mails_record_id", "record_id"),
    sa.Index("ix_mails_deal_uuid", "deal_uuid"),
)

mail_stops = sa.Table(
    "mail_stops",
    metadata,
    sa.Column("record_id", sa.Text, primary_key=True),
    sa.Column("template", sa.Text, primary_key=True),
    sa.Column("below", sa.BigInteger, nullable=False, comment="mails about older versions of the record are off"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

mail_templates = sa.Table(
    "mail_templates",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, comment="NULL: as delivered"),
    sa.Column("body", sa.Text, comment="NULL: as delivered"),
    sa.Column("button", sa.Text, comment="NULL: as delivered"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("version > 0", name="version"),
)
