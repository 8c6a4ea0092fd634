"""The lists of quotes, contracts and invoices: pages, exports, and the start of bulk actions."""

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from kontor.errors import Invalid, Refusal
from portal_gateway import bulk
from portal_gateway.admin import lists, records
from portal_gateway.admin.lists import Act, Listing, View
from portal_gateway.admin.words import _, say
from portal_gateway.api import export
from portal_gateway.api.export import Column
from portal_gateway.web import Query, Request, Response, Routes

routes = Routes("admin")

_ORDERS = (("-created", _("newest first")), ("created", _("oldest first")))
_FACTS = (
    Column(_("Number"), "number"),
    Column(_("State"), "state"),
    Column(_("Title"), "title"),
    Column(_("Customer"), "customer.display_name"),
    Column(_("E-mail"), "customer.email"),
)
_AMOUNTS = (
    Column(_("Currency"), "currency"),
    Column(_("Net"), "net_minor", "amount"),
    Column(_("VAT"), "vat_minor", "amount"),
    Column(_("Total"), "total_minor", "amount"),
)
_DELETE = Act(
    "delete",
    _("Delete drafts"),
    _("Delete the selected drafts?"),
    _("Drafts are gone afterwards. What has a number stays and is listed with the reason."),
    _("Delete drafts"),
    danger=True,
)
QUOTES = Listing(
    kind="quote",
    path="/admin/clients/quotes",
    route="admin.quotes",
    record_route="admin.quote",
    new_route="admin.quote.new",
    permission="quotes.manage",
    title=_("Quotes"),
    new_label=_("New quote"),
    never_title=_("No quote yet"),
    never_text=_(
        "A quote says what it is and what it costs. Your customer accepts it "
        "through a personal link; contract and invoices grow out of it."
    ),
    date_heading=_("Valid until"),
    date_field="valid_until",
    views=(
        View("", _("All"), ()),
        View("draft", _("Draft"), ("draft",)),
        View("sent", _("Sent"), ("sent",)),
        View("accepted", _("Accepted"), ("accepted",), urgent=True),
        View("converted", _("Converted"), ("converted",)),
        View("declined", _("Declined"), ("declined",)),
        View("expired", _("Expired"), ("expired",)),
        View("withdrawn", _("Withdrawn"), ("withdrawn",)),
    ),
    orders=(
        *_ORDERS,
        ("-number", _("number, falling")),
        ("-total", _("amount, falling")),
        ("customer", _("customer")),
    ),
    sorts={"number": "number", "title": "title", "customer": "customer", "date": "valid_until", "amount": "total"},
    link=("admin.quote.templates", _("Templates and presets"), "blocks"),
    fetch=lambda services: services.quotes.list_quotes,
    ids=lambda services: services.quotes.list_quote_ids,
    filters=(
        "currency",
        "created_from",
        "created_to",
        "valid_until_from",
        "valid_until_to",
        "total_from",
        "total_to",
    ),
    columns=(
        *_FACTS,
        *_AMOUNTS,
        Column(_("Created"), "created_at", "moment"),
        Column(_("Sent"), "sent_at", "moment"),
        Column(_("Valid until"), "valid_until"),
        Column(_("Answered"), "answered_at", "moment"),
    ),
    acts=(
        Act(
            "send",
            _("Send"),
            _("Send the selected quotes?"),
            _("Every draft gets its number and goes to its customer by mail. Others are listed with the reason."),
            _("Send drafts"),
        ),
        Act(
            "withdraw",
            _("Withdraw"),
            _("Withdraw the selected quotes?"),
            _("They can no longer be accepted; their pages say so. Only sent quotes can be withdrawn."),
            _("Withdraw quotes"),
            danger=True,
        ),
        Act(
            "duplicate",
            _("Duplicate"),
            _("Duplicate the selected quotes?"),
            _("Each becomes a new draft with the same content."),
            _("Duplicate quotes"),
        ),
        _DELETE,
    ),
)
CONTRACTS = Listing(
    kind="contract",
    path="/admin/clients/contracts",
    route="admin.contracts",
    record_route="admin.contract",
    new_route="admin.contract.new",
    permission="contracts.manage",
    title=_("Contracts"),
    new_label=_("New contract"),
    never_title=_("No contract yet"),
    never_text=_(
        "A contract is composed from blocks, signed by your customer on any "
        "phone, and countersigned by you. Then it is final."
    ),
    date_heading=_("Valid until"),
    date_field="valid_until",
    views=(
        View("", _("All"), ()),
        View("draft", _("Draft"), ("draft",)),
        View("sent", _("Sent"), ("sent",)),
        View("signed", _("To countersign"), ("signed",), urgent=True),
        View("sealing", _("Being finished"), ("sealing",)),
        View("fully_signed", _("Fully signed"), ("fully_signed",)),
        View("declined", _("Declined"), ("declined",)),
        View("expired", _("Expired"), ("expired",)),
        View("withdrawn", _("Withdrawn"), ("withdrawn",)),
        View("cancelled", _("Cancelled"), ("cancelled",)),
    ),
    orders=_ORDERS,
    sorts={},
    fetch=lambda services: services.contracts.list_contracts,
    columns=(
        *_FACTS,
        Column(_("Created"), "created_at", "moment"),
        Column(_("Sent"), "sent_at", "moment"),
        Column(_("Valid until"), "valid_until"),
    ),
    acts=(
        Act(
            "withdraw",
            _("Withdraw"),
            _("Withdraw the selected contracts?"),
            _("Their links stop working and they can no longer be signed. Only sent contracts can be withdrawn."),
            _("Withdraw contracts"),
            danger=True,
        ),
        _DELETE,
    ),
    with_amount=False,
    link=("admin.blocks", _("Block library"), "blocks"),
)
INVOICES = Listing(
    kind="invoice",
    path="/admin/clients/bills",
    route="admin.invoices",
    record_route="admin.invoice",
    new_route="admin.invoice.new",
    permission="bills.manage",
    title=_("Invoices"),
    new_label=_("New invoice"),
    never_title=_("No invoice yet"),
    never_text=_(
        "Invoices grow out of accepted quotes, or stand alone. Issuing gives "
        "them their number; after that nothing can change them."
    ),
    date_heading=_("Due"),
    date_field="due_date",
    views=(
        View("", _("All"), ()),
        View("open", _("Open"), ("issuing", "sent", "partially_paid", "overdue")),
        View("overdue", _("Overdue"), ("overdue",), urgent=True),
        View("draft", _("Draft"), ("draft",)),
        View("waiting", _("Pending"), ("pending_delivery",)),
        View("scheduled", _("Scheduled"), ("scheduled",)),
        View("partially_paid", _("Partially paid"), ("partially_paid",)),
        View("paid", _("Paid"), ("paid",)),
        View("cancelled", _("Cancelled"), ("cancelled",)),
    ),
    orders=(
        *_ORDERS,
        ("due", _("due first")),
        ("-number", _("number, falling")),
        ("-total", _("amount, falling")),
        ("customer", _("customer")),
    ),
    sorts={"number": "number", "customer": "customer", "date": "due", "amount": "total"},
    fetch=lambda services: services.invoicing.list_invoices,
    columns=(
        *_FACTS,
        *_AMOUNTS,
        Column(_("Paid"), "paid_minor", "amount"),
        Column(_("Open"), "open_minor", "amount"),
        Column(_("Issued"), "issue_date"),
        Column(_("Due"), "due_date"),
    ),
    acts=(_DELETE,),
)
LISTINGS = (QUOTES, CONTRACTS, INVOICES)
_FEATURES = {"quote": "quotes", "contract": "contracts", "invoice": "bills"}


