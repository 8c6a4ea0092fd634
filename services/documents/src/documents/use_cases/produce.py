"""From an event's snapshot to a stored document."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor.clock import calendar_date
from kontor.database import Database, Tx
from kontor.envelope import Event
from kontor.errors import Refusal
from kontor.ids import derived_id

from ..adapters.storage import key_of
from ..adapters.tables import documents, failures
from ..texts import catalogue
from ..tools import Tools

Snapshot = Mapping[str, Any]


def produce(tx: Tx, tools: Tools, event: Event, kind: str, record_id: str, snapshot: Snapshot) -> UUID:
    """Render, store durably, then write the row and ``document_stored.v1``; returns the document's id.

    The id derives from the event, so that an event worked on again after a crash finds its own file
    and adds no second row. Raises what rendering and storage raise; nothing is written then.
    """
    rendered = tools.renderer.render(kind, snapshot)
    sha256 = hashlib.sha256(rendered.content).hexdigest()
    number = snapshot.get("number") or record_id
    timezone = snapshot["issuer"].get("timezone") or "Europe/Zurich"
    key = key_of(kind, calendar_date(event.occurred_at, timezone), event.deal_uuid, number, sha256)
    tools.storage.put(key, rendered.content)
    id = derived_id("document", str(event.event_id), kind)
    row = {
        "id": id,
        "kind": kind,
        "record_id": record_id,
        "number": snapshot.get("number"),
        "deal_uuid": event.deal_uuid,
        "name": file_name(kind, snapshot),
        "mime": "application/pdf",
        "sha256": sha256,
        "size": len(rendered.content),
        "pages": rendered.pages,
        "record_version": snapshot.get("record_version"),
        "template_version": rendered.template_version,
        "backend": tools.storage.backend,
        "key": key,
        "created_at": tx.now,
    }
    tx.execute(insert(documents).values(row).on_conflict_do_nothing(index_elements=[documents.c.id]))
    facts = ("kind", "record_id", "number", "sha256", "size", "pages", "name")
    tx.emit(
        "document_stored.v1",
        deal_uuid=event.deal_uuid,
        aggregate_id=id,
        aggregate_version=1,
        data={"document_id": str(id), **{fact: row[fact] for fact in facts}},
    )
    tx.record(
        "document.stored",
        record="document",
        record_id=id,
        deal_uuid=event.deal_uuid,
        after={"kind": kind, "number": row["number"], "sha256": sha256, "record_id": record_id},
    )
    return id


def report_failure(db: Database, event: Event, kind: str, record_id: str, number: str | None, refusal: Refusal) -> None:
    """Tell once per event and reason that a document could not be made (``document_failed.v1``).

    Runs in a transaction of its own: the event's own is about to be rolled back, to be tried again
    and in the end parked with its reason.
    """
    values = {"event_id": event.event_id, "kind": kind, "code": refusal.code, "reason": refusal.detail}
    with db.transaction(actor=event.actor, causation_id=event.event_id) as tx:
        statement = insert(failures).values(**values, at=tx.now)
        told = tx.execute(
            statement.on_conflict_do_update(
                index_elements=[failures.c.event_id, failures.c.kind],
                set_={name: statement.excluded[name] for name in ("code", "reason", "at")},
                where=sa.or_(
                    failures.c.code != statement.excluded.code,
                    failures.c.reason != statement.excluded.reason,
                ),
            ).returning(failures.c.event_id)
        ).first()
        if told is None:
            return
        tx.emit(
            "document_failed.v1",
            deal_uuid=event.deal_uuid,
            aggregate_id=record_id,
            aggregate_version=1,
            data={
                "kind": kind,
                "record_id": record_id,
                "number": number,
                "code": refusal.code,
                "reason": refusal.detail,
            },
        )


def file_name(kind: str, snapshot: Snapshot) -> str:
    """The name a person sees when saving, e.g. ``Rechnung INV-2026-0042.pdf``."""
    texts = catalogue(snapshot["language"], snapshot.get("locale") or "")
    name = " ".join(filter(None, (texts[kind], snapshot.get("number"))))
    return "".join("-" if character in '/\\:*?"<>|' else character for character in name) + ".pdf"
