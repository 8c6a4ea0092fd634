"""The list of customers: search, filters, order, pages by key, counts per view."""

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from kontor.database import Tx, plain
from kontor.errors import Invalid
from portal_gateway.accounts.customer_fields import folded
from portal_gateway.accounts.customers import PORTAL, as_record
from portal_gateway.adapters.tables import customer

_SORTS: dict[str, tuple[Any, bool]] = {
    "created": (customer.c.created_at, False),
    "-created": (customer.c.created_at, True),
    "name": (sa.func.lower(customer.c.display_name, type_=sa.Text), False),
    "-name": (sa.func.lower(customer.c.display_name, type_=sa.Text), True),
}


def search(
    tx: Tx,
    *,
    q: str | None = None,
    state: str | None = None,
    portal: str | None = None,
    tag: str | None = None,
    sort: str = "-created",
    cursor: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """A page of customers with a keyset cursor.

    ``counts`` (on the first page) tell how many fit search and tag: per state, and the active ones per portal state
    (``portal_passive``, ``portal_invited``, ``portal_active``). ``portal`` leaves active customers only.
    """
    if sort not in _SORTS:
        raise Invalid.field("sort", f"sort must be one of {', '.join(_SORTS)}.")
    column, descending = _SORTS[sort]
    narrowed = _narrowed(q, tag)
    found = counts(tx, q=q, tag=tag) if cursor is None else {}
    if state:
        narrowed.append(customer.c.state == state)
    if portal:
        narrowed += [customer.c.state == "active", PORTAL.in_([portal])]
    if cursor:
        key, id = _read_cursor(cursor, sort)
        keyset = sa.tuple_(column, customer.c.id)
        edge = sa.tuple_(sa.cast(sa.literal(key), column.type), sa.cast(sa.literal(id), customer.c.id.type))
        narrowed.append(keyset < edge if descending else keyset > edge)
    order = (column.desc(), customer.c.id.desc()) if descending else (column, customer.c.id)
    statement = sa.select(customer, PORTAL.label("portal"), column.label("sort_key"))
    rows = tx.execute(statement.where(*narrowed).order_by(*order).limit(limit + 1)).mappings().all()
    items = []
    for row in rows[:limit]:
        record = as_record(row)
        record.pop("sort_key")
        items.append(record)
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": items,
        "next_cursor": _cursor(sort, last["sort_key"], last["id"]) if last is not None else None,
        "counts": found,
    }


def every_one(tx: Tx, **filters: Any) -> Iterator[dict[str, Any]]:
    """All customers that fit, by name, read a thousand at a time."""
    cursor = None
    while True:
        page = search(tx, **filters, sort="name", cursor=cursor, limit=1000)
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _narrowed(q: str | None, tag: str | None) -> list[sa.ColumnElement[bool]]:
    narrowed: list[sa.ColumnElement[bool]] = []
    for word in folded(q or "").split():
        escaped = word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        narrowed.append(customer.c.search_text.like(f"%{escaped}%"))
    if tag:
        narrowed.append(customer.c.tags.contains([tag]))
    return narrowed


def counts(tx: Tx, *, q: str | None = None, tag: str | None = None) -> dict[str, int]:
    """How many fit: per state, and the active ones per portal state."""
    portal = PORTAL.label("portal")
    grouped = sa.select(customer.c.state, portal).where(*_narrowed(q, tag)).subquery()
    found: dict[str, int] = {}
    for row in tx.execute(
        sa.select(grouped.c.state, grouped.c.portal, sa.func.count().label("number")).group_by(
            grouped.c.state, grouped.c.portal
        )
    ):
        found[row.state] = found.get(row.state, 0) + row.number
        if row.state == "active":
            found[f"portal_{row.portal}"] = row.number
    return found


def _cursor(sort: str, key: Any, id: UUID) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, plain(key), str(id)]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: str) -> tuple[str, str]:
    try:
        of, key, id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if of != sort:
            raise ValueError("the cursor of another order")
        if sort.endswith("created"):
            datetime.fromisoformat(key)
        return str(key), str(UUID(id))
    except (ValueError, binascii.Error, TypeError) as error:
        raise Invalid.field("cursor", "The cursor is not one this list gave.") from error
