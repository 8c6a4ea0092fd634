"""Lists of quotes: filters, search, order, pages, counts and sums."""

import base64
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from kontor import replica
from kontor.core_tables import replica as replica_table
from kontor.database import Tx, plain
from kontor.errors import Invalid
from quotes import access
from quotes import settings as installation
from quotes.adapters import tables as t
from quotes.domain.state import State

MOST_PER_PAGE = 200
MOST_IDS = 10_000
_LARGEST = 2**63 - 1

SUMMARY = (
    "id",
    "version",
    "state",
    "number",
    "deal_uuid",
    "title",
    "currency",
    "language",
    "customer_id",
    "valid_until",
    "issue_date",
    "price_entry",
    "vat_mode",
    "net_minor",
    "vat_minor",
    "total_minor",
    "sent_version",
    "sent_at",
    "answered_at",
    "created_at",
    "updated_at",
    "created_by_admin_id",
)
# Read once per customer, not once per quote: taking a name out of a JSON document is what costs.
_NAMES = (
    sa.select(
        sa.cast(replica_table.c.id, UUID(as_uuid=False)).label("id"),
        sa.func.lower(replica_table.c.data["display_name"].astext, type_=sa.Text).label("name"),
    )
    .where(replica_table.c.kind == "customer")
    .cte("names")
    .prefix_with("MATERIALIZED")
)
_NAME: sa.ColumnElement[Any] = sa.func.coalesce(_NAMES.c.name, "")
# The names of all customers are folded once for all words; the quotes then only compare ids.
_FOUND_CUSTOMERS = """
WITH named AS MATERIALIZED (
    SELECT CAST(id AS uuid) AS id, folded(concat_ws(' ', data ->> 'display_name', data ->> 'first_name',
        data ->> 'last_name', data ->> 'company', data ->> 'email', data ->> 'town')) AS text
    FROM replica WHERE kind = 'customer'
), asked AS MATERIALIZED (
    SELECT position, folded(word) AS word FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS given (word, position)
)
SELECT asked.word, COALESCE(array_agg(named.id) FILTER (WHERE named.id IS NOT NULL), '{}') AS customers
FROM asked LEFT JOIN named ON strpos(named.text, asked.word) > 0
GROUP BY asked.position, asked.word ORDER BY asked.position
"""
_SORTS: dict[str, sa.ColumnElement[Any]] = {
    "created": t.quote.c.created_at,
    "updated": t.quote.c.updated_at,
    "number": sa.func.coalesce(t.quote.c.number, ""),
    "total": t.quote.c.total_minor,
    "valid_until": t.quote.c.valid_until,
    "title": t.quote.c.title,
    "customer": _NAME,
}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which quotes a list is about. Days are days of the business's calendar, amounts are minor units, both inclusive.

    ``q`` is searched for in number, title and the customer's name, company, e-mail and town; case and accents do not
    matter. ``state`` is one state or several.
    """

    state: str | Sequence[str] | None = None
    customer_id: str | None = None
    deal_uuid: str | None = None
    q: str | None = None
    currency: str | None = None
    created_from: str | None = None
    created_to: str | None = None
    valid_until_from: str | None = None
    valid_until_to: str | None = None
    total_from_minor: int | None = None
    total_to_minor: int | None = None
    ids: Sequence[str] | None = None


def page(
    tx: Tx, wanted: Wanted, *, sort: str = "-created", cursor: str | None = None, limit: int = 50
) -> dict[str, Any]:
    """A page of quotes, newest first unless sorted otherwise, with ``counts`` per state and ``sums`` per currency.

    ``counts`` follow every filter but the state, ``sums`` follow all of them over all pages. Customers get their own
    quotes, without drafts, whatever they ask for. Raises `Invalid` for what the list does not know.
    """
    conditions = _conditions(tx, wanted)
    states = _states(wanted.state)
    counts, sums = _figures(tx, conditions, states)
    if states:
        conditions.append(t.quote.c.state.in_(states))
    limit = max(1, min(limit, MOST_PER_PAGE))
    column, falling = _sort(sort)
    if cursor is not None:
        conditions.append(_beyond(column, falling, cursor))
    rows = (
        tx.execute(
            sa.select(*(t.quote.c[name] for name in SUMMARY), column.label("sort_value"))
            .select_from(_source(column))
            .where(*conditions)
            .order_by(*_order(column, falling))
            .limit(limit + 1)
        )
        .mappings()
        .all()
    )
    shown = rows[:limit]
    names = customers(tx, list({row["customer_id"] for row in shown}))
    last = shown[-1] if len(rows) > limit else None
    return {
        "items": [{name: row[name] for name in SUMMARY} | {"customer": names[row["customer_id"]]} for row in shown],
        "next_cursor": _cursor(last["sort_value"], last["id"]) if last else None,
        "counts": counts,
        "sums": sums,
    }


def ids(tx: Tx, wanted: Wanted, *, sort: str = "-created", limit: int = MOST_IDS) -> dict[str, Any]:
    """What all matching quotes are called: ``{"items": [{"id", "number", "title"}], "more": bool}``."""
    conditions = _conditions(tx, wanted)
    if states := _states(wanted.state):
        conditions.append(t.quote.c.state.in_(states))
    limit = max(1, min(limit, MOST_IDS))
    column, falling = _sort(sort)
    rows = tx.execute(
        sa.select(t.quote.c.id, t.quote.c.number, t.quote.c.title)
        .select_from(_source(column))
        .where(*conditions)
        .order_by(*_order(column, falling))
        .limit(limit + 1)
    ).mappings()
    found = [dict(row) for row in rows]
    return {"items": found[:limit], "more": len(found) > limit}


def customers(tx: Tx, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What lists and records tell of their customers, by id; an unknown one has no name."""
    found = replica.customers(tx, list(ids))
    return {
        id: {
            "id": id,
            "display_name": found.get(id, {}).get("display_name"),
            "email": found.get(id, {}).get("email"),
        }
        for id in ids
    }


