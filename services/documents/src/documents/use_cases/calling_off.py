"""Mails that must not go out any more: their quote was taken back, or their link or code is over.

A *stop* says: mails of a template about versions of a record below this one are off. It is kept, so it does
not matter in which order events arrive: a mail queued after its stop is called off when it is queued, one
queued before it when the stop comes, and one that slipped between the two when it is claimed or, under the
lock of its row, right before it is transmitted. A mail whose transmission has begun is not called back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor.database import Tx

from ..adapters.tables import mail_stops, mails

EXPIRED = "The link or code in this mail was no longer valid when it could have been sent."
WITHDRAWN = "The quote was withdrawn before the mail went out."
REOPENED = "The quote was taken back to draft before the mail went out."
ANSWERED = "The quote was answered before the mail went out."
SUPERSEDED = "The quote was sent again before this mail went out."


def call_off(tx: Tx, templates: Iterable[str], record_id: str, *, below: int, reason: str) -> None:
    """Stop mails of these templates about versions of the record below ``below``; doing it twice changes nothing."""
    names = list(templates)
    rows = [
        {"record_id": record_id, "template": name, "below": below, "reason": reason, "at": tx.now} for name in names
    ]
    statement = insert(mail_stops).values(rows)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[mail_stops.c.record_id, mail_stops.c.template],
            set_={name: statement.excluded[name] for name in ("below", "reason", "at")},
            where=mail_stops.c.below < statement.excluded.below,
        )
    )
    waiting = sa.or_(mails.c.state == "queued", sa.and_(mails.c.state == "sending", mails.c.handover_at.is_(None)))
    found = tx.execute(
        sa.select(mails)
        .where(mails.c.record_id == record_id, mails.c.template.in_(names), mails.c.record_version < below, waiting)
        .order_by(mails.c.id)
        .with_for_update()
    ).mappings()
    for row in found.all():
        called_off(tx, dict(row), reason)


def stopped(tx: Tx, row: Mapping[str, Any]) -> str | None:
    """Why this mail must not go out, or None."""
    if row["expires_at"] is not None and row["expires_at"] <= tx.now:
        return EXPIRED
    if row["record_version"] is None:
        return None
    reason: str | None = tx.conn.scalar(
        sa.select(mail_stops.c.reason).where(
            mail_stops.c.record_id == row["record_id"],
            mail_stops.c.template == row["template"],
            mail_stops.c.below > row["record_version"],
        )
    )
    return reason


def called_off(tx: Tx, row: Mapping[str, Any], reason: str) -> None:
    """Take a mail whose row is locked, or new, out of the queue for good, its secrets with it, and tell it."""
    tx.execute(
        sa.update(mails)
        .where(mails.c.id == row["id"])
        .values(
            state="called_off",
            last_error=reason,
            next_try=None,
            lease=None,
            lease_until=None,
            handover_at=None,
            link_sealed=None,
            code_sealed=None,
        )
    )
    tx.emit(
        "mail_called_off.v1",
        deal_uuid=row["deal_uuid"],
        aggregate_id=row["id"],
        aggregate_version=row["attempts"] + 2,
        data={
            "mail_id": str(row["id"]),
            "template": row["template"],
            "record_id": row["record_id"],
            "to": row["to_email"],
            "reason": reason,
        },
    )
