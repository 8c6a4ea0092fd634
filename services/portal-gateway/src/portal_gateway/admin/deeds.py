"""Entries of the activity log in words: what was done, and what is different since."""

from collections.abc import Mapping
from typing import Any

from kontor.money import CurrencyUnknown, exponent
from portal_gateway.admin.figures import show_money
from portal_gateway.admin.words import _, say
from portal_gateway.web import Request

DEEDS = {
    "admin.changed": _("Admin changed"),
    "admin.created": _("Admin created"),
    "admin.signed_in": _("Signed in"),
    "api_token.created": _("API token created"),
    "api_token.revoked": _("API token revoked"),
    "bank_account.changed": _("Bank account changed"),
    "bank_account.created": _("Bank account created"),
    "bank_account.deleted": _("Bank account deleted"),
    "block.changed": _("Block changed"),
    "block.created": _("Block created"),
    "block.deleted": _("Block deleted"),
    "bulk.delete": _("Many drafts deleted"),
    "bulk.duplicate": _("Many quotes duplicated"),
    "bulk.send": _("Many quotes sent"),
    "bulk.withdraw": _("Many records withdrawn"),
    "booking.changed": _("Booking changed"),
    "booking.created": _("Booking entered"),
    "booking.deleted": _("Booking deleted"),
    "booking.delivered": _("Booking delivered"),
    "contract.cancelled": _("Contract cancelled"),
    "contract.changed": _("Contract changed"),
    "contract.countersigned": _("Contract countersigned"),
    "contract.created": _("Contract drafted"),
    "contract.declined": _("Contract declined"),
    "contract.deleted": _("Draft of a contract deleted"),
    "contract.document_failed": _("The PDF could not be made"),
    "contract.expired": _("Contract expired"),
    "contract.fully_signed": _("Contract is final, fully signed"),
    "contract.integrity_failed": _("Contract: the integrity check failed"),
    "contract.sent": _("Contract sent for signature"),
    "contract.signed": _("Contract signed"),
    "contract.verified": _("Contract checked"),
    "contract.withdrawn": _("Contract withdrawn"),
    "customer.changed": _("Customer changed"),
    "customer.created": _("Customer created"),
    "customer.deactivated": _("Customer deactivated"),
    "customer.deleted": _("Customer deleted"),
    "customer.invited": _("Customer invited to the portal"),
    "customer.joined_portal": _("Customer joined the portal"),
    "customer.reactivated": _("Customer reactivated"),
    "customer.signed_in": _("Customer signed in"),
    "document.stored": _("PDF stored"),
    "features.changed": _("Features changed"),
    "invoice.changed": _("Invoice changed"),
    "invoice.created": _("Invoice drafted"),
    "invoice.deleted": _("Draft of an invoice deleted"),
    "invoice.document_stored": _("PDF put with the invoice"),
    "invoice.issued": _("Invoice issued"),
    "invoice.overdue": _("Invoice is overdue"),
    "invoice.payment_recorded": _("Payment recorded"),
    "invoice.problem": _("Invoice could not be finished"),
    "invoice.sent": _("Invoice handed over"),
    "mail.retried": _("Mail queued again"),
    "message.discarded": _("Parked message discarded"),
    "message.retried": _("Parked message tried again"),
    "payment_terms.changed": _("Payment terms changed"),
    "payment_terms.created": _("Payment terms created"),
    "payment_terms.deleted": _("Payment terms deleted"),
    "preset.changed": _("Preset changed"),
    "preset.created": _("Preset kept"),
    "preset.deleted": _("Preset deleted"),
    "quote.accepted": _("Quote accepted"),
    "quote.changed": _("Quote changed"),
    "quote.converted": _("Quote converted"),
    "quote.created": _("Quote drafted"),
    "quote.declined": _("Quote declined"),
    "quote.deleted": _("Draft of a quote deleted"),
    "quote.opened": _("Quote opened"),
    "quote.expired": _("Quote expired"),
    "quote.reopened": _("Quote taken back to draft"),
    "quote.sent": _("Quote sent"),
    "quote.withdrawn": _("Quote withdrawn"),
    "settings.changed": _("Settings changed"),
    "template.changed": _("Quote template changed"),
    "template.created": _("Quote template kept"),
    "template.deleted": _("Quote template deleted"),
}
#: The facts worth a reader's time, in the order they are told. What has no label stays in the API.
_LABELS = {
    "number": "",
    "title": "",
    "state": _("State"),
    "name": _("Name"),
    "display_name": _("Name"),
    "signer": _("Signer"),
    "holder": _("Account holder"),
    "iban": "IBAN",
    "to": _("To"),
    "email": _("E-mail"),
    "street": _("Street"),
    "town": _("Town"),
    "total_minor": _("Total"),
    "paid_minor": _("Paid"),
    "issue_date": _("Issued"),
    "due_date": _("Due"),
    "valid_until": _("Valid until"),
    "role": _("Role"),
    "reason": _("Reason"),
    "message": _("Message"),
}
_LONGEST = 60
_MOST = 5


def deed(request: Request, action: str) -> str:
    """What was done; an action without words is shown as it is stored."""
    return say(request, DEEDS[action]) if action in DEEDS else action


def changes(request: Request, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, str]]:
    """``[{"label", "before", "after", "kind"}]``; ``kind`` is "state" or "date" where the page knows a form for it."""
    currency = str(after.get("currency") or before.get("currency") or "CHF")
    told = []
    for name, label in _LABELS.items():
        new, old = (_text(request, name, side.get(name), currency) for side in (after, before))
        if new == old or not (new or old):
            continue
        kind = "state" if name == "state" else "date" if name.endswith(("_date", "_until")) else ""
        told.append({"label": say(request, label) if label else "", "before": old, "after": new, "kind": kind})
    return told[:_MOST]


def _text(request: Request, name: str, value: object, currency: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    if name.endswith("_minor") and isinstance(value, int):
        return show_money(value, currency if _known(currency) else "CHF", request.locale)
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _known(currency: str) -> bool:
    try:
        exponent(currency)
    except CurrencyUnknown:
        return False
    return True
