"""The read side: rows to the records that the gateway shows."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from kontor import replica
from kontor.core_tables import series
from kontor.database import Tx
from kontor.errors import NotFound
from quotes import access, listing
from quotes import settings as installation
from quotes.adapters import repository
from quotes.adapters import tables as t
from quotes.domain.comparison import compare
from quotes.domain.quote import Quote
from quotes.domain.snapshot import figures_of_installments, printed_lines
from quotes.domain.state import State, Verb, allowed

_DETAIL = (
    *listing.SUMMARY,
    "bank_account_id",
    "intro",
    "closing",
    "notes",
    "payment",
    "installments",
    "event",
    "attachments",
    "exemption_reason",
)

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
    "exemption_reason",
    "event",
    "attachments",
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
        "customer": listing.customers(tx, [row["customer_id"]])[row["customer_id"]],
        **figures_of_installments(loaded.content, loaded.totals),
        "lines": printed_lines(loaded.content, loaded.totals),
        "vat_groups": loaded.totals.to_json()["vat_groups"],
        "answer": answer,
        "versions": versions,
        "document_id": current["document_id"] if current else None,
        "document_sha256": current["document_sha256"] if current else None,
        "accepted_document_id": answer["accepted_document_id"] if answer else None,
        "conversion": _conversion(tx, row["id"]),
        "allowed": _allowed(tx, loaded, customer=customer),
    }
    if customer:
        record["notes"] = ""
        record["terms"] = (
            repository.version(tx, row["id"], loaded.sent_version)["snapshot"]["terms"] if current else None
        )
    return record


def _allowed(tx: Tx, quote: Quote, *, customer: bool) -> list[str]:
    correctable = quote.is_correctable(tx.now)
    verbs = allowed(quote.state, customer=customer, correctable=correctable)
    refused: set[str] = set()
    if quote.number is not None:
        refused.add(Verb.DELETE)
    if correctable and not customer:
        refused |= {Verb.EDIT, Verb.CONVERT}
    if quote.is_over(tx.today(installation.read(tx).timezone)):
        refused |= {Verb.ACCEPT, Verb.RESEND}
        if customer and quote.state == State.SENT:
            refused.add(Verb.DECLINE)
    return [verb for verb in verbs if verb not in refused]


def _versions(tx: Tx, quote_id: str) -> list[dict[str, Any]]:
    v = t.quote_version
    columns = (v.c.version_no, v.c.total_minor, v.c.currency, v.c.sent_at, v.c.document_id, v.c.document_sha256)
    rows = tx.execute(sa.select(*columns).where(v.c.quote_id == quote_id).order_by(v.c.version_no)).mappings()
    return [dict(row) for row in rows]


def list_versions(tx: Tx, quote_id: str) -> dict[str, Any]:
    """Every version that went out, the first one first, with who sent it and the PDF it became."""
    record = quote(tx, quote_id)
    v = t.quote_version
    rows = tx.execute(sa.select(v.c.version_no, v.c.sent_by).where(v.c.quote_id == quote_id))
    senders = {row.version_no: row.sent_by for row in rows}
    outsider = access.is_customer(tx)
    return {
        "items": [
            version | {"sent_by": None if outsider else senders[version["version_no"]]}
            for version in record["versions"]
        ]
    }


def compare_versions(tx: Tx, quote_id: str, older: int, newer: int) -> dict[str, Any]:
    """The differences between two versions, see `quotes.domain.comparison`. Raises `NotFound`."""
    return compare(version_snapshot(tx, quote_id, older), version_snapshot(tx, quote_id, newer))


def version_snapshot(tx: Tx, quote_id: str, version_no: int) -> dict[str, Any]:
    """A version as it was sent, for whoever may see the quote. Raises `NotFound`."""
    record = quote(tx, quote_id)
    if version_no not in {version["version_no"] for version in record["versions"]}:
        raise NotFound("There is no such version.")
    return dict(repository.version(tx, quote_id, version_no)["snapshot"])


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
        "booking": found.booking_id is not None,
        "contract": found.contract,
        "invoice": found.invoice,
        "booking_id": found.booking_id,
        "contract_id": contracts[0].record_id if contracts and contracts[0].arrived_at else None,
        "invoice_ids": [row.record_id for row in invoices]
        if invoices and all(row.arrived_at for row in invoices)
        else None,
        "complete": all(row.arrived_at for row in rows),
        "targets": [
            {
                "kind": row.kind,
                "record_id": row.record_id,
                "state": "being_prepared" if row.arrived_at is None else "there",
                "arrived_at": row.arrived_at,
            }
            for row in rows
        ],
        "at": found.at,
    }


def public(tx: Tx, token: str, session: str | None = None) -> dict[str, Any]:
    """What the response page shows. Raises `NotFound` for an unknown token, `LinkDead` for a revoked one.

    Of a quote that asks for a code first it tells where that is mailed to and who asks, until ``session`` opens it.
    After the last day of validity the state reads ``expired``, also before the timer has come by.
    """
    found, link = access.follow(tx, token)
    frozen = repository.version(tx, found.id, found.sent_version)["snapshot"]
    if not access.is_open(tx, link, session):
        return {
            "code_required": True,
            "email_hint": email_hint(tx, found),
            "language": found.content.language,
            "issuer": frozen["issuer"],
        }
    row = tx.execute(sa.select(t.quote).where(t.quote.c.id == found.id)).mappings().one()
    record = _record(tx, row)
    over = found.state == State.SENT and found.is_over(tx.today(installation.read(tx).timezone))
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
        "allowed": _allowed(tx, found, customer=True),
    }


def email_hint(tx: Tx, quote: Quote) -> str:
    """Enough of the customer's address to know which mailbox to open: ``s…@example.ch``."""
    customer_id = quote.content.customer_id
    name, _, domain = str(replica.customers(tx, [customer_id]).get(customer_id, {}).get("email") or "").rpartition("@")
    return f"{name[:1]}…@{domain}" if name else ""


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
