"""From an accepted quote to its booking, contract and invoices, and the news of what became of documents."""

from typing import Any

import sqlalchemy as sa

from kontor.database import Tx
from kontor.envelope import Event
from quotes import access
from quotes.adapters import repository
from quotes.adapters import tables as t
from quotes.use_cases.announcing import settled
from quotes.use_cases.spawning import spawn


def convert(
    tx: Tx, quote_id: str, *, contract: bool, invoice: bool, booking: bool | None, version: int | None = None
) -> None:
    """Spawn a booking, a contract draft and/or invoices from an accepted quote, once; refusals as in `spawn`.

    Unless it is said, there is a booking when the quote has a date.
    """
    quote = settled(tx, access.for_admin(tx, quote_id, version))
    booking = quote.content.event is not None if booking is None else booking
    spawn(tx, quote, contract=contract, invoice=invoice, booking=booking)


def spawned(tx: Tx, event: Event) -> None:
    """A contract or an invoice that this service asked for exists now."""
    kind = "contract" if event.type.startswith("contract_") else "invoice"
    repository.target_arrived(tx, event.data[f"{kind}_id"], kind)


def document_arrived(tx: Tx, event: Event) -> None:
    """The PDF of a sent version, or of an acceptance, is stored: keep its id and hash beside what it shows.

    Documents of other records are none of this service's business. A PDF that comes a second time (rendered
    again) does not replace the first.
    """
    kind, quote_id = event.data["kind"], event.data["record_id"]
    if kind not in ("quote", "quote_accepted"):
        return
    # The lock keeps an acceptance from reading "no PDF yet" while this is writing it down.
    quote = repository.find(tx, quote_id, lock=True)
    version_no = (
        repository.version_of_event(tx, event.causation_id) or event.data.get("record_version") or quote.sent_version
    )
    if kind == "quote":
        _sent_pdf(tx, quote_id, version_no, event.data["document_id"], event.data["sha256"])
    else:
        _accepted_pdf(tx, quote_id, version_no, event.data["document_id"])


def _sent_pdf(tx: Tx, quote_id: str, version_no: int, document_id: str, sha256: str) -> None:
    version, answer = t.quote_version, t.quote_answer
    first = tx.execute(
        sa.update(version)
        .where(version.c.quote_id == quote_id, version.c.version_no == version_no, version.c.document_id.is_(None))
        .values(document_id=document_id, document_sha256=sha256)
    )
    if first.rowcount:
        values: dict[str, Any] = {"document_sha256": sha256}
        tx.execute(
            sa.update(answer)
            .where(answer.c.quote_id == quote_id, answer.c.version_no == version_no, answer.c.document_sha256.is_(None))
            .values(values)
        )


def _accepted_pdf(tx: Tx, quote_id: str, version_no: int, document_id: str) -> None:
    """Only the last acceptance of a version was announced; those the customer took back before have no PDF."""
    answer = t.quote_answer
    last = (
        sa.select(answer.c.id)
        .where(answer.c.quote_id == quote_id, answer.c.version_no == version_no, answer.c.verdict == "accepted")
        .order_by(answer.c.at.desc(), answer.c.id.desc())
        .limit(1)
    )
    tx.execute(
        sa.update(answer)
        .where(answer.c.id == last.scalar_subquery(), answer.c.accepted_document_id.is_(None))
        .values(accepted_document_id=document_id)
    )
