"""Mails, activity, and messages that were given up: what the operator of the installation looks at."""

from functools import partial
from typing import Any

import sqlalchemy as sa

from kontor.core_tables import activity
from kontor.database import plain
from kontor.errors import NotFound, Refusal
from portal_gateway.admin import deeds, records
from portal_gateway.admin.dev_mails import showing_mail
from portal_gateway.admin.settings import PATH, navigation
from portal_gateway.admin.words import _, say, told
from portal_gateway.web import Request, Response, Routes

routes = Routes("admin")

SEE: Any = {"permission": "operations.manage"}
SERVICES = ("quotes", "contracts", "invoicing", "documents")
PAGE = 50

_MAIL_VIEWS = (
    ("", _("All")),
    ("queued", _("Queued")),
    ("sent", _("Sent")),
    ("failed", _("Failed")),
    ("called_off", _("Called off")),
)


@routes.get("/admin/mails", name="admin.mails", **SEE)
def mail_list(request: Request) -> Response:
    state, cursor = request.query.get("state") or None, request.query.get("cursor")
    page, away = request.unavailable(
        lambda: request.services.documents.list_mails(state=state, cursor=cursor, limit=PAGE)
    )
    page = page or {"items": [], "next_cursor": None, "counts": {}}
    views = [
        {
            "label": say(request, label),
            "href": request.url("admin.mails", state=key or None),
            "count": page["counts"].get(key, 0) if key else None,
            "current": (state or "") == key,
            "urgent": key == "failed" and page["counts"].get("failed", 0) > 0,
        }
        for key, label in _MAIL_VIEWS
    ]
    following = page["next_cursor"]
    return request.render(
        "admin/operations/mails.html",
        mails=[_mail(request, one) for one in page["items"]],
        views=views,
        unavailable=away,
        next_href=request.url("admin.mails", state=state, cursor=following) if following else None,
        first_href=request.url("admin.mails", state=state) if cursor else None,
    )


def _mail(request: Request, row: dict[str, Any]) -> dict[str, Any]:
    name = f"{row['to_name']} <{row['to_email']}>" if row.get("to_name") else row["to_email"]
    cc = row.get("cc") or []
    return {
        "id": row["id"],
        "subject": row["subject"],
        "template": row["template"],
        "to": name,
        "cc": ", ".join(one if isinstance(one, str) else one.get("email", "") for one in cc),
        "at": row.get("sent_at") or row["created_at"],
        "state": row["state"],
        "attempts": row.get("attempts", 0),
        "reason": told(request, row.get("last_error") or "") if row["state"] != "sent" else None,
        "next_try": row.get("next_try") if row["state"] == "queued" and row.get("attempts") else None,
        "message_id": row.get("message_id"),
        "body": row.get("text"),
        "html": row.get("html"),
        "attachments": row.get("attachments") or [],
        "record": row.get("record"),
        "record_id": row.get("record_id"),
    }


@routes.get("/admin/mails/{id:uuid}", name="admin.mail", **SEE)
def mail(request: Request, id: str) -> Response:
    row = _mail(request, request.services.documents.get_mail(id=id))
    attached = []
    for document_id in row["attachments"]:
        document = request.services.documents.get_document(id=document_id)
        attached.append({"name": document["name"], "href": request.url("admin.document", id=document_id)})
    href = request.url(records.PAGES[row["record"]], id=row["record_id"]) if row["record"] in records.PAGES else None
    response = request.render("admin/operations/mail.html", mail={**row, "attachments": attached, "href": href})
    return showing_mail(response)


@routes.post("/admin/mails/{id:uuid}/retry", name="admin.mail.retry", **SEE)
def mail_retry(request: Request, id: str) -> Response:
    try:
        request.services.documents.retry_mail(id=id)
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.mail", id=id)
    request.flash(say(request, _("The mail is queued again.")))
    return request.redirect("admin.mail", id=id)


