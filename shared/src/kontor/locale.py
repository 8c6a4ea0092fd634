"""Money, dates and numbers as the reader of a document expects them. Formatting happens on the server only.

Locales are ``de-CH``, ``de-DE``, ``de-AT`` and ``en`` (English for Europe: day before month). Spaces inside
an amount are non-breaking (U+00A0), so that a currency never parts from its figure at a line end.
"""

import copy
import re
from datetime import date
from decimal import Decimal
from typing import Literal

from babel import Locale
from babel.dates import format_date as _format_date
from babel.numbers import format_decimal as _format_decimal

from kontor.money import exponent

LOCALES = ("de-CH", "de-DE", "de-AT", "en")
_BABEL = {name: Locale.parse(name.replace("-", "_")) for name in LOCALES[:3]} | {"en": Locale.parse("en_GB")}
_LETTER_BEFORE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=[0-9])")


def document_locale(language: str, country: str) -> str:
    """The locale of a document in ``language`` issued from ``country`` (ISO 3166-1 alpha-2)."""
    if language == "en":
        return "en"
    return {"DE": "de-DE", "AT": "de-AT"}.get(country, "de-CH")


def format_money(minor: int, currency: str, locale: str, *, symbol: bool = True) -> str:
    """The amount with its currency, at the currency's own precision: ``CHF 9’566.85`` in de-CH,
    ``9.566,85 €`` in de-DE. With ``symbol=False`` the figure alone, for columns headed by the currency."""
    babel = _BABEL[locale]
    places = exponent(currency)
    pattern = copy.copy(babel.currency_formats["standard"])
    pattern.frac_prec = (places, places)
    value = Decimal(minor).scaleb(-places)
    if not symbol:
        return format_decimal(value, locale, places=places)
    text: str = pattern.apply(value, babel, currency=currency, currency_digits=False)
    return _LETTER_BEFORE_DIGIT.sub("\N{NO-BREAK SPACE}", text)


DateStyle = Literal["short", "medium", "long", "full"]


def format_date(value: date, locale: str, style: DateStyle = "medium") -> str:
    """The calendar date: ``09.03.2026`` in German, ``9 Mar 2026`` in English; ``long`` spells the month."""
    return _format_date(value, format=style, locale=_BABEL[locale])


def format_decimal(value: Decimal | int, locale: str, *, places: int | None = None) -> str:
    """An exact decimal with all its places (or exactly ``places``) and the locale's separators."""
    babel = _BABEL[locale]
    pattern = copy.copy(babel.decimal_formats[None])
    pattern.frac_prec = (0, 12) if places is None else (places, places)
    return _format_decimal(value, format=pattern, locale=babel, decimal_quantization=places is not None)


def format_percent(value: Decimal, locale: str) -> str:
    """A percentage, given in percent: ``8.1`` is ``8.1 %`` in de-CH, ``8,1 %`` in de-DE, ``8.1%`` in en."""
    space = "" if locale == "en" else "\N{NO-BREAK SPACE}"
    return f"{format_decimal(value, locale)}{space}%"
