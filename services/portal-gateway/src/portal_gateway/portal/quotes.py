"""The customer's quotes: list, read, answer."""

from typing import Any

from kontor.errors import NotFound, Refusal
from portal_gateway.portal import records
from portal_gateway.public.dead_ends import not_accepted
from portal_gateway.public.quote_view import Selection, has_options, preselection, quote_view, selection_of
from portal_gateway.public.quotes import attachment, may_correct, priced_as, sentences, stored_pdf, total_seen
from portal_gateway.public.wording import Wording
from portal_gateway.web import Problem, Request, Response, Routes, problem_of

routes = Routes("customer")


@routes.get("/customer/quotes", name="customer.quotes", feature="quotes")
def quote_list(request: Request) -> Response:
    """Quotes waiting for an answer first, then the others."""
    found = records.quotes(request)
    return request.render(
        "portal/quotes.html",
        here="quotes",
        waiting=[quote for quote in found if quote["state"] == "sent"],
        others=[quote for quote in found if quote["state"] != "sent"],
    )


@routes.get("/customer/quotes/{id:uuid}", name="customer.quote", feature="quotes")
def quote_page(request: Request, id: str) -> Response:
    """One quote, with the answer form while it waits for one."""
    return _page(request, records.quote(request, id))


def _answerable(request: Request, quote: dict[str, Any]) -> bool:
    if quote["state"] == "sent":
        return "accept" in quote["allowed"]  # not any more after its last day, also before the timer came by
    return quote["state"] in {"accepted", "declined"} and may_correct(request, quote.get("answer"))


def _page(
    request: Request, quote: dict[str, Any], *, problem: Problem | None = None, declining: bool = False
) -> Response:
    fields = request.form() if request.method == "POST" else request.query
    correctable = _answerable(request, quote)
    asking = correctable and (quote["state"] == "sent" or "change" in fields or request.method == "POST")
    repriced = "options" in fields and asking
    answered: Selection = (quote.get("answer") or {}).get("selection") or {}
    selection = selection_of(fields, quote) if repriced else answered or preselection(quote)
    totals: dict[str, Any] = quote
    if has_options(quote) and asking:
        try:
            totals = _priced(request, quote, selection)
        except Refusal as refusal:
            if refusal.code != "SELECTION_INVALID":
                raise
            # A quantity outside its range: say so, beside the quote as it was offered.
            problem, selection = problem_of(refusal), preselection(quote)
            totals = _priced(request, quote, selection)
    over = quote["state"] == "sent" and not correctable
    view = quote_view(
        Wording(request),
        {**quote, "installments": totals["installments"]} | ({"state": "expired"} if over else {}),
        selection=selection,
        document_id=_paper(quote),
        line_nets=totals.get("line_nets"),
    )
    return request.render(
        "portal/quote.html" if asking else "portal/quote_closed.html",
        status=problem.status if problem else 200,
        here="quotes",
        view=view,
        totals=totals,
        repriced=repriced,
        declining=declining,
        problem=not_accepted(request, problem, sentences(request)) if problem else None,
        form={
            "name": fields.get("name", records.signed_in(request).display_name),
            "message": fields.get("message", ""),
            "reason": fields.get("reason", ""),
            "accept_terms": fields.get("accept_terms", "") == "1",
        },
        page_url=request.url("customer.quote", id=quote["id"]),
        accept_url=request.url("customer.quote.accept", id=quote["id"]),
        decline_url=request.url("customer.quote.decline", id=quote["id"]),
        pdf_url=request.url("customer.quote.pdf", id=quote["id"]),
        attachment_url=lambda id: request.url("customer.quote.attachment", id=quote["id"], document_id=id),
        change_url=request.url("customer.quote", id=quote["id"], change="1") if correctable else "",
    )


def _priced(request: Request, quote: dict[str, Any], selection: Selection) -> dict[str, Any]:
    return priced_as(request.services.quotes.price_selection(id=quote["id"], selection=selection))


def _paper(quote: dict[str, Any]) -> str | None:
    """The PDF with the acceptance once there is one, before that the one that was sent."""
    return quote.get("accepted_document_id") or quote.get("document_id")


@routes.post("/customer/quotes/{id:uuid}/accept", name="customer.quote.accept", feature="quotes")
def accept(request: Request, id: str) -> Response:
    """Accept in the customer's own name, for the total that was on the screen."""
    quote = records.quote(request, id)
    if not _answerable(request, quote):
        return request.redirect("customer.quote", id=id)
    form = request.form()
    try:
        request.services.quotes.accept_quote(
            id=id,
            name=form.get("name", ""),
            selection=selection_of(form, quote),
            total_minor=total_seen(form),
            message=form.get("message", ""),
            accept_terms=form.checked("accept_terms"),
        )
    except Refusal as refusal:
        return _refused(request, quote, refusal)
    return request.redirect("customer.quote", id=id)


@routes.post("/customer/quotes/{id:uuid}/decline", name="customer.quote.decline", feature="quotes")
def decline(request: Request, id: str) -> Response:
    quote = records.quote(request, id)
    if not _answerable(request, quote):
        return request.redirect("customer.quote", id=id)
    try:
        request.services.quotes.decline_quote(id=id, reason=request.form().get("reason", ""))
    except Refusal as refusal:
        return _refused(request, quote, refusal, declining=True)
    return request.redirect("customer.quote", id=id)


def _refused(request: Request, quote: dict[str, Any], refusal: Refusal, *, declining: bool = False) -> Response:
    problem = problem_of(refusal)
    if problem.code in {"INVALID_TRANSITION", "QUOTE_EXPIRED"}:
        return request.redirect("customer.quote", id=quote["id"])
    if problem.status in {404, 503}:
        raise refusal
    return _page(request, quote, problem=problem, declining=declining)


@routes.get("/customer/quotes/{id:uuid}/quote.pdf", name="customer.quote.pdf", feature="quotes")
def quote_pdf(request: Request, id: str) -> Response:
    quote = records.quote(request, id)
    document_id = _paper(quote)
    if document_id is None:
        raise NotFound("The PDF is not ready yet.")
    return stored_pdf(request, document_id)


@routes.get(
    "/customer/quotes/{id:uuid}/attachments/{document_id:uuid}", name="customer.quote.attachment", feature="quotes"
)
def quote_attachment(request: Request, id: str, document_id: str) -> Response:
    return attachment(request, records.quote(request, id), document_id)
