"""Bookings: list, record, form, the moves of the status, and the second yes to an overlap."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kontor.errors import NotFound, Refusal
from kontor.ids import uuid7
from portal_gateway.accounts import customers
from portal_gateway.admin import records
from portal_gateway.admin.words import _, say
from portal_gateway.web import Request, Response, Routes, problem_of

routes = Routes("admin")

SEE: Any = {"permission": "quotes.view", "feature": "quotes"}
DO: Any = {"permission": "quotes.manage", "feature": "quotes"}
PATH = "/admin/clients/bookings"
PAGE = 50

#: Offered for the type until the studio has words of its own; any word can be typed.
TYPES = (_("Wedding"), _("Family"), _("Corporate event"), _("Portrait"))
STATUSES = {
    "tentative": _("Tentative"),
    "confirmed": _("Confirmed"),
    "delivered": _("Delivered"),
    "cancelled": _("Cancelled"),
}
_VIEWS = (("upcoming", _("Upcoming")), ("past", _("Past")), ("all", _("All")))
_SAID = {
    "tentative": _("The booking is tentative again."),
    "confirmed": _("Booking confirmed."),
    "delivered": _("Booking delivered."),
    "cancelled": _("Booking cancelled."),
}
_TEXTS = ("title", "type", "location", "resource", "customer_id", "start_date", "start_time", "end_date", "end_time")
#: Where a field of the service stands in the form.
_IDS = {"start": "f-start_date", "end": "f-end_date", "customer_id": "f-customer_name", "status": "f-status"}


@routes.get(PATH, name="admin.bookings", **SEE)
def booking_list(request: Request) -> Response:
    query = request.query
    view = query.get("view", "")
    view = view if view in {key for key, _label in _VIEWS} else "upcoming"
    status, q, cursor = query.get("status", ""), query.get("q", ""), query.get("cursor", "")
    customer_id = str(query.uuid("customer_id")) if query.get("customer_id") else ""
    filters = {
        "when": None if view == "all" else view,
        "sort": "start" if view == "upcoming" else "-start",
        "status": status if status in STATUSES else None,
        "q": q or None,
        "customer_id": customer_id or None,
    }
    page = request.services.quotes.list_bookings(**filters, cursor=cursor or None, limit=PAGE)
    kept = {"q": q or None, "status": filters["status"], "customer_id": customer_id or None}
    rows = [{**one, "when": _when(request, one)} for one in page["items"]]
    narrowed = any(kept.values())
    never = False
    if not rows and not narrowed and not cursor:
        never = not sum(request.services.quotes.list_bookings(limit=1)["counts"].values())
    return request.render(
        "admin/bookings/list.html",
        rows=rows,
        views=[
            {
                "label": say(request, label),
                "href": request.url("admin.bookings", view=key, **kept),
                "current": key == view,
            }
            for key, label in _VIEWS
        ],
        view=view,
        q=q,
        wanted=filters["status"] or "",
        statuses=[(key, say(request, label)) for key, label in STATUSES.items()],
        customer=({"id": customer_id, "name": _customer_name(request, customer_id)} if customer_id else None),
        narrowed=narrowed,
        never=never,
        next_href=request.url("admin.bookings", view=view, cursor=page["next_cursor"], **kept)
        if page["next_cursor"]
        else None,
        first_href=request.url("admin.bookings", view=view, **kept) if cursor else None,
    )


def _when(request: Request, booking: Mapping[str, Any]) -> str:
    return records.event_words(request, {name: booking[name] for name in ("start", "end", "all_day")})


@routes.get(f"{PATH}/new", name="admin.booking.new", **DO)
def booking_new(request: Request) -> Response:
    customer_id = str(request.query.uuid("customer_id")) if request.query.get("customer_id") else ""
    form = dict.fromkeys(_TEXTS, "") | {
        "id": str(uuid7()),
        "version": None,
        "customer_id": customer_id,
        "start_date": request.today().isoformat(),
        "all_day": False,
        "exclusive": False,
        "reminder_opt_out": False,
        "status": "tentative",
    }
    return _editor(request, form)


@routes.post(f"{PATH}/new", name="admin.booking.create", **DO)
def booking_create(request: Request) -> Response:
    id = str(request.form().uuid("id"))
    fields = _fields(request) | {"status": request.form().get("status") or "tentative"}
    return _save(request, id, lambda: request.services.quotes.create_booking(id=id, fields=fields))


@routes.get(f"{PATH}/{{id:uuid}}", name="admin.booking", **SEE)
def booking(request: Request, id: str) -> Response:
    return _record(request, request.services.quotes.get_booking(id=id))


@routes.get(f"{PATH}/{{id:uuid}}/edit", name="admin.booking.edit", **DO)
def booking_edit(request: Request, id: str) -> Response:
    record = request.services.quotes.get_booking(id=id)
    if "edit" not in record["allowed"]:
        request.flash(say(request, _("This booking can no longer be changed.")), "info")
        return request.redirect("admin.booking", id=id)
    names = ("id", "version", "title", "type", "location", "resource", "all_day", "exclusive", "reminder_opt_out")
    form = {name: record[name] for name in names} | {
        "customer_id": record["customer_id"] or "",
        "status": "",
        "start_date": record["start"][:10],
        "start_time": record["start"][11:16],
        "end_date": record["end"][:10],
        "end_time": record["end"][11:16],
    }
    return _editor(request, form)


@routes.post(f"{PATH}/{{id:uuid}}/edit", name="admin.booking.save", **DO)
def booking_save(request: Request, id: str) -> Response:
    version, changes = records.version_of(request), _fields(request)
    return _save(request, id, lambda: request.services.quotes.update_booking(id=id, version=version, changes=changes))


@routes.post(f"{PATH}/{{id:uuid}}/status", name="admin.booking.status", **DO)
def booking_status(request: Request, id: str) -> Response:
    form = request.form()
    status = form.get("status", "")
    changes = {"status": status, "confirm_overlap": form.checked("confirm_overlap")}
    version = records.version_of(request)
    try:
        request.services.quotes.update_booking(id=id, version=version, changes=changes)
    except Refusal as refusal:
        if refusal.code == "BOOKING_OVERLAPS":
            record = request.services.quotes.get_booking(id=id)
            return _record(request, record, _conflicts(request, refusal), status=409)
        return records.refused(request, refusal, "admin.booking", id=id)
    request.flash(say(request, _SAID[status]))
    return request.redirect("admin.booking", id=id)


@routes.post(f"{PATH}/{{id:uuid}}/delete", name="admin.booking.delete", **DO)
def booking_delete(request: Request, id: str) -> Response:
    try:
        request.services.quotes.delete_booking(id=id, version=records.version_of(request))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.booking", id=id)
    request.flash(say(request, _("Booking deleted.")))
    return request.redirect("admin.bookings")


def _record(
    request: Request, record: Mapping[str, Any], conflicts: list[dict[str, str]] | None = None, status: int = 200
) -> Response:
    deal = records.deal_of(request, record) if record["deal_uuid"] else {"chain": [], "entries": []}
    return request.render(
        "admin/bookings/detail.html",
        status=status,
        record=record,
        when=_when(request, record),
        conflicts=conflicts or [],
        **deal,
    )


def _save(request: Request, id: str, save: Any) -> Response:
    try:
        save()
    except Refusal as refusal:
        problem = problem_of(refusal)
        if problem.status >= 500:
            raise
        conflicts = _conflicts(request, refusal)
        return _editor(request, _typed(request, id), problem, conflicts, refusal.code == "BOOKING_OVERLAPS")
    request.flash(say(request, _("Booking saved.")))
    return request.redirect("admin.booking", id=id)


def _conflicts(request: Request, refusal: Refusal) -> list[dict[str, str]]:
    """The other bookings a refusal names, to be looked at before a second yes."""
    return [
        {
            "href": request.url("admin.booking", id=other["id"]),
            "title": str(other["title"]),
            "when": _when(request, other),
        }
        for other in refusal.extra.get("conflicts") or ()
    ]


def _fields(request: Request) -> dict[str, Any]:
    """The form as the service wants it. Without an end it lasts an hour, or the one day."""
    form = request.form()
    fields: dict[str, Any] = {name: form.get(name, "") for name in ("title", "type", "location", "resource")}
    fields |= {name: form.checked(name) for name in ("exclusive", "reminder_opt_out", "confirm_overlap")}
    fields["customer_id"] = form.get("customer_id") or None
    first, last = form.get("start_date", ""), form.get("end_date") or form.get("start_date", "")
    fields["all_day"] = form.checked("all_day") or not form.get("start_time")
    if fields["all_day"]:
        return fields | {"start": first or None, "end": last or None}
    start = f"{first}T{form['start_time']}"
    return fields | {"start": start, "end": f"{last}T{form['end_time']}" if form.get("end_time") else _later(start)}


def _later(start: str) -> str | None:
    try:
        return (datetime.fromisoformat(start) + timedelta(hours=1)).isoformat(timespec="minutes")
    except (ValueError, OverflowError):
        return None


def _typed(request: Request, id: str) -> dict[str, Any]:
    form = request.form()
    return {
        "id": id,
        "version": records.version_of(request),
        "status": form.get("status", ""),
        **{name: form.get(name, "") for name in _TEXTS},
        **{name: form.checked(name) for name in ("all_day", "exclusive", "reminder_opt_out")},
    }


def _editor(
    request: Request,
    form: Mapping[str, Any],
    problem: Any = None,
    conflicts: list[dict[str, str]] | None = None,
    overlaps: bool = False,
) -> Response:
    known = form["version"] is not None
    used, _away = request.unavailable(request.services.quotes.list_booking_types, [])
    return request.render(
        "admin/bookings/editor.html",
        status=problem.status if problem else 200,
        form=form,
        customer_name=_customer_name(request, form["customer_id"]),
        heading=form["title"] or say(request, _("Booking")) if known else say(request, _("New booking")),
        types=list(dict.fromkeys([*used, *(say(request, word) for word in TYPES)])),
        statuses=[(key, say(request, STATUSES[key])) for key in ("tentative", "confirmed")],
        back_href=request.url("admin.booking", id=form["id"]) if known else request.url("admin.bookings"),
        problem=problem,
        problem_ids=_IDS,
        conflicts=conflicts or [],
        overlaps=overlaps,
    )


def _customer_name(request: Request, customer_id: str) -> str:
    try:
        with request.tx() as tx:
            return str(customers.find(tx, UUID(customer_id))["display_name"])
    except (ValueError, NotFound):
        return ""
