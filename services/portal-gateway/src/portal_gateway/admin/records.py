"""What quote, contract and invoice pages have in common: chain, timeline, PDF, terms in words."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from kontor.errors import NotFound, Refusal
from kontor.locale import format_date
from portal_gateway.admin import timeline
from portal_gateway.admin.words import _, say, told
from portal_gateway.projection import deals
from portal_gateway.web import Request, Response, problem_of

PAGES = {"quote": "admin.quote", "booking": "admin.booking", "contract": "admin.contract", "invoice": "admin.invoice"}
PERMISSIONS = {"quote": "quotes.view", "booking": "quotes.view", "contract": "contracts.view", "invoice": "bills.view"}


def deal_of(request: Request, record: Mapping[str, Any]) -> dict[str, Any]:
    """Chain and timeline of the record's deal, as far as its events have arrived."""
    with request.tx() as tx:
        try:
            deal = deals.read(tx, record["deal_uuid"])
        except NotFound:
            return {"chain": [], "entries": [], "steps": []}
    chain = [
        {
            **one,
            "href": request.url(PAGES[one["kind"]], id=one["id"])
            if one["kind"] in PAGES and request.may(PERMISSIONS[one["kind"]])
            else None,
        }
        for one in deal["records"]
    ]
    return {"chain": chain, "entries": timeline.entries(request, deal["timeline"]), "steps": deal["timeline"]}


def pdf_of(request: Request, document_id: str | None, title: str, waiting: str = "") -> dict[str, Any]:
    """What the PDF pane shows; a documents service that is away costs the pane, not the page."""
    document, away = None, False
    if document_id:
        document, away = request.unavailable(lambda: request.services.documents.get_document(id=document_id))
    if away:
        waiting = say(request, _("The PDF is not available right now. The rest of this page is."))
    return {
        "document": document,
        "pdf_title": title,
        "pages_url": request.url("admin.document.page", id=document_id) if document else "",
        "download_url": request.url("admin.document", id=document_id) if document else "",
        "pdf_waiting": waiting,
    }


def payment_words(request: Request, payment: Mapping[str, Any] | None) -> str:
    """The payment terms in one line."""
    payment = payment or {}
    days = payment.get("net_days")
    if days is None:
        return "–"
    words = {
        "issue": _("%(days)s days from issue"),
        "acceptance": _("%(days)s days from acceptance"),
        "delivery": _("%(days)s days from delivery"),
    }
    start = payment.get("from") or "issue"
    text = say(request, _("due at once")) if not days else say(request, words[start], days=days)
    if payment.get("skonto_percent") and payment.get("skonto_days"):
        skonto = say(
            request,
            _("%(percent)s %% Skonto within %(days)s days"),
            percent=payment["skonto_percent"],
            days=payment["skonto_days"],
        )
        text = f"{text}, {skonto}"
    return text


def event_words(request: Request, event: Mapping[str, Any] | None) -> str:
    """When and where the event is, in one line; empty without one."""
    if not event:
        return ""
    locale = request.locale
    start, end = str(event["start"]), str(event["end"])
    day, last = (format_date(date.fromisoformat(part[:10]), locale) for part in (start, end))
    if event["all_day"]:
        when = day if start[:10] == end[:10] else f"{day} – {last}"
    elif start[:10] == end[:10]:
        when = f"{day}, {start[11:16]}–{end[11:16]}"
    else:
        when = f"{day}, {start[11:16]} – {last}, {end[11:16]}"
    return " · ".join(part for part in (when, event.get("location"), event.get("type")) if part)


def refused(request: Request, refusal: Refusal, name: str, **parameters: Any) -> Response:
    """Back to the record with the reason as a message: the page there shows what is true now."""
    problem = problem_of(refusal)
    if problem.status >= 500:
        raise refusal
    parts = dict.fromkeys([problem.detail, *(error.message for error in problem.errors)])
    request.flash(" ".join(told(request, part) for part in parts), "error")
    return request.redirect(name, **parameters)


def version_of(request: Request) -> int | None:
    """The version a form was made from; None for a form without one."""
    text = request.form().get("version", "") or request.query.get("version", "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
