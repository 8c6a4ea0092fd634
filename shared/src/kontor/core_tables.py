"""The tables every service keeps in its own schema beside its business tables."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

core = sa.MetaData(naming_convention=_NAMING)

_NOW = sa.text("now()")

outbox = sa.Table(
    "outbox",
    core,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("event_id", UUID(as_uuid=True), nullable=False, unique=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("deal_uuid", UUID(as_uuid=True)),
    sa.Column("message", JSONB, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("published_at", sa.DateTime(timezone=True)),
    sa.Index("ix_outbox_unpublished", "id", postgresql_where=sa.text("published_at IS NULL")),
    sa.Index("ix_outbox_published_at", "published_at"),
)

inbox = sa.Table(
    "inbox",
    core,
    sa.Column("event_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("handler", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_try", sa.DateTime(timezone=True)),
    sa.Column("last_error", sa.Text),
    sa.Column("message", JSONB, comment="kept until the work is done"),
    sa.Column("discard_reason", sa.Text),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
    sa.Column("done_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("state IN ('done', 'waiting', 'parked', 'discarded')", name="state"),
    sa.CheckConstraint("state NOT IN ('waiting', 'parked') OR message IS NOT NULL", name="message_kept"),
    sa.Index("ix_inbox_waiting", "next_try", postgresql_where=sa.text("state = 'waiting'")),
    sa.Index("ix_inbox_parked", "received_at", postgresql_where=sa.text("state = 'parked'")),
)

activity = sa.Table(
    "activity",
    core,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", JSONB, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("deal_uuid", UUID(as_uuid=True)),
    sa.Column("before", JSONB, nullable=False),
    sa.Column("after", JSONB, nullable=False),
    sa.Column("previous_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.Index("ix_activity_record", "record", "record_id"),
    sa.Index("ix_activity_deal_uuid", "deal_uuid"),
)

replica = sa.Table(
    "replica",
    core,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("data", JSONB, nullable=False),
)

series = sa.Table(
    "series",
    core,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.CheckConstraint("last >= 0", name="last"),
)

dev_clock = sa.Table(
    "dev_clock",
    core,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("offset_microseconds", sa.BigInteger, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
)

_APPEND_ONLY = """
CREATE FUNCTION activity_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'activity entries are append-only';
END $$;
CREATE TRIGGER activity_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON activity
    FOR EACH STATEMENT EXECUTE FUNCTION activity_is_append_only();
"""


def define(metadata: sa.MetaData) -> None:
    """Add the core tables to a service's metadata, so that the drift test sees them."""
    for table in core.tables.values():
        table.to_metadata(metadata)


def create(op: Any) -> None:
    """Create the core tables; called by the first migration of every service."""
    core.create_all(op.get_bind())
    op.execute(_APPEND_ONLY)
