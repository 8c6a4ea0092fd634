"""Sign-in, set-up, overview, and the search behind Ctrl-K."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from kontor.errors import Refusal
from kontor.locale import format_money
from portal_gateway.accounts import customer_list, customers, sign_in
from portal_gateway.admin import frame, records
from portal_gateway.admin.words import _, say
from portal_gateway.business import bank_accounts, sections
from portal_gateway.projection import deals
from portal_gateway.web import ANYONE, SIGNED_IN, Request, Response, Routes, problem_of

routes = Routes("admin")


@routes.get("/admin/login", name="admin.login", permission=ANYONE)
def login(request: Request) -> Response:
    if request.admin:
        return request.redirect_to(request.query.get("next") or "/admin")
    return request.render("admin/login.html", next=request.query.get("next", ""), email="")


@routes.post("/admin/login", name="admin.login.submit", permission=ANYONE)
def login_submit(request: Request) -> Response:
    form = request.form()
    try:
        sign_in.admin(request, form.get("email", ""), form.get("password", ""))
    except Refusal as refusal:
        problem = problem_of(refusal)
        return request.render(
            "admin/login.html",
            status=problem.status,
            next=form.get("next", ""),
            email=form.get("email", ""),
            problem=problem,
        )
    return request.redirect_to(form.get("next") or "/admin")


@routes.post("/admin/logout", name="admin.logout", permission=SIGNED_IN)
def logout(request: Request) -> Response:
    sign_in.leave(request)
    return request.redirect("admin.login")


@routes.get("/admin/setup/{token}", name="admin.setup", permission=ANYONE)
def setup(request: Request, token: str) -> Response:
    with request.tx() as tx:
        needed = sign_in.setup_needed(tx)
    if not needed:
        return request.redirect("admin.login")
    return request.render("admin/setup.html", form={"name": "", "email": ""})


@routes.post("/admin/setup/{token}", name="admin.setup.submit", permission=ANYONE)
def setup_submit(request: Request, token: str) -> Response:
    form = request.form()
    typed = {"name": form.get("name", ""), "email": form.get("email", "")}
    try:
        sign_in.first_admin(request, token, typed["email"], typed["name"], form.get("password", ""))
    except Refusal as refusal:
        problem = problem_of(refusal)
        return request.render("admin/setup.html", status=problem.status, form=typed, problem=problem)
    return request.redirect("admin.home")


@routes.get("/admin", name="admin.home", permission=SIGNED_IN)
def home(request: Request) -> Response:
    with request.tx() as tx:
        rows = deals.pipeline(tx)
        latest = deals.recent(tx, limit=30)
        steps = _setup_steps(request, tx)
    rows = [row for row in rows if _visible(request, row["kind"])]
    names = _customer_names(request, latest)
    return request.render(
        "admin/overview.html",
        greeting=_greeting(request),
        today=request.today(),
        setup=steps if not all(step["done"] for step in steps) else [],
        figures=_figures(request, rows),
        needs=_needs(request, latest, names),
        deals=_latest(request, latest, names)[:8],
        pipeline=_pipeline(request, rows),
    )


def _visible(request: Request, kind: str) -> bool:
    feature = {"quote": "quotes", "booking": "quotes", "contract": "contracts", "invoice": "bills"}.get(kind, "")
    return bool(request.features.get(feature)) and request.may(records.PERMISSIONS.get(kind, "operations.manage"))


def _greeting(request: Request) -> str:
    hour = request.now().astimezone(ZoneInfo(request.timezone)).hour
    word = (
        _("Good morning, %(name)s")
        if hour < 11
        else _("Good day, %(name)s")
        if hour < 18
        else _("Good evening, %(name)s")
    )
    assert request.admin is not None
    return say(request, word, name=request.admin.name.split()[0])


def _setup_steps(request: Request, tx: Any) -> list[dict[str, Any]]:
    profile = sections.read(tx, "business_profile")
    steps = []
    if request.may("settings.features"):
        steps.append(
            {
                "label": say(request, _("Switch on what you need")),
                "text": say(request, _("Quotes, contracts, invoices: every module is off until you want it.")),
                "button": say(request, _("Features")),
                "href": request.url("admin.settings.features"),
                "done": bool(request.features.get("quotes")),
            }
        )
    if request.may("settings.manage"):
        steps.append(
            {
                "label": say(request, _("Fill in the business profile")),
                "text": say(request, _("Name, address and tax numbers stand on every document.")),
                "button": say(request, _("Business profile")),
                "href": request.url("admin.settings.business_profile"),
                "done": not profile["missing"],
            }
        )
    if request.may("settings.banking"):
        steps.append(
            {
                "label": say(request, _("Add a bank account")),
                "text": say(request, _("Where your customers pay. It goes onto the payment slip.")),
                "button": say(request, _("Bank accounts")),
                "href": request.url("admin.settings.bank_accounts"),
                "done": bool(bank_accounts.all(tx)),
            }
        )
    if request.may("customers.create") and request.features.get("clients"):
        steps.append(
            {
                "label": say(request, _("Enter your first customer")),
                "text": say(request, _("Name and e-mail are enough to begin.")),
                "button": say(request, _("New customer")),
                "href": request.url("admin.customer.new"),
                "done": bool(customer_list.search(tx, limit=1)["items"]),
            }
        )
    return steps


def _figures(request: Request, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    figures = []
    if _visible(request, "invoice"):
        still = [
            row
            for row in rows
            if row["kind"] == "invoice" and row["state"] in {"issuing", "sent", "partially_paid", "overdue"}
        ]
        late = [row for row in still if row["state"] == "overdue"]
        figures.append(_money_figure(request, _("Open"), still, "open", late=False))
        figures.append(_money_figure(request, _("Overdue"), late, "overdue", late=True))
    if _visible(request, "contract"):
        to_sign = sum(row["count"] for row in rows if row["kind"] == "contract" and row["state"] == "signed")
        out = sum(row["count"] for row in rows if row["kind"] == "contract" and row["state"] == "sent")
        figures.append(
            {
                "label": say(request, _("To countersign")),
                "count": to_sign,
                "minor": None,
                "currency": None,
                "late": False,
                "note": say(request, _("%(count)s out for signature"), count=out),
                "href": request.url("admin.contracts", state="signed"),
            }
        )
    if _visible(request, "quote"):
        out = sum(row["count"] for row in rows if row["kind"] == "quote" and row["state"] == "sent")
        accepted = sum(row["count"] for row in rows if row["kind"] == "quote" and row["state"] == "accepted")
        figures.append(
            {
                "label": say(request, _("Waiting for an answer")),
                "count": out,
                "minor": None,
                "currency": None,
                "late": False,
                "note": say(request, _("%(count)s accepted, to convert"), count=accepted),
                "href": request.url("admin.quotes", state="sent"),
            }
        )
    return figures


def _money_figure(
    request: Request, label: str, rows: list[dict[str, Any]], state: str, *, late: bool
) -> dict[str, Any]:
    """The sum in the currency with most invoices; the other currencies stand below. They are never added up."""
    sums: dict[str, int] = {}
    counts: dict[str, int] = {}
    for row in rows:
        currency = row["currency"] or ""
        sums[currency] = sums.get(currency, 0) + row["open_minor"]
        counts[currency] = counts.get(currency, 0) + row["count"]
    order = sorted(sums, key=lambda currency: -counts[currency])
    first = order[0] if order else (request.business.get("default_currency") or "CHF")
    others = [format_money(sums[one], one, request.locale) for one in order[1:]]
    total = sum(counts.values())
    note = [say(request, _("%(count)s invoices"), count=total) if total != 1 else say(request, _("1 invoice"))]
    return {
        "label": say(request, label),
        "minor": sums.get(first, 0),
        "currency": first,
        "count": total,
        "late": late and total > 0,
        "note": " · ".join(note + others),
        "href": request.url("admin.invoices", state=state),
    }


#: (kind, state) -> why it waits for the admin
_WAITS = {
    ("invoice", "overdue"): _("past its due date"),
    ("contract", "signed"): _("signed by the customer, waits for your signature"),
    ("quote", "accepted"): _("accepted, waits to be converted"),
    ("quote", "declined"): _("declined by the customer"),
    ("invoice", "draft"): _("draft, waits to be issued"),
    ("contract", "draft"): _("draft, waits to be composed and sent"),
    ("quote", "draft"): _("draft, waits to be sent"),
}


def _needs(request: Request, latest: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    order = list(_WAITS)
    found = []
    for deal in latest:
        for record in deal["records"]:
            key = (record["kind"], record["state"])
            if key in _WAITS and _visible(request, record["kind"]):
                customer = names.get(str(deal.get("customer_id")), "")
                found.append(
                    (
                        order.index(key),
                        {
                            "href": request.url(records.PAGES[record["kind"]], id=record["id"]),
                            "title": " · ".join(
                                part for part in (record["number"], record["title"] or deal["title"]) if part
                            ),
                            "why": " · ".join(part for part in (customer, say(request, _WAITS[key])) if part),
                            "state": record["state"],
                        },
                    )
                )
    found.sort(key=lambda item: item[0])
    return [item for _rank, item in found[:8]]


def _latest(request: Request, latest: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    shown = []
    for deal in latest:
        seen = [record for record in deal["records"] if _visible(request, record["kind"])]
        if not seen:
            continue
        last = max(seen, key=lambda record: record["updated_at"])
        shown.append(
            {
                "href": request.url(records.PAGES[last["kind"]], id=last["id"]),
                "title": deal["title"] or last["title"] or last["number"] or "–",
                "customer": names.get(str(deal.get("customer_id")), ""),
                "numbers": " → ".join(record["number"] for record in seen if record["number"]),
                "state": last["state"],
            }
        )
    return shown


def _customer_names(request: Request, latest: list[dict[str, Any]]) -> dict[str, str]:
    ids = {str(deal["customer_id"]) for deal in latest if deal.get("customer_id")}
    names = {}
    with request.tx() as tx:
        for id in ids:
            try:
                names[id] = str(customers.find(tx, id)["display_name"])
            except Refusal:
                names[id] = ""
    return names


_COLUMNS = (
    (_("Quote"), "quote", ("sent",), "admin.quotes", "sent"),
    (_("Accepted"), "quote", ("accepted",), "admin.quotes", "accepted"),
    (_("Contract"), "contract", ("sent", "signed", "sealing"), "admin.contracts", "sent"),
    (_("Signed"), "contract", ("fully_signed",), "admin.contracts", "fully_signed"),
    (_("Invoiced"), "invoice", ("issuing", "sent", "partially_paid", "overdue"), "admin.invoices", "open"),
    (_("Paid"), "invoice", ("paid",), "admin.invoices", "paid"),
)


def _pipeline(request: Request, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    columns = []
    for label, kind, states, name, state in _COLUMNS:
        if not _visible(request, kind):
            continue
        sums: dict[str, int] = {}
        count = 0
        for row in rows:
            if row["kind"] == kind and row["state"] in states:
                count += row["count"]
                if row["currency"]:
                    sums[row["currency"]] = sums.get(row["currency"], 0) + row["total_minor"]
        columns.append(
            {
                "label": say(request, label),
                "count": count,
                "sums": [{"currency": one, "minor": sums[one]} for one in sorted(sums) if sums[one]],
                "href": request.url(name, state=state),
            }
        )
    return columns if any(column["count"] for column in columns) else []


@routes.get("/admin/search", name="admin.search", permission=SIGNED_IN)
def search(request: Request) -> Response:
    """What the palette lists for a word: actions, places, and records by number, title or customer."""
    q = request.query.get("q", "").strip()
    groups = []
    if q:
        groups += [group for group in _found(request, q) if group["items"]]
    places = frame.context(request)
    actions = [
        {
            "href": item["href"],
            "icon": "plus",
            "label": say(request, _("New: %(what)s"), what=item["label"]),
            "note": "",
            "state": "",
        }
        for item in places["new_menu"]
    ]
    going = [
        {"href": item["href"], "icon": item["icon"], "label": item["label"], "note": "", "state": ""}
        for group in places["nav"]
        for item in group["items"]
    ]
    word = q.casefold()
    for label, items in ((_("Actions"), actions), (_("Go to"), going)):
        fitting = [item for item in items if word in item["label"].casefold()]
        if fitting:
            groups.append({"label": say(request, label), "items": fitting})
    return request.render("admin/search.html", groups=groups, q=q)


def _found(request: Request, q: str) -> list[dict[str, Any]]:
    services = request.services
    reads: tuple[tuple[str, str, Callable[[], Any]], ...] = (
        ("quote", _("Quotes"), lambda: services.quotes.list_quotes(q=q, limit=5)),
        ("contract", _("Contracts"), lambda: services.contracts.list_contracts(q=q, limit=5)),
        ("invoice", _("Invoices"), lambda: services.invoicing.list_invoices(q=q, limit=5)),
        ("booking", _("Bookings"), lambda: services.quotes.list_bookings(q=q, sort="-start", limit=5)),
    )
    groups = []
    for kind, label, read in reads:
        if not _visible(request, kind):
            continue
        page, away = request.unavailable(read)
        groups.append(
            {
                "label": say(request, label),
                "items": []
                if away
                else [
                    {
                        "href": request.url(records.PAGES[kind], id=item["id"]),
                        "icon": "calendar" if kind == "booking" else kind,
                        "label": " · ".join(part for part in (item.get("number"), item["title"]) if part),
                        "note": (item["customer"] or {}).get("display_name") or "",
                        "state": item.get("state") or item.get("status"),
                    }
                    for item in page["items"]
                ],
            }
        )
    if request.may("customers.view") and request.features.get("clients"):
        with request.tx() as tx:
            found = customer_list.search(tx, q=q, sort="name", limit=5)["items"]
        groups.append(
            {
                "label": say(request, _("Customers")),
                "items": [
                    {
                        "href": request.url("admin.customer", id=one["id"]),
                        "icon": "customers",
                        "label": one["display_name"],
                        "note": one["email"],
                        "state": "",
                    }
                    for one in found
                ],
            }
        )
    return groups
