"""The public response page of a quote: read it, choose options, accept or decline, see the recorded answer."""

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kontor.errors import Gone, NotFound, Refusal
from portal_gateway.public import quote_code
from portal_gateway.public.dead_ends import LINK_CODES, link_page, not_accepted
from portal_gateway.public.issuer import issuer_view
from portal_gateway.public.quote_view import QuoteView, Selection, has_options, preselection, quote_view, selection_of
from portal_gateway.public.wording import Wording
from portal_gateway.web import Problem, Request, Response, Routes, links, problem_of
from portal_gateway.web.response import file_response

routes = Routes("public")

_AMOUNT = re.compile(r"[0-9]{1,18}", re.ASCII)

#: States in which the page asks for an answer.
OPEN = "sent"


def _look_up(request: Request, token: str) -> dict[str, Any]:
    """What the link shows. Raises `CodeNeeded` where a mailed code comes before the content."""
    session = quote_code.session_of(request, token)
    found: dict[str, Any] = links.look_up(
        request, lambda: request.services.quotes.public_quote(token=token, session=session, ip=request.ip)
    )
    if found.get("code_required"):
        raise quote_code.CodeNeeded(found)
    request.speak(found["quote"]["language"])
    return found


def may_correct(request: Request, answer: dict[str, Any] | None) -> bool:
    """The answer is recorded, and its correction window is still open."""
    until = (answer or {}).get("final_at")
    return until is not None and datetime.fromisoformat(until) > request.now()


def _answerable(request: Request, found: dict[str, Any]) -> bool:
    if found["state"] == OPEN:
        return True
    return found["state"] in {"accepted", "declined"} and may_correct(request, found["quote"].get("answer"))


@routes.get("/quotes/respond/{token}", name="public.quote")
@link_page
@quote_code.behind_code
def quote_page(request: Request, token: str) -> Response:
    """The quote with its options, or the recorded answer once there is one."""
    found = _look_up(request, token)
    if found["state"] == OPEN or ("change" in request.query and _answerable(request, found)):
        return _open(request, token, found)
    return _closed(request, token, found)


def _open(
    request: Request, token: str, found: dict[str, Any], *, problem: Problem | None = None, declining: bool = False
) -> Response:
    quote = found["quote"]
    fields = request.form() if request.method == "POST" else request.query
    repriced = "options" in fields
    selection: Selection = selection_of(fields, quote) if repriced else preselection(quote)
    priced = quote
    if has_options(quote):
        try:
            priced = _price(request, token, selection)
        except Refusal as refusal:
            if refusal.code != "SELECTION_INVALID":
                raise
            # A quantity outside its range: say so, beside the quote as it was offered.
            problem, selection = problem_of(refusal), preselection(quote)
            priced = _price(request, token, selection)
    view = _view(request, found, selection, priced)
    return request.render(
        "public/quote.html",
        status=problem.status if problem else 200,
        issuer=issuer_view(found["issuer"]),
        view=view,
        totals=priced,
        repriced=repriced,
        declining=declining,
        problem=not_accepted(request, problem, sentences(request)) if problem else None,
        form={
            "name": fields.get("name", ""),
            "message": fields.get("message", ""),
            "reason": fields.get("reason", ""),
            "accept_terms": fields.get("accept_terms", "") == "1",
        },
        page_url=request.url("public.quote", token=token),
        accept_url=request.url("public.quote.accept", token=token),
        decline_url=request.url("public.quote.decline", token=token),
        pdf_url=request.url("public.quote.pdf", token=token),
        attachment_url=lambda id: request.url("public.quote.attachment", token=token, id=id),
    )


def _price(request: Request, token: str, selection: Selection) -> dict[str, Any]:
    answer = request.services.quotes.public_price(
        token=token, selection=selection, session=quote_code.session_of(request, token), ip=request.ip
    )
    return priced_as(answer)


def priced_as(answer: dict[str, Any]) -> dict[str, Any]:
    """A selection's totals with the amounts of the instalments, beside one another as in a record."""
    return {**answer["totals"], "installments": answer["installments"]}


def _closed(request: Request, token: str, found: dict[str, Any]) -> Response:
    quote = found["quote"]
    answer = quote.get("answer") or {}
    selection = answer.get("selection") or preselection(quote)
    return request.render(
        "public/quote_closed.html",
        pdf_url=request.url("public.quote.pdf", token=token),
        attachment_url=lambda id: request.url("public.quote.attachment", token=token, id=id),
        change_url=request.url("public.quote", token=token, change="1") if _answerable(request, found) else "",
        issuer=issuer_view(found["issuer"]),
        view=_view(request, found, selection),
        totals=quote,
    )


