"""Amounts: integer minor units beside an ISO 4217 code, one rounding rule, exact decimals."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kontor.errors import FieldError, Invalid

INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)

# ISO 4217, list one (active codes; funds, metals and test codes left out), by number of decimal places.
_NO_PLACES = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_PLACES = "BHD IQD JOD KWD LYD OMR TND"
_TWO_PLACES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
    MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES
    WST XCD XCG YER ZAR ZMW ZWG
"""
_EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_NO_PLACES.split(), 0),
    **dict.fromkeys(_TWO_PLACES.split(), 2),
    **dict.fromkeys(_THREE_PLACES.split(), 3),
}

_DECIMAL = re.compile(r"-?[0-9]{1,19}(?:\.[0-9]{1,12})?", re.ASCII)


class CurrencyMismatch(Invalid):
    """Two currencies in one sum: such a sum does not exist."""

    code = "CURRENCY_MISMATCH"


class CurrencyUnknown(Invalid):
    """Not an active ISO 4217 currency code."""

    code = "CURRENCY_UNKNOWN"


class MoneyRange(Invalid):
    """An amount that does not fit a signed 64-bit integer of minor units."""

    code = "MONEY_RANGE"


def exponent(currency: str) -> int:
    """Decimal places of the currency's minor unit: 0 (JPY), 2 (CHF) or 3 (KWD).

    Raises `CurrencyUnknown` for anything that is not an active ISO 4217 code in capitals.
    """
    try:
        return _EXPONENTS[currency]
    except (KeyError, TypeError):
        message = "Please use an ISO 4217 currency code such as CHF or EUR."
        raise CurrencyUnknown(message, errors=[FieldError("currency", message)]) from None


def in_range(minor: int, field: str = "amount") -> int:
    """The amount itself; raises `MoneyRange`, naming the field, when it does not fit 64 bits."""
    if INT64_MIN <= minor <= INT64_MAX:
        return minor
    message = "The amount is too large to be stored."
    raise MoneyRange(message, errors=[FieldError(field, message)])


def round_half_away(value: Fraction | Decimal | int) -> int:
    """The nearest whole number; exactly half goes away from zero (2.5 → 3, −2.5 → −3)."""
    exact = Fraction(value)
    whole, rest = divmod(abs(exact.numerator), exact.denominator)
    if 2 * rest >= exact.denominator:
        whole += 1
    return whole if exact >= 0 else -whole


def parse_decimal(text: object, places: int, field: str) -> Decimal:
    """An exact decimal from its text (``"1.5"``) or a whole number, with trailing zeros removed.

    Raises `Invalid` naming the field for floats, NaN and infinity, exponents, blanks, signs other than a
    leading minus, and more decimal places than ``places``.
    """
    if isinstance(text, Decimal) and text.is_finite():
        text = format(text, "f")
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text)
    if not isinstance(text, str):
        raise Invalid.field(field, 'Please send an exact decimal as text, such as "1.5".')
    if not _DECIMAL.fullmatch(text):
        raise Invalid.field(field, 'Please enter a number such as "1.5".')
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    if len(decimals) > places:
        raise Invalid.field(field, f"Please use at most {places} decimal places.")
    value = Decimal(f"{whole}.{decimals}" if decimals else whole)
    return value if value else Decimal(0)


def plain(value: Decimal) -> str:
    """The decimal as text, without exponent and without trailing zeros: ``"8.1"``, ``"10"``."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


@dataclass(frozen=True, slots=True)
class Money:
    """``minor`` minor units of ``currency``. Arithmetic and comparison within one currency only."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise Invalid.field("amount", "An amount is a whole number of minor units.")
        exponent(self.currency)
        in_range(self.minor)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be put together.")
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def to_decimal(self) -> Decimal:
        """The amount in major units, exact: 956685 CHF minor units are ``Decimal("9566.85")``."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str) -> "Money":
        """The sum, zero for none; raises `CurrencyMismatch` for an amount in another currency."""
        result = cls(0, currency)
        for amount in amounts:
            result = result + amount
        return result
