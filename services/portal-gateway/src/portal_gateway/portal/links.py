"""Links by mail: signing in without the password, and setting a new one."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from kontor.errors import Refusal
from portal_gateway.accounts import customer_links, passwords
from portal_gateway.accounts.customer_links import Purpose
from portal_gateway.public.dead_ends import not_accepted
from portal_gateway.public.wording import Wording
from portal_gateway.settings import LINK_MINUTES
from portal_gateway.web import ANYONE, Problem, Request, Response, Routes, problem_of
from portal_gateway.web.links import look_up

routes = Routes("customer")

#: How the pages of each purpose are called.
_PAGES = {Purpose.SIGN_IN: "customer.link.sign_in", Purpose.PASSWORD_RESET: "customer.link.reset"}


def password_sentences(request: Request) -> dict[str, str]:
    """What a refused password is told in the page's language."""
    sentence = Wording(request).gettext(
        "Please choose another password: at least %(n)s characters, and not one of the common ones.",
        n=passwords.LEAST_LENGTH,
    )
    return {"PASSWORD_WEAK": sentence, "password": sentence}


def _ask_page(request: Request, purpose: Purpose, problem: Problem | None = None, email: str = "") -> Response:
    wording = Wording(request)
    minutes = max(1, round((problem.retry_after or 60) / 60)) if problem else 0
    sentences = {
        "TOO_MANY_ATTEMPTS": wording.ngettext(
            "Too many attempts. Please try again in %(n)s minute.",
            "Too many attempts. Please try again in %(n)s minutes.",
            minutes,
        ),
        "email": wording.gettext("Please enter your e-mail address."),
    }
    response = request.render(
        "portal/link_request.html",
        status=problem.status if problem else 200,
        problem=not_accepted(request, problem, sentences) if problem else None,
        purpose=str(purpose),
        action=request.url(_PAGES[purpose]),
        minutes=LINK_MINUTES[purpose],
        email=email or (request.customer.email if request.customer else ""),
        sent=request.method == "GET" and "sent" in request.query,
    )
    if problem and problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _ask(request: Request, purpose: Purpose) -> Response:
    email = request.form().get("email", "")
    try:
        customer_links.ask(request, purpose, email)
    except Refusal as refusal:
        return _ask_page(request, purpose, problem_of(refusal), email)
    return request.redirect(_PAGES[purpose], sent=1)


@routes.get("/customer/sign-in", name="customer.link.sign_in", permission=ANYONE)
def sign_in_request(request: Request) -> Response:
    """Ask for a link to sign in with."""
    return _ask_page(request, Purpose.SIGN_IN)


@routes.post("/customer/sign-in", name="customer.link.sign_in.ask", permission=ANYONE)
def ask_for_sign_in(request: Request) -> Response:
    """Mail the link, if the address has access; the page says the same either way."""
    return _ask(request, Purpose.SIGN_IN)


@routes.get("/customer/reset", name="customer.link.reset", permission=ANYONE)
def reset_request(request: Request) -> Response:
    """Ask for a link to set a new password with."""
    return _ask_page(request, Purpose.PASSWORD_RESET)


@routes.post("/customer/reset", name="customer.link.reset.ask", permission=ANYONE)
def ask_for_reset(request: Request) -> Response:
    """Mail the link, if the address has access; the page says the same either way."""
    return _ask(request, Purpose.PASSWORD_RESET)


def _link(purpose: Purpose) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Answer links that are unknown or over with a page that leads to a new one, and tell nobody where we were."""

    def decorate(page: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(page)
        def guarded(request: Request, **parameters: Any) -> Response:
            try:
                response = page(request, **parameters)
            except Refusal as refusal:
                problem = problem_of(refusal)
                if problem.status not in {404, 410}:
                    raise
                response = request.render(
                    "portal/link_over.html",
                    status=problem.status,
                    purpose=str(purpose),
                    again=request.url(_PAGES[purpose]),
                )
            response.headers["Referrer-Policy"] = "no-referrer"
            return response

        return guarded

    return decorate


def _found(request: Request, purpose: Purpose, token: str) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        with request.tx() as tx:
            return customer_links.look(tx, purpose, token)

    found = look_up(request, read)
    request.speak(found["language"])
    return found


@routes.get("/customer/sign-in/{token}", name="customer.link.sign_in.open", permission=ANYONE)
@_link(Purpose.SIGN_IN)
def sign_in_page(request: Request, token: str) -> Response:
    """One button. Opening the page uses nothing up: mail scanners open every link."""
    return request.render("portal/link_sign_in.html", token=token, found=_found(request, Purpose.SIGN_IN, token))


@routes.post("/customer/sign-in/{token}", name="customer.link.sign_in.use", permission=ANYONE)
@_link(Purpose.SIGN_IN)
def sign_in_by_link(request: Request, token: str) -> Response:
    """Spend the link and sign in."""
    _found(request, Purpose.SIGN_IN, token)
    customer_links.use_to_sign_in(request, token)
    return request.redirect("customer.home")


@routes.get("/customer/reset/{token}", name="customer.link.reset.open", permission=ANYONE)
@_link(Purpose.PASSWORD_RESET)
def reset_page(request: Request, token: str) -> Response:
    """Choose a new password."""
    return _reset(request, token)


def _reset(request: Request, token: str, problem: Problem | None = None) -> Response:
    found = _found(request, Purpose.PASSWORD_RESET, token)
    return request.render(
        "portal/reset.html",
        status=problem.status if problem else 200,
        token=token,
        found=found,
        least=passwords.LEAST_LENGTH,
        problem=not_accepted(request, problem, password_sentences(request)) if problem else None,
    )


@routes.post("/customer/reset/{token}", name="customer.link.reset.use", permission=ANYONE)
@_link(Purpose.PASSWORD_RESET)
def reset_password(request: Request, token: str) -> Response:
    """Keep the new password, sign out everywhere else, sign in here."""
    _found(request, Purpose.PASSWORD_RESET, token)
    try:
        customer_links.use_to_reset(request, token, request.form().get("password", ""))
    except passwords.PasswordWeak as refusal:
        return _reset(request, token, problem_of(refusal))
    request.flash(Wording(request).gettext("Your new password is saved. You are signed out everywhere else."))
    return request.redirect("customer.home")
