"""The read side of bookings: records and lists."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from kontor.database import Tx
from kontor.errors import Invalid
from quotes import access, listing
from quotes import settings as installation
from quotes.adapters import bookings as rows
from quotes.adapters import tables as t
from quotes.domain import booking as domain
from quotes.domain.booking import Booking, Status

MOST_PER_PAGE = 500
_FILTERS = frozenset({"from", "to", "when", "customer_id", "deal_uuid", "status", "q", "sort"})


def booking(tx: Tx, booking_id: str) -> dict[str, Any]:
    """The whole record; raises `NotFound`."""
    access.studio_only(tx)
    return _records(tx, [rows.find(tx, booking_id)])[0]


def _records(tx: Tx, found: list[Booking]) -> list[dict[str, Any]]:
    names = listing.customers(tx, list({one.details.customer_id for one in found if one.details.customer_id}))
    return [
        {
            "id": one.id,
            "version": one.version,
            "status": one.status.value,
            **one.details.to_json(),
            "timezone": one.details.period.timezone,
            "starts_at": one.details.period.starts_at,
            "ends_at": one.details.period.ends_at,
            "quote_id": one.quote_id,
            "customer": names[one.details.customer_id] if one.details.customer_id else None,
            "created_at": one.created_at,
            "updated_at": one.updated_at,
            "created_by_admin_id": one.created_by_admin_id,
            "allowed": domain.allowed(one),
        }
        for one in found
    ]


def types(tx: Tx) -> list[str]:
    """The words for types that are in use, the most used first."""
    access.studio_only(tx)
    b = t.booking.c
    used = sa.select(b.type).where(b.type != "").group_by(b.type).order_by(sa.func.count().desc(), b.type).limit(50)
    return list(tx.execute(used).scalars())


def bookings(tx: Tx, filters: Mapping[str, Any], *, cursor: str | None = None, limit: int = 50) -> dict[str, Any]:
    """A page of bookings by their beginning, with ``counts`` per status (which follow every filter but the status).

    ``from`` and ``to`` are days of the business's calendar; what touches them belongs. ``when`` is ``upcoming`` (not
    over yet) or ``past``; ``sort`` is ``start`` or ``-start``; ``status`` is one or several.
    """
    access.studio_only(tx)
    wanted = {name: value for name, value in filters.items() if value not in (None, "", [])}
    for name in wanted.keys() - _FILTERS:
        raise Invalid.field(name, "There is no such filter.")
    conditions = _conditions(tx, wanted)
    b = t.booking.c
    counts = dict.fromkeys((status.value for status in Status), 0)
    per_status = sa.select(b.status, sa.func.count().label("number")).where(*conditions).group_by(b.status)
    for row in tx.execute(per_status):
        counts[row.status] = row.number
    statuses = wanted.get("status") or []
    statuses = [statuses] if isinstance(statuses, str) else list(statuses)
    if not set(statuses) <= counts.keys():
        raise Invalid.field("status", f"Please use one of: {', '.join(counts)}.")
    if statuses:
        conditions.append(b.status.in_(statuses))
    sort = wanted.get("sort", "start")
    if sort not in ("start", "-start"):
        raise Invalid.field("sort", "Please use one of: start, -start.")
    limit = max(1, min(limit, MOST_PER_PAGE))
    found = rows.page(tx, conditions, _read_cursor(cursor) if cursor else None, sort == "-start", limit + 1)
    more = len(found) > limit
    found = found[:limit]
    last = found[-1] if more else None
    following = f"{last.details.period.starts_at.isoformat()}~{last.id}" if last else None
    return {"items": _records(tx, found), "next_cursor": following, "counts": counts}


def _conditions(tx: Tx, wanted: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    b = t.booking.c
    zone = ZoneInfo(installation.read(tx).timezone)
    conditions: list[sa.ColumnElement[bool]] = []
    if "from" in wanted:
        conditions.append(b.ends_at > datetime.combine(_day(wanted, "from"), time(), zone))
    if "to" in wanted and (last := _day(wanted, "to")) < date.max:
        conditions.append(b.starts_at < datetime.combine(last + timedelta(days=1), time(), zone))
    when = wanted.get("when")
    if when not in (None, "upcoming", "past"):
        raise Invalid.field("when", "Please use one of: upcoming, past.")
    if when:
        conditions.append(b.ends_at > tx.now if when == "upcoming" else b.ends_at <= tx.now)
    for name in ("customer_id", "deal_uuid"):
        if name in wanted:
            conditions.append(b[name] == _uuid(wanted, name))
    if any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in wanted.get("q", "")):
        raise Invalid.field("q", "Control characters cannot be searched for.")
    for word in wanted.get("q", "").split()[:8]:
        text = sa.func.concat_ws(" ", b.title, b.type, b.location, b.resource)
        conditions.append(text.icontains(word[:100], autoescape=True))
    return conditions


def _day(wanted: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(wanted[name])
    except (TypeError, ValueError):
        raise Invalid.field(name, "Please send a date such as 2026-03-01.") from None


def _uuid(wanted: Mapping[str, Any], name: str) -> str:
    try:
        return str(uuid.UUID(wanted[name]))
    except (TypeError, ValueError, AttributeError):
        raise Invalid.field(name, "Please send the id of a record.") from None


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    moment, _, id = cursor.partition("~")
    try:
        return datetime.fromisoformat(moment), str(uuid.UUID(id))
    except ValueError:
        raise Invalid.field("cursor", "This is no cursor of this list.") from None
