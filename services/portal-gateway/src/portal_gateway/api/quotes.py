"""Quotes."""

from typing import Any

from portal_gateway.api import documents_models as m
from portal_gateway.api.endpoint import Api, Call
from portal_gateway.api.models import Answer, Comparison, Page, Quote, QuoteQuery, VersionsQuery
from portal_gateway.api.preview import preview

routes = Api(tag="Quotes")
VIEW: Any = {"permission": "quotes.view", "feature": "quotes"}
MANAGE: Any = {"permission": "quotes.manage", "feature": "quotes"}


def _quotes(call: Call) -> Any:
    return call.request.services.quotes


@routes.get("/quotes", query=QuoteQuery, answer=Page, **VIEW)
def list_quotes(call: Call) -> Any:
    """A page of quotes, with counts per state and sums per currency over everything that matches."""
    return _quotes(call).list_quotes(**call.query.model_dump())


@routes.post("/quotes", body=m.QuoteFields, answer=Quote, status=201, **MANAGE)
def create_quote(call: Call) -> Any:
    """Create a draft."""
    return _quotes(call).create_quote(id=str(call.new_id("quote")), fields=call.sent)


@routes.post("/quotes/price", body=m.Price, answer=Answer, **VIEW)
def price(call: Call) -> Any:
    """Totals of lines that are not saved yet."""
    sent = call.sent
    return _quotes(call).price(
        lines=sent["lines"], currency=sent["currency"], price_entry=sent.get("price_entry", "net")
    )


@routes.get("/quotes/{id:uuid}", answer=Quote, **VIEW)
def get_quote(call: Call, id: str) -> Any:
    """One quote."""
    return _quotes(call).get_quote(id=id)


@routes.patch("/quotes/{id:uuid}", body=m.QuoteChanges, answer=Quote, **MANAGE)
def change_quote(call: Call, id: str) -> Any:
    """Change only the fields sent. Changing a sent quote makes it a draft again and ends its links."""
    return _quotes(call).update_quote(id=id, version=call.version, changes=call.sent)


@routes.delete("/quotes/{id:uuid}", **MANAGE)
def delete_quote(call: Call, id: str) -> None:
    """Delete a draft."""
    _quotes(call).delete_quote(id=id, version=call.version)


@routes.post("/quotes/{id:uuid}/send", body=m.Send, answer=Quote, **MANAGE)
def send_quote(call: Call, id: str) -> Any:
    """Freeze a version, claim the number, mail the link."""
    return _quotes(call).send_quote(id=id, version=call.version)


@routes.post("/quotes/{id:uuid}/resend", body=m.Send, answer=Quote, **MANAGE)
def resend_quote(call: Call, id: str) -> Any:
    """Mail what was sent once more, with a new link; the old ones end."""
    return _quotes(call).resend_quote(id=id, version=call.version)


@routes.get("/quotes/{id:uuid}/versions", answer=Answer, **VIEW)
def list_versions(call: Call, id: str) -> Any:
    """The versions that went out, each with its PDF."""
    return _quotes(call).list_versions(id=id)


@routes.get("/quotes/{id:uuid}/versions/compare", query=VersionsQuery, answer=Comparison, **VIEW)
def compare_versions(call: Call, id: str) -> Any:
    """What changed between two versions."""
    return _quotes(call).compare_versions(id=id, older=call.query.older, newer=call.query.newer)


@routes.post("/quotes/{id:uuid}/accept", body=m.Accept, answer=Quote, **MANAGE)
def accept_quote(call: Call, id: str) -> Any:
    """Accept on the customer's behalf."""
    body = call.body
    return _quotes(call).accept_quote(
        id=id, name=body.name, selection=body.selection, total_minor=body.total_minor, message=body.message
    )


@routes.post("/quotes/{id:uuid}/decline", body=m.Decline, answer=Quote, **MANAGE)
def decline_quote(call: Call, id: str) -> Any:
    """Decline on the customer's behalf."""
    return _quotes(call).decline_quote(id=id, reason=call.body.reason)


@routes.post("/quotes/{id:uuid}/withdraw", answer=Quote, **MANAGE)
def withdraw_quote(call: Call, id: str) -> Any:
    """Take the quote back before an answer."""
    return _quotes(call).withdraw_quote(id=id)


@routes.post("/quotes/{id:uuid}/duplicate", answer=Quote, status=201, **MANAGE)
def duplicate_quote(call: Call, id: str) -> Any:
    """A new draft with the same content."""
    return _quotes(call).duplicate_quote(id=id, new_id=str(call.new_id("quote")))


@routes.post("/quotes/{id:uuid}/convert", body=m.Convert, answer=Quote, **MANAGE)
def convert_quote(call: Call, id: str) -> Any:
    """Spawn booking, contract, invoices; ids are null while the services are at it."""
    body = call.body
    record = _quotes(call).convert_quote(id=id, contract=body.contract, invoice=body.invoice, booking=body.booking)
    conversion = record.get("conversion") or {}
    return {
        **record,
        "booking_id": conversion.get("booking_id"),
        "contract_id": conversion.get("contract_id"),
        "invoice_ids": conversion.get("invoice_ids"),
    }


@routes.get("/quotes/{id:uuid}/preview.pdf", produces="application/pdf", **VIEW)
def preview_quote(call: Call, id: str) -> Any:
    """The PDF as it would go out now."""
    return preview(call, "quotes", id)
