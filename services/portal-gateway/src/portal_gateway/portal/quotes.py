"""The customer's quotes: list, read, answer."""

from typing import Any

from kontor.errors import NotFound, Refusal
from portal_gateway.portal import records
from portal_gateway.public.dead_ends import not_accepted
from portal_gateway.public.quote_view import Selection, has_options, preselection, quote_view, selection_of
from portal_gateway.public.quotes import stored_pdf
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


def _page(
    request: Request, quote: dict[str, Any], *, problem: Problem | None = None, declining: bool = False
) -> Response:
    fields = request.form() if request.method == "POST" else request.query
    repriced = "options" in fields and quote["state"] == "sent"
    answered: Selection = (quote.get("answer") or {}).get("selection") or {}
    selection = selection_of(fields, quote) if repriced else answered or preselection(quote)
    totals: dict[str, Any] = quote
    if has_options(quote) and quote["state"] == "sent":
        totals = _price(request, quote, selection)
    view = quote_view(
        Wording(request),
        quote,
        selection=selection,
        document_id=quote.get("document_id"),
        line_nets=totals.get("line_nets"),
    )
    _ = Wording(request).gettext
    sentences = {
        "TOTAL_MISMATCH": _("The total has changed. Please look at the new one, then accept again."),
        "name": _("Please type your name."),
    }
    return request.render(
        "portal/quote.html" if quote["state"] == "sent" else "portal/quote_closed.html",
        status=problem.status if problem else 200,
        here="quotes",
        view=view,
        totals=totals,
        repriced=repriced,
        declining=declining,
        problem=not_accepted(request, problem, sentences) if problem else None,
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
    )


def _price(request: Request, quote: dict[str, Any], selection: Selection) -> dict[str, Any]:
    """What the lines cost with these options, computed by the quotes service."""
    computed = {"net_minor", "position"}
    lines = [
        {name: value for name, value in line.items() if name not in computed}
        | {"selected": line["id"] in selection, "quantity": selection.get(line["id"], line["quantity"])}
        if line.get("optional") or line.get("choice_group")
        else {name: value for name, value in line.items() if name not in computed}
        for line in quote["lines"]
    ]
    return dict(
        request.services.quotes.price(lines=lines, currency=quote["currency"], price_entry=quote["price_entry"])
    )


@routes.post("/customer/quotes/{id:uuid}/accept", name="customer.quote.accept", feature="quotes")
def accept(request: Request, id: str) -> Response:
    """Accept in the customer's own name, for the total that was on the screen."""
    quote = records.quote(request, id)
    if quote["state"] != "sent":
        return request.redirect("customer.quote", id=id)
    form = request.form()
    seen = form.get("total_minor", "")
    try:
        request.services.quotes.accept_quote(
            id=id,
            name=form.get("name", ""),
            selection=selection_of(form, quote),
            total_minor=int(seen) if seen.isascii() and seen.isdigit() else 0,
            message=form.get("message", ""),
        )
    except Refusal as refusal:
        return _refused(request, quote, refusal)
    return request.redirect("customer.quote", id=id)


@routes.post("/customer/quotes/{id:uuid}/decline", name="customer.quote.decline", feature="quotes")
def decline(request: Request, id: str) -> Response:
    quote = records.quote(request, id)
    if quote["state"] != "sent":
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
    if not quote.get("document_id"):
        raise NotFound("The PDF is not ready yet.")
    return stored_pdf(request, quote["document_id"])
