"""What changed between two versions, read as a person would."""

import pytest

from quotes.domain.comparison import compare


def line(id, **fields):
    return {
        "id": id,
        "kind": "item",
        "description": f"Leistung {id}",
        "quantity": "1",
        "unit": "piece",
        "unit_price_minor": 10000,
        "discount_percent": "0",
        "vat_rate": "8.1",
        "vat_category": "standard",
        "net_minor": 10000,
        "optional": False,
        "selected": True,
        "min_quantity": None,
        "max_quantity": None,
        "choice_group": None,
        "sub_lines": [],
    } | fields


def version(total_minor=10810, **fields):
    return {
        "title": "Hochzeit",
        "intro": "Guten Tag",
        "closing": "",
        "exemption_reason": "",
        "currency": "CHF",
        "language": "de",
        "price_entry": "net",
        "vat_mode": "standard",
        "valid_until": "2026-04-09",
        "customer": {"display_name": "Anna Keller", "town": "Küsnacht"},
        "bank": {"iban": "CH93"},
        "payment": {"net_days": 30, "from": "issue", "skonto_percent": None, "skonto_days": None},
        "terms": {"text": "", "required": False},
        "lines": [line("a")],
        "installments": [],
        "event": None,
        "attachments": [],
        "totals": {"total_minor": total_minor},
    } | fields


def changes(newer, older=None):
    return [
        (one["what"], one["label"], one["kind"], one["field"], one["before"], one["after"])
        for one in compare(older or version(), newer)["changes"]
    ]


def test_nothing_changed_between_equals():
    assert compare(version(), version()) == {
        "changes": [],
        "total_before_minor": 10810,
        "total_after_minor": 10810,
        "currency_before": "CHF",
        "currency": "CHF",
    }


@pytest.mark.parametrize(
    "fields,change",
    [
        ({"title": "Hochzeit am See"}, ("title", "title", "changed", "title", "Hochzeit", "Hochzeit am See")),
        ({"closing": "Bis bald"}, ("text", "closing", "added", "closing", None, "Bis bald")),
        ({"intro": ""}, ("text", "intro", "removed", "intro", "Guten Tag", None)),
        (
            {"valid_until": "2026-05-01"},
            ("valid_until", "valid_until", "changed", "valid_until", "2026-04-09", "2026-05-01"),
        ),
        (
            {"customer": {"display_name": "Anna Keller", "town": "Zürich"}},
            ("customer", "town", "changed", "town", "Küsnacht", "Zürich"),
        ),
        ({"bank": None}, ("bank", "iban", "removed", "iban", "CH93", None)),
        ({"terms": {"text": "AGB", "required": True}}, ("terms", "text", "added", "text", None, "AGB")),
        ({"payment": {"net_days": 0, "from": "issue"}}, ("payment", "net_days", "changed", "net_days", "30", "0")),
        (
            {"attachments": [{"document_id": "1", "name": "AGB.pdf"}]},
            ("attachments", "AGB.pdf", "added", None, None, "AGB.pdf"),
        ),
        (
            {"event": {"title": "Trauung", "start": "2026-06-12"}},
            ("event", "Trauung", "added", None, None, "2026-06-12"),
        ),
        (
            {"installments": [{"label": "", "percent": "100", "total_minor": 10810}]},
            ("installments", "1", "added", None, None, "100"),
        ),
    ],
)
def test_every_part_is_told(fields, change):
    assert changes(version(**fields)) == [change]
    what, label, kind, field, before, after = change
    turned = {"added": "removed", "removed": "added", "changed": "changed"}[kind]
    assert changes(version(), version(**fields)) == [(what, label, turned, field, after, before)]


@pytest.mark.parametrize(
    "fields,change",
    [
        ({"quantity": "2.5", "unit": "hour"}, ("quantity", "1 piece", "2.5 hour")),
        ({"unit_price_minor": 9950}, ("unit_price", "100.00", "99.50")),
        ({"discount_percent": "12.5"}, ("discount", None, "12.5")),
        ({"vat_rate": "2.6"}, ("vat", "8.1 standard", "2.6 standard")),
        ({"vat_rate": "0", "vat_category": "exempt"}, ("vat", "8.1 standard", "0 exempt")),
        ({"optional": True, "selected": False}, ("option", None, "optional")),
        (
            {"choice_group": "Paket", "min_quantity": "1", "max_quantity": "3"},
            ("option", None, "choice Paket, selected, 1-3"),
        ),
    ],
)
def test_a_changed_line_is_told_field_by_field(fields, change):
    field, before, after = change
    assert changes(version(lines=[line("a", **fields)])) == [("line", "Leistung a", "changed", field, before, after)]


def test_lines_are_the_same_by_their_id_wherever_they_stand():
    older = version(lines=[line("a"), line("b"), line("c")])
    newer = version(lines=[line("d", net_minor=4200), line("c"), line("b", description="Neu\nzweite Zeile")])
    assert changes(newer, older) == [
        ("line", "Leistung d", "added", None, None, "1 piece"),
        ("line", "Neu", "changed", "description", "Leistung b", "Neu\nzweite Zeile"),
        ("line", "Leistung a", "removed", None, "1 piece", None),
    ]
    added, _, removed = compare(older, newer)["changes"]
    assert (added["before_minor"], added["after_minor"], added["line_id"]) == (None, 4200, "d")
    assert (removed["before_minor"], removed["after_minor"]) == (10000, None)


def test_sub_lines_are_told_with_their_line():
    def sub(id, **fields):
        body = {"id": id, "description": f"Detail {id}", "quantity": "1", "unit": "piece", "discount_percent": "0"}
        return body | {"unit_price_minor": None} | fields

    older = version(lines=[line("a", sub_lines=[sub("1"), sub("2", unit_price_minor=500)])])
    newer = version(lines=[line("a", sub_lines=[sub("2", unit_price_minor=750, quantity="2"), sub("3")])])
    assert changes(newer, older) == [
        ("line", "Detail 2", "changed", "sub_line", "Detail 2, 1 piece", "Detail 2, 2 piece"),
        ("line", "Detail 2", "changed", "sub_line", "5.00", "7.50"),
        ("line", "Detail 3", "added", "sub_line", None, "Detail 3, 1 piece"),
        ("line", "Detail 1", "removed", "sub_line", "Detail 1, 1 piece", None),
    ]


def test_amounts_have_the_places_of_their_currency():
    older = version(currency="JPY", lines=[line("a", unit_price_minor=333)])
    newer = version(currency="KWD", lines=[line("a", unit_price_minor=12345)])
    assert ("line", "Leistung a", "changed", "unit_price", "333", "12.345") in changes(newer, older)
    told = compare(older, newer)
    assert (told["currency_before"], told["currency"]) == ("JPY", "KWD")


def test_a_version_from_before_a_field_existed_has_it_empty():
    older = version(lines=[line("a")])
    for name in ("event", "attachments", "exemption_reason"):
        del older[name]
    del older["lines"][0]["vat_category"]
    assert changes(version(), older) == []
