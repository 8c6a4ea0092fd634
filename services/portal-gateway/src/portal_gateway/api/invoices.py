"""Invoices and payments."""

from typing import Any

from kontor.errors import Invalid
from portal_gateway.api import documents_models as m
from portal_gateway.api.endpoint import Api, Call
from portal_gateway.api.models import Answer, Invoice, ListQuery, Page
from portal_gateway.api.preview import preview

routes = Api(tag="Invoices")
VIEW: Any = {"permission": "bills.view", "feature": "bills"}
MANAGE: Any = {"permission": "bills.manage", "feature": "bills"}


def _invoicing(call: Call) -> Any:
    return call.request.services.invoicing


@routes.get("/invoices", query=ListQuery, answer=Page, **VIEW)
def list_invoices(call: Call) -> Any:
    """A page of invoices."""
    return _invoicing(call).list_invoices(**call.query.model_dump())


@routes.post("/invoices", body=m.InvoiceFields, answer=Invoice, status=201, **MANAGE)
def create_invoice(call: Call) -> Any:
    """Create a draft."""
    return _invoicing(call).create_invoice(id=str(call.new_id("invoice")), fields=call.sent)


@routes.post("/invoices/price", body=m.Price, answer=Answer, **VIEW)
def price(call: Call) -> Any:
    """Totals of lines that are not saved yet."""
    sent = call.sent
    return _invoicing(call).price(
        lines=sent["lines"], currency=sent["currency"], price_entry=sent.get("price_entry", "net")
    )


@routes.get("/invoices/{id:uuid}", answer=Invoice, **VIEW)
def get_invoice(call: Call, id: str) -> Any:
    """One invoice."""
    return _invoicing(call).get_invoice(id=id)


@routes.patch("/invoices/{id:uuid}", body=m.InvoiceChanges, answer=Invoice, **MANAGE)
def change_invoice(call: Call, id: str) -> Any:
    """Change a draft; only the fields sent change."""
    return _invoicing(call).update_invoice(id=id, version=call.version, changes=call.sent)


@routes.delete("/invoices/{id:uuid}", **MANAGE)
def delete_invoice(call: Call, id: str) -> None:
    """Delete a draft."""
    _invoicing(call).delete_invoice(id=id, version=call.version)


@routes.post("/invoices/{id:uuid}/send", body=m.Send, answer=Invoice, status=202, **MANAGE)
def send_invoice(call: Call, id: str) -> Any:
    """Issue: number, date and content are frozen; PDF and mail follow (202)."""
    return _invoicing(call).send_invoice(id=id, version=call.version)


@routes.post("/invoices/{id:uuid}/payments", body=m.RecordPayment, answer=Invoice, **MANAGE)
def record_payment(call: Call, id: str) -> Any:
    """Enter a payment in the ledger."""
    body = call.body
    if body.skonto:
        raise Invalid.field("skonto", "Skonto cannot be booked yet.")
    return _invoicing(call).record_payment(
        id=id,
        payment_id=str(call.new_id("payment")),
        amount_minor=body.amount_minor,
        date=body.date,
        method=body.method,
        reference=body.reference,
        note=body.note,
    )


@routes.get("/invoices/{id:uuid}/preview.pdf", produces="application/pdf", **VIEW)
def preview_invoice(call: Call, id: str) -> Any:
    """The PDF as it is, or would be."""
    return preview(call, "invoicing", id)
