"""The read side: rows to the records that the gateway shows."""

import base64
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from kontor import replica
from kontor.core_tables import replica as replica_table
from kontor.core_tables import series
from kontor.database import Tx, plain
from kontor.errors import Invalid, NotFound
from quotes import access
from quotes import settings as installation
from quotes.adapters import repository
from quotes.adapters import tables as t
from quotes.domain.snapshot import printed_lines
from quotes.domain.state import State, Verb, allowed

MOST_PER_PAGE = 200

_SUMMARY = (
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
_DETAIL = (*_SUMMARY, "bank_account_id", "intro", "closing", "notes", "payment", "installments")

_SORTS: dict[str, sa.ColumnElement[Any]] = {
    "created": t.quote.c.created_at,
    "updated": t.quote.c.updated_at,
    "number": sa.func.coalesce(t.quote.c.number, ""),
    "total": t.quote.c.total_minor,
    "valid_until": t.quote.c.valid_until,
    "title": t.quote.c.title,
}
_PUBLIC = (
    "id",
    "number",
    "title",
    "currency",
    "language",
    "valid_until",
    "issue_date",
    "intro",
    "closing",
    "price_entry",
    "vat_mode",
    "payment",
    "installments",
    "lines",
    "vat_groups",
    "net_minor",
    "vat_minor",
    "total_minor",
    "sent_at",
    "sent_version",
    "answered_at",
    "customer_id",
    "deal_uuid",
)


def quote(tx: Tx, quote_id: str) -> dict[str, Any]:
    """The whole record. Customers see their own quotes without the admins' notes; raises `NotFound`."""
    if not access.is_customer(tx):
        replica.require_feature(tx, access.FLAG)
    row = tx.execute(sa.select(t.quote).where(t.quote.c.id == quote_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such quote.")
    access.check_visible(tx, row["customer_id"], row["state"])
    return _record(tx, row)


def _record(tx: Tx, row: Mapping[Any, Any]) -> dict[str, Any]:
    loaded = repository.of_row(row)
    customer = access.is_customer(tx)
    versions = _versions(tx, row["id"])
    answer = _answer(tx, row["answer_id"])
    current = versions[-1] if versions and row["state"] != State.DRAFT else None
    record = {name: row[name] for name in _DETAIL} | {
        "customer": _customers(tx, [row["customer_id"]])[row["customer_id"]],
        "lines": printed_lines(loaded.content, loaded.totals),
        "vat_groups": row["totals"]["vat_groups"],
        "answer": answer,
        "versions": versions,
        "document_id": current["document_id"] if current else None,
        "document_sha256": current["document_sha256"] if current else None,
        "accepted_document_id": answer["accepted_document_id"] if answer else None,
        "conversion": _conversion(tx, row["id"]),
        "allowed": _allowed(tx, row),
    }
    if customer:
        record["notes"] = ""
    return record


def _allowed(tx: Tx, row: Mapping[Any, Any]) -> list[str]:
    customer = access.is_customer(tx)
    verbs = allowed(State(row["state"]), customer=customer)
    if row["number"] is not None and Verb.DELETE in verbs:
        verbs.remove(Verb.DELETE)
    if row["state"] == State.SENT and tx.today(installation.read(tx).timezone) > row["valid_until"]:
        verbs = [] if customer else [verb for verb in verbs if verb != Verb.ACCEPT]
    return verbs


def _versions(tx: Tx, quote_id: str) -> list[dict[str, Any]]:
    v = t.quote_version
    columns = (v.c.version_no, v.c.total_minor, v.c.currency, v.c.sent_at, v.c.document_id, v.c.document_sha256)
    rows = tx.execute(sa.select(*columns).where(v.c.quote_id == quote_id).order_by(v.c.version_no)).mappings()
    return [dict(row) for row in rows]


def _answer(tx: Tx, answer_id: str | None) -> dict[str, Any] | None:
    if answer_id is None:
        return None
    row = repository.answer(tx, answer_id)
    shown = dict(row._mapping)
    for name in ("id", "quote_id", "ip", "user_agent"):
        del shown[name]
    return shown


def _conversion(tx: Tx, quote_id: str) -> dict[str, Any] | None:
    found = tx.execute(sa.select(t.conversion).where(t.conversion.c.quote_id == quote_id)).one_or_none()
    if found is None:
        return None
    target = t.conversion_target
    rows = tx.execute(
        sa.select(target).where(target.c.quote_id == quote_id).order_by(target.c.kind, target.c.position)
    ).all()
    contracts = [row for row in rows if row.kind == "contract"]
    invoices = [row for row in rows if row.kind == "invoice"]
    return {
        "booking": False,
        "contract": found.contract,
        "invoice": found.invoice,
        "booking_id": None,
        "contract_id": contracts[0].record_id if contracts and contracts[0].arrived_at else None,
        "invoice_ids": [row.record_id for row in invoices]
        if invoices and all(row.arrived_at for row in invoices)
        else None,
        "complete": all(row.arrived_at for row in rows),
        "at": found.at,
    }


def _customers(tx: Tx, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    found = replica.customers(tx, list(ids))
    return {
        id: {
            "id": id,
            "display_name": found.get(id, {}).get("display_name"),
            "email": found.get(id, {}).get("email"),
        }
        for id in ids
    }


def quotes(
    tx: Tx,
    *,
    state: str | None = None,
    customer_id: str | None = None,
    deal_uuid: str | None = None,
    q: str | None = None,
    sort: str = "-created",
    cursor: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """A page of quotes, newest first unless sorted otherwise, with the number of quotes per state.

    ``q`` searches number, title and the customer's name, company and address. ``counts`` follow every filter
    but the state. Customers get their own quotes, without drafts, whatever they ask for.
    """
    conditions = _conditions(tx, customer_id, deal_uuid, q)
    counts = {each.value: 0 for each in State} | {
        row.state: row.count
        for row in tx.execute(
            sa.select(t.quote.c.state, sa.func.count().label("count")).where(*conditions).group_by(t.quote.c.state)
        )
    }
    if state is not None:
        if state not in counts:
            raise Invalid.field("state", f"Please use one of: {', '.join(counts)}.")
        conditions.append(t.quote.c.state == state)
    limit = max(1, min(limit, MOST_PER_PAGE))
    column, descending = _sort(sort)
    if cursor is not None:
        conditions.append(_beyond(column, descending, cursor))
    order = [column.desc(), t.quote.c.id.desc()] if descending else [column.asc(), t.quote.c.id.asc()]
    rows = (
        tx.execute(
            sa.select(*(t.quote.c[name] for name in _SUMMARY), column.label("sort_value"))
            .where(*conditions)
            .order_by(*order)
            .limit(limit + 1)
        )
        .mappings()
        .all()
    )
    page = rows[:limit]
    customers = _customers(tx, list({row["customer_id"] for row in page}))
    items = [{name: row[name] for name in _SUMMARY} | {"customer": customers[row["customer_id"]]} for row in page]
    last = page[-1] if len(rows) > limit else None
    return {
        "items": items,
        "next_cursor": _cursor(last["sort_value"], last["id"]) if last else None,
        "counts": counts,
    }


def _conditions(tx: Tx, customer_id: str | None, deal_uuid: str | None, q: str | None) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if access.is_customer(tx):
        conditions += [t.quote.c.customer_id == tx.actor.get("id"), t.quote.c.state != State.DRAFT.value]
    else:
        replica.require_feature(tx, access.FLAG)
    if customer_id is not None:
        conditions.append(t.quote.c.customer_id == customer_id)
    if deal_uuid is not None:
        conditions.append(t.quote.c.deal_uuid == deal_uuid)
    if q and not _storable(q):
        raise Invalid.field("q", "Control characters cannot be searched for.")
    conditions += [_matches(word[:100]) for word in (q or "").split()[:8]]
    return conditions


def _storable(text: str) -> bool:
    """PostgreSQL's text knows neither NUL nor halves of a surrogate pair."""
    return not any(c == "\0" or 0xD800 <= ord(c) < 0xE000 for c in text)


def _matches(word: str) -> sa.ColumnElement[bool]:
    """The word is part of the quote's number or title, or of its customer's name, company or address."""
    data = replica_table.c.data
    names = sa.func.concat_ws(
        " ",
        *(data[name].astext for name in ("display_name", "first_name", "last_name", "company", "email", "town")),
    )
    customers = sa.select(sa.cast(replica_table.c.id, UUID(as_uuid=False))).where(
        replica_table.c.kind == "customer", names.icontains(word, autoescape=True)
    )
    return sa.or_(
        t.quote.c.number.icontains(word, autoescape=True),
        t.quote.c.title.icontains(word, autoescape=True),
        t.quote.c.customer_id.in_(customers),
    )


def _sort(sort: str) -> tuple[sa.ColumnElement[Any], bool]:
    name = sort.removeprefix("-")
    if name not in _SORTS:
        raise Invalid.field("sort", f"Please use one of: {', '.join(_SORTS)}, with a minus for descending.")
    return _SORTS[name], sort.startswith("-")


def _beyond(column: sa.ColumnElement[Any], descending: bool, cursor: str) -> sa.ColumnElement[bool]:
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
    return here < there if descending else here > there


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


def public(tx: Tx, token: str) -> dict[str, Any]:
    """What the response page shows. Raises `NotFound` for an unknown token, `LinkDead` for a revoked one.

    After the last day of validity the state reads ``expired``, also before the timer has come by.
    """
    found = access.by_link(tx, token)
    row = tx.execute(sa.select(t.quote).where(t.quote.c.id == found.id)).mappings().one()
    record = _record(tx, row)
    frozen = repository.version(tx, found.id, found.sent_version)["snapshot"]
    over = found.state == State.SENT and tx.today(installation.read(tx).timezone) > found.content.valid_until
    return {
        "quote": {name: record[name] for name in _PUBLIC}
        | {
            "customer": {"display_name": frozen["customer"]["display_name"]},
            "answer": record["answer"],
            "terms": frozen["terms"],
        },
        "issuer": frozen["issuer"],
        "state": State.EXPIRED.value if over else found.state.value,
        "document_id": record["accepted_document_id"] or record["document_id"],
        "allowed": [] if over else allowed(found.state, customer=True),
    }


def verify_numbers(tx: Tx) -> dict[str, Any]:
    """``count`` of the numbers in use and ``problems`` as sentences: gaps, duplicates, a counter that disagrees.

    Quotes are not dated by their number (a quote sent again gets a new issue date), so dates prove nothing here.
    """
    used: dict[int, list[int]] = {}
    for row in tx.execute(
        sa.select(t.quote.c.series_year, t.quote.c.series_seq)
        .where(t.quote.c.number.is_not(None))
        .order_by(t.quote.c.series_year, t.quote.c.series_seq)
    ):
        used.setdefault(row.series_year, []).append(row.series_seq)
    counters = {
        row.year: row.last
        for row in tx.execute(sa.select(series.c.year, series.c.last).where(series.c.kind == "quote"))
    }
    problems = []
    for year in sorted(used.keys() | counters.keys()):
        taken, last = used.get(year, []), counters.get(year, 0)
        missing = sorted(set(range(1, last + 1)) - set(taken))
        beyond = [seq for seq in taken if seq > last]
        if missing:
            problems.append(f"quotes {year}: {len(missing)} missing, the first is {missing[0]}")
        if beyond:
            problems.append(f"quotes {year}: number {beyond[0]} was never claimed (the counter stands at {last})")
        if len(taken) != len(set(taken)):
            problems.append(f"quotes {year}: a number is used twice")
    return {"count": sum(len(taken) for taken in used.values()), "problems": problems}
