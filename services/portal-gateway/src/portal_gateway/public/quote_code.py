"""The code before the content: a quote's page stays shut until the code mailed to the customer is typed."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from kontor.errors import Refusal
from portal_gateway.public.dead_ends import LINK_CODES, link_page, not_accepted
from portal_gateway.public.issuer import issuer_view
from portal_gateway.public.wording import Wording
from portal_gateway.web import Problem, Request, Response, Routes, links, problem_of

routes = Routes("public")

SESSION_SECONDS = 12 * 3600

Page = Callable[..., Response]


class CodeNeeded(Exception):
    """The link is good, but nothing is shown before the code; ``gate`` is what may be told."""

    def __init__(self, gate: dict[str, Any]) -> None:
        super().__init__("a code is needed")
        self.gate = gate


def session_of(request: Request, token: str) -> str | None:
    """What this browser got for the right code of this link."""
    return request.cookies.get(_cookie(token)) or None


def _cookie(token: str) -> str:
    return f"kontor_quote_{hashlib.sha256(token.encode()).hexdigest()[:16]}"


def behind_code(page: Page) -> Page:
    """Answer with the page that asks for the code where the link demands one."""

    @wraps(page)
    def guarded(request: Request, token: str, **parameters: Any) -> Response:
        try:
            return page(request, token=token, **parameters)
        except CodeNeeded as needed:
            return _ask(request, token, needed.gate)
        except Refusal as refusal:
            if refusal.code != "CODE_REQUIRED":
                raise
            return request.redirect("public.quote", token=token)  # the session ended between look and answer

    return guarded


def _ask(
    request: Request, token: str, gate: dict[str, Any], *, problem: Problem | None = None, sent: bool = False
) -> Response:
    request.speak(gate["language"])
    _ = Wording(request).gettext
    sentences = {
        "CODE_WRONG": _("This is not the code we mailed. Please check the six digits."),
        "CODE_LOCKED": _("Too many wrong codes. Please ask for a new one."),
        "CODE_EXPIRED": _("This code has expired. Please ask for a new one."),
        "TOO_MANY_ATTEMPTS": _("A code was mailed just now. Please wait a little before you ask for another."),
        "code": _("Please type the six digits."),
    }
    response = request.render(
        "public/quote_code.html",
        status=problem.status if problem else 200,
        issuer=issuer_view(gate.get("issuer")),
        email_hint=gate["email_hint"],
        sent=sent or "sent" in request.query,
        problem=not_accepted(request, problem, sentences) if problem else None,
        code_url=request.url("public.quote.code", token=token),
        verify_url=request.url("public.quote.verify", token=token),
    )
    if problem is not None and problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _gate(request: Request, token: str) -> dict[str, Any] | None:
    """What may be told of a link that still asks for its code; None once it is open."""
    found: dict[str, Any] = links.look_up(
        request,
        lambda: request.services.quotes.public_quote(token=token, session=session_of(request, token), ip=request.ip),
    )
    return found if found.get("code_required") else None


@routes.post("/quotes/respond/{token}/code", name="public.quote.code")
@link_page
def mail_code(request: Request, token: str) -> Response:
    """Have a code mailed to the customer's own address."""
    gate = _gate(request, token)
    if gate is None:
        return request.redirect("public.quote", token=token)
    try:
        request.services.quotes.public_request_code(token=token, ip=request.ip)
    except Refusal as refusal:
        return _refused(request, token, gate, refusal, sent=True)
    return request.redirect("public.quote", token=token, sent="1")


@routes.post("/quotes/respond/{token}/verify", name="public.quote.verify")
@link_page
def verify_code(request: Request, token: str) -> Response:
    """Open the page for this browser when the code is right."""
    gate = _gate(request, token)
    if gate is None:
        return request.redirect("public.quote", token=token)
    code = "".join(request.form().get("code", "").split())
    try:
        opened = request.services.quotes.public_verify_code(token=token, code=code, ip=request.ip)
    except Refusal as refusal:
        return _refused(request, token, gate, refusal, sent=True)
    request.set_cookie(_cookie(token), opened["session"], max_age=SESSION_SECONDS)
    return request.redirect("public.quote", token=token)


def _refused(request: Request, token: str, gate: dict[str, Any], refusal: Refusal, *, sent: bool) -> Response:
    problem = problem_of(refusal)
    if problem.code in LINK_CODES - {"TOO_MANY_ATTEMPTS"}:
        raise refusal
    return _ask(request, token, gate, problem=problem, sent=sent)
