"""Lists of records: saved views with counts, search, sort and cursor in the URL."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from portal_gateway.admin.words import say
from portal_gateway.web import Request

PAGE = 50


class View(NamedTuple):
    """A saved view: its word, the states in it, and whether a count in it asks for attention."""

    key: str
    label: str
    states: tuple[str, ...]
    urgent: bool = False


def asked(request: Request, views: Sequence[View]) -> dict[str, Any]:
    """The filters of a list service out of the URL."""
    view = next((view for view in views if view.key == request.query.get("state", "")), None)
    wanted = list(view.states) if view else []
    return {
        "state": wanted or None,
        "customer_id": str(request.query.uuid("customer_id")) if request.query.get("customer_id") else None,
        "q": request.query.get("q") or None,
        "sort": request.query.get("sort") or "-created",
        "cursor": request.query.get("cursor") or None,
        "limit": PAGE,
    }


def shown(
    request: Request,
    name: str,
    views: Sequence[View],
    page: Mapping[str, Any],
    record_name: str,
    date_field: str,
) -> dict[str, Any]:
    """What `admin/records/list.html` needs besides its headings."""
    state, q, sort = (request.query.get(key, "") for key in ("state", "q", "sort"))
    customer_id = request.query.get("customer_id", "")
    kept = {"q": q or None, "sort": sort or None, "customer_id": customer_id or None}
    counts: Mapping[str, int] = page["counts"]
    tabs = []
    for view in views:
        count = sum(counts.get(one, 0) for one in view.states) if view.states else None
        if count == 0 and view.key not in {state, "draft"}:
            continue
        tabs.append(
            {
                "label": say(request, view.label),
                "href": request.url(name, state=view.key or None, **kept),
                "count": count,
                "current": state == view.key,
                "urgent": view.urgent and bool(count),
            }
        )
    rows = [
        {
            "href": request.url(record_name, id=item["id"]),
            "number": item["number"],
            "title": item["title"],
            "customer": item["customer"]["display_name"],
            "customer_record": item["customer"],
            "date": item.get(date_field),
            "state": item["state"],
            "more": "",
            "total_minor": item.get("total_minor"),
            "currency": item.get("currency"),
        }
        for item in page["items"]
    ]
    narrowed = bool(q or customer_id or state)
    return {
        "views": tabs,
        "rows": rows,
        "q": q,
        "sort": sort,
        "current_state": state,
        "customer_filter": _customer_filter(request, name, rows, customer_id, {**kept, "state": state or None}),
        "reset_href": request.url(name),
        "sums": _sums(rows),
        "next_href": request.url(name, state=state or None, cursor=page["next_cursor"], **kept)
        if page["next_cursor"]
        else None,
        "first_href": request.url(name, state=state or None, **kept) if request.query.get("cursor") else None,
        "is_empty": not narrowed and not rows and not sum(counts.values()),
    }


def _customer_filter(
    request: Request, name: str, rows: Sequence[Mapping[str, Any]], customer_id: str, kept: Mapping[str, Any]
) -> dict[str, Any] | None:
    if not customer_id:
        return None
    label = rows[0]["customer"] if rows else customer_id[:8]
    return {
        "id": customer_id,
        "display_name": label,
        "without": request.url(name, **{key: value for key, value in kept.items() if key != "customer_id"}),
    }


def _sums(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the rows on this page add up to, one sum per currency."""
    sums: dict[str, int] = {}
    for row in rows:
        if row["currency"] and row["total_minor"] is not None:
            sums[row["currency"]] = sums.get(row["currency"], 0) + row["total_minor"]
    return [{"currency": currency, "minor": minor} for currency, minor in sorted(sums.items())]
