"""The first tables: documents, failures, mails.

Revision ID: 20261122_first
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from kontor import core_tables

revision = "20261122_first"
down_revision = None
branch_labels = None
depends_on = None

_FROZEN = """
CREATE FUNCTION documents_are_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a stored document cannot be changed or deleted';
END $$;
CREATE TRIGGER documents_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON documents
    FOR EACH STATEMENT EXECUTE FUNCTION documents_are_frozen();
"""


def upgrade() -> None:
    core_tables.create(op)
    op.create_table(
        "documents",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("record_id", sa.Text, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("deal_uuid", UUID(as_uuid=True)),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mime", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("template_version", sa.Integer, nullable=False),
        sa.Column("backend", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.CheckConstraint("length(sha256) = 64 AND size > 0 AND pages > 0", name="ck_documents_content"),
        sa.CheckConstraint("backend IN ('disk', 's3')", name="ck_documents_backend"),
    )
    op.create_index("ix_documents_record_id", "documents", ["record_id"])
    op.create_index("ix_documents_deal_uuid", "documents", ["deal_uuid"])
    op.execute(_FROZEN)
    op.create_table(
        "failures",
        sa.Column("event_id", UUID(as_uuid=True), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "kind", name="pk_failures"),
    )
    op.create_table(
        "mails",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
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
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_try", sa.DateTime(timezone=True)),
        sa.Column("lease", UUID(as_uuid=True)),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("handover_at", sa.DateTime(timezone=True), comment="set right before DATA"),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("message_id", name="uq_mails_message_id"),
        sa.CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="ck_mails_state"),
        sa.CheckConstraint("(state = 'sending') = (lease IS NOT NULL)", name="ck_mails_lease"),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="ck_mails_sent_at"),
        sa.CheckConstraint("state <> 'sent' OR link_sealed IS NULL", name="ck_mails_link_redacted"),
    )
    op.create_index("ix_mails_due", "mails", ["next_try"], postgresql_where=sa.text("state = 'queued'"))
    op.create_index("ix_mails_leased", "mails", ["lease_until"], postgresql_where=sa.text("state = 'sending'"))
    op.create_index("ix_mails_record_id", "mails", ["record_id"])
    op.create_index("ix_mails_deal_uuid", "mails", ["deal_uuid"])
