"""Sentences of link pages and portal that depend on the facts of a record, in the page's language."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from kontor.locale import format_date, format_percent
from portal_gateway.web import Request


class Wording:
    """What is said about one record, to one reader."""

    def __init__(self, request: Request) -> None:
        self._catalogue = request.kernel.languages.catalogue(request.language)
        self._locale = request.locale
        self._today = request.today()

    def gettext(self, message: str, **values: Any) -> str:
        text: str = self._catalogue.gettext(message)
        return text % values if values else text

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        text: str = self._catalogue.ngettext(singular, plural, n)
        return text % {"n": n}

    def time_left(self, last_day: str | None) -> str:
        """How long something may still be answered: ``today is the last day``, ``12 days left``."""
        _, ngettext = self.gettext, self.ngettext
        if last_day is None:
            return ""
        days = (date.fromisoformat(last_day) - self._today).days
        if days < 0:
            return _("time is over")
        if days == 0:
            return _("today is the last day")
        return ngettext("%(n)s day left", "%(n)s days left", days)

    def days_until(self, day: str | None) -> int | None:
        """Whole days from today, negative when the day is past."""
        return None if not day else (date.fromisoformat(day) - self._today).days

    def unit(self, unit: str, quantity: str) -> str:
        _ = self.gettext
        one = Decimal(quantity) == 1
        words = {
            "hour": _("h"),
            "day": _("day") if one else _("days"),
            "piece": _("pc."),
            "km": "km",
            "flat": _("flat"),
        }
        return words.get(unit, unit)

    def payment(self, terms: Mapping[str, Any] | None) -> str:
        """Payment terms as a sentence; nothing where there are none."""
        _, ngettext = self.gettext, self.ngettext
        if not terms or terms.get("net_days") is None:
            return ""
        days = int(terms["net_days"])
        start = terms.get("from") or "issue"
        if days == 0:
            sentence = {
                "issue": _("Payable at once on receipt of the bill."),
                "acceptance": _("Payable at once on acceptance."),
                "delivery": _("Payable at once on delivery."),
            }[start]
        else:
            sentence = {
                "issue": ngettext(
                    "Payable within %(n)s day of the bill.", "Payable within %(n)s days of the bill.", days
                ),
                "acceptance": ngettext(
                    "Payable within %(n)s day of acceptance.", "Payable within %(n)s days of acceptance.", days
                ),
                "delivery": ngettext(
                    "Payable within %(n)s day of delivery.", "Payable within %(n)s days of delivery.", days
                ),
            }[start]
        if terms.get("skonto_percent") and terms.get("skonto_days"):
            offer = _(
                "%(percent)s discount if paid within %(days)s days.",
                percent=self.percent(terms["skonto_percent"]),
                days=terms["skonto_days"],
            )
            return f"{sentence} {offer}"
        return sentence

    def vat_notes(self, quote: Mapping[str, Any]) -> list[str]:
        """Why some or all of it is without VAT, as the document says it."""
        _ = self.gettext
        if quote.get("vat_mode") == "small_business":
            return [_("No VAT is charged: small business.")]
        notes = []
        charged = {group.get("vat_category") for group in quote.get("vat_groups") or []}
        if "reverse_charge" in charged:
            notes.append(_("Reverse charge: the recipient owes the VAT."))
        if "exempt" in charged:
            reason = str(quote.get("exemption_reason") or "")
            notes.append(_("Exempt from VAT: %(reason)s", reason=reason) if reason else _("Exempt from VAT."))
        if "outside_scope" in charged:
            notes.append(_("Not subject to VAT."))
        return notes

    def instalment_when(self, part: Mapping[str, Any]) -> str:
        """When an instalment becomes due, in brackets behind its name."""
        _, ngettext = self.gettext, self.ngettext
        trigger = part.get("trigger") or ""
        if trigger == "on_acceptance":
            return _("on acceptance")
        if trigger == "on_delivery":
            return _("on delivery")
        if part.get("date"):
            return _("on %(date)s", date=self.date(part["date"]))
        if part.get("days") is not None:
            return ngettext("after %(n)s day", "after %(n)s days", int(part["days"]))
        return ""

    def percent(self, value: str) -> str:
        return format_percent(Decimal(value), self._locale)

    def date(self, value: str) -> str:
        return format_date(date.fromisoformat(value), self._locale)
