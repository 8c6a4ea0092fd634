"""The steps of a deal as sentences: who, what, when, through which channel."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kontor.locale import format_date, format_money
from portal_gateway.admin.words import _, say, told
from portal_gateway.web import Request
from portal_gateway.web.templates import as_datetime

#: event type without version -> (tone, sentence)
SENTENCES: Mapping[str, tuple[str, str]] = {
    "quote_drafted": ("", _("Quote drafted")),
    "quote_sent": ("info", _("Quote %(number)s sent")),
    "quote_opened": ("info", _("Quote %(number)s opened")),
    "quote_accepted": ("good", _("Quote %(number)s accepted")),
    "quote_declined": ("bad", _("Quote %(number)s declined")),
    "quote_withdrawn": ("", _("Quote %(number)s withdrawn")),
    "quote_reopened": ("", _("Quote %(number)s taken back to draft")),
    "quote_expired": ("bad", _("Quote %(number)s expired")),
    "quote_converted": ("good", _("Quote %(number)s converted")),
    "booking_changed": ("", _("Booking saved")),
    "booking_delivered": ("good", _("Booking delivered")),
    "booking_deleted": ("", _("Booking deleted")),
    "contract_drafted": ("", _("Contract drafted")),
    "contract_sent": ("info", _("Contract %(number)s sent for signature")),
    "contract_signed": ("good", _("Contract %(number)s signed")),
    "contract_countersigned": ("good", _("Contract %(number)s countersigned")),
    "contract_fully_signed": ("good", _("Contract %(number)s is final, fully signed")),
    "contract_declined": ("bad", _("Contract %(number)s declined")),
    "contract_withdrawn": ("", _("Contract %(number)s withdrawn")),
    "contract_expired": ("bad", _("Contract %(number)s expired")),
    "contract_cancelled": ("bad", _("Contract %(number)s cancelled")),
    "contract_reminded": ("info", _("Signer of %(number)s reminded")),
    "contract_integrity_failed": ("bad", _("Contract %(number)s: the integrity check failed")),
    "invoice_drafted": ("", _("Invoice drafted")),
    "invoice_issued": ("info", _("Invoice %(number)s issued")),
    "invoice_sent": ("info", _("Invoice %(number)s handed over")),
    "invoice_paid": ("good", _("Invoice %(number)s paid")),
    "invoice_overdue": ("bad", _("Invoice %(number)s is overdue")),
    "payment_recorded": ("good", _("Payment over %(amount)s recorded")),
    "document_stored": ("", _("PDF stored")),
    "document_failed": ("bad", _("The PDF could not be made")),
    "mail_queued": ("", _("Mail queued")),
    "mail_sent": ("info", _("Mail delivered")),
    "mail_failed": ("bad", _("Mail not delivered")),
    "mail_called_off": ("", _("Mail called off")),
}
_MAIL_ENDS = {"mail_sent", "mail_failed", "mail_called_off"}
_CHANNELS = {
    "admin": "",
    "customer": _("in the portal"),
    "link": _("through the personal link"),
    "system": _("Kontor"),
}


def entries(request: Request, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps for the `timeline` macro, newest first. A mail that has left is one step, not two."""
    answered = {step["facts"].get("mail_id") for step in steps if _name(step) in _MAIL_ENDS}
    shown = [step for step in steps if not (_name(step) == "mail_queued" and step["facts"].get("mail_id") in answered)]
    return [_entry(request, step) for step in reversed(shown)]


def _name(step: Mapping[str, Any]) -> str:
    return str(step["type"].rsplit(".", 1)[0])


def _entry(request: Request, step: Mapping[str, Any]) -> dict[str, Any]:
    moment = as_datetime(step["at"]).astimezone(ZoneInfo(request.timezone))
    facts = step["facts"] or {}
    tone, sentence = SENTENCES.get(_name(step), ("", step["type"]))
    amount = facts.get("amount_minor", facts.get("total_minor"))
    said = {
        "number": step["number"] or "",
        "amount": format_money(amount, facts["currency"], request.locale) if amount and facts.get("currency") else "",
    }
    return {
        "at": moment.isoformat(),
        "day": _day(request, moment),
        "time": f"{moment:%H:%M}",
        "tone": tone,
        "text": " ".join((say(request, sentence) % said).split()) if "%(" in sentence else say(request, sentence),
        "who": _who(request, step.get("actor") or {}),
        "detail": _detail(request, facts),
    }


def _day(request: Request, moment: Any) -> str:
    today = request.today()
    if moment.date() == today:
        return say(request, _("Today"))
    if moment.date() == today - timedelta(days=1):
        return say(request, _("Yesterday"))
    return format_date(moment.date(), request.locale, "long")


def _who(request: Request, actor: Mapping[str, Any]) -> str:
    channel = _CHANNELS.get(str(actor.get("kind")), "")
    through = say(request, channel) if channel else ""
    name = actor.get("name") or ""
    if actor.get("kind") == "system":
        return through
    return ", ".join(part for part in (name, through) if part)


def _detail(request: Request, facts: Mapping[str, Any]) -> str:
    parts = [
        told(request, facts[name]) if name == "reason" else facts[name]
        for name in ("installment_label", "to", "name", "message", "reason")
        if isinstance(facts.get(name), str)
    ]
    return " · ".join(part for part in parts if part)
