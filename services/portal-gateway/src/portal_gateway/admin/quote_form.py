"""What only a quote has in its editor: the event, attachments, the reason for an exemption."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from portal_gateway.web.request import Form

EVENT = ("title", "type", "location", "start_date", "start_time", "end_date", "end_time")


def of_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """The event split into days and times, the attachments as rows."""
    event = record.get("event") or {}
    start, end = str(event.get("start") or ""), str(event.get("end") or "")
    return {
        "exemption_reason": record.get("exemption_reason") or "",
        "event": {
            "title": event.get("title") or "",
            "type": event.get("type") or "",
            "location": event.get("location") or "",
            "all_day": bool(event.get("all_day")),
            "start_date": start[:10],
            "start_time": start[11:16],
            "end_date": end[:10],
            "end_time": end[11:16],
        },
        "attachments": list(record.get("attachments") or []),
    }


def as_typed(form: Form) -> dict[str, Any]:
    """As submitted."""
    return {
        "exemption_reason": form.get("exemption_reason", ""),
        "event": {name: form.get(f"event_{name}", "") for name in EVENT} | {"all_day": form.checked("event_all_day")},
        "attachments": _attachments(form),
    }


def read(form: Form) -> dict[str, Any]:
    """The fields of the content. An event without a day is none; one that names no end lasts that day, or an hour."""
    return {
        "exemption_reason": form.get("exemption_reason", ""),
        "event": _event(form),
        "attachments": _attachments(form),
    }


def _event(form: Form) -> dict[str, Any] | None:
    typed = as_typed(form)
    return event_of(typed | {"title": form.get("title", "")})


def event_of(shown: Mapping[str, Any]) -> dict[str, Any] | None:
    """The event that the fields of a form stand for; without a name of its own it is called like the quote."""
    typed = shown["event"]
    if not typed["start_date"]:
        return None
    all_day = typed["all_day"] or not typed["start_time"]
    last = typed["end_date"] or typed["start_date"]
    start, end = typed["start_date"], last
    if not all_day:
        start = f"{start}T{typed['start_time']}"
        end = f"{last}T{typed['end_time']}" if typed["end_time"] else _an_hour_later(start)
    return {
        "title": typed["title"] or shown["title"],
        "type": typed["type"],
        "location": typed["location"],
        "start": start,
        "end": end,
        "all_day": all_day,
    }


def _an_hour_later(start: str) -> str:
    try:
        return (datetime.fromisoformat(start) + timedelta(hours=1)).isoformat(timespec="minutes")
    except ValueError:
        return start


def _attachments(form: Form) -> list[dict[str, Any]]:
    return [
        {"document_id": row["document_id"], "name": row.get("name", "")}
        for row in form.nested("attachments")
        if row.get("document_id")
    ]


def place(path: str) -> str:
    """The field of the form for what the service calls ``event.start`` and the like."""
    name = path.removeprefix("event.")
    if name != path:
        return f"event_{name}_date" if name in ("start", "end") else f"event_{name}"
    return "event_start_date" if path == "event" else path
