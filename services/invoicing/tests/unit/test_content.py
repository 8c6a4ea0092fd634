from typing import Any

import pytest

from invoicing.domain import content
from invoicing.domain.content import Defaults
from kontor.errors import Invalid
from kontor.money import CurrencyUnknown
from kontor.pricing import TotalNegative

DEFAULTS = Defaults({"currency": "CHF", "language": "de", "payment": {"net_days": 20}, "intro": "Guten Tag"}, 20)
LINE = {"description": "Retusche", "quantity": "1.5", "unit": "hour", "unit_price_minor": 12000, "vat_rate": "8.1"}


def refusal(fields: dict[str, Any]) -> Invalid:
    with pytest.raises(Invalid) as refused:
        content.read(fields, DEFAULTS)
    return refused.value


def test_what_is_not_said_comes_from_the_defaults(fields: dict[str, Any]) -> None:
    read = content.read(fields, DEFAULTS)
    assert (read.currency, read.language, read.intro, read.payment.net_days) == ("CHF", "de", "Guten Tag", 20)
    assert content.read(fields | {"currency": "EUR", "language": None}, DEFAULTS).currency == "EUR"


def test_totals_by_hand(fields: dict[str, Any]) -> None:
    totals = content.read(fields, DEFAULTS).totals()
    assert (totals.net_minor, totals.vat_minor, totals.total_minor) == (112000, 8412, 120412)


def test_a_change_leaves_what_it_does_not_name(fields: dict[str, Any]) -> None:
    before = content.read(fields | {"notes": "Rabatt versprochen"}, DEFAULTS)
    after = content.merge(before, {"intro": "Liebe Petra"})
    assert after.lines == before.lines
    assert (after.intro, after.notes) == ("Liebe Petra", "Rabatt versprochen")


def test_a_list_sent_replaces_the_list(fields: dict[str, Any]) -> None:
    after = content.merge(content.read(fields, DEFAULTS), {"lines": [LINE]})
    assert [line.description for line in after.lines] == ["Retusche"]


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"colour": "red"}, "colour"),
        ({"total_minor": 1}, "total_minor"),
        ({"customer_id": "42"}, "customer_id"),
        ({"customer_id": None}, "customer_id"),
        ({"lines": []}, "lines"),
        ({"lines": "all"}, "lines"),
        ({"lines": [LINE | {"unit_price_minor": 12.5}]}, "lines[0].unit_price_minor"),
        ({"lines": [LINE, LINE | {"quantity": "NaN"}]}, "lines[1].quantity"),
        ({"lines": [LINE | {"optional": True}]}, "lines[0].optional"),
        ({"language": "fr"}, "language"),
        ({"price_entry": "both"}, "price_entry"),
        ({"payment_slip": "green"}, "payment_slip"),
        ({"bank_account_id": "main"}, "bank_account_id"),
        ({"service_from": "2026-13-01"}, "service_from"),
        ({"service_from": "2026-03-02", "service_to": "2026-03-01"}, "service_to"),
        ({"title": "x" * 201}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"intro": "nul\x00"}, "intro"),
        ({"payment": {"net_days": -1}}, "payment.net_days"),
        ({"payment": {"net_days": 1.5}}, "payment.net_days"),
        ({"payment": {"net_days": 30, "from": "birth"}}, "payment.from"),
        ({"payment": {"net_days": 30, "grace": 1}}, "payment.grace"),
        ({"payment": {"net_days": 30, "skonto_percent": "2"}}, "payment.skonto_days"),
        ({"payment": {"net_days": 30, "skonto_percent": "100", "skonto_days": 10}}, "payment.skonto_percent"),
        ({"payment": {"net_days": 10, "skonto_percent": "2", "skonto_days": 11}}, "payment.skonto_days"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], changes: dict[str, Any], field: str) -> None:
    assert [error.field for error in refusal(fields | changes).errors] == [field]


def test_all_wrong_fields_are_named_at_once(fields: dict[str, Any]) -> None:
    errors = refusal(fields | {"colour": "red", "title": 7, "language": "fr"}).errors
    assert {error.field for error in errors} == {"colour", "title", "language"}


def test_an_unknown_currency_keeps_its_code(fields: dict[str, Any]) -> None:
    assert isinstance(refusal(fields | {"currency": "CHE"}), CurrencyUnknown)


def test_a_total_below_zero_keeps_its_code(fields: dict[str, Any]) -> None:
    assert isinstance(refusal(fields | {"lines": [LINE | {"unit_price_minor": -1}]}), TotalNegative)


def test_text_is_trimmed_and_composed(fields: dict[str, Any]) -> None:
    assert content.read(fields | {"title": "  Mu\u0308ller "}, DEFAULTS).title == "Müller"


def test_skonto_is_read_back_as_it_was_written(fields: dict[str, Any]) -> None:
    terms = {"net_days": 30, "from": "issue", "skonto_percent": "2.5", "skonto_days": 10}
    assert content.read(fields | {"payment": terms}, DEFAULTS).payment.to_json() == terms
