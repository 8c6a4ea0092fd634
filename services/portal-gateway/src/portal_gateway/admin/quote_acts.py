"""What is done to a quote on its page: send, resend, withdraw, answer for the customer, convert, copy, delete."""

import re
from typing import Any

from kontor.errors import Refusal
from kontor.ids import derived_id, uuid7
from kontor.locale import format_money
from portal_gateway.admin import quote_choices, records
from portal_gateway.admin.quotes import CHANNELS, DO, PATH
from portal_gateway.admin.words import _, say, told
from portal_gateway.web import Request, Response, Routes, problem_of

routes = Routes("admin")

#: What a deleted draft is made of again.
_CONTENT = (
    "customer_id",
    "title",
    "currency",
    "language",
    "bank_account_id",
    "valid_until",
    "intro",
    "closing",
    "notes",
    "price_entry",
    "lines",
    "payment",
    "installments",
    "event",
    "attachments",
    "exemption_reason",
)


@routes.post(f"{PATH}/{{id:uuid}}/send", name="admin.quote.send", **DO)
def quote_send(request: Request, id: str) -> Response:
    try:
        record = request.services.quotes.send_quote(id=id, version=records.version_of(request))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    request.flash(say(request, _("Quote %(number)s is on its way."), number=record["number"]))
    return request.redirect("admin.quote", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/resend", name="admin.quote.resend", **DO)
def quote_resend(request: Request, id: str) -> Response:
    try:
        record = request.services.quotes.resend_quote(id=id)
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    request.flash(say(request, _("Quote %(number)s is on its way again, with a new link."), number=record["number"]))
    return request.redirect("admin.quote", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/withdraw", name="admin.quote.withdraw", **DO)
def quote_withdraw(request: Request, id: str) -> Response:
    try:
        request.services.quotes.withdraw_quote(id=id)
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    request.flash(say(request, _("Quote withdrawn.")))
    return request.redirect("admin.quote", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/selection", name="admin.quote.selection", **DO)
def quote_selection(request: Request, id: str) -> Response:
    """What the selection in the sheet would cost, computed by the service."""
    record = request.services.quotes.get_quote(id=id)
    try:
        selection = quote_choices.read(request, record)
        totals = request.services.quotes.price_selection(id=id, selection=selection)["totals"]
    except Refusal as refusal:
        problem = problem_of(refusal)
        if problem.status >= 500:
            raise
        parts = dict.fromkeys(error.message for error in problem.errors) or [problem.detail]
        return request.answer_json({"detail": " ".join(told(request, part) for part in parts)}, 422)
    amount = format_money(totals["total_minor"], record["currency"], request.locale)
    return request.answer_json(
        {
            "total_minor": totals["total_minor"],
            "amount": amount,
            "button": say(request, _("Record acceptance over %(amount)s"), amount=amount),
        }
    )


@routes.post(f"{PATH}/{{id:uuid}}/accept", name="admin.quote.accept", **DO)
def quote_accept(request: Request, id: str) -> Response:
    form = request.form()
    total = form.get("total_minor", "")
    channel = CHANNELS.get(form.get("channel", ""), "")
    note = ": ".join(part for part in (say(request, channel) if channel else "", form.get("message", "")) if part)
    try:
        record = request.services.quotes.get_quote(id=id)
        request.services.quotes.accept_quote(
            id=id,
            name=form.get("name", ""),
            selection=quote_choices.read(request, record),
            total_minor=int(total) if re.fullmatch(r"-?[0-9]{1,15}", total) else -1,
            message=note,
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
            id=id,
            contract=form.checked("contract"),
            invoice=form.checked("invoice"),
            booking=form.checked("booking"),
        )
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    request.flash(say(request, _("Quote converted. What it makes appears in the chain.")))
    return request.redirect("admin.quote", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/duplicate", name="admin.quote.duplicate", **DO)
def quote_duplicate(request: Request, id: str) -> Response:
    copy = str(uuid7())
    try:
        request.services.quotes.duplicate_quote(id=id, new_id=copy)
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    return request.redirect("admin.quote.edit", id=copy)


@routes.post(f"{PATH}/{{id:uuid}}/delete", name="admin.quote.delete", **DO)
def quote_delete(request: Request, id: str) -> Response:
    """Delete a draft that never had a number. A script gets what it takes to bring the draft back."""
    try:
        record: dict[str, Any] = request.services.quotes.get_quote(id=id)
        request.services.quotes.delete_quote(id=id, version=records.version_of(request))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    said = say(request, _("Draft “%(title)s” deleted."), title=record["title"] or say(request, _("Quote")))
    if request.htmx:
        return request.answer_json(
            {
                "said": said,
                "next": request.url("admin.quotes"),
                "restore": request.url("admin.quote.restore", id=id),
                "content": {name: record[name] for name in _CONTENT},
            }
        )
    request.flash(said)
    return request.redirect("admin.quotes")


@routes.post(f"{PATH}/{{id:uuid}}/restore", name="admin.quote.restore", **DO)
def quote_restore(request: Request, id: str) -> Response:
    """Bring back the content of a draft that was just deleted, in a deal of its own; asked twice, there is one.

    The id is derived from the old one, which stays deleted for everybody who has heard of it.
    """
    again = str(derived_id("quote.restore", id))
    request.services.quotes.create_quote(id=again, fields=request.json())
    request.flash(say(request, _("The draft is back.")))
    return request.answer_json({"next": request.url("admin.quote", id=again)})
