"""Lists of records: saved views with counts, filters, order and position in the URL, sums, export."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from kontor.errors import Invalid, NotFound
from kontor.ids import uuid7
from portal_gateway.accounts import customers
from portal_gateway.admin.figures import read_money
from portal_gateway.admin.words import _, say
from portal_gateway.api.export import Column
from portal_gateway.bulk import MOST_ROWS
from portal_gateway.web import Query, Request, Response

PAGE = 50
CURRENCIES = ("CHF", "EUR", "USD", "GBP")

_DAYS = ("created_from", "created_to", "valid_until_from", "valid_until_to")
_AMOUNTS = ("total_from", "total_to")
_LABELS = {
    "currency": _("Currency"),
    "created_from": _("Created from"),
    "created_to": _("Created to"),
    "valid_until_from": _("Valid from"),
    "valid_until_to": _("Valid to"),
    "total_from": _("Amount from"),
    "total_to": _("Amount to"),
}


class View(NamedTuple):
    """A saved view: its word, the states in it, and whether a count in it asks for attention."""

    key: str
    label: str
    states: tuple[str, ...]
    urgent: bool = False


class Act(NamedTuple):
    """A bulk action as the list offers it; ``consequence`` is said before it begins, ``button`` names the act."""

    verb: str
    label: str
    title: str
    consequence: str
    button: str
    danger: bool = False


@dataclass(frozen=True)
class Listing:
    """One kind of record as a list. ``sorts`` are the columns that can be sorted by, with the service's word for it."""

    kind: str
    path: str
    route: str
    record_route: str
    new_route: str
    permission: str
    title: str
    new_label: str
    never_title: str
    never_text: str
    date_heading: str
    date_field: str
    views: tuple[View, ...]
    orders: tuple[tuple[str, str], ...]
    sorts: Mapping[str, str]
    fetch: Callable[[Any], Callable[..., dict[str, Any]]]
    columns: tuple[Column, ...]
    acts: tuple[Act, ...] = ()
    ids: Callable[[Any], Callable[..., dict[str, Any]]] | None = None
    filters: tuple[str, ...] = ()
    with_amount: bool = True
    link: tuple[str, str, str] | None = None


@dataclass
class Asked:
    """What the URL asks for: the service's filters, the same as query parameters, and what could not be understood."""

    filters: dict[str, Any]
    kept: dict[str, Any]
    problems: dict[str, str] = field(default_factory=dict)


def asked(request: Request, listing: Listing, query: Query) -> Asked:
    """Read the filters of a list out of a query string; an unknown order or view is the default one."""
    view = next((view for view in listing.views if view.key == query.get("state", "")), listing.views[0])
    sort = query.get("sort") or "-created"
    if sort.removeprefix("-") not in {"created", *listing.sorts.values()}:
        sort = "-created"
    found = Asked(
        filters={"state": list(view.states) or None, "q": query.get("q") or None, "sort": sort},
        kept={"state": view.key or None, "q": query.get("q") or None, "sort": sort if sort != "-created" else None},
    )
    if query.get("customer_id"):
        found.filters["customer_id"] = found.kept["customer_id"] = str(query.uuid("customer_id"))
    currency = query.get("currency", "").upper()
    if "currency" in listing.filters and currency in CURRENCIES:
        found.filters["currency"] = found.kept["currency"] = currency
    for name in _DAYS:
        if name in listing.filters and (value := query.get(name)):
            found.kept[name] = value
            try:
                found.filters[name] = date.fromisoformat(value).isoformat()
            except ValueError:
                found.problems[name] = say(request, _("Please type a date."))
    for name in _AMOUNTS:
        if name in listing.filters and (value := query.get(name)):
            found.kept[name] = value
            unit = found.filters.get("currency") or request.business.get("default_currency") or "CHF"
            try:
                found.filters[f"{name}_minor"] = read_money(value, unit, request.locale, name)
            except Invalid:
                found.problems[name] = say(request, _("Please type an amount."))
    return found


def page(request: Request, listing: Listing) -> Response:
    """The list as a page."""
    wanted = asked(request, listing, request.query)
    cursor = request.query.get("cursor") or None
    fetch = listing.fetch(request.services)
    found = fetch(**wanted.filters, cursor=cursor, limit=PAGE)
    counts: Mapping[str, int] = found["counts"]
    rows = [_row(request, listing, item) for item in found["items"]]
    matching = _matching(listing, wanted, counts)
    narrowed = {name: value for name, value in wanted.kept.items() if name != "sort" and value}

    def here(**changes: Any) -> str:
        return request.url(listing.route, **{**wanted.kept, **changes})

    never = not narrowed and not rows and not sum(counts.values())
    return request.render(
        "admin/records/list.html",
        listing=listing,
        title=say(request, listing.title),
        kind=listing.kind,
        views=_views(request, listing, wanted, counts, here),
        rows=rows,
        wanted=wanted,
        q=wanted.kept["q"] or "",
        sort=wanted.filters["sort"],
        orders=[(key, say(request, label)) for key, label in listing.orders],
        heads=_heads(request, listing, wanted, here),
        chips=_chips(request, wanted, here),
        filters=[name for name in listing.filters if name != "currency"],
        labels={name: say(request, label) for name, label in _LABELS.items()},
        currencies=[(one, one) for one in CURRENCIES],
        reset_href=request.url(listing.route),
        matching=matching,
        sums=found.get("sums") or _sums(rows),
        sums_are_of_page="sums" not in found,
        next_href=here(cursor=found["next_cursor"]) if found["next_cursor"] else None,
        first_href=here() if cursor else None,
        new_href=request.url(listing.new_route) if request.may(listing.permission) else None,
        new_label=say(request, listing.new_label),
        extra_link=_link(request, listing),
        never={"title": say(request, listing.never_title), "text": say(request, listing.never_text)} if never else None,
        csv_href=request.url(f"{listing.route}.csv", **wanted.kept),
        bulk=_bulk(request, listing, wanted, matching),
    )


