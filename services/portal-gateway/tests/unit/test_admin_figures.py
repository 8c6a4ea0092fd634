"""Figures as people type them."""

from decimal import Decimal

import pytest

from kontor.errors import Invalid
from portal_gateway.admin import figures


@pytest.mark.parametrize(
    "typed, locale, value",
    [
        ("1'200", "de-CH", "1200"),
        ("1’200.50", "de-CH", "1200.50"),
        ("1.200,50", "de-DE", "1200.50"),
        ("1.200", "de-DE", "1200"),
        ("1.200", "de-CH", "1.200"),
        ("1,200", "en", "1200"),
        ("1,5", "de-CH", "1.5"),
        ("1 200.–", "de-CH", "1200"),
        ("−3.5", "en", "-3.5"),
        ("1,234,567.89", "en", "1234567.89"),
    ],
)
def test_a_figure_is_read_as_its_locale_writes_it(typed: str, locale: str, value: str) -> None:
    assert figures.read_decimal(typed, locale, "f") == Decimal(value)


@pytest.mark.parametrize("typed", ["", "viel", "1.2.3", "NaN", "Infinity", "1e5", "12px"])
def test_what_is_no_number_is_refused_with_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        figures.read_decimal(typed, "de-CH", "lines[0].quantity")
    assert refused.value.errors[0].field == "lines[0].quantity"


@pytest.mark.parametrize(
    "typed, quantity, unit",
    [
        ("2.5h", "2.5", "hour"),
        ("3 Tage", "3", "day"),
        ("84km", "84", "km"),
        ("12", "12", None),
        ("2 Std.", "2", "hour"),
    ],
)
def test_a_unit_may_follow_the_quantity(typed: str, quantity: str, unit: str | None) -> None:
    assert figures.read_quantity(typed, "de-CH", "q") == (Decimal(quantity), unit)


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(Invalid):
        figures.read_quantity("3 Esel", "de-CH", "q")


@pytest.mark.parametrize(
    "typed, currency, minor", [("1'200", "CHF", 120000), ("CHF 9’566.85", "CHF", 956685), ("500", "JPY", 500)]
)
def test_an_amount_becomes_minor_units(typed: str, currency: str, minor: int) -> None:
    assert figures.read_money(typed, currency, "de-CH", "p") == minor


def test_more_places_than_the_currency_has_are_refused_never_rounded() -> None:
    with pytest.raises(Invalid):
        figures.read_money("1.005", "CHF", "de-CH", "p")


def test_what_is_shown_can_be_read_again() -> None:
    for locale in ("de-CH", "de-DE", "de-AT", "en"):
        shown = figures.show_money(123456789, "EUR", locale)
        assert figures.read_money(shown, "EUR", locale, "p") == 123456789
