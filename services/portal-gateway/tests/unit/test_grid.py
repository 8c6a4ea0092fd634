"""The grid of the editor: rows as typed become lines, and what a service refuses finds its row again."""

from portal_gateway.admin import lines

ROWS = [
    {"description": "Reportage", "quantity": "2.5h", "unit": "piece", "unit_price": "1'200", "vat_rate": "8.1"},
    {"description": "Zwei Fotografinnen", "level": "sub", "unit_price": ""},
    {},
    {
        "description": "Album",
        "unit_price": "290",
        "vat_rate": "exempt",
        "choice": "package_on",
        "choice_group": "Album",
    },
    {"description": "Treue", "discount_percent": "5 %", "choice": "discount"},
    {"description": "nach dem Rabatt", "level": "sub", "unit_price": "10", "vat_rate": "2.6"},
]


def test_rows_become_lines_with_their_details() -> None:
    grid = lines.from_rows(ROWS, "CHF", "de-CH")
    assert grid.errors == []
    report, album, discount, after = grid.lines
    assert (report["quantity"], report["unit"], report["unit_price_minor"]) == ("2.5", "hour", 120000)
    assert [(sub["description"], sub["unit_price_minor"]) for sub in report["sub_lines"]] == [
        ("Zwei Fotografinnen", None)
    ]
    assert (album["vat_rate"], album["vat_category"], album["selected"]) == ("0", "exempt", True)
    assert (discount["kind"], discount["discount_percent"], discount["unit_price_minor"]) == ("discount", "5", 0)
    assert after["unit_price_minor"] == 1000, "a discount has no details: the row counts as a line"


def test_what_a_service_refuses_leads_to_the_cell() -> None:
    grid = lines.from_rows(ROWS, "CHF", "de-CH")
    assert grid.place("lines[0].sub_lines[0].description") == "lines-1-description"
    assert grid.place("lines[1].selected") == "lines-3-choice"
    assert grid.place("lines[3].unit_price_minor") == "lines-5-unit_price"
    assert grid.place("lines") == "lines"


def test_saved_lines_come_back_as_they_were_typed() -> None:
    grid = lines.from_rows(ROWS, "CHF", "de-CH")
    saved = [{"id": "x", "sub_lines": [], "unit": "piece", **line} for line in grid.lines]
    saved[2] |= {"quantity": "1", "vat_rate": "0"}
    again = lines.from_rows(lines.to_rows(saved, "CHF", "de-CH"), "CHF", "de-CH")
    assert again.errors == []
    for name in ("description", "unit_price_minor", "discount_percent"):
        assert [line[name] for line in again.lines] == [line[name] for line in grid.lines]
    assert again.lines[1]["choice_group"] == "Album"


def test_a_package_needs_a_name() -> None:
    grid = lines.from_rows([{"description": "Album", "unit_price": "1", "choice": "package"}], "CHF", "en")
    assert [error.field for error in grid.errors] == ["lines-0-choice_group"]