def _row(request: Request, listing: Listing, item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": item["id"],
        "href": request.url(listing.record_route, id=item["id"]),
        "number": item["number"],
        "title": item["title"],
        "customer": item["customer"]["display_name"],
        "date": item.get(listing.date_field),
        "state": item["state"],
        "total_minor": item.get("total_minor"),
        "currency": item.get("currency"),
    }


def _matching(listing: Listing, wanted: Asked, counts: Mapping[str, int]) -> int:
    states = wanted.filters["state"] or counts
    return sum(counts.get(state, 0) for state in states)


def _views(
    request: Request, listing: Listing, wanted: Asked, counts: Mapping[str, int], here: Callable[..., str]
) -> list[dict[str, Any]]:
    """The views that hold something, the current one, and the drafts."""
    tabs = []
    for view in listing.views:
        count = sum(counts.get(one, 0) for one in view.states) if view.states else sum(counts.values())
        current = (wanted.kept["state"] or "") == view.key
        if not count and view.states and not current and view.key != "draft":
            continue
        tabs.append(
            {
                "label": say(request, view.label),
                "href": here(state=view.key or None),
                "count": count,
                "current": current,
                "urgent": view.urgent and bool(count),
            }
        )
    return tabs


def _heads(request: Request, listing: Listing, wanted: Asked, here: Callable[..., str]) -> dict[str, dict[str, str]]:
    """Column headers that can be sorted by: a click sorts, another one turns the order round."""
    labels = {
        "number": _("Number"),
        "title": _("Title"),
        "customer": _("Customer"),
        "date": listing.date_heading,
        "amount": _("Amount"),
    }
    heads = {}
    for column, label in labels.items():
        key = listing.sorts.get(column)
        order = ""
        href = ""
        if key is not None:
            if wanted.filters["sort"].removeprefix("-") == key:
                order = "descending" if wanted.filters["sort"].startswith("-") else "ascending"
            falls_first = column in {"number", "date", "amount"}
            falling = falls_first if not order else order == "ascending"
            href = here(sort=f"-{key}" if falling else key)
        heads[column] = {"label": say(request, label), "href": href, "order": order}
    return heads


def _chips(request: Request, wanted: Asked, here: Callable[..., str]) -> list[dict[str, str]]:
    """Filters beside view and search, each with the way to the list without it."""
    chips = []
    for name, value in wanted.kept.items():
        if not value or name in {"state", "q", "sort"}:
            continue
        label = _name_of(request, value) if name == "customer_id" else f"{say(request, _LABELS[name])} {value}"
        chips.append({"name": name, "value": value, "label": label, "without": here(**{name: None})})
    return chips


def _name_of(request: Request, customer_id: str) -> str:
    try:
        with request.tx() as tx:
            return str(customers.find(tx, UUID(customer_id))["display_name"])
    except NotFound:
        return customer_id[:8]


def _link(request: Request, listing: Listing) -> dict[str, str] | None:
    if listing.link is None:
        return None
    route, label, icon = listing.link
    return {"href": request.url(route), "label": say(request, label), "icon": icon}


def _bulk(request: Request, listing: Listing, wanted: Asked, matching: int) -> dict[str, Any] | None:
    if not listing.acts or not request.may(listing.permission):
        return None
    words = [
        {name: say(request, text) if isinstance(text, str) else text for name, text in act._asdict().items()}
        for act in listing.acts
    ]
    for act, told in zip(listing.acts, words, strict=True):
        told["verb"] = act.verb
    return {
        "href": request.url(f"{listing.route}.bulk"),
        "id": str(uuid7()),
        "acts": words,
        "query": request.url(listing.route, **wanted.kept).partition("?")[2],
        "matching": min(matching, MOST_ROWS),
        "capped": matching > MOST_ROWS,
    }


def _sums(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the rows on this page add up to, for services that do not tell the sum of all that match."""
    sums: dict[str, int] = {}
    for row in rows:
        if row["currency"] and row["total_minor"] is not None:
            sums[row["currency"]] = sums.get(row["currency"], 0) + row["total_minor"]
    return [{"currency": currency, "total_minor": minor} for currency, minor in sorted(sums.items())]
