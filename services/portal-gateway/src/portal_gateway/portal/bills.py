"""The customer's bills: what to pay, where to, and what was paid."""

import re
from base64 import b64decode
from decimal import Decimal
from typing import Any

from kontor.errors import NotFound
from kontor.money import exponent
from portal_gateway.portal import records
from portal_gateway.public.quote_view import quote_view
from portal_gateway.public.quotes import stored_pdf
from portal_gateway.public.wording import Wording
from portal_gateway.web import Request, Response, Routes

routes = Routes("customer")

#: Width of a page picture in pixels: sharp on a phone, small enough to load at once.
PAGE_WIDTH = 1000


@routes.get("/customer/bills", name="customer.bills", feature="bills")
def bill_list(request: Request) -> Response:
    """Open bills first, those due soonest on top; then the paid ones."""
    found = records.bills(request)
    waiting = [bill for bill in found if bill["state"] in records.OPEN_BILLS]
    return request.render(
        "portal/bills.html",
        here="bills",
        waiting=sorted(waiting, key=lambda bill: bill.get("due_date") or ""),
        others=[bill for bill in found if bill["state"] not in records.OPEN_BILLS],
    )


@routes.get("/customer/bills/{id:uuid}", name="customer.bill", feature="bills")
def bill_page(request: Request, id: str) -> Response:
    """One bill, with everything needed to pay it."""
    bill = records.bill(request, id)
    pages, _missing = request.unavailable(lambda: _pages(request, bill), 0)
    snapshot = request.services.invoicing.snapshot(id=id)
    wording = Wording(request)
    return request.render(
        "portal/bill.html",
        here="bills",
        bill=bill,
        payee=payee(bill, snapshot.get("bank")),
        amount_to_copy=str(Decimal(bill["open_minor"]).scaleb(-exponent(bill["currency"]))),
        lines=quote_view(wording, bill, selection={}, document_id=None).all_lines,
        days=wording.days_until(bill.get("due_date")),
        pages=pages,
    )


def payee(bill: dict[str, Any], bank: dict[str, Any] | None) -> dict[str, str] | None:
    """Where the money goes: holder, IBAN in groups of four, reference as it is printed on the slip."""
    if not bank:
        return None
    return {
        "holder": bank["holder"],
        "iban": grouped(bank["iban"], 4),
        "bic": bank.get("bic") or "",
        "reference": printed_reference(bill.get("reference") or ""),
    }


def grouped(text: str, size: int) -> str:
    """``CH44 3199 …``: groups from the left."""
    compact = text.replace(" ", "")
    return " ".join(compact[at : at + size] for at in range(0, len(compact), size))


def printed_reference(reference: str) -> str:
    """A QR reference as ``21 00000 00003 …``, a creditor reference in groups of four (QR-bill IG 2.3 § 3.5.4)."""
    compact = reference.replace(" ", "")
    if re.fullmatch(r"\d{27}", compact):
        return f"{compact[:2]} {grouped(compact[2:], 5)}"
    return grouped(compact, 4) if compact.startswith("RF") else reference


def _pages(request: Request, bill: dict[str, Any]) -> int:
    if not bill.get("document_id"):
        return 0
    return int(request.services.documents.get_document(id=bill["document_id"])["pages"])


def _document(request: Request, id: str) -> str:
    document_id = records.bill(request, id).get("document_id")
    if not document_id:
        raise NotFound("The PDF is not ready yet.")
    return str(document_id)


@routes.get("/customer/bills/{id:uuid}/bill.pdf", name="customer.bill.pdf", feature="bills")
def bill_pdf(request: Request, id: str) -> Response:
    return stored_pdf(request, _document(request, id), inline=request.query.get("download", "") != "1")


@routes.get("/customer/bills/{id:uuid}/pages/{page:int}", name="customer.bill.page", feature="bills")
def bill_page_image(request: Request, id: str, page: str) -> Response:
    """One page of the bill as a picture, counted from 1."""
    picture = request.services.documents.get_page_png(id=_document(request, id), page=int(page), width=PAGE_WIDTH)
    return request.image(b64decode(picture["content_b64"]))
