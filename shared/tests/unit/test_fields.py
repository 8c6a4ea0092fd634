"""Reading a request field by field."""

from datetime import date
from decimal import Decimal

import pytest

from kontor.errors import Invalid
from kontor.fields import Fields

KNOWN = frozenset({"a", "b", "list"})


def read(body):
    return Fields(body, "", KNOWN, frozenset({"computed"}))


def test_all_wrong_fields_are_gathered():
    fields = read({"a": 1.5, "b": "x", "c": 1, "computed": 9})
    assert fields.amount("a") is None
    assert fields.percent("b") is None
    with pytest.raises(Invalid) as refusal:
        fields.raise_errors()
    assert [error.field for error in refusal.value.errors] == ["c", "a", "b"]


def test_nested_objects_report_their_place():
    fields = read({"list": [{"a": "1.5"}, {"a": None, "z": 1}, 3]})
    values = [
        each.decimal("a", 1, low=Decimal(0), high=Decimal(9), required=True)
        for each in fields.objects("list", 5, KNOWN)
    ]
    assert values == [Decimal("1.5"), None]
    assert [error.field for error in fields.errors] == ["list[1].z", "list[2]", "list[1].a"]


@pytest.mark.parametrize(
    "value,result",
    [
        ("2028-02-29", date(2028, 2, 29)),
        ("2026-02-29", None),
        ("2026-2-9", None),
        ("2026-03-29T00:00:00Z", None),
        (20260329, None),
    ],
)
def test_dates_are_calendar_dates(value, result):
    fields = read({"a": value})
    assert fields.date("a") == result
    assert bool(fields.errors) == (result is None)


@pytest.mark.parametrize(
    "value,result", [(" x\n", "x"), ("a\tb", "a\tb"), ("a\0", ""), ("\ud800", ""), (5, ""), ("", "")]
)
def test_texts_are_trimmed_and_hold_no_control_characters(value, result):
    fields = read({"a": value})
    text = fields.text("a", 10)
    assert bool(fields.errors) == (result == "")
    assert fields.errors or text == result


@pytest.mark.parametrize("value", [True, 1.0, "1", 2**63, -(2**63) - 1])
def test_an_amount_is_a_whole_number_that_fits_64_bits(value):
    fields = read({"a": value})
    assert fields.amount("a") is None
    assert fields.errors[0].field == "a"


def test_flags_words_ids_and_counts():
    fields = read({"a": "yes", "b": "0198C000-0000-7000-8000-000000000001"})
    assert fields.flag("a", False) is False
    assert fields.one_of("a", ("no", "maybe"), "no") == "no"
    assert fields.whole("a", 1, 5) is None
    assert fields.uuid("b") == "0198c000-0000-7000-8000-000000000001"
    assert fields.identifier("b") is not None
    assert [error.field for error in fields.errors] == ["a", "a", "a"]
    assert read({}).flag("a", True) is True


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_a_body_is_an_object(body):
    with pytest.raises(Invalid):
        read(body)