def _add(listing: Listing) -> None:
    feature = _FEATURES[listing.kind]
    see: Any = {"permission": f"{feature}.view", "feature": feature}
    do: Any = {"permission": listing.permission, "feature": feature}

    @routes.get(listing.path, name=listing.route, **see)
    def listed(request: Request) -> Response:
        return lists.page(request, listing)

    @routes.get(f"{listing.path}.csv", name=f"{listing.route}.csv", **see)
    def exported(request: Request) -> Response:
        return csv_of(request, listing)

    @routes.post(f"{listing.path}/bulk", name=f"{listing.route}.bulk", **do)
    def begun(request: Request) -> Response:
        return begin(request, listing)


for _one in LISTINGS:
    _add(_one)


def csv_of(request: Request, listing: Listing) -> Response:
    """Everything that matches, or the rows named by ``ids``, as CSV in the viewer's language."""
    wanted = lists.asked(request, listing, request.query)
    chosen = request.query.getlist("ids")
    name = f"{listing.kind}s-{request.today().isoformat()}"
    fetch: export.Fetch = listing.fetch(request.services)
    headers = [say(request, column.header) for column in listing.columns]
    if chosen and listing.ids is not None:
        wanted.filters["ids"] = chosen
    elif chosen:
        fetch = _only(fetch, set(chosen))
    return export.stream(request, name, listing.columns, headers, fetch, wanted.filters)


def _only(fetch: export.Fetch, chosen: set[str]) -> export.Fetch:
    def some(**arguments: Any) -> dict[str, Any]:
        page = fetch(**arguments)
        return {**page, "items": [item for item in page["items"] if item["id"] in chosen]}

    return some


def begin(request: Request, listing: Listing) -> Response:
    """Queue the act for the rows that are ticked, or for everything that matches; then show how it goes on."""
    form = request.form()
    id = form.uuid("job_id")
    try:
        if form.get("scope") == "all":
            chosen = everything(request, listing, Query(parse_qsl(form.get("query", ""), max_num_fields=200)))
        else:
            chosen = ticked(request, listing, form.getlist("ids"))
        with request.tx() as tx:
            bulk.start(tx, id, kind=listing.kind, verb=form.get("verb", ""), records=chosen)
    except Refusal as refusal:
        return records.refused(request, refusal, listing.route)
    return request.redirect("admin.bulk", id=id)


def everything(request: Request, listing: Listing, query: Query) -> list[dict[str, Any]]:
    """What matches now, at most `bulk.MOST_ROWS`: the action goes on with these, whatever matches later."""
    filters = lists.asked(request, listing, query).filters
    if listing.ids is not None:
        items: list[dict[str, Any]] = listing.ids(request.services)(**filters, limit=bulk.MOST_ROWS)["items"]
        return items
    found: list[dict[str, Any]] = []
    fetch, cursor = listing.fetch(request.services), None
    while len(found) < bulk.MOST_ROWS:
        page = fetch(**filters, cursor=cursor, limit=export.ROWS_PER_CALL)
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    return found[: bulk.MOST_ROWS]


def ticked(request: Request, listing: Listing, ids: list[str]) -> list[dict[str, Any]]:
    """The named records that exist, in the order they were named."""
    try:
        wanted = list(dict.fromkeys(str(UUID(id)) for id in ids))
    except ValueError:
        raise Invalid.field("ids", "This is no id.") from None
    if listing.ids is not None:
        known = {one["id"]: one for one in listing.ids(request.services)(ids=wanted)["items"]}
        return [known[id] for id in wanted if id in known]
    form = request.form()
    return [{"id": id, "title": form.get(f"label-{id}", "")} for id in wanted]
