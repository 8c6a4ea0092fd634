"""A quote: its page and its editor."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from kontor.ids import uuid7
from portal_gateway.admin import delivery, editor, quote_choices, records
from portal_gateway.admin import form as forms
from portal_gateway.admin.words import _, say
from portal_gateway.web import Request, Response, Routes
from portal_gateway.web.templates import as_datetime

routes = Routes("admin")

SEE: Any = {"permission": "quotes.view", "feature": "quotes"}
DO: Any = {"permission": "quotes.manage", "feature": "quotes"}
PATH = "/admin/clients/quotes"

#: How the customer told their answer, as the message of the acceptance says it.
CHANNELS = {
    "phone": _("By phone"),
    "mail": _("By mail"),
    "person": _("In person"),
    "letter": _("By letter"),
}

KIND = editor.Kind(
    name="quote",
    noun=_("Quote"),
    heading=_("New quote"),
    list_label=_("Quotes"),
    service="quotes",
    list_route="admin.quotes",
    section="quotes",
    sends=True,
    get=lambda services, id: services.quotes.get_quote(id=id),
    create=lambda services, id, fields: services.quotes.create_quote(id=id, fields=fields),
    update=lambda services, id, version, changes: services.quotes.update_quote(id=id, version=version, changes=changes),
)


@routes.get(f"{PATH}/new", name="admin.quote.new", **DO)
def quote_new(request: Request) -> Response:
    id = str(uuid7())
    return editor.page(request, KIND, id, forms.blank(request, KIND, id))


@routes.post(f"{PATH}/price", name="admin.quote.price", **DO)
def quote_price(request: Request) -> Response:
    return editor.price(request, KIND)


@routes.get(f"{PATH}/{{id:uuid}}", name="admin.quote", **SEE)
def quote(request: Request, id: str) -> Response:
    record = request.services.quotes.get_quote(id=id)
    answer = record.get("answer") or {}
    selection = answer.get("selection")
    deal = records.deal_of(request, record)
    return request.render(
        "admin/records/quote.html",
        record=record,
        list_href=request.url("admin.quotes"),
        list_label=say(request, _("Quotes")),
        chosen=[key for key, quantity in selection.items() if str(quantity) != "0"] if selection else None,
        payment_words=records.payment_words(request, record["payment"]),
        event_words=records.event_words(request, record.get("event")),
        delivery=delivery.of_quote(request, record, deal["steps"]),
        correctable=_correctable_until(request, answer),
        options=quote_choices.offered(record, request.locale),
        channels=[(key, say(request, word)) for key, word in CHANNELS.items()],
        template_id=str(uuid7()),
        versions=request.services.quotes.list_versions(id=id)["items"] if record["versions"] else [],
        **deal,
        **records.pdf_of(
            request,
            record["document_id"],
            say(request, _("PDF as sent")),
            say(request, _("The PDF is made when the quote is sent."))
            if record["state"] == "draft"
            else say(request, _("The PDF is being made.")),
        ),
    )


def _correctable_until(request: Request, answer: Mapping[str, Any]) -> str:
    """Until when the customer may turn the answer around, on the business's clock; empty once it is final."""
    final_at = answer.get("final_at")
    if not final_at or as_datetime(final_at) <= request.now():
        return ""
    return f"{as_datetime(final_at).astimezone(ZoneInfo(request.timezone)):%H:%M}"


@routes.get(f"{PATH}/{{id:uuid}}/edit", name="admin.quote.edit", **DO)
def quote_edit(request: Request, id: str) -> Response:
    record = request.services.quotes.get_quote(id=id)
    if "edit" not in record["allowed"]:
        request.flash(say(request, _("This quote can no longer be changed. Duplicate it to go on from it.")), "info")
        return request.redirect("admin.quote", id=id)
    return editor.page(request, KIND, id, forms.of_record(request, record))


@routes.post(f"{PATH}/{{id:uuid}}/save", name="admin.quote.save", **DO)
def quote_save(request: Request, id: str) -> Response:
    return editor.save(request, KIND, id)


@routes.get(f"{PATH}/{{id:uuid}}/preview", name="admin.quote.preview", **DO)
def quote_preview(request: Request, id: str) -> Response:
    return editor.preview(request, KIND, id)


@routes.get(f"{PATH}/{{id:uuid}}/preview.pdf", name="admin.quote.preview_pdf", **DO)
def quote_preview_pdf(request: Request, id: str) -> Response:
    return editor.preview_pdf(request, KIND, id)
