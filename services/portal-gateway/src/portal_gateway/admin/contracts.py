"""Contracts: list, record, composer, review, send, countersign, verify."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import nh3
from markupsafe import Markup

from kontor.errors import FieldError, Invalid, NotFound, Refusal
from kontor.ids import uuid7
from portal_gateway.accounts import customers
from portal_gateway.admin import records
from portal_gateway.admin.words import _, say
from portal_gateway.public.clauses import to_html
from portal_gateway.web import Request, Response, Routes, problem_of

routes = Routes("admin")

SEE: Any = {"permission": "contracts.view", "feature": "contracts"}
DO: Any = {"permission": "contracts.manage", "feature": "contracts"}
PATH = "/admin/clients/contracts"
MAX_SIGNATURE_BODY = 2 * 1024 * 1024

SECTIONS: Mapping[str, str] = {
    "preamble": _("Preamble"),
    "scope": _("Scope"),
    "body": _("Terms"),
    "payment": _("Payment"),
    "cancellation": _("Cancellation"),
    "delivery": _("Delivery"),
    "privacy": _("Privacy"),
    "nda": _("Confidentiality"),
    "closing": _("Closing"),
}
_PLACEHOLDER = re.compile(r"\{\{\s*[\w.]+\s*\}\}")


def paper(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The contract's blocks as they will read; what is still unresolved stands out."""
    shown = []
    for block in record["blocks"]:
        html = block.get("html") or to_html(block.get("body_resolved") or block["body_markdown"])
        marked = _PLACEHOLDER.sub(
            lambda found: f'<span class="chip missing">{found[0]}</span>', nh3.clean(str(html), attributes={})
        )
        # Both parts are safe: the text was sanitised, a placeholder consists of letters, dots and braces.
        shown.append({**block, "html": Markup(marked), "overridden": block.get("overridden", False)})
    return shown


@routes.get(f"{PATH}/new", name="admin.contract.new", **DO)
def contract_new(request: Request) -> Response:
    form = {"id": str(uuid7()), "customer_id": "", "customer_name": "", "title": "", "language": request.language}
    return request.render("admin/records/contract_new.html", form=form)


@routes.post(f"{PATH}/new", name="admin.contract.create", **DO)
def contract_create(request: Request) -> Response:
    form = request.form()
    id = str(form.uuid("id"))
    fields = {key: form.get(key, "") for key in ("customer_id", "title", "language")}
    try:
        if not fields["customer_id"]:
            raise Invalid.field("customer_name", say(request, _("Choose a customer.")))
        request.services.contracts.create_contract(id=id, fields=fields)
    except Refusal as refusal:
        problem = problem_of(refusal)
        typed = {**fields, "id": id, "customer_name": _name_of(request, fields["customer_id"])}
        return request.render("admin/records/contract_new.html", status=problem.status, form=typed, problem=problem)
    return request.redirect("admin.contract.compose", id=id)


def _name_of(request: Request, id: str) -> str:
    try:
        with request.tx() as tx:
            return str(customers.find(tx, UUID(id))["display_name"])
    except (ValueError, NotFound):
        return ""


@routes.get(f"{PATH}/{{id:uuid}}", name="admin.contract", **SEE)
def contract(request: Request, id: str) -> Response:
    return _page(request, id)


def _page(request: Request, id: str, verification: list[dict[str, Any]] | None = None) -> Response:
    record = request.services.contracts.get_contract(id=id)
    final = record["final_document_id"]
    title = _("PDF, final") if final else _("PDF as sent")
    waiting = (
        _("The PDF is made when the contract is sent.") if record["state"] == "draft" else _("The PDF is being made.")
    )
    return request.render(
        "admin/records/contract.html",
        record=record,
        list_href=request.url("admin.contracts"),
        list_label=say(request, _("Contracts")),
        paper=paper(record),
        verification=verification,
        **records.deal_of(request, record),
        **records.pdf_of(request, final or record["document_id"], say(request, title), say(request, waiting)),
    )


