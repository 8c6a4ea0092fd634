"""The signing page of a contract: the whole text, the drawn signature, the recorded answer."""

from typing import Any

from kontor.errors import Gone, Refusal
from portal_gateway.public.contract_view import ContractView, contract_view
from portal_gateway.public.dead_ends import LINK_CODES, link_page, not_accepted
from portal_gateway.public.issuer import issuer_view
from portal_gateway.public.quotes import stored_pdf
from portal_gateway.public.wording import Wording
from portal_gateway.web import Problem, Request, Response, Routes, links, problem_of

routes = Routes("public")

#: A drawn signature is a small PNG; more than this is no signature.
MAX_SIGNATURE_BODY = 2 * 1024 * 1024


def _look_up(request: Request, token: str) -> dict[str, Any]:
    found: dict[str, Any] = links.look_up(
        request, lambda: request.services.contracts.public_contract(token=token, session=None, ip=request.ip)
    )
    request.speak(found["contract"]["language"])
    return found


@routes.get("/contracts/sign/{token}", name="public.contract")
@link_page
def contract_page(request: Request, token: str) -> Response:
    """The contract to read and sign, or what was recorded."""
    found = _look_up(request, token)
    view = contract_view(Wording(request), found)
    if not view.is_open:
        return request.render(
            "public/contract_closed.html",
            issuer=issuer_view(found["issuer"]),
            view=view,
            pdf_url=request.url("public.contract.pdf", token=token),
            final_url=request.url("public.contract.final", token=token),
        )
    return _open(request, token, found, view)


def _open(
    request: Request,
    token: str,
    found: dict[str, Any],
    view: ContractView,
    *,
    problem: Problem | None = None,
    declining: bool = False,
) -> Response:
    posted = request.form() if request.method == "POST" else None
    return request.render(
        "public/contract.html",
        status=problem.status if problem else 200,
        issuer=issuer_view(found["issuer"]),
        view=view,
        pdf_url=request.url("public.contract.pdf", token=token),
        sign_url=request.url("public.contract.sign", token=token),
        decline_url=request.url("public.contract.decline", token=token),
        declining=declining,
        problem=not_accepted(request, problem, _sentences(request)) if problem else None,
        form={
            "name": posted.get("name", "") if posted else view.signer_name,
            "reason": posted.get("reason", "") if posted else "",
            "consents": posted.getlist("consents") if posted else [],
        },
    )


def _sentences(request: Request) -> dict[str, str]:
    _ = Wording(request).gettext
    return {
        "name": _("Please type your name."),
        "signature_png": _("Please draw your signature."),
        "SIGNATURE_REFUSED": _("The drawing is no signature yet. Please write your name in the field."),
        "consents": _("Please confirm every statement."),
        "reason": _("Please say why you decline."),
    }


@routes.post("/contracts/sign/{token}/sign", name="public.contract.sign", max_body=MAX_SIGNATURE_BODY)
@link_page
def sign(request: Request, token: str) -> Response:
    """Record the signature. Sent twice it is recorded once: the second answer shows the first."""
    found = _look_up(request, token)
    view = contract_view(Wording(request), found)
    if not view.is_open:
        return request.redirect("public.contract", token=token)
    form = request.form()
    try:
        request.services.contracts.public_sign(
            token=token,
            name=form.get("name", ""),
            method="draw",
            signature_png=form.get("signature_png", ""),
            consents=form.getlist("consents"),
            session=None,
            ip=request.ip,
            user_agent=request.user_agent,
        )
    except Refusal as refusal:
        return _refused(request, token, found, view, refusal)
    return request.redirect("public.contract", token=token)


@routes.post("/contracts/sign/{token}/decline", name="public.contract.decline")
@link_page
def decline(request: Request, token: str) -> Response:
    """Decline, which ends the contract for everybody."""
    found = _look_up(request, token)
    view = contract_view(Wording(request), found)
    if not view.is_open:
        return request.redirect("public.contract", token=token)
    try:
        request.services.contracts.public_sign_decline(
            token=token,
            reason=request.form().get("reason", ""),
            session=None,
            ip=request.ip,
            user_agent=request.user_agent,
        )
    except Refusal as refusal:
        return _refused(request, token, found, view, refusal, declining=True)
    return request.redirect("public.contract", token=token)


def _refused(
    request: Request,
    token: str,
    found: dict[str, Any],
    view: ContractView,
    refusal: Refusal,
    *,
    declining: bool = False,
) -> Response:
    problem = problem_of(refusal)
    if problem.code == "INVALID_TRANSITION":
        return request.redirect("public.contract", token=token)
    if problem.code in LINK_CODES:
        raise refusal
    return _open(request, token, found, view, problem=problem, declining=declining)


@routes.get("/contracts/sign/{token}/contract.pdf", name="public.contract.pdf")
@link_page
def contract_pdf(request: Request, token: str) -> Response:
    """The contract as it was sent; ``?download=1`` saves it instead of showing it."""
    return _pdf(request, _look_up(request, token).get("document_id"))


@routes.get("/contracts/sign/{token}/signed.pdf", name="public.contract.final")
@link_page
def final_pdf(request: Request, token: str) -> Response:
    """The contract with every signature, once everybody has signed."""
    return _pdf(request, _look_up(request, token).get("final_document_id"))


def _pdf(request: Request, document_id: str | None) -> Response:
    if document_id is None:
        raise Gone(Wording(request).gettext("The PDF is being prepared."))
    return stored_pdf(request, document_id, inline=request.query.get("download", "") != "1")