@routes.get(f"{PATH}/parked", name="admin.settings.parked", **SEE)
def parked(request: Request) -> Response:
    found, unavailable = [], []
    for service in SERVICES:
        rows, away = request.unavailable(partial(_of(request, service).list_parked, limit=50))
        if away:
            unavailable.append(service)
            continue
        for row in rows:
            found.append(
                {
                    "service": service,
                    "type": row["type"],
                    "handler": row["handler"],
                    "event_id": row["event_id"],
                    "reason": row.get("last_error") or "",
                    "attempts": row.get("attempts", 0),
                    "at": row.get("received_at"),
                }
            )
    found.sort(key=lambda row: str(row["at"]), reverse=True)
    return request.render(
        "admin/settings/parked.html",
        heading=say(request, _("Parked messages")),
        settings_nav=navigation(request),
        parked=found,
        unavailable=unavailable,
    )


@routes.post(f"{PATH}/parked/{{service}}/{{event:uuid}}/{{handler}}/retry", name="admin.parked.retry", **SEE)
def parked_retry(request: Request, service: str, event: str, handler: str) -> Response:
    try:
        row = _of(request, service).retry_parked(event_id=event, handler=handler)
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.settings.parked")
    if row.get("state") == "done":
        request.flash(say(request, _("Done: the message has been handled.")))
    else:
        why = say(
            request,
            _("It failed once more: %(reason)s. A few more tries follow, then it is parked here again."),
            reason=_first_line(row.get("last_error") or "–"),
        )
        request.flash(why, "warning")
    return request.redirect("admin.settings.parked")


def _first_line(reason: str) -> str:
    line = reason.strip().splitlines()[0]
    return line if len(line) <= 160 else f"{line[:159]}…"


@routes.post(f"{PATH}/parked/{{service}}/{{event:uuid}}/{{handler}}/discard", name="admin.parked.discard", **SEE)
def parked_discard(request: Request, service: str, event: str, handler: str) -> Response:
    try:
        _of(request, service).discard_parked(event_id=event, handler=handler, reason=request.form().get("reason", ""))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.settings.parked")
    request.flash(say(request, _("Message discarded.")))
    return request.redirect("admin.settings.parked")


def _of(request: Request, service: str) -> Any:
    if service not in SERVICES:
        raise NotFound("There is no such service.")
    return request.services.named(service)


@routes.get("/admin/activity", name="admin.activity", **SEE)
def activity_list(request: Request) -> Response:
    """Entries of all services, newest first. Each service has its own chain, so each has its own cursor."""
    entries, unavailable = [], []
    for service in SERVICES:
        cursor = request.query.int(service, 0, most=2**53) or None
        page, away = request.unavailable(partial(_of(request, service).list_activity, cursor=cursor, limit=PAGE))
        if away:
            unavailable.append(service)
        else:
            entries += [{**row, "service": service} for row in page["items"]]
    entries += _own(request, request.query.int("gateway", 0, most=2**53) or None)
    entries.sort(key=lambda row: (row["at"], row["seq"]), reverse=True)
    shown, rest = entries[:PAGE], entries[PAGE:]
    older = {name: request.query.int(name, 0, most=2**53) or None for name in (*SERVICES, "gateway")}
    older |= {row["service"]: row["seq"] for row in shown}
    return request.render(
        "admin/operations/activity.html",
        entries=[_entry(request, row) for row in shown],
        unavailable=unavailable,
        older_href=request.url("admin.activity", **older) if rest else None,
    )


def _own(request: Request, cursor: int | None) -> list[dict[str, Any]]:
    statement = sa.select(activity).order_by(activity.c.seq.desc()).limit(PAGE)
    if cursor:
        statement = statement.where(activity.c.seq < cursor)
    with request.tx() as tx:
        return [{**plain(dict(row)), "service": "gateway"} for row in tx.execute(statement).mappings()]


def _entry(request: Request, row: dict[str, Any]) -> dict[str, Any]:
    actor = row.get("actor") or {}
    words = {"system": _("Kontor"), "link": _("personal link"), "customer": _("Customer"), "admin": _("Admin")}
    who = actor.get("name") or say(request, words.get(str(actor.get("kind")), _("Kontor")))
    href = None
    if row["record"] in records.PAGES:
        href = request.url(records.PAGES[row["record"]], id=row["record_id"])
    elif row["record"] == "customer":
        href = request.url("admin.customer", id=row["record_id"])
    return {
        "at": row["at"],
        "who": who,
        "what": deeds.deed(request, row["action"]),
        "href": href,
        "changes": deeds.changes(request, row.get("before") or {}, row.get("after") or {}),
    }
