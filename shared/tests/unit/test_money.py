"""Amounts, rounding and exact decimals."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontor.errors import Invalid
from kontor.money import (
    CurrencyMismatch,
    CurrencyUnknown,
    Money,
    MoneyRange,
    exponent,
    parse_decimal,
    plain,
    round_half_away,
)


@pytest.mark.parametrize(
    "currency,places", [("CHF", 2), ("EUR", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("IQD", 3), ("HUF", 2)]
)
def test_the_exponent_is_that_of_iso_4217(currency, places):
    assert exponent(currency) == places


@pytest.mark.parametrize("currency", ["XYZ", "chf", "", "CHF ", None, 1])
def test_an_unknown_currency_is_refused(currency):
    with pytest.raises(CurrencyUnknown) as refusal:
        exponent(currency)
    assert refusal.value.errors[0].field == "currency"


@pytest.mark.parametrize(
    "value,rounded",
    [
        (Fraction(5, 2), 3),
        (Fraction(-5, 2), -3),
        (Fraction(7, 2), 4),
        (Decimal("0.5"), 1),
        (Decimal("-0.5"), -1),
        (Decimal("0.4999999999999999999999"), 0),
        (Decimal("2.675") * 100, 268),
        (Fraction(0), 0),
        (Fraction(-1, 3), 0),
    ],
)
def test_half_goes_away_from_zero(value, rounded):
    assert round_half_away(value) == rounded


@given(st.fractions())
def test_rounding_moves_by_at_most_a_half_and_keeps_the_sign(value):
    rounded = round_half_away(value)
    assert abs(rounded - value) <= Fraction(1, 2)
    assert rounded == -round_half_away(-value)


def test_money_adds_within_one_currency():
    assert Money(1050, "CHF") + Money(-50, "CHF") == Money(1000, "CHF")
    assert Money(1, "JPY") - Money(3, "JPY") == Money(-2, "JPY")
    assert -Money(5, "KWD") == Money(-5, "KWD")
    assert Money(1, "CHF") < Money(2, "CHF") <= Money(2, "CHF")
    assert Money.total([Money(1, "CHF"), Money(2, "CHF")], "CHF") == Money(3, "CHF")


def test_money_in_two_currencies_cannot_be_put_together():
    for together in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a >= b):
        with pytest.raises(CurrencyMismatch):
            together(Money(1, "CHF"), Money(1, "EUR"))


@pytest.mark.parametrize(
    "minor,currency,major", [(956685, "CHF", "9566.85"), (9567, "JPY", "9567"), (1234567, "KWD", "1234.567")]
)
def test_minor_units_become_major_units_by_the_exponent(minor, currency, major):
    assert Money(minor, currency).to_decimal() == Decimal(major)


def test_money_fits_64_bits():
    assert Money(2**63 - 1, "CHF").minor == 9223372036854775807
    with pytest.raises(MoneyRange):
        Money(2**63, "CHF")
    with pytest.raises(MoneyRange):
        Money(-(2**63), "CHF") - Money(1, "CHF")


@pytest.mark.parametrize("minor", [1.0, True, "1", Decimal(1)])
def test_money_is_a_whole_number(minor):
    with pytest.raises(Invalid):
        Money(minor, "CHF")


@pytest.mark.parametrize(
    "text,places,value",
    [
        ("1.5", 4, "1.5"),
        ("0.0001", 4, "0.0001"),
        ("-2", 4, "-2"),
        ("8.1000", 3, "8.1"),
        (3, 4, "3"),
        ("-0", 4, "0"),
    ],
)
def test_exact_decimals_are_read(text, places, value):
    assert parse_decimal(text, places, "quantity") == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        1.5,
        float("nan"),
        "NaN",
        "Infinity",
        "1e3",
        "1,5",
        "",
        " 1",
        "1 ",
        "+1",
        ".5",
        "1.",
        "١",
        True,
        None,
        "0x1",
        [],
    ],
)
def test_anything_but_an_exact_decimal_is_refused_naming_the_field(text):
    with pytest.raises(Invalid) as refusal:
        parse_decimal(text, 4, "lines[0].quantity")
    assert refusal.value.errors[0].field == "lines[0].quantity"


def test_too_many_places_are_refused():
    with pytest.raises(Invalid, match="at most 3"):
        parse_decimal("8.1234", 3, "vat_rate")


@pytest.mark.parametrize(
    "value,text", [("10", "10"), ("1E+1", "10"), ("8.10", "8.1"), ("-0", "0"), ("0.0001", "0.0001")]
)
def test_decimals_are_written_plainly(value, text):
    assert plain(Decimal(value)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_what_is_written_is_read_back(value):
    assert parse_decimal(plain(value), 4, "quantity") == value
