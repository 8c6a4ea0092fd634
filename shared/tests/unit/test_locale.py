"""Formatting for the reader. The blanks in amounts are non-breaking."""

from datetime import date
from decimal import Decimal

import pytest

from kontor.locale import document_locale, format_date, format_decimal, format_money, format_percent


def visible(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    "minor,currency,locale,text",
    [
        (956685, "CHF", "de-CH", "CHF 9’566.85"),
        (956685, "EUR", "de-CH", "EUR 9’566.85"),
        (956685, "EUR", "de-DE", "9.566,85 €"),
        (956685, "EUR", "de-AT", "€ 9.566,85"),
        (956685, "EUR", "en", "€9,566.85"),
        (956685, "CHF", "en", "CHF 9,566.85"),
        (-956685, "EUR", "de-DE", "-9.566,85 €"),
        (9567, "JPY", "de-CH", "¥ 9’567"),
        (1234567, "KWD", "de-DE", "1.234,567 KWD"),
        (1234567, "IQD", "en", "IQD 1,234.567"),
        (0, "CHF", "de-CH", "CHF 0.00"),
        (9223372036854775807, "CHF", "de-CH", "CHF 92’233’720’368’547’758.07"),
    ],
)
def test_amounts_follow_the_locale_and_the_currency(minor, currency, locale, text):
    assert visible(format_money(minor, currency, locale)) == text
    assert " " not in format_money(minor, currency, locale)


def test_amounts_without_their_currency():
    assert format_money(956685, "CHF", "de-CH", symbol=False) == "9’566.85"
    assert format_money(5, "KWD", "en", symbol=False) == "0.005"


def test_dates():
    day = date(2026, 3, 9)
    assert [format_date(day, locale) for locale in ("de-CH", "de-DE", "de-AT", "en")] == [
        "09.03.2026",
        "09.03.2026",
        "09.03.2026",
        "9 Mar 2026",
    ]
    assert format_date(day, "de-CH", "long") == "9. März 2026"


def test_numbers_and_percentages():
    assert format_decimal(Decimal("1234.5"), "de-CH") == "1’234.5"
    assert format_decimal(Decimal("1.2345"), "de-DE") == "1,2345"
    assert format_decimal(Decimal("1.5"), "en", places=2) == "1.50"
    assert [visible(format_percent(Decimal("8.1"), locale)) for locale in ("de-CH", "de-DE", "en")] == [
        "8.1 %",
        "8,1 %",
        "8.1%",
    ]


def test_the_locale_of_a_document_comes_from_language_and_country():
    pairs = [("de", "CH"), ("de", "LI"), ("de", "DE"), ("de", "AT"), ("en", "CH")]
    assert [document_locale(*pair) for pair in pairs] == ["de-CH", "de-CH", "de-DE", "de-AT", "en"]
