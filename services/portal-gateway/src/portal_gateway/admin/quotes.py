"""Quotes: list, record, editor, send, answer, convert."""

import re
from typing import Any

from kontor.errors import Refusal
from kontor.ids import uuid7
from portal_gateway.admin import editor, records
from portal_gateway.admin.words import _, say
from portal_gateway.web import Request, Response, Routes

routes = Routes("admin")

SEE: Any = {"permission": "quotes.view", "feature": "quotes"}
DO: Any = {"permission": "quotes.manage", "feature": "quotes"}
PATH = "/admin/clients/quotes"

KIND = editor.Kind(
    name="quote",
    noun=_("Quote"),
    heading=_("New quote"),
    list_label=_("Quotes"),
    service="quotes",
    list_route="admin.quotes",
    section="quotes",
    get=lambda services, id: services.quotes.get_quote(id=id),
    create=lambda services, id, fields: services.quotes.create_quote(id=id, fields=fields),
    update=lambda services, id, version, changes: services.quotes.update_quote(id=id, version=version, changes=changes),
)


@routes.get(f"{PATH}/new", name="admin.quote.new", **DO)
def quote_new(request: Request) -> Response:
    id = str(uuid7())
    return editor.page(request, KIND, id, editor.blank_form(request, KIND, id))


@routes.post(f"{PATH}/price", name="admin.quote.price", **DO)
def quote_price(request: Request) -> Response:
    return editor.price(request, KIND)


@routes.get(f"{PATH}/{{id:uuid}}", name="admin.quote", **SEE)
def quote(request: Request, id: str) -> Response:
    record = request.services.quotes.get_quote(id=id)
    answer = record.get("answer") or {}
    selection = answer.get("selection")
    return request.render(
        "admin/records/quote.html",
        record=record,
        list_href=request.url("admin.quotes"),
        list_label=say(request, _("Quotes")),
        chosen=[key for key, quantity in selection.items() if str(quantity) != "0"] if selection else None,
        payment_words=records.payment_words(request, record["payment"]),
        **records.deal_of(request, record),
        **records.pdf_of(
            request,
            record["document_id"],
            say(request, _("PDF as sent")),
            say(request, _("The PDF is made when the quote is sent."))
            if record["state"] == "draft"
            else say(request, _("The PDF is being made.")),
        ),
    )


@routes.get(f"{PATH}/{{id:uuid}}/edit", name="admin.quote.edit", **DO)
def quote_edit(request: Request, id: str) -> Response:
    record = request.services.quotes.get_quote(id=id)
    if "edit" not in record["allowed"]:
        request.flash(say(request, _("This quote can no longer be changed. Duplicate it to go on from it.")), "info")
        return request.redirect("admin.quote", id=id)
    return editor.page(request, KIND, id, editor.form_of_record(request, record))


@routes.post(f"{PATH}/{{id:uuid}}/save", name="admin.quote.save", **DO)
def quote_save(request: Request, id: str) -> Response:
    return editor.save(request, KIND, id)


@routes.get(f"{PATH}/{{id:uuid}}/preview", name="admin.quote.preview", **DO)
def quote_preview(request: Request, id: str) -> Response:
    return editor.preview(request, KIND, id)


@routes.get(f"{PATH}/{{id:uuid}}/preview.pdf", name="admin.quote.preview_pdf", **DO)
def quote_preview_pdf(request: Request, id: str) -> Response:
    return editor.preview_pdf(request, KIND, id)


@routes.post(f"{PATH}/{{id:uuid}}/send", name="admin.quote.send", **DO)
def quote_send(request: Request, id: str) -> Response:
    try:
        record = request.services.quotes.send_quote(id=id, version=records.version_of(request))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    request.flash(say(request, _("Quote %(number)s is on its way."), number=record["number"]))
    return request.redirect("admin.quote", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/withdraw", name="admin.quote.withdraw", **DO)
def quote_withdraw(request: Request, id: str) -> Response:
    try:
        request.services.quotes.withdraw_quote(id=id)
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    request.flash(say(request, _("Quote withdrawn.")))
    return request.redirect("admin.quote", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/accept", name="admin.quote.accept", **DO)
def quote_accept(request: Request, id: str) -> Response:
    form = request.form()
    total = form.get("total_minor", "")
    try:
        request.services.quotes.accept_quote(
            id=id,
            name=form.get("name", ""),
            selection={},
            total_minor=int(total) if re.fullmatch(r"-?[0-9]{1,15}", total) else -1,
            message=form.get("message", ""),
        )
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    request.flash(say(request, _("Acceptance recorded.")))
    return request.redirect("admin.quote", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/decline", name="admin.quote.decline", **DO)
def quote_decline(request: Request, id: str) -> Response:
    try:
        request.services.quotes.decline_quote(id=id, reason=request.form().get("reason", ""))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    request.flash(say(request, _("Quote recorded as declined.")))
    return request.redirect("admin.quote", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/convert", name="admin.quote.convert", **DO)
def quote_convert(request: Request, id: str) -> Response:
    form = request.form()
    try:
        request.services.quotes.convert_quote(
            id=id, contract=form.checked("contract"), invoice=form.checked("invoice"), booking=False
        )
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    request.flash(say(request, _("Quote converted. What it makes appears in the chain.")))
    return request.redirect("admin.quote", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/duplicate", name="admin.quote.duplicate", **DO)
def quote_duplicate(request: Request, id: str) -> Response:
    copy = str(uuid7())
    request.services.quotes.duplicate_quote(id=id, new_id=copy)
    return request.redirect("admin.quote.edit", id=copy)


@routes.post(f"{PATH}/{{id:uuid}}/delete", name="admin.quote.delete", **DO)
def quote_delete(request: Request, id: str) -> Response:
    try:
        request.services.quotes.delete_quote(id=id, version=records.version_of(request))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    request.flash(say(request, _("Draft deleted.")))
    return request.redirect("admin.quotes")
