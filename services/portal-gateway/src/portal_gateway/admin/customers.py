"""Customers: list, record, editor, invitation, and the pick list of other forms."""

from typing import Any
from uuid import UUID

from kontor.errors import Refusal
from kontor.ids import uuid7
from portal_gateway.accounts import customer_list, customers, invitations
from portal_gateway.admin import records
from portal_gateway.admin.words import _, say
from portal_gateway.business import sections
from portal_gateway.web import Request, Response, Routes, problem_of

routes = Routes("admin")

SEE: Any = {"permission": "customers.view", "feature": "clients"}
DO: Any = {"permission": "customers.create", "feature": "clients"}
PATH = "/admin/clients/accounts"
PAGE = 50

COUNTRIES = {
    "CH": _("Switzerland"),
    "LI": _("Liechtenstein"),
    "DE": _("Germany"),
    "AT": _("Austria"),
    "FR": _("France"),
    "IT": _("Italy"),
    "NL": _("Netherlands"),
    "BE": _("Belgium"),
    "LU": _("Luxembourg"),
    "GB": _("United Kingdom"),
    "US": _("United States"),
}
_TEXTS = (
    "company",
    "salutation",
    "first_name",
    "last_name",
    "email",
    "billing_email",
    "phone",
    "vat_id",
    "street",
    "house_number",
    "postcode",
    "town",
    "country",
    "language",
    "currency",
    "buyer_reference",
    "notes",
)
_TOGGLES = ("feature_quotes", "feature_contracts", "feature_bills")


def countries(request: Request, used: str = "") -> list[tuple[str, str]]:
    """The countries to choose from; one in use stays offered."""
    offered = [(code, say(request, name)) for code, name in COUNTRIES.items()]
    return offered if not used or used in COUNTRIES else [*offered, (used, used)]


@routes.get(PATH, name="admin.customers", **SEE)
def customer_page(request: Request) -> Response:
    q, cursor = request.query.get("q", ""), request.query.get("cursor")
    with request.tx() as tx:
        page = customer_list.search(tx, q=q or None, sort="name", cursor=cursor, limit=PAGE)
    following = page["next_cursor"]
    return request.render(
        "admin/customers/list.html",
        customers=[{**one, "state": _portal_state(one)} for one in page["items"]],
        q=q,
        never=not q and not cursor and not page["items"],
        next_href=request.url("admin.customers", q=q or None, cursor=following) if following else None,
        first_href=request.url("admin.customers", q=q or None) if cursor else None,
    )


def _portal_state(record: dict[str, Any]) -> str:
    return str(record["portal"] if record["state"] == "active" else record["state"])


@routes.get(f"{PATH}/pick", name="admin.customers.pick", **SEE)
def customer_pick(request: Request) -> Response:
    q = request.query.get("q", "")
    with request.tx() as tx:
        page = customer_list.search(tx, q=q or None, state="active", sort="name", limit=12)
    return request.render("admin/customers/pick.html", customers=page["items"], q=q)


@routes.get(f"{PATH}/new", name="admin.customer.new", **DO)
def customer_new(request: Request) -> Response:
    with request.tx() as tx:
        defaults = sections.read(tx, "customer_defaults")["value"]
    form = dict.fromkeys((*_TEXTS, "customer_number"), "") | {
        "id": str(uuid7()),
        "version": None,
        "country": request.business.get("country") or "CH",
        **{name: defaults[name] for name in ("language", "currency", *_TOGGLES)},
    }
    return _editor(request, form)


@routes.post(f"{PATH}/new", name="admin.customer.create", **DO)
def customer_create(request: Request) -> Response:
    new_id = request.form().uuid("id")
    id = str(new_id)
    try:
        with request.tx() as tx:
            customers.create(tx, new_id, _fields(request))
    except Refusal as refusal:
        return _editor(request, _typed(request, id), problem_of(refusal))
    request.flash(say(request, _("Customer saved.")))
    return request.redirect("admin.customer", id=id)


