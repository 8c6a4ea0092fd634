"""The block library of contracts."""

from typing import Any

from kontor.errors import Refusal
from kontor.ids import uuid7
from portal_gateway.admin import records
from portal_gateway.admin.contracts import DO, PATH, SECTIONS, SEE
from portal_gateway.admin.words import _, say
from portal_gateway.web import Request, Response, Routes, problem_of

routes = Routes("admin")


def _sections(request: Request) -> dict[str, str]:
    return {key: say(request, label) for key, label in SECTIONS.items()}


@routes.get(f"{PATH}/blocks", name="admin.blocks", **SEE)
def block_list(request: Request) -> Response:
    blocks = request.services.contracts.list_blocks()
    order = list(SECTIONS)
    blocks.sort(key=lambda block: (block["language"], order.index(block["section"])))
    return request.render("admin/records/blocks.html", blocks=blocks, sections=_sections(request))


@routes.get(f"{PATH}/blocks/new", name="admin.block.new", **DO)
def block_new(request: Request) -> Response:
    form = {
        "id": str(uuid7()),
        "version": None,
        "title": "",
        "section": "body",
        "language": request.language,
        "active": True,
        "body_markdown": "",
    }
    return _editor(request, form)


@routes.post(f"{PATH}/blocks/new", name="admin.block.create", **DO)
def block_create(request: Request) -> Response:
    id = str(request.form().uuid("id"))
    return _save(request, id, lambda fields: request.services.contracts.create_block(id=id, fields=fields))


@routes.get(f"{PATH}/blocks/{{id:uuid}}", name="admin.block", **SEE)
def block(request: Request, id: str) -> Response:
    return _editor(request, request.services.contracts.get_block(id=id))


@routes.post(f"{PATH}/blocks/{{id:uuid}}", name="admin.block.save", **DO)
def block_save(request: Request, id: str) -> Response:
    version = records.version_of(request)
    return _save(
        request,
        id,
        lambda fields: request.services.contracts.update_block(id=id, version=version, changes=fields),
    )


def _save(request: Request, id: str, save: Any) -> Response:
    form = request.form()
    fields: dict[str, Any] = {key: form.get(key, "") for key in ("title", "section", "language", "body_markdown")}
    fields["active"] = form.checked("active")
    try:
        save(fields)
    except Refusal as refusal:
        problem = problem_of(refusal)
        return _editor(request, {**fields, "id": id, "version": records.version_of(request)}, problem)
    request.flash(say(request, _("Block saved. Contracts that include it already keep their text.")))
    return request.redirect("admin.blocks")


def _editor(request: Request, form: dict[str, Any], problem: Any = None) -> Response:
    known = request.services.contracts.list_placeholders()
    placeholders = [item["name"] if isinstance(item, dict) else item for item in known]
    return request.render(
        "admin/records/block.html",
        status=problem.status if problem else 200,
        form=form,
        sections=_sections(request),
        placeholders=placeholders,
        problem=problem,
    )
