"""Numbers as people type them, and back into the form.

``1'200``, ``1’200.50``, ``1.200,50`` and ``2.5h`` are understood; what a sign means where it could mean two
things follows the viewer's locale: ``1,200`` is twelve hundred in English and one and a fifth in German.
"""

import re
from decimal import Decimal, InvalidOperation

from kontor.errors import Invalid
from kontor.money import exponent

_GROUPING = str.maketrans("", "", "'’‘ʼ \u00a0\u202f\u2009")
_UNIT = re.compile(r"^(?P<figure>[-+−]?\d[\d.,]*?)(?P<unit>[^\d.,]*\.?)$")
_UNITS = {
    "h": "hour",
    "std": "hour",
    "stunde": "hour",
    "stunden": "hour",
    "hour": "hour",
    "hours": "hour",
    "hrs": "hour",
    "d": "day",
    "tag": "day",
    "tage": "day",
    "day": "day",
    "days": "day",
    "stk": "piece",
    "stück": "piece",
    "pcs": "piece",
    "piece": "piece",
    "pieces": "piece",
    "x": "piece",
    "km": "km",
    "pauschal": "flat",
    "pausch": "flat",
    "flat": "flat",
}
_CURRENCY_WORDS = re.compile(r"^(chf|eur|usd|gbp|sfr\.?|fr\.?|€|\$|£)|(chf|eur|usd|gbp|€|\$|£)$", re.IGNORECASE)


def read_decimal(typed: str, locale: str, field: str) -> Decimal:
    """The figure somebody typed; raises `Invalid` naming the field."""
    text = typed.translate(_GROUPING).replace("−", "-").removesuffix(".–").removesuffix(".-").rstrip("%")
    text = _plain(text, locale)
    if not re.fullmatch(r"[-+]?[\d.]+", text):
        raise Invalid.field(field, f"“{typed}” is not a number.")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Invalid.field(field, f"“{typed}” is not a number.") from None
    if not value.is_finite() or len(text) > 24:
        raise Invalid.field(field, f"“{typed}” is not a number.")
    return value


def read_quantity(typed: str, locale: str, field: str) -> tuple[Decimal, str | None]:
    """The quantity, and the unit where one was typed with it (``2.5h``)."""
    match = _UNIT.match(typed.translate(_GROUPING))
    if match is None:
        return read_decimal(typed, locale, field), None
    unit = match["unit"].rstrip(".").lower()
    if unit and unit not in _UNITS:
        raise Invalid.field(field, f"“{typed}” is not a number with a unit that is known.")
    return read_decimal(match["figure"], locale, field), _UNITS.get(unit)


def read_money(typed: str, currency: str, locale: str, field: str) -> int:
    """The amount in minor units; more places than the currency has are refused, never rounded."""
    value = read_decimal(_CURRENCY_WORDS.sub("", typed.strip()), locale, field)
    minor = value.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise Invalid.field(field, f"{currency} has {exponent(currency)} decimal places.")
    return int(minor)


def show_decimal(value: str | Decimal | None, locale: str) -> str:
    """The figure as it is typed again: no grouping, the locale's decimal sign."""
    if value in (None, ""):
        return ""
    text = f"{Decimal(str(value)):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if locale in {"de-DE", "de-AT"} else text


def show_money(minor: int | None, currency: str, locale: str) -> str:
    """The amount as it is typed again, with all decimal places of its currency."""
    if minor is None:
        return ""
    text = f"{Decimal(minor).scaleb(-exponent(currency)):f}"
    return text.replace(".", ",") if locale in {"de-DE", "de-AT"} else text


def _plain(text: str, locale: str) -> str:
    if "," in text and "." in text:
        grouping, decimal = (",", ".") if text.rfind(".") > text.rfind(",") else (".", ",")
        return text.replace(grouping, "").replace(decimal, ".")
    if "," in text:
        if locale == "en" and re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", text):
            return text.replace(",", "")
        return text.replace(",", ".") if text.count(",") == 1 else text.replace(",", "")
    grouped = re.fullmatch(r"[-+]?\d{1,3}(\.\d{3})+", text)
    if grouped and (text.count(".") > 1 or locale in {"de-DE", "de-AT"}):
        return text.replace(".", "")
    return text
