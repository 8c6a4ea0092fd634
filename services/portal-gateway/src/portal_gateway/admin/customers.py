"""Customers: list, record, what can be done with a customer, and the pick list of other forms."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from kontor.errors import Refusal
from portal_gateway.accounts import customer_fields, customer_list, customers, invitations
from portal_gateway.admin import records
from portal_gateway.admin.words import _, say
from portal_gateway.business.countries import country_name
from portal_gateway.web import Request, Response, Routes

routes = Routes("admin")

SEE: Any = {"permission": "customers.view", "feature": "clients"}
DO: Any = {"permission": "customers.create", "feature": "clients"}
END: Any = {"permission": "customers.delete", "feature": "clients"}
PATH = "/admin/clients/accounts"
PAGE = 50

#: Views of the list: the word in the URL, its label, the key of its count, what it narrows the list to.
_VIEWS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("", _("All"), "", {}),
    ("passive", _("No portal account"), "portal_passive", {"portal": "passive"}),
    ("invited", _("Invited"), "portal_invited", {"portal": "invited"}),
    ("active", _("In the portal"), "portal_active", {"portal": "active"}),
    ("deactivated", _("Deactivated"), "deactivated", {"state": "deactivated"}),
)
_SORTS = (
    ("name", _("Name, A to Z")),
    ("-name", _("Name, Z to A")),
    ("-created", _("Newest first")),
    ("created", _("Oldest first")),
)


@routes.get(PATH, name="admin.customers", **SEE)
def customer_page(request: Request) -> Response:
    query = request.query
    q, tag, cursor = query.get("q", ""), query.get("tag", ""), query.get("cursor")
    sort = query.get("sort", "") if query.get("sort", "") in dict(_SORTS) else "name"
    view = next((view for view in _VIEWS if view[0] == query.get("state", "")), _VIEWS[0])
    narrowed: dict[str, Any] = {"q": q or None, "tag": tag or None, **view[3]}
    with request.tx() as tx:
        page = customer_list.search(tx, **narrowed, sort=sort, cursor=cursor, limit=PAGE)
        counts = page["counts"] or customer_list.counts(tx, q=q or None, tag=tag or None)
        tags = customer_fields.known_tags(tx)

    kept: dict[str, Any] = {"q": q or None, "tag": tag or None, "sort": sort if sort != "name" else None}

    def here(**changes: Any) -> str:
        return request.url("admin.customers", **{**kept, "state": view[0] or None, **changes})

    following = page["next_cursor"]
    everybody = counts.get("active", 0) + counts.get("deactivated", 0)
    return request.render(
        "admin/customers/list.html",
        customers=[{**one, "state": _portal_state(one)} for one in page["items"]],
        views=[
            {
                "label": say(request, label),
                "href": here(state=key or None),
                "count": counts.get(count, 0) if count else everybody,
                "current": key == view[0],
            }
            for key, label, count, _filter in _VIEWS
        ],
        q=q,
        tag=tag,
        tags=[one["tag"] for one in tags],
        state_key=view[0],
        sort=sort,
        sorts=[(key, say(request, label)) for key, label in _SORTS],
        without_tag=here(tag=None),
        narrowed=bool(q or tag or view[0]),
        never=not (q or tag or view[0] or cursor or page["items"]),
        export_href="/api/v1/customers.csv?" + _export_query(request, narrowed),
        next_href=here(cursor=following) if following else None,
        first_href=here() if cursor else None,
    )


def _export_query(request: Request, narrowed: dict[str, Any]) -> str:
    return urlencode({"language": request.language, **{name: value for name, value in narrowed.items() if value}})


def _portal_state(record: dict[str, Any]) -> str:
    return str(record["portal"] if record["state"] == "active" else record["state"])


@routes.get(f"{PATH}/pick", name="admin.customers.pick", **SEE)
def customer_pick(request: Request) -> Response:
    q = request.query.get("q", "")
    with request.tx() as tx:
        page = customer_list.search(tx, q=q or None, state="active", sort="name", limit=12)
    return request.render("admin/customers/pick.html", customers=page["items"], q=q)


@routes.get(f"{PATH}/{{id:uuid}}", name="admin.customer", **SEE)
def customer(request: Request, id: str) -> Response:
    with request.tx() as tx:
        record = customers.find(tx, UUID(id))
        access = invitations.access(tx, UUID(id))
    street = f"{record['street']} {record['house_number']}".strip()
    town = f"{record['postcode']} {record['town']}".strip()
    person = f"{record['first_name']} {record['last_name']}".strip()
    country = country_name(request.language, record["country"]) if street or town else ""
    return request.render(
        "admin/customers/detail.html",
        record={**record, "state": _portal_state(record)},
        access=access,
        address="\n".join(part for part in (record["company"], person, street, town, country) if part),
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


@routes.post(f"{PATH}/{{id:uuid}}/invite", name="admin.customer.invite", **DO)
def customer_invite(request: Request, id: str) -> Response:
    """Mail an invitation; the one before is over then."""
    try:
        with request.tx() as tx:
            record = invitations.invite(tx, UUID(id), request.kernel.sealer)
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.customer", id=id)
    request.flash(say(request, _("The invitation to %(email)s is on its way."), email=record["email"]))
    return request.redirect("admin.customer", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/withdraw-invitation", name="admin.customer.withdraw_invitation", **DO)
def customer_withdraw_invitation(request: Request, id: str) -> Response:
    return _done(request, id, invitations.withdraw, _("The invitation is withdrawn. Its link no longer works."))


@routes.post(f"{PATH}/{{id:uuid}}/deactivate", name="admin.customer.deactivate", **END)
def customer_deactivate(request: Request, id: str) -> Response:
    return _done(request, id, customers.deactivate, _("Customer deactivated."))


@routes.post(f"{PATH}/{{id:uuid}}/reactivate", name="admin.customer.reactivate", **END)
def customer_reactivate(request: Request, id: str) -> Response:
    return _done(request, id, customers.reactivate, _("Customer reactivated."))


@routes.post(f"{PATH}/{{id:uuid}}/delete", name="admin.customer.delete", **END)
def customer_delete(request: Request, id: str) -> Response:
    """Remove a customer without documents."""
    try:
        with request.tx() as tx:
            customers.delete(tx, UUID(id))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.customer", id=id)
    request.flash(say(request, _("Customer deleted.")))
    return request.redirect("admin.customers")


def _done(request: Request, id: str, act: Any, sentence: str) -> Response:
    try:
        with request.tx() as tx:
            act(tx, UUID(id))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.customer", id=id)
    request.flash(say(request, sentence))
    return request.redirect("admin.customer", id=id)
