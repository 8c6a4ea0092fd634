"""The VAT a line can be given in the editor: a rate, or the reason why there is none."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from kontor.locale import format_percent
from portal_gateway.admin.words import _, say
from portal_gateway.web import Request

#: Current rates by country, the usual one first (the date of supply decides; these are what the editor offers).
RATES = {
    "CH": ("8.1", "2.6", "3.8"),
    "LI": ("8.1", "2.6", "3.8"),
    "DE": ("19", "7"),
    "AT": ("20", "13", "10"),
}
#: What stands in the place of a rate where no VAT is charged. "0" is category ``zero``: exports.
WITHOUT = ("0", "exempt", "reverse_charge", "outside_scope")
_WORDS = {
    "exempt": _("exempt"),
    "reverse_charge": _("reverse charge"),
    "outside_scope": _("outside scope"),
}


def choices(request: Request, used: Sequence[str] = ()) -> list[tuple[str, str]]:
    """``(value, words)``, the usual one first; a rate in use stays offered. Who is not registered starts with none."""
    rates = RATES.get(request.business.get("country") or "CH", RATES["CH"])
    registered = bool(request.business.get("vat_registered"))
    values = [*rates, *WITHOUT] if registered else ["0", *rates, *WITHOUT[1:]]
    values += [value for value in dict.fromkeys(used) if value not in values]
    return [(value, _in_words(request, value)) for value in values]


def _in_words(request: Request, value: str) -> str:
    if value in _WORDS:
        return say(request, _WORDS[value])
    rate = format_percent(Decimal(value), request.locale)
    return f"{rate} {say(request, _('export'))}" if value == "0" else rate


def of_line(line: Mapping[str, Any]) -> str:
    """The choice a saved line stands for."""
    category = line.get("vat_category")
    return str(category) if category in WITHOUT else str(line.get("vat_rate") or "0")


def to_line(value: str) -> dict[str, Any]:
    """A choice as the fields of a line; the category of a plain rate follows from the rate."""
    if value in WITHOUT[1:]:
        return {"vat_rate": "0", "vat_category": value}
    return {"vat_rate": value or "0"}
