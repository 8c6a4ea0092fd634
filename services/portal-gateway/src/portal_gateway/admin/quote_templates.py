"""Quote templates in use: a new quote from one, a quote kept as one."""

from typing import Any

from kontor.errors import Refusal
from kontor.ids import uuid7
from portal_gateway.accounts import customers
from portal_gateway.admin import records
from portal_gateway.admin.quotes import DO, PATH
from portal_gateway.admin.words import _, say
from portal_gateway.web import Request, Response, Routes, problem_of

routes = Routes("admin")


@routes.get(f"{PATH}/from-template", name="admin.quote.from_template", **DO)
def from_template(request: Request) -> Response:
    return _page(request, str(uuid7()), {}, None)


@routes.post(f"{PATH}/from-template", name="admin.quote.from_template.create", **DO)
def from_template_create(request: Request) -> Response:
    """A copy of the template as a draft for the customer; sent twice, there is one."""
    form = request.form()
    id = str(form.uuid("id"))
    try:
        template_id, customer_id = str(form.uuid("template_id")), str(form.uuid("customer_id"))
        request.services.quotes.create_quote_from_template(id=id, template_id=template_id, customer_id=customer_id)
    except Refusal as refusal:
        problem = problem_of(refusal)
        if problem.status >= 500:
            raise
        return _page(request, id, dict(form), problem)
    return request.redirect("admin.quote.edit", id=id)


def _page(request: Request, id: str, form: dict[str, str], problem: Any) -> Response:
    templates = request.services.quotes.list_templates(limit=200)["items"]
    customer: dict[str, Any] = {}
    if request.query.get("customer_id"):
        with request.tx() as tx:
            customer = customers.find(tx, request.query.uuid("customer_id"))
    return request.render(
        "admin/records/quote_from_template.html",
        status=problem.status if problem else 200,
        id=id,
        templates=templates,
        chosen=form.get("template_id") or request.query.get("template_id", ""),
        customer_id=customer.get("id", ""),
        customer_name=customer.get("display_name", ""),
        problem=problem,
    )


@routes.post(f"{PATH}/{{id:uuid}}/template", name="admin.quote.template", **DO)
def keep_as_template(request: Request, id: str) -> Response:
    """Keep lines, texts, terms and plan of the quote under a name."""
    form = request.form()
    try:
        template = request.services.quotes.create_template_from_quote(
            id=str(form.uuid("template_id")), quote_id=id, name=form.get("name", "")
        )
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.quote", id=id)
    request.flash(say(request, _("Kept as template “%(name)s”."), name=template["name"]))
    return request.redirect("admin.quote", id=id)
