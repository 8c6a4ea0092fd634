"""What the documents service tells about its documents and mails."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from kontor.database import Tx
from kontor.errors import Invalid, NotFound

from .adapters.tables import documents, mails
from .mail.compose import LINK_MARK, REMOVED, complete

MAIL_STATES = ("queued", "sending", "sent", "failed", "called_off")


def document(tx: Tx, id: str) -> dict[str, Any]:
    """One document's row. Raises `NotFound`."""
    row = tx.execute(sa.select(documents).where(documents.c.id == uuid_of(id))).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such document.")
    return dict(row)


def document_list(tx: Tx, deal_uuid: str | None, record_id: str | None) -> list[dict[str, Any]]:
    """The documents of a deal or a record, newest first, at most 500. Raises `Invalid` without either."""
    if deal_uuid is None and record_id is None:
        raise Invalid.field("deal_uuid", "Name a deal or a record.")
    statement = sa.select(documents).order_by(documents.c.created_at.desc(), documents.c.id.desc()).limit(500)
    if deal_uuid is not None:
        statement = statement.where(documents.c.deal_uuid == uuid_of(deal_uuid))
    if record_id is not None:
        statement = statement.where(documents.c.record_id == record_id)
    return [dict(row) for row in tx.execute(statement).mappings()]


def document_of_version(tx: Tx, record_id: str, kind: str, version: int) -> UUID | None:
    """The id of the stored document of one version of a record, the newest if there are several."""
    found: UUID | None = tx.conn.scalar(
        sa.select(documents.c.id)
        .where(documents.c.record_id == record_id, documents.c.kind == kind, documents.c.record_version == version)
        .order_by(documents.c.created_at.desc(), documents.c.id.desc())
        .limit(1)
    )
    return found


def mail(tx: Tx, id: str) -> dict[str, Any]:
    """One mail with its texts; its link or code never shows. Raises `NotFound`."""
    row = tx.execute(sa.select(mails).where(mails.c.id == uuid_of(id))).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such mail.")
    return {
        **_summary(row),
        "sender": row["sender"],
        "reply_to": row["reply_to"],
        "text": complete(row["text"], link=REMOVED, code=REMOVED),
        "html": complete(row["html"].replace(f' href="{LINK_MARK}"', ""), link=REMOVED, code=REMOVED),
    }


def mail_list(
    tx: Tx,
    *,
    state: str | None,
    record_id: str | None,
    deal_uuid: str | None,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Mails, newest first, with counts per state; ``cursor`` is the last mail's id of the page before.

    Raises `Invalid` for a state no mail can be in.
    """
    if state is not None and state not in MAIL_STATES:
        raise Invalid.field("state", f"A mail is {', '.join(MAIL_STATES[:-1])} or {MAIL_STATES[-1]}.")
    limit = max(1, min(limit, 200))
    statement = sa.select(mails).order_by(mails.c.created_at.desc(), mails.c.id.desc()).limit(limit + 1)
    if state is not None:
        statement = statement.where(mails.c.state == state)
    if record_id is not None:
        statement = statement.where(mails.c.record_id == record_id)
    if deal_uuid is not None:
        statement = statement.where(mails.c.deal_uuid == uuid_of(deal_uuid))
    if cursor is not None:
        last = sa.select(mails.c.created_at, mails.c.id).where(mails.c.id == uuid_of(cursor)).subquery()
        place = sa.tuple_(mails.c.created_at, mails.c.id)
        statement = statement.where(place < sa.select(last).scalar_subquery())
    rows = [_summary(row) for row in tx.execute(statement).mappings()]
    counted = tx.execute(sa.select(mails.c.state, sa.func.count().label("mails")).group_by(mails.c.state))
    return {
        "items": rows[:limit],
        "next_cursor": rows[limit - 1]["id"] if len(rows) > limit else None,
        "counts": {row.state: row.mails for row in counted},
    }


def _summary(row: Any) -> dict[str, Any]:
    shown = (
        *("id", "template", "language", "record", "record_id", "deal_uuid", "to_email", "to_name", "cc"),
        *("subject", "attachments", "message_id", "state", "attempts", "next_try", "last_error"),
        *("created_at", "sent_at"),
    )
    return {name: row[name] for name in shown}


def uuid_of(text: str) -> UUID:
    """The id a caller gave; raises `NotFound` for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such record.") from None
