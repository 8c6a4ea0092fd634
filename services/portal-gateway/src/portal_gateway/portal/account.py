"""Signing in and out, and the invitation."""

from kontor.errors import Refusal
from portal_gateway.accounts import invitations, passwords, sign_in
from portal_gateway.portal.links import password_sentences
from portal_gateway.public.dead_ends import link_page, not_accepted
from portal_gateway.public.wording import Wording
from portal_gateway.web import ANYONE, Problem, Request, Response, Routes, problem_of

routes = Routes("customer")


@routes.get("/customer/login", name="customer.login", permission=ANYONE)
def login_page(request: Request) -> Response:
    if request.customer:
        return request.redirect("customer.home")
    return _login(request)


def _login(request: Request, problem: Problem | None = None, email: str = "") -> Response:
    _ = Wording(request).gettext
    minutes = max(1, round((problem.retry_after or 60) / 60)) if problem else 0
    sentences = {
        "SIGN_IN_REFUSED": _("E-mail address or password is not right."),
        "TOO_MANY_ATTEMPTS": Wording(request).ngettext(
            "Too many attempts. Please try again in %(n)s minute.",
            "Too many attempts. Please try again in %(n)s minutes.",
            minutes,
        ),
    }
    response = request.render(
        "portal/login.html",
        status=problem.status if problem else 200,
        problem=not_accepted(request, problem, sentences) if problem else None,
        email=email,
        next=request.query.get("next", "") or (request.form().get("next", "") if request.method == "POST" else ""),
    )
    if problem and problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


@routes.post("/customer/login", name="customer.login.submit", permission=ANYONE)
def login(request: Request) -> Response:
    form = request.form()
    try:
        sign_in.customer(request, form.get("email", ""), form.get("password", ""))
    except Refusal as refusal:
        return _login(request, problem_of(refusal), form.get("email", ""))
    wanted = form.get("next", "")
    return request.redirect_to(wanted if wanted.startswith("/customer") else request.url("customer.home"))


@routes.post("/customer/logout", name="customer.logout", permission=ANYONE)
def logout(request: Request) -> Response:
    sign_in.leave(request)
    return request.redirect("customer.login")


@routes.get("/customer/invitation/{token}", name="customer.invitation", permission=ANYONE)
@link_page
def invitation_page(request: Request, token: str) -> Response:
    """Set the password that opens the portal."""
    return _invitation(request, token)


def _invitation(request: Request, token: str, problem: Problem | None = None) -> Response:
    with request.tx() as tx:
        invited = invitations.look(tx, token)
    request.speak(invited["language"])
    return request.render(
        "portal/invitation.html",
        status=problem.status if problem else 200,
        token=token,
        invited=invited,
        least=passwords.LEAST_LENGTH,
        problem=not_accepted(request, problem, password_sentences(request)) if problem else None,
    )


@routes.post("/customer/invitation/{token}", name="customer.invitation.accept", permission=ANYONE)
@link_page
def accept_invitation(request: Request, token: str) -> Response:
    """Keep the password and sign in."""
    try:
        invitations.accept(request, token, request.form().get("password", ""))
    except Refusal as refusal:
        problem = problem_of(refusal)
        if problem.status in {404, 410, 429, 503}:
            raise
        return _invitation(request, token, problem)
    return request.redirect("customer.home")