def _figures(
    tx: Tx, conditions: Sequence[sa.ColumnElement[bool]], states: Sequence[str]
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    q = t.quote.c
    rows = tx.execute(
        sa.select(q.state, q.currency, sa.func.count().label("n"), sa.func.sum(q.total_minor).label("total"))
        .where(*conditions)
        .group_by(q.state, q.currency)
    ).all()
    counts = {each.value: 0 for each in State}
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        counts[row.state] += row.n
        if not states or row.state in states:
            one = sums.setdefault(row.currency, {"currency": row.currency, "total_minor": 0, "count": 0})
            one["total_minor"] += int(row.total)
            one["count"] += row.n
    return counts, [sums[currency] for currency in sorted(sums)]


def _source(column: sa.ColumnElement[Any]) -> sa.FromClause:
    if column is not _NAME:
        return t.quote
    return t.quote.outerjoin(_NAMES, _NAMES.c.id == t.quote.c.customer_id)


def _order(column: sa.ColumnElement[Any], falling: bool) -> list[sa.ColumnElement[Any]]:
    return [column.desc(), t.quote.c.id.desc()] if falling else [column.asc(), t.quote.c.id.asc()]


def _states(state: str | Sequence[str] | None) -> list[str]:
    states = [state] if isinstance(state, str) else list(state or ())
    known = [each.value for each in State]
    if not set(states) <= set(known):
        raise Invalid.field("state", f"Please use one of: {', '.join(known)}.")
    return states


def _conditions(tx: Tx, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    q = t.quote.c
    conditions: list[sa.ColumnElement[bool]] = []
    if access.is_customer(tx):
        conditions += [q.customer_id == tx.actor.get("id"), q.state != State.DRAFT.value]
    else:
        replica.require_feature(tx, access.FLAG)
    for name in ("customer_id", "deal_uuid", "currency"):
        if (value := getattr(wanted, name)) is not None:
            conditions.append(q[name] == value)
    if wanted.ids is not None:
        conditions.append(q.id.in_(list(wanted.ids)))
    conditions += _spans(tx, wanted)
    if wanted.q and not _storable(wanted.q):
        raise Invalid.field("q", "Control characters cannot be searched for.")
    return conditions + _matches(tx, [word[:100] for word in (wanted.q or "").split()[:8]])


def _spans(tx: Tx, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    q = t.quote.c
    spans: list[sa.ColumnElement[bool]] = []
    zone = ZoneInfo(installation.read(tx).timezone)
    if (first := _day(wanted, "created_from")) is not None:
        spans.append(q.created_at >= datetime.combine(first, time(), zone))
    if (last := _day(wanted, "created_to")) is not None and last < date.max:
        spans.append(q.created_at < datetime.combine(last + timedelta(days=1), time(), zone))
    if (first := _day(wanted, "valid_until_from")) is not None:
        spans.append(q.valid_until >= first)
    if (last := _day(wanted, "valid_until_to")) is not None:
        spans.append(q.valid_until <= last)
    if (least := _amount(wanted, "total_from_minor")) is not None:
        spans.append(q.total_minor >= least)
    if (most := _amount(wanted, "total_to_minor")) is not None:
        spans.append(q.total_minor <= most)
    return spans


def _day(wanted: Wanted, field: str) -> date | None:
    given = getattr(wanted, field)
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise Invalid.field(field, "Please send a date such as 2026-03-01.") from None


def _amount(wanted: Wanted, field: str) -> int | None:
    given = getattr(wanted, field)
    if given is not None and (isinstance(given, bool) or not isinstance(given, int) or abs(given) > _LARGEST):
        raise Invalid.field(field, "Please send an amount in minor units.")
    return given


def _storable(text: str) -> bool:
    """PostgreSQL's text knows neither NUL nor halves of a surrogate pair."""
    return not any(c == "\0" or 0xD800 <= ord(c) < 0xE000 for c in text)


def _matches(tx: Tx, words: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    """Each word is part of the quote's number or title, or of its customer's name, company, e-mail or town."""
    if not words:
        return []
    ids = sa.ARRAY(UUID(as_uuid=False))
    return [
        sa.or_(
            t.quote.c.search_text.contains(found.word, autoescape=True),
            t.quote.c.customer_id == sa.any_(sa.bindparam(None, [str(id) for id in found.customers], ids)),
        )
        for found in tx.execute(_FOUND_CUSTOMERS, {"words": list(words)})
    ]


def _sort(sort: str) -> tuple[sa.ColumnElement[Any], bool]:
    name = sort.removeprefix("-")
    if name not in _SORTS:
        raise Invalid.field("sort", f"Please use one of: {', '.join(_SORTS)}, with a minus for descending.")
    return _SORTS[name], sort.startswith("-")


def _beyond(column: sa.ColumnElement[Any], falling: bool, cursor: str) -> sa.ColumnElement[bool]:
    """The rows after the last one of the page before (keyset: no page is slower than the first)."""
    value, last_id = _read_cursor(cursor)
    try:
        if isinstance(column.type, sa.DateTime):
            value = datetime.fromisoformat(value)
        elif isinstance(column.type, sa.Date):
            value = date.fromisoformat(value)
        elif isinstance(column.type, sa.BigInteger):
            value = int(value)
    except (TypeError, ValueError):
        raise Invalid.field("cursor", "This is no cursor of this list.") from None
    here = sa.tuple_(column, t.quote.c.id)
    there = sa.tuple_(sa.bindparam(None, value, column.type), sa.bindparam(None, last_id, t.quote.c.id.type))
    return here < there if falling else here > there


def _cursor(value: Any, last_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(plain([value, last_id])).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[Any, str]:
    try:
        value, last_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        last_id = str(uuid.UUID(last_id))
    except (ValueError, TypeError, AttributeError):
        raise Invalid.field("cursor", "This is no cursor of this list.") from None
    if not isinstance(value, str | int) or (isinstance(value, str) and not _storable(value)):
        raise Invalid.field("cursor", "This is no cursor of this list.")
    return value, last_id


def wanted(filters: Mapping[str, Any]) -> Wanted:
    """The filters of a request; ids in their canonical form. Raises `Invalid`."""
    checked = {name: value for name, value in filters.items() if value not in (None, "", [])}
    for name in ("customer_id", "deal_uuid"):
        if name in checked:
            checked[name] = _id(checked[name], name)
    if filters.get("ids") is not None:
        checked["ids"] = [_id(id, "ids") for id in filters["ids"]]
    known = {field.name for field in fields(Wanted)}
    for name in checked.keys() - known:
        raise Invalid.field(name, "There is no such filter.")
    return Wanted(**checked)


def _id(given: Any, field: str) -> str:
    try:
        return str(uuid.UUID(given))
    except (ValueError, AttributeError, TypeError):
        raise Invalid.field(field, "Please send the id of a record.") from None
