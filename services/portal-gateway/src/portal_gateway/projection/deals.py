"""Reading deals: lineage, timeline, pipeline."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from kontor.database import Tx, plain
from kontor.errors import NotFound
from portal_gateway.adapters.tables import deal, deal_record, deal_step
from portal_gateway.projection.fold import DELETED

_ORDER = sa.case({"quote": 0, "booking": 1, "contract": 2}, value=deal_record.c.kind, else_=3)


def read(tx: Tx, deal_uuid: object) -> dict[str, Any]:
    """Lineage and timeline of one deal; raises `NotFound`."""
    head = tx.execute(sa.select(deal).where(deal.c.deal_uuid == deal_uuid)).mappings().one_or_none()
    if head is None:
        raise NotFound("There is no such deal.")
    records = tx.execute(
        sa.select(deal_record)
        .where(deal_record.c.deal_uuid == deal_uuid, deal_record.c.state != DELETED)
        .order_by(_ORDER, deal_record.c.position, deal_record.c.created_at, deal_record.c.record_id)
    ).mappings()
    steps = tx.execute(
        sa.select(deal_step)
        .where(deal_step.c.deal_uuid == deal_uuid)
        .order_by(deal_step.c.occurred_at, deal_step.c.event_id)
    ).mappings()
    return plain(  # type: ignore[no-any-return]
        {
            **{key: head[key] for key in ("deal_uuid", "title", "customer_id", "created_at", "updated_at")},
            "records": [_record(row) for row in records],
            "timeline": [_step(row) for row in steps],
        }
    )


def _record(row: sa.RowMapping) -> dict[str, Any]:
    names = ("kind", "number", "state", "title", "currency", "total_minor", "open_minor", "label", "position")
    return {
        "id": row["record_id"],
        **{name: row[name] for name in names},
        "parent_id": row["parent_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def _step(row: sa.RowMapping) -> dict[str, Any]:
    return {
        "event_id": row["event_id"],
        "at": row["occurred_at"],
        **{name: row[name] for name in ("type", "record", "record_id", "number", "actor", "facts")},
    }


def of_record(tx: Tx, record_id: object) -> str | None:
    """The deal a quote, contract or invoice belongs to, as far as its events have told."""
    found = tx.conn.scalar(sa.select(deal_record.c.deal_uuid).where(deal_record.c.record_id == UUID(str(record_id))))
    return str(found) if found else None


def recent(tx: Tx, *, limit: int = 20, customer_id: object = None) -> list[dict[str, Any]]:
    """The deals something happened in last, each with its records."""
    statement = sa.select(deal).order_by(deal.c.updated_at.desc(), deal.c.deal_uuid.desc()).limit(limit)
    if customer_id is not None:
        statement = statement.where(deal.c.customer_id == UUID(str(customer_id)))
    heads = tx.execute(statement).mappings().all()
    rows = tx.execute(
        sa.select(deal_record)
        .where(deal_record.c.deal_uuid.in_([head["deal_uuid"] for head in heads]), deal_record.c.state != DELETED)
        .order_by(_ORDER, deal_record.c.position, deal_record.c.created_at)
    ).mappings()
    records: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        records.setdefault(row["deal_uuid"], []).append(_record(row))
    return plain([{**head, "records": records.get(head["deal_uuid"], [])} for head in heads])  # type: ignore[no-any-return]


def pipeline(tx: Tx) -> list[dict[str, Any]]:
    """How many records there are per kind, state and currency, and what they sum to (minor units)."""
    rows = tx.execute(
        sa.select(
            deal_record.c.kind,
            deal_record.c.state,
            deal_record.c.currency,
            sa.func.count().label("count"),
            sa.func.coalesce(sa.func.sum(deal_record.c.total_minor), 0).label("total_minor"),
            sa.func.coalesce(sa.func.sum(deal_record.c.open_minor), 0).label("open_minor"),
        )
        .where(deal_record.c.state != DELETED)
        .group_by(deal_record.c.kind, deal_record.c.state, deal_record.c.currency)
        .order_by(deal_record.c.kind, deal_record.c.state, deal_record.c.currency)
    ).mappings()
    return [{**row, "total_minor": int(row["total_minor"]), "open_minor": int(row["open_minor"])} for row in rows]