def _view(
    request: Request, found: dict[str, Any], selection: Selection, priced: dict[str, Any] | None = None
) -> QuoteView:
    return quote_view(
        Wording(request),
        {**found["quote"], **_plan(priced), "state": found["state"]},
        selection=selection,
        document_id=found.get("document_id"),
        line_nets=(priced or {}).get("line_nets"),
    )


def _plan(priced: dict[str, Any] | None) -> dict[str, Any]:
    return {} if priced is None else {"installments": priced["installments"]}


def total_seen(form: Mapping[str, str]) -> int:
    """The total on the screen, in minor units; what is no amount is the total of nothing."""
    seen = form.get("total_minor", "")
    return int(seen) if _AMOUNT.fullmatch(seen) else 0


def sentences(request: Request) -> dict[str, str]:
    """What the reader is told about a refused answer, by code and field."""
    _ = Wording(request).gettext
    return {
        "TOTAL_MISMATCH": _("The total has changed. Please look at the new one, then accept again."),
        "name": _("Please type your name."),
        "accept_terms": _("Please accept the terms of service."),
        "SELECTION_INVALID": _("Please check your choice of options and quantities."),
        "total_minor": _("The total on the screen was not that of your options."),
        "reason": _("Please say why, in at most 5000 characters."),
    }


@routes.post("/quotes/respond/{token}/accept", name="public.quote.accept")
@link_page
@quote_code.behind_code
def accept(request: Request, token: str) -> Response:
    """Accept what is ticked, for the total that was on the screen; the service compares both."""
    found = _look_up(request, token)
    if not _answerable(request, found):
        return request.redirect("public.quote", token=token)
    form = request.form()
    try:
        request.services.quotes.public_accept(
            token=token,
            name=form.get("name", ""),
            total_minor=total_seen(form),
            selection=selection_of(form, found["quote"]),
            message=form.get("message", ""),
            accept_terms=form.checked("accept_terms"),
            session=quote_code.session_of(request, token),
            ip=request.ip,
            user_agent=request.user_agent,
        )
    except Refusal as refusal:
        return _refused(request, token, found, refusal)
    return request.redirect("public.quote", token=token)


@routes.post("/quotes/respond/{token}/decline", name="public.quote.decline")
@link_page
@quote_code.behind_code
def decline(request: Request, token: str) -> Response:
    """Decline, with a reason if one was given."""
    found = _look_up(request, token)
    if not _answerable(request, found):
        return request.redirect("public.quote", token=token)
    try:
        request.services.quotes.public_decline(
            token=token,
            reason=request.form().get("reason", ""),
            session=quote_code.session_of(request, token),
            ip=request.ip,
            user_agent=request.user_agent,
        )
    except Refusal as refusal:
        return _refused(request, token, found, refusal, declining=True)
    return request.redirect("public.quote", token=token)


def _refused(
    request: Request, token: str, found: dict[str, Any], refusal: Refusal, *, declining: bool = False
) -> Response:
    problem = problem_of(refusal)
    if problem.code in {"INVALID_TRANSITION", "QUOTE_EXPIRED"}:
        # Answered in another tab or over by now: the page shows what is recorded.
        return request.redirect("public.quote", token=token)
    if problem.code in LINK_CODES:
        raise refusal
    return _open(request, token, found, problem=problem, declining=declining)


@routes.get("/quotes/respond/{token}/quote.pdf", name="public.quote.pdf")
@link_page
@quote_code.behind_code
def quote_pdf(request: Request, token: str) -> Response:
    """The PDF that was mailed, byte for byte."""
    found = _look_up(request, token)
    if not found.get("document_id"):
        raise Gone(Wording(request).gettext("The PDF is being prepared."))
    return stored_pdf(request, found["document_id"])


@routes.get("/quotes/respond/{token}/attachments/{id:uuid}", name="public.quote.attachment")
@link_page
@quote_code.behind_code
def quote_attachment(request: Request, token: str, id: str) -> Response:
    """A file that was mailed with the quote."""
    return attachment(request, _look_up(request, token)["quote"], id)


def attachment(request: Request, quote: dict[str, Any], id: str) -> Response:
    """One of the quote's own attachments, as a download; raises `NotFound` for any other document."""
    if id not in {one["document_id"] for one in quote.get("attachments") or []}:
        raise NotFound("There is nothing at this address.")
    if request.services.documents.get_document(id=id)["kind"] != "attachment":
        raise NotFound("There is nothing at this address.")
    content = request.services.documents.get_content(id=id)
    return file_response(b64decode(content["content_b64"]), content["name"], content["mime"], inline=False)


def stored_pdf(request: Request, document_id: str, *, inline: bool = True) -> Response:
    """A stored document as it was sent."""
    content = request.services.documents.get_content(id=document_id)
    return request.pdf(b64decode(content["content_b64"]), content["name"], inline=inline)
