"""From an accepted quote to a contract and invoices, and the news of what became of sent and spawned documents."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from kontor import replica
from kontor.database import Tx
from kontor.envelope import Event
from kontor.errors import Invalid
from kontor.ids import derived_id
from quotes import access
from quotes.adapters import repository
from quotes.adapters import tables as t
from quotes.domain import quote as quotes
from quotes.domain.snapshot import chosen_lines, conversion_slices
from quotes.use_cases.notices import emit, record


def convert(tx: Tx, quote_id: str, *, contract: bool, invoice: bool, booking: bool, version: int | None = None) -> None:
    """Spawn a contract draft and/or invoices from an accepted quote, once.

    The ids of the spawned documents are derived from the quote's id and travel in `quote_converted.v1`, so that
    no repetition anywhere makes a second one. Raises `InvalidTransition` once it is converted.
    """
    quote = access.for_admin(tx, quote_id, version)
    converted = quotes.convert(quote, tx.now)
    if booking:
        raise Invalid.field("booking", "This quote has no date, so no booking can be made from it.")
    if not (contract or invoice):
        raise Invalid.field("contract", "Please choose what the quote is converted to.")
    if contract:
        replica.require_feature(tx, "contracts")
    if invoice:
        replica.require_feature(tx, "bills")
    toggles = [*(["feature_contracts"] if contract else []), *(["feature_bills"] if invoice else [])]
    customer = access.customer(tx, quote.content.customer_id, *toggles)
    content, totals = quote.content, quote.totals
    lines = chosen_lines(content, totals)
    parts = conversion_slices(content, totals)
    contract_id = str(derived_id("quote", quote.id, "contract")) if contract else None
    invoice_ids = [str(derived_id("quote", quote.id, "invoice", str(i))) for i, _ in enumerate(parts, start=1)]
    invoice_ids = invoice_ids if invoice else []
    repository.save(tx, converted)
    repository.add_conversion(tx, quote.id, contract_id, invoice_ids)
    sent = repository.version(tx, quote.id, quote.sent_version)
    emit(
        tx,
        "quote_converted.v1",
        converted,
        {
            "customer": {name: value for name, value in customer.items() if name != "notes"},
            "language": content.language,
            "contract": contract,
            "contract_id": contract_id,
            "invoice": invoice,
            "invoice_ids": invoice_ids,
            "installment_plan_id": str(derived_id("quote", quote.id, "plan")) if invoice else None,
            "lines": lines,
            "price_entry": content.price_entry,
            "vat_mode": quote.vat_mode,
            "totals": replace(totals, line_nets=tuple(line["net_minor"] for line in lines)).to_json(),
            "slices": parts,
            "payment": content.payment.to_json(),
            "bank_account_id": content.bank_account_id,
            "intro": content.intro,
            "closing": content.closing,
            "accepted_at": quote.answered_at,
            "quote_document_sha256": sent["document_sha256"],
        },
    )
    record(tx, "quote.converted", converted, quote, contract_id=contract_id, invoice_ids=invoice_ids)


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
        tx.execute(
            sa.update(t.quote_answer)
            .where(
                t.quote_answer.c.quote_id == quote_id,
                t.quote_answer.c.version_no == version_no,
                t.quote_answer.c.verdict == "accepted",
                t.quote_answer.c.accepted_document_id.is_(None),
            )
            .values(accepted_document_id=event.data["document_id"])
        )


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
