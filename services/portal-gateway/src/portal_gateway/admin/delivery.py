"""How far a document got on its way to the customer: made, stored, mailed, opened. What failed can be tried again."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from portal_gateway.admin.words import _, say
from portal_gateway.web import Request
from portal_gateway.web.templates import as_datetime

Step = Mapping[str, Any]


def of_quote(request: Request, record: Mapping[str, Any], steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The steps since the quote was last sent, each ``done``, ``failed`` or still waiting; none of a draft.

    ``mail_id`` of a failed mail is there for who may try it again.
    """
    own = [step for step in steps if step["record_id"] == record["id"]]
    sent = [index for index, step in enumerate(own) if step["type"] == "quote_sent.v1"]
    if not sent or record["state"] == "draft":
        return []
    since = own[sent[-1] :]
    stored = record["document_id"] is not None or _last(since, "document_stored.v1", kind="quote") is not None
    failed = None if stored else _last(since, "document_failed.v1")
    mailed = _last(since, "mail_sent.v1", template="quote_sent")
    refused = _last(since, "mail_failed.v1", template="quote_sent")
    queued = _last(since, "mail_queued.v1", template="quote_sent")
    if mailed is not None and refused is not None:
        mailed, refused = (mailed, None) if mailed["at"] >= refused["at"] else (None, refused)
    to = next((step["facts"].get("to") for step in (mailed, refused, queued) if step), "")
    shown = [
        _step(request, _("PDF made and stored"), done=stored, failed=failed),
        _step(request, _("Mailed to %(to)s") if to else _("Mailed"), done=mailed, failed=refused, to=to or ""),
    ]
    opened = _last(since, "quote_opened.v1")
    if opened or record["state"] == "sent":
        shown.append(_step(request, _("Opened") if opened else _("Not opened yet"), done=opened, failed=None))
    return shown


def _last(steps: Sequence[Step], type: str, **facts: str) -> Step | None:
    """The newest such step; a fact a step does not carry counts as the wanted one."""
    for step in reversed(steps):
        known = step["facts"] or {}
        if step["type"] == type and all(known.get(name, value) == value for name, value in facts.items()):
            return step
    return None


def _step(request: Request, words: str, *, done: Any, failed: Step | None, to: str = "") -> dict[str, Any]:
    state = "done" if done else "failed" if failed else "waiting"
    at = done if isinstance(done, Mapping) else failed
    mail_id = (failed or {}).get("facts", {}).get("mail_id") if state == "failed" else None
    return {
        "state": state,
        "text": say(request, words, to=to) if to else say(request, words),
        "time": f"{as_datetime(at['at']).astimezone(ZoneInfo(request.timezone)):%H:%M}" if at else "",
        "reason": (failed or {}).get("facts", {}).get("reason") or "" if state == "failed" else "",
        "mail_id": mail_id if mail_id and request.may("operations.manage") else None,
    }
