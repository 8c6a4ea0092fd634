"""The page of a bulk action: how far it is, and what became of each record."""

import re
from typing import Any
from uuid import UUID

from portal_gateway import bulk
from portal_gateway.admin.record_lists import LISTINGS
from portal_gateway.admin.words import _, say
from portal_gateway.web import SIGNED_IN, Request, Response, Routes

routes = Routes("admin")

PAGE = 100
_TITLES = {
    "send": _("Sending"),
    "withdraw": _("Withdrawing"),
    "duplicate": _("Duplicating"),
    "delete": _("Deleting drafts"),
}
_STATES = {"": _("All"), "refused": _("Refused"), "done": _("Done"), "waiting": _("Waiting")}


def _found(request: Request, id: str) -> dict[str, Any]:
    with request.tx() as tx:
        job = bulk.job(tx, UUID(id))
    request.require(bulk.VERBS[job["kind"], job["verb"]].permission)
    return job


@routes.get("/admin/bulk/{id:uuid}", name="admin.bulk", permission=SIGNED_IN)
def bulk_job(request: Request, id: str) -> Response:
    job = _found(request, id)
    listing = next(one for one in LISTINGS if one.kind == job["kind"])
    state = request.query.get("state", "")
    state = state if state in _STATES else ""
    after = request.query.int("after", 0, most=bulk.MOST_ROWS)
    with request.tx() as tx:
        rows = bulk.rows(tx, UUID(id), state=state or None, after=after, limit=PAGE + 1)
    for row in rows:
        gone = job["verb"] == "delete" and row["state"] == "done"
        row["href"] = None if gone else request.url(listing.record_route, id=row["record_id"])
        row["copy_href"] = request.url(listing.record_route, id=row["result_id"]) if row["result_id"] else None
    more = len(rows) > PAGE
    return request.render(
        "admin/records/bulk.html",
        job=job,
        title=say(request, _TITLES[job["verb"]]),
        list_title=say(request, listing.title),
        list_href=request.url(listing.route),
        rows=rows[:PAGE],
        state=state,
        views=[
            {
                "label": say(request, label),
                "href": request.url("admin.bulk", id=id, state=key or None),
                "count": job[key] if key else job["total"],
                "current": key == state,
            }
            for key, label in _STATES.items()
            if not key or job[key] or key == state
        ],
        next_href=request.url("admin.bulk", id=id, state=state or None, after=rows[PAGE - 1]["position"])
        if more
        else None,
    )


@routes.post("/admin/bulk/{id:uuid}/stop", name="admin.bulk.stop", permission=SIGNED_IN)
def bulk_stop(request: Request, id: str) -> Response:
    _found(request, id)
    with request.tx() as tx:
        bulk.stop(tx, UUID(id))
    request.flash(say(request, _("Stopped. What was not begun stays as it is.")))
    return request.redirect("admin.bulk", id=id)


@routes.get("/admin/amounts", name="admin.amounts", permission=SIGNED_IN)
def amounts(request: Request) -> Response:
    """Amounts in words of the viewer's locale, for sums of rows that are ticked: ``?sum=CHF:120000``."""
    shown = []
    for item in request.query.getlist("sum")[:10]:
        currency, _colon, minor = item.partition(":")
        shown.append({"currency": currency, "minor": minor})
    return request.render("admin/records/amounts.html", amounts=_known(shown))


def _known(amounts: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [
        {"currency": one["currency"], "minor": int(one["minor"])}
        for one in amounts
        if re.fullmatch(r"[A-Z]{3}", one["currency"]) and re.fullmatch(r"-?[0-9]{1,18}", one["minor"])
    ]
