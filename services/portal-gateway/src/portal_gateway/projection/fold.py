"""One event into the deal: its record's state, a step of the timeline, a push to open pages.

Events arrive in any order and more than once. States compare the record's version; steps are unique by
event; what is already known from a later event is not overwritten.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor.database import Tx
from kontor.envelope import Event
from portal_gateway.adapters.rows import inserted
from portal_gateway.adapters.tables import deal, deal_record, deal_step
from portal_gateway.projection import live

#: The state a record is in after an event; None where the event's data tells.
STATES: dict[str, str | None] = {
    "quote_drafted.v1": "draft",
    "quote_sent.v1": "sent",
    "quote_accepted.v1": "accepted",
    "quote_declined.v1": "declined",
    "quote_withdrawn.v1": "withdrawn",
    "quote_reopened.v1": "draft",
    "quote_expired.v1": "expired",
    "quote_converted.v1": "converted",
    "booking_changed.v1": None,
    "booking_delivered.v1": "delivered",
    "contract_drafted.v1": "draft",
    "contract_sent.v1": "sent",
    "contract_signed.v1": None,
    "contract_countersigned.v1": "sealing",
    "contract_fully_signed.v1": "fully_signed",
    "contract_declined.v1": "declined",
    "contract_withdrawn.v1": "withdrawn",
    "contract_expired.v1": "expired",
    "contract_cancelled.v1": "cancelled",
    "invoice_drafted.v1": None,
    "invoice_issued.v1": "issuing",
    "invoice_sent.v1": "sent",
    "invoice_paid.v1": "paid",
    "invoice_overdue.v1": "overdue",
    "payment_recorded.v1": None,
}

#: Every event type the timeline shows.
TYPES: tuple[str, ...] = (
    *STATES,
    "quote_opened.v1",
    "contract_reminded.v1",
    "contract_integrity_failed.v1",
    "document_stored.v1",
    "document_failed.v1",
    "mail_queued.v1",
    "mail_sent.v1",
    "mail_failed.v1",
    "mail_called_off.v1",
    "quote_deleted.v1",
    "booking_deleted.v1",
    "contract_deleted.v1",
    "invoice_deleted.v1",
)

#: A record of which only the timeline is left.
DELETED = "deleted"

PERMISSION = {"quote": "quotes.view", "booking": "quotes.view", "contract": "contracts.view", "invoice": "bills.view"}

_DOCUMENT_RECORDS = {"quote": "quote", "quote_accepted": "quote", "contract": "contract", "contract_final": "contract"}

#: What a step keeps of the event: facts a person reads, never a sealed link or a whole snapshot.
_FACTS = frozenset(
    {
        "title",
        "reason",
        "by",
        "name",
        "message",
        "method",
        "complete",
        "total_minor",
        "amount_minor",
        "open_minor",
        "paid_minor",
        "currency",
        "state",
        "valid_until",
        "installment_label",
        "kind",
        "template",
        "to",
        "document_id",
        "mail_id",
        "sha256",
        "pages",
        "size",
        "code",
        "problem",
        "contract",
        "invoice",
        "integrity_hash",
        "quote_version",
    }
)


def fold(tx: Tx, event: Event) -> None:
    """Work one event into the deal it belongs to; events outside a deal are none of ours."""
    if event.deal_uuid is None:
        return
    name = event.type.partition(".")[0]
    kind, record_id = _subject(tx, name, event)
    step = inserted(
        tx,
        insert(deal_step)
        .values(
            event_id=event.event_id,
            deal_uuid=event.deal_uuid,
            type=event.type,
            record=kind,
            record_id=record_id,
            number=event.data.get("number"),
            actor={key: event.actor.get(key) for key in ("kind", "id", "name")},
            facts={key: value for key, value in event.data.items() if key in _FACTS and _small(value)},
            occurred_at=event.occurred_at,
        )
        .on_conflict_do_nothing(),
    )
    if not step:
        return
    _keep_deal(tx, event)
    if name.endswith("_deleted"):
        _drop_record(tx, kind, UUID(record_id), event)
    if event.type in STATES:
        _keep_record(tx, kind, UUID(record_id), event)
    _push(tx, event, kind, record_id)


def _small(value: Any) -> bool:
    return not isinstance(value, dict | list) and (not isinstance(value, str) or len(value) <= 2_000)


def _subject(tx: Tx, name: str, event: Event) -> tuple[str, str]:
    """Which record the event is about."""
    data = event.data
    if name == "payment_recorded":
        return "invoice", str(data["invoice_id"])
    prefix = name.partition("_")[0]
    if prefix in PERMISSION:
        return prefix, str(data.get(f"{prefix}_id") or event.aggregate_id)
    record_id = str(data.get("record_id") or event.aggregate_id)
    kind = _DOCUMENT_RECORDS.get(str(data.get("kind", "")))
    if kind is None:
        template = str(data.get("template") or data.get("kind") or "")
        kind = next((known for known in PERMISSION if template.startswith(known)), "invoice")
    return kind, record_id


def _keep_deal(tx: Tx, event: Event) -> None:
    data = event.data
    title, customer_id = data.get("title") or "", data.get("customer_id")
    statement = insert(deal).values(
        deal_uuid=event.deal_uuid,
        title=title,
        customer_id=customer_id,
        created_at=event.occurred_at,
        updated_at=event.occurred_at,
    )
    first = event.type in {"quote_drafted.v1", "quote_converted.v1"}
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[deal.c.deal_uuid],
            set_={
                "title": sa.case(
                    (
                        sa.and_(statement.excluded.title != "", sa.or_(deal.c.title == "", sa.literal(first))),
                        statement.excluded.title,
                    ),
                    else_=deal.c.title,
                ),
                "customer_id": sa.func.coalesce(deal.c.customer_id, statement.excluded.customer_id),
                "created_at": sa.func.least(deal.c.created_at, statement.excluded.created_at),
                "updated_at": sa.func.greatest(deal.c.updated_at, statement.excluded.updated_at),
            },
        )
    )


def _state(event: Event) -> str | None:
    if event.type == "contract_signed.v1":
        return "signed" if event.data.get("complete") else "sent"
    return STATES[event.type] or event.data.get("state")


def _keep_record(tx: Tx, kind: str, record_id: UUID, event: Event) -> None:
    data = event.data
    totals = (data.get("snapshot") or {}).get("totals") or data.get("totals") or {}
    facts: dict[str, Any] = {
        "number": data.get("number"),
        "title": data.get("title"),
        "currency": data.get("currency") or (data.get("snapshot") or {}).get("currency"),
        "total_minor": data.get("total_minor", totals.get("total_minor")),
        "open_minor": data.get("open_minor"),
        "label": data.get("installment_label"),
        "parent_id": data.get("contract_id") or data.get("quote_id") if kind == "invoice" else data.get("quote_id"),
        "customer_id": data.get("customer_id"),
    }
    if kind == "quote":
        facts["parent_id"] = None
    if event.type == "invoice_paid.v1":
        facts["open_minor"] = 0
    if event.type == "invoice_issued.v1" and facts["open_minor"] is None:
        facts["open_minor"] = facts["total_minor"]
    position = data.get("installment_index") or 0
    state = _state(event)
    row = tx.execute(sa.select(deal_record).where(deal_record.c.record_id == record_id).with_for_update()).one_or_none()
    if row is None:
        made = inserted(
            tx,
            insert(deal_record)
            .values(
                record_id=record_id,
                deal_uuid=event.deal_uuid,
                kind=kind,
                state=state or "draft",
                state_version=event.aggregate_version,
                position=position,
                created_at=event.occurred_at,
                updated_at=event.occurred_at,
                fact_versions={name: event.aggregate_version for name, value in facts.items() if value is not None},
                **{**facts, "title": facts["title"] or ""},
            )
            .on_conflict_do_nothing(),
        )
        if made:
            return
        row = tx.execute(sa.select(deal_record).where(deal_record.c.record_id == record_id).with_for_update()).one()
    versions: dict[str, int] = dict(row.fact_versions)
    values = {
        name: value
        for name, value in facts.items()
        if value is not None and event.aggregate_version >= versions.get(name, 0)
    }
    values["fact_versions"] = versions | dict.fromkeys(values, event.aggregate_version)
    if _is_newer(event, row.state_version, row.updated_at):
        values |= {"state_version": event.aggregate_version, "updated_at": event.occurred_at}
        if state:
            values["state"] = state
    if position:
        values["position"] = position
    values["created_at"] = min(row.created_at, event.occurred_at)
    tx.execute(sa.update(deal_record).where(deal_record.c.record_id == record_id).values(**values))


def _drop_record(tx: Tx, kind: str, record_id: UUID, event: Event) -> None:
    """A draft is gone: the lineage no longer shows it, the timeline still tells that it was there.

    The row is kept, also where this is the first news of the draft: older news must not bring it back.
    """
    gone = {"state": DELETED, "state_version": event.aggregate_version, "updated_at": event.occurred_at}
    tx.execute(
        insert(deal_record)
        .values(
            record_id=record_id,
            deal_uuid=event.deal_uuid,
            kind=kind,
            customer_id=event.data.get("customer_id"),
            created_at=event.occurred_at,
            fact_versions={},
            **gone,
        )
        .on_conflict_do_update(index_elements=[deal_record.c.record_id], set_=gone)
    )


def _is_newer(event: Event, version: int, updated_at: datetime) -> bool:
    return (event.aggregate_version, event.occurred_at) >= (version, updated_at)


def _push(tx: Tx, event: Event, kind: str, record_id: str) -> None:
    row = tx.execute(
        sa.select(deal_record.c.number, deal_record.c.state, deal_record.c.customer_id, deal.c.customer_id.label("of"))
        .select_from(deal)
        .outerjoin(deal_record, sa.and_(deal_record.c.record_id == UUID(record_id)))
        .where(deal.c.deal_uuid == event.deal_uuid)
    ).one()
    live.push(
        tx,
        permission=PERMISSION[kind],
        customer_id=row.customer_id or row.of,
        payload={
            "type": event.type,
            "record": kind,
            "record_id": record_id,
            "deal_uuid": str(event.deal_uuid),
            "number": row.number,
            "state": row.state,
            "at": event.occurred_at.isoformat(),
        },
    )