@routes.get(f"{PATH}/{{id:uuid}}", name="admin.customer", **SEE)
def customer(request: Request, id: str) -> Response:
    with request.tx() as tx:
        record = customers.find(tx, UUID(id))
    street = f"{record['street']} {record['house_number']}".strip()
    town = f"{record['country']}-{record['postcode']} {record['town']}" if record["town"] else ""
    person = f"{record['first_name']} {record['last_name']}".strip()
    return request.render(
        "admin/customers/detail.html",
        record={**record, "state": _portal_state(record)},
        address="\n".join(part for part in (record["company"], person, street, town) if part),
        groups=_groups(request, id),
    )


def _groups(request: Request, id: str) -> list[dict[str, Any]]:
    services = request.services
    wanted = (
        ("quote", _("Quotes"), "quotes.view", "quotes", "admin.quotes", services.quotes, "list_quotes"),
        (
            "contract",
            _("Contracts"),
            "contracts.view",
            "contracts",
            "admin.contracts",
            services.contracts,
            "list_contracts",
        ),
        ("invoice", _("Invoices"), "bills.view", "bills", "admin.invoices", services.invoicing, "list_invoices"),
    )
    groups = []
    for kind, label, permission, feature, name, service, method in wanted:
        if not (request.may(permission) and request.features.get(feature)):
            continue

        def read(service: Any = service, method: str = method) -> Any:
            return getattr(service, method)(customer_id=id, limit=8)

        page, away = request.unavailable(read)
        rows = (
            []
            if away
            else [
                {
                    "href": request.url(records.PAGES[kind], id=item["id"]),
                    **{key: item.get(key) for key in ("number", "title", "state", "total_minor", "currency")},
                }
                for item in page["items"]
            ]
        )
        groups.append(
            {
                "kind": kind,
                "label": say(request, label),
                "rows": rows,
                "unavailable": away,
                "all_href": request.url(name, customer_id=id),
            }
        )
    return groups


@routes.get(f"{PATH}/{{id:uuid}}/edit", name="admin.customer.edit", **DO)
def customer_edit(request: Request, id: str) -> Response:
    with request.tx() as tx:
        record = customers.find(tx, UUID(id))
    return _editor(request, record)


@routes.post(f"{PATH}/{{id:uuid}}/edit", name="admin.customer.save", **DO)
def customer_save(request: Request, id: str) -> Response:
    try:
        with request.tx() as tx:
            customers.change(tx, UUID(id), records.version_of(request), _fields(request))
    except Refusal as refusal:
        return _editor(request, _typed(request, id), problem_of(refusal))
    request.flash(say(request, _("Customer saved.")))
    return request.redirect("admin.customer", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/invite", name="admin.customer.invite", **DO)
def customer_invite(request: Request, id: str) -> Response:
    try:
        with request.tx() as tx:
            record = invitations.invite(tx, UUID(id), request.kernel.sealer)
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.customer", id=id)
    request.flash(say(request, _("The invitation to %(email)s is on its way."), email=record["email"]))
    return request.redirect("admin.customer", id=id)


def _fields(request: Request) -> dict[str, Any]:
    form = request.form()
    fields: dict[str, Any] = {name: form.get(name, "") for name in _TEXTS}
    fields |= {name: form.checked(name) for name in _TOGGLES}
    if form.get("customer_number"):
        fields["customer_number"] = form["customer_number"]
    # The name shown in lists follows company and person; it is never typed on its own here.
    fields["display_name"] = ""
    return fields


def _typed(request: Request, id: str) -> dict[str, Any]:
    form = request.form()
    return {
        "id": id,
        "version": records.version_of(request),
        "display_name": "",
        **{name: form.get(name, "") for name in (*_TEXTS, "customer_number")},
        **{name: form.checked(name) for name in _TOGGLES},
    }


def _editor(request: Request, form: dict[str, Any], problem: Any = None) -> Response:
    known = form["version"] is not None
    heading = form.get("display_name") or say(request, _("Customer")) if known else say(request, _("New customer"))
    return request.render(
        "admin/customers/editor.html",
        status=problem.status if problem else 200,
        form=form,
        heading=heading,
        countries=countries(request, form["country"]),
        currencies=[("CHF", "CHF"), ("EUR", "EUR")],
        back_href=request.url("admin.customer", id=form["id"]) if known else request.url("admin.customers"),
        problem=problem,
    )
