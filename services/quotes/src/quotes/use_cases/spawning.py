"""Making documents out of an accepted quote, all in the transaction that converts it."""

from dataclasses import replace

from kontor import replica
from kontor.database import Tx
from kontor.errors import Invalid
from kontor.ids import derived_id
from quotes import access
from quotes.adapters import repository
from quotes.domain import quote as quotes
from quotes.domain.quote import Quote
from quotes.domain.snapshot import chosen_lines, conversion_slices
from quotes.use_cases.bookings import book
from quotes.use_cases.notices import emit, record


def spawn(tx: Tx, quote: Quote, *, contract: bool, invoice: bool, booking: bool) -> Quote:
    """Convert the accepted quote, locked by the caller, and return it converted.

    The booking is made here and now; the ids of the spawned documents are derived from the quote's id and travel
    in `quote_converted.v1`, so that no repetition anywhere makes a second one. Raises `InvalidTransition` once it
    is converted, and `AnswerNotFinal` while the customer may still turn the answer around.
    """
    converted = quotes.convert(quote, tx.now)
    if not (contract or invoice or booking):
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
    booking_id = book(tx, converted) if booking else None
    repository.add_conversion(tx, quote.id, contract_id, invoice_ids, booking_id)
    sent = repository.version(tx, quote.id, quote.sent_version)
    emit(
        tx,
        "quote_converted.v1",
        converted,
        {
            "customer": {name: value for name, value in customer.items() if name != "notes"},
            "language": content.language,
            "booking_id": booking_id,
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
            "exemption_reason": content.exemption_reason,
            "accepted_at": quote.answered_at,
            "quote_document_sha256": sent["document_sha256"],
        },
    )
    spawned_ids = {"booking_id": booking_id, "contract_id": contract_id, "invoice_ids": invoice_ids}
    record(tx, "quote.converted", converted, quote, **spawned_ids)
    return converted
