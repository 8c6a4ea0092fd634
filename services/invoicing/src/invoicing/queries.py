"""The read side: records, lists, the preview's facts and the proof of the numbers."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast, get_args
from uuid import UUID

import sqlalchemy as sa

from invoicing.adapters import repository
from invoicing.adapters.tables import invoice, line, tally
from invoicing.domain import completeness, numbering, snapshot, states
from invoicing.domain.content import vat_mode
from invoicing.domain.errors import BankAccountMissing
from invoicing.domain.invoice import Invoice
from invoicing.domain.states import UNISSUED, State
from kontor import replica
from kontor.core_tables import series
from kontor.database import Tx, plain
from kontor.errors import Invalid, NotFound
from kontor.money import plain as plain_decimal
from kontor.pricing import PriceEntry, VatGroup, parse_lines, price

MAX_LIMIT = 200

_SORTS: Mapping[str, sa.ColumnElement[Any]] = {
    "created": invoice.c.created_at,
    "number": invoice.c.number_key,
    "due": invoice.c.due_key,
    "total": invoice.c.total_minor,
    "customer": invoice.c.customer_name,
}
_SUMMARY = (
    "id", "version", "kind", "state", "number", "deal_uuid", "currency", "language", "created_at", "updated_at",
    "customer_id", "customer_name", "customer_email", "title", "price_entry", "payment", "bank_account_id",
    "service_from", "service_to", "payment_slip", "net_minor", "vat_minor", "total_minor", "vat_groups",
    "quote_id", "quote_number", "contract_id", "cancels_invoice_id", "installment_plan_id", "installment_index",
    "installment_count", "installment_label", "installment_percent", "installment_trigger", "installment_date",
    "installment_days", "issue_date", "due_date", "reference_type", "reference", "issued_at", "paid_minor",
    "late_fee_minor", "delivered_at", "paid_at", "document_id", "document_sha256", "mail_id", "problem",
    "created_by_admin_id",
)  # fmt: skip
_TEXTS = ("intro", "closing", "notes", "exemption_reason")


def record(tx: Tx, id: str) -> dict[str, Any]:
    """The whole invoice with lines and payments. Customers never see drafts (`NotFound`) nor the admins' notes."""
    try:
        key = UUID(id)
    except ValueError:
        raise NotFound("There is no such invoice.") from None
    row = tx.execute(sa.select(*_columns(_SUMMARY + _TEXTS)).where(invoice.c.id == key)).mappings().one_or_none()
    if row is None or (_outsider(tx) and row["state"] in UNISSUED):
        raise NotFound("There is no such invoice.")
    body = _summary(dict(row)) | {name: row[name] for name in _TEXTS}
    if _outsider(tx):
        body["notes"] = ""
    lines = tx.execute(
        sa.select(line.c.content, line.c.position, line.c.net_minor)
        .where(line.c.invoice_id == key)
        .order_by(line.c.position)
    )
    body["lines"] = [one.content | {"position": one.position, "net_minor": one.net_minor} for one in lines]
    body["payments"] = [payment.to_json() for payment in repository.payments(tx, key)]
    return plain(body)  # type: ignore[no-any-return]