@routes.post(f"{PATH}/{{id:uuid}}/verify", name="admin.contract.verify", **DO)
def contract_verify(request: Request, id: str) -> Response:
    return _page(request, id, request.services.contracts.verify_contract(id=id))


@routes.get(f"{PATH}/{{id:uuid}}/compose", name="admin.contract.compose", **DO)
def contract_compose(request: Request, id: str) -> Response:
    return _composer(request, id)


def _composer(request: Request, id: str, problem: Any = None) -> Response:
    record = request.services.contracts.get_contract(id=id)
    if record["state"] != "draft":
        return request.redirect("admin.contract", id=id)
    blocks = request.services.contracts.list_blocks(language=record["language"], active=True)
    review, away = request.unavailable(lambda: request.services.contracts.review_contract(id=id))
    library = []
    for section, label in SECTIONS.items():
        offered = [block for block in blocks if block["section"] == section]
        if offered:
            library.append({"label": say(request, label), "blocks": offered})
    return request.render(
        "admin/records/compose.html",
        status=problem.status if problem else 200,
        record=record,
        paper=paper(record),
        library=library,
        used={block["block_id"] for block in record["blocks"] if block["block_id"]},
        signers=record["signers"] or [{"id": None, "name": "", "email": ""}],
        problems=None if away else review["problems"],
        problem=problem,
    )


