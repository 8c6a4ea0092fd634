"""The customer's contracts: list, read, sign, download."""

from typing import Any

from kontor.errors import NotFound, Refusal
from portal_gateway.portal import records
from portal_gateway.public.contract_view import contract_view
from portal_gateway.public.contracts import MAX_SIGNATURE_BODY
from portal_gateway.public.dead_ends import not_accepted
from portal_gateway.public.quotes import stored_pdf
from portal_gateway.public.wording import Wording
from portal_gateway.web import Problem, Request, Response, Routes, problem_of

routes = Routes("customer")


def waits_for(contract: dict[str, Any], email: str) -> bool:
    """The contract is out for signing and the person with this address has not signed."""
    return contract["state"] == "sent" and any(
        signer["email"].lower() == email.lower() and signer["state"] == "waiting"
        for signer in contract.get("signers") or []
    )


@routes.get("/customer/contracts", name="customer.contracts", feature="contracts")
def contract_list(request: Request) -> Response:
    """Contracts to sign first, then the others."""
    found = records.contracts(request)
    email = records.signed_in(request).email
    return request.render(
        "portal/contracts.html",
        here="contracts",
        waiting=[contract for contract in found if waits_for(contract, email)],
        others=[contract for contract in found if not waits_for(contract, email)],
    )


@routes.get("/customer/contracts/{id:uuid}", name="customer.contract", feature="contracts")
def contract_page(request: Request, id: str) -> Response:
    """One contract: to sign while it waits for this customer, else with what was recorded."""
    return _page(request, records.contract(request, id))


def _found(request: Request, contract: dict[str, Any]) -> dict[str, Any]:
    """The contract as the signing page reads it, for the signer with the customer's address if there is one."""
    customer = records.signed_in(request)
    if waits_for(contract, customer.email):
        # The service says whose turn it is, and logs that the contract was opened.
        return dict(request.services.contracts.portal_contract(id=contract["id"], email=customer.email, ip=request.ip))
    signer = next(
        (one for one in contract["signers"] if one["email"].lower() == customer.email.lower()),
        {"name": customer.display_name, "email": customer.email, "state": None, "signed_at": None},
    )
    return {
        "contract": contract,
        "signer": signer,
        "state": contract["state"],
        "document_id": contract.get("document_id"),
        "final_document_id": contract.get("final_document_id"),
        "allowed": [],
    }


def _page(
    request: Request, contract: dict[str, Any], *, problem: Problem | None = None, declining: bool = False
) -> Response:
    _ = Wording(request).gettext
    view = contract_view(Wording(request), _found(request, contract))
    posted = request.form() if request.method == "POST" else None
    sentences = {
        "name": _("Please type your name."),
        "signature_png": _("Please draw your signature."),
        "SIGNATURE_REFUSED": _("The drawing is no signature yet. Please write your name in the field."),
        "consents": _("Please confirm every statement."),
        "reason": _("Please say why you decline."),
    }
    return request.render(
        "portal/contract.html",
        status=problem.status if problem else 200,
        here="contracts",
        waiting=view.is_open,
        contract=contract,
        view=view,
        declining=declining,
        problem=not_accepted(request, problem, sentences) if problem else None,
        form={
            "name": posted.get("name", "") if posted else view.signer_name,
            "reason": posted.get("reason", "") if posted else "",
            "consents": posted.getlist("consents") if posted else [],
        },
    )


@routes.post(
    "/customer/contracts/{id:uuid}/sign",
    name="customer.contract.sign",
    feature="contracts",
    max_body=MAX_SIGNATURE_BODY,
)
def sign(request: Request, id: str) -> Response:
    """Sign as the signer with the customer's own address; sent twice it is recorded once."""
    contract = records.contract(request, id)
    customer = records.signed_in(request)
    if not waits_for(contract, customer.email):
        return request.redirect("customer.contract", id=id)
    form = request.form()
    try:
        request.services.contracts.portal_sign(
            id=id,
            email=customer.email,
            name=form.get("name", ""),
            method="draw",
            signature_png=form.get("signature_png", ""),
            consents=form.getlist("consents"),
            ip=request.ip,
            user_agent=request.user_agent,
        )
    except Refusal as refusal:
        return _refused(request, contract, refusal)
    return request.redirect("customer.contract", id=id)


@routes.post("/customer/contracts/{id:uuid}/decline", name="customer.contract.decline", feature="contracts")
def decline(request: Request, id: str) -> Response:
    contract = records.contract(request, id)
    customer = records.signed_in(request)
    if not waits_for(contract, customer.email):
        return request.redirect("customer.contract", id=id)
    try:
        request.services.contracts.portal_sign_decline(
            id=id,
            email=customer.email,
            reason=request.form().get("reason", ""),
            ip=request.ip,
            user_agent=request.user_agent,
        )
    except Refusal as refusal:
        return _refused(request, contract, refusal, declining=True)
    return request.redirect("customer.contract", id=id)


def _refused(request: Request, contract: dict[str, Any], refusal: Refusal, *, declining: bool = False) -> Response:
    problem = problem_of(refusal)
    if problem.code == "INVALID_TRANSITION" or problem.status == 410:
        return request.redirect("customer.contract", id=contract["id"])
    if problem.status in {404, 503}:
        raise refusal
    return _page(request, contract, problem=problem, declining=declining)


@routes.get("/customer/contracts/{id:uuid}/contract.pdf", name="customer.contract.pdf", feature="contracts")
def contract_pdf(request: Request, id: str) -> Response:
    """The final PDF once everybody has signed, before that the contract as it was sent."""
    contract = records.contract(request, id)
    document_id = contract.get("final_document_id") or contract.get("document_id")
    if not document_id:
        raise NotFound("The PDF is not ready yet.")
    return stored_pdf(request, document_id, inline=request.query.get("download", "") != "1")