def page(
    tx: Tx,
    *,
    state: str | Sequence[str] | None,
    customer_id: str | None,
    deal_uuid: str | None,
    q: str | None,
    sort: str,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """One page of summaries, and how many invoices each state holds (under the same filters but the state's).

    ``cursor`` continues behind the last row seen, at the same cost on every page. Raises `Invalid`.
    """
    filters = _filters(tx, customer_id, deal_uuid, q)
    wanted = _states(state)
    key = _SORTS.get(sort.removeprefix("-"))
    if key is None:
        raise Invalid.field("sort", f"Please sort by one of: {', '.join(_SORTS)}.")
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT:
        raise Invalid.field("limit", f"Please ask for 1 to {MAX_LIMIT} rows.")
    falling = sort.startswith("-")
    query = sa.select(*_columns(_SUMMARY), key.label("sort_key")).where(*filters)
    if wanted:
        query = query.where(invoice.c.state.in_(wanted))
    if cursor is not None:
        last_key, last_id = _read_cursor(cursor, key)
        here, last = sa.tuple_(key, invoice.c.id), sa.tuple_(last_key, last_id)
        query = query.where(here < last if falling else here > last)
    order = (key.desc(), invoice.c.id.desc()) if falling else (key, invoice.c.id)
    rows = tx.execute(query.order_by(*order).limit(limit + 1)).mappings().all()
    more = len(rows) > limit
    return {
        "items": [plain(_summary(dict(row))) for row in rows[:limit]],
        "next_cursor": _write_cursor(dict(rows[limit - 1])) if more else None,
        "counts": _counts(tx, filters),
    }


def preview(tx: Tx, id: str) -> dict[str, Any]:
    """The snapshot: frozen if issued, else as it would be today without number and reference.

    A draft may be shown before everything is complete; what is missing stays empty. It has no payment slip:
    a slip carries the reference, and that comes with the number.
    """
    found = repository.get(tx, id)
    if _outsider(tx) and found.state in UNISSUED:
        raise NotFound("There is no such invoice.")
    if found.issued is not None:
        return dict(found.issued.snapshot)
    issuer = replica.settings(tx, "business_profile")
    customers = replica.customers(tx, [str(found.content.customer_id)])
    known = customers.get(str(found.content.customer_id)) or {
        "display_name": found.customer.display_name,
        "email": found.customer.email,
    }
    today = tx.today(issuer.get("timezone") or "UTC")
    composed = snapshot.compose(
        found,
        issuer,
        _preview_account(tx, found),
        known,
        number=None,
        issue_date=today,
        slip="none",
        reference=None,
        theme=replica.theme(tx),
    )
    return plain(composed)  # type: ignore[no-any-return]


def _preview_account(tx: Tx, found: Invoice) -> Mapping[str, Any] | None:
    try:
        return completeness.choose_account(replica.bank_accounts(tx), found.content)
    except BankAccountMissing:
        return None


def price_lines(tx: Tx, lines: Any, currency: str, price_entry: str) -> dict[str, Any]:
    """The totals of lines that are not saved. Raises `Invalid` and what `kontor.pricing.price` raises."""
    if price_entry not in get_args(PriceEntry):
        raise Invalid.field("price_entry", "Please choose net or gross.")
    mode = vat_mode(replica.settings(tx, "business_profile"))
    return price(parse_lines(lines), currency, cast(PriceEntry, price_entry), mode).to_json()


def verify_numbers(tx: Tx) -> dict[str, Any]:
    """The proof over the live tables: how many numbers there are, and every gap, duplicate and date inversion."""
    rows = tx.execute(
        sa.select(invoice.c.series_year, invoice.c.series_seq, invoice.c.number, invoice.c.issue_date)
        .where(invoice.c.number.is_not(None))
        .order_by(invoice.c.series_year, invoice.c.series_seq)
    )
    counters = tx.execute(sa.select(series.c.year, series.c.last).where(series.c.kind == numbering.SERIES))
    claimed = (numbering.Claimed(row.series_year, row.series_seq, row.number, row.issue_date) for row in rows)
    found = numbering.verify(claimed, {row.year: row.last for row in counters})
    return {
        "count": sum(one.count for one in found),
        "problems": [sentence for one in found for sentence in one.problems()],
        "years": [one.to_json() for one in found],
    }


def condense_tally(tx: Tx) -> None:
    """Replace the counting entries by one per state. One replica does it at a time."""
    if not tx.conn.scalar(sa.text("SELECT pg_try_advisory_xact_lock(hashtext(current_schema() || '.tally'))")):
        return
    gone = sa.delete(tally).returning(tally.c.state, tally.c.count).cte("gone")
    sums = sa.select(gone.c.state, sa.func.sum(gone.c.count)).group_by(gone.c.state)
    tx.execute(sa.insert(tally).from_select(["state", "count"], sums))


def _columns(names: Sequence[str]) -> list[sa.Column[Any]]:
    return [invoice.c[name] for name in names]


def _outsider(tx: Tx) -> bool:
    return tx.actor.get("kind") in ("customer", "link")


def _summary(row: Mapping[str, Any]) -> dict[str, Any]:
    body = {name: row[name] for name in _SUMMARY}
    body["vat_groups"] = [VatGroup.from_json(group).to_json() for group in row["vat_groups"]]
    total, paid = row["total_minor"], row["paid_minor"]
    issued = row["number"] is not None
    body["customer"] = {
        "id": row["customer_id"],
        "display_name": body.pop("customer_name"),
        "email": body.pop("customer_email"),
    }
    body["sent_at"] = body.pop("delivered_at")
    body["open_minor"] = max(total - paid, 0)
    body["credit_minor"] = max(paid - total, 0) if issued else 0
    settled = issued and paid >= total
    body["payment_state"] = "paid" if settled else "partially_paid" if paid > 0 else "open"
    percent = row["installment_percent"]
    body["installment_percent"] = None if percent is None else plain_decimal(percent)
    body["allowed"] = states.allowed(State(row["state"]))
    return body


def _filters(tx: Tx, customer_id: str | None, deal_uuid: str | None, q: str | None) -> list[sa.ColumnElement[bool]]:
    filters: list[sa.ColumnElement[bool]] = []
    for column, value in ((invoice.c.customer_id, customer_id), (invoice.c.deal_uuid, deal_uuid)):
        if value is None:
            continue
        try:
            filters.append(column == UUID(value))
        except ValueError:
            raise Invalid.field(column.name, "This is not an id.") from None
    words = re.findall(r"\w+", (q or "").lower().replace("_", " "))
    if words:
        asked = " & ".join(f"'{word}':*" for word in words[:10])
        filters.append(invoice.c.search.op("@@")(sa.func.to_tsquery(sa.text("'simple'::regconfig"), asked)))
    if _outsider(tx):
        filters.append(invoice.c.number.is_not(None))
    return filters


def _states(state: str | Sequence[str] | None) -> list[str]:
    wanted = [state] if isinstance(state, str) else list(state or ())
    unknown = set(wanted) - set(State)
    if unknown:
        raise Invalid.field("state", f"There is no state “{min(unknown)}”.")
    return wanted


def _counts(tx: Tx, filters: Sequence[sa.ColumnElement[bool]]) -> dict[str, int]:
    query: sa.Select[Any] = sa.select(tally.c.state, sa.func.sum(tally.c.count).label("n")).group_by(tally.c.state)
    if filters:
        query = sa.select(invoice.c.state, sa.func.count().label("n")).where(*filters).group_by(invoice.c.state)
    return {row.state: int(row.n) for row in tx.execute(query) if row.n}


def _write_cursor(row: Mapping[str, Any]) -> str:
    key = row["sort_key"]
    text = key.isoformat() if isinstance(key, date | datetime) else key
    return base64.urlsafe_b64encode(json.dumps([text, str(row["id"])]).encode()).decode()


def _read_cursor(cursor: str, key: sa.ColumnElement[Any]) -> tuple[Any, Any]:
    try:
        parts: list[Any] = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        value, id = parts[0], UUID(str(parts[1]))
        if isinstance(key.type, sa.DateTime):
            value = datetime.fromisoformat(value)
        elif isinstance(key.type, sa.Date):
            value = date.fromisoformat(value)
        elif not isinstance(value, str if isinstance(key.type, sa.Text) else int):
            raise ValueError(value)
    except (ValueError, TypeError, LookupError, binascii.Error):
        raise Invalid.field("cursor", "Please start again from the first page.") from None
    return sa.literal(value, key.type), sa.literal(id, invoice.c.id.type)