def _changed(request: Request, id: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
    """Save a change of the composition; what is refused is shown in the composer, with what is true now."""
    record = request.services.contracts.get_contract(id=id)
    try:
        request.services.contracts.update_contract(id=id, version=records.version_of(request), changes=change(record))
    except Refusal as refusal:
        problem = problem_of(refusal)
        if problem.status >= 500:
            raise
        return _composer(request, id, problem)
    return request.redirect("admin.contract.compose", id=id)


def _kept(block: Mapping[str, Any]) -> dict[str, Any]:
    return {key: block[key] for key in ("id", "block_id", "section", "title", "body_markdown")}


@routes.post(f"{PATH}/{{id:uuid}}/include", name="admin.contract.include", **DO)
def contract_include(request: Request, id: str) -> Response:
    wanted = str(request.form().uuid("block_id"))

    def include(record: dict[str, Any]) -> dict[str, Any]:
        present = [_kept(block) for block in record["blocks"] if block["block_id"] != wanted]
        if len(present) < len(record["blocks"]):
            return {"blocks": present}
        block = request.services.contracts.get_block(id=wanted)
        order = list(SECTIONS)
        at = sum(order.index(one["section"]) <= order.index(block["section"]) for one in present)
        present.insert(at, {"block_id": wanted})
        return {"blocks": present}

    return _changed(request, id, include)


@routes.post(f"{PATH}/{{id:uuid}}/blocks/{{block:uuid}}/remove", name="admin.contract.exclude", **DO)
def contract_exclude(request: Request, id: str, block: str) -> Response:
    return _changed(
        request, id, lambda record: {"blocks": [_kept(one) for one in record["blocks"] if one["id"] != block]}
    )


@routes.post(f"{PATH}/{{id:uuid}}/blocks/{{block:uuid}}", name="admin.contract.override", **DO)
def contract_override(request: Request, id: str, block: str) -> Response:
    form = request.form()
    text = {"title": form.get("title", ""), "body_markdown": form.get("body_markdown", "")}
    return _changed(
        request,
        id,
        lambda record: {"blocks": [_kept(one) | (text if one["id"] == block else {}) for one in record["blocks"]]},
    )


@routes.post(f"{PATH}/{{id:uuid}}/order", name="admin.contract.order", **DO)
def contract_order(request: Request, id: str) -> Response:
    """The new order of the blocks, from a drag or a key; JSON, because the page has moved them already."""
    order = request.form().getlist("block")
    record = request.services.contracts.get_contract(id=id)
    blocks = {block["id"]: block for block in record["blocks"]}
    try:
        if sorted(order) != sorted(blocks):
            raise Invalid(say(request, _("The blocks have changed meanwhile. Load the page again.")))
        changes = {"blocks": [_kept(blocks[one]) for one in order]}
        saved = request.services.contracts.update_contract(id=id, version=records.version_of(request), changes=changes)
    except Refusal as refusal:
        problem = problem_of(refusal)
        return request.answer_json({"detail": problem.detail, "code": problem.code}, problem.status)
    return request.answer_json({"version": saved["version"]})


@routes.post(f"{PATH}/{{id:uuid}}/terms", name="admin.contract.terms", **DO)
def contract_terms(request: Request, id: str) -> Response:
    form = request.form()
    signers = []
    for row in form.nested("signers"):
        if row.get("name") or row.get("email"):
            known = {"id": row["id"]} if row.get("id") else {}
            signers.append({**known, "name": row.get("name", ""), "email": row.get("email", "")})
    changes = {
        "title": form.get("title", ""),
        "signers": signers,
        "signing_order": form.get("signing_order", "parallel"),
        "valid_until": form.get("valid_until") or None,
    }
    response = _changed(request, id, lambda record: changes)
    if response.status == 303:
        request.flash(say(request, _("Terms saved.")))
    return response


@routes.get(f"{PATH}/{{id:uuid}}/review", name="admin.contract.review", **DO)
def contract_review(request: Request, id: str) -> Response:
    record = request.services.contracts.get_contract(id=id)
    if record["state"] != "draft":
        return request.redirect("admin.contract", id=id)
    review = request.services.contracts.review_contract(id=id)
    html = Markup("").join(Markup("<h3>{}</h3>{}").format(block["title"], block["html"]) for block in paper(record))
    return request.render("admin/records/review.html", record=record, review=review, html=html)


@routes.post(f"{PATH}/{{id:uuid}}/send", name="admin.contract.send", **DO)
def contract_send(request: Request, id: str) -> Response:
    try:
        record = request.services.contracts.send_contract(id=id, review_hash=request.form().get("review_hash", ""))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.contract.review", id=id)
    request.flash(say(request, _("Contract %(number)s is on its way to its signers."), number=record["number"]))
    return request.redirect("admin.contract", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/withdraw", name="admin.contract.withdraw", **DO)
def contract_withdraw(request: Request, id: str) -> Response:
    try:
        request.services.contracts.withdraw_contract(id=id, reason=request.form().get("reason", ""))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.contract", id=id)
    request.flash(say(request, _("Contract withdrawn.")))
    return request.redirect("admin.contract", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/countersign", name="admin.contract.countersign", max_body=MAX_SIGNATURE_BODY, **DO)
def contract_countersign(request: Request, id: str) -> Response:
    form = request.form()
    try:
        if not form.get("signature_png"):
            message = say(request, _("Draw your signature first."))
            raise Invalid(message, errors=[FieldError("signature_png", message)])
        request.services.contracts.countersign_contract(
            id=id, name=form.get("name", ""), signature_png=form["signature_png"]
        )
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.contract", id=id)
    request.flash(say(request, _("Countersigned. The final PDF is being made.")))
    return request.redirect("admin.contract", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/revise", name="admin.contract.revise", **DO)
def contract_revise(request: Request, id: str) -> Response:
    new_id = str(uuid7())
    try:
        request.services.contracts.revise_contract(id=id, new_id=new_id)
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.contract", id=id)
    return request.redirect("admin.contract.compose", id=new_id)


@routes.post(f"{PATH}/{{id:uuid}}/delete", name="admin.contract.delete", **DO)
def contract_delete(request: Request, id: str) -> Response:
    try:
        request.services.contracts.delete_contract(id=id, version=records.version_of(request))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.contract", id=id)
    request.flash(say(request, _("Draft deleted.")))
    return request.redirect("admin.contracts")
