"""The words of a line on pages: marked like in the PDF, escaped like everywhere."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import portal_gateway
from portal_gateway.web.templates import Templates

FOLDER = str(Path(portal_gateway.__file__).with_name("templates"))
TEXT = "**Reportage** <script>\nmit *Ton*\n- [Bilder](javascript:alert(1))\n- Galerie"
LINE: dict[str, Any] = {
    "id": "1",
    "kind": "item",
    "description": TEXT,
    "optional": False,
    "quantity": "1",
    "unit": "hour",
    "unit_word": "h",
    "unit_price_minor": 100,
    "net_minor": 100,
    "vat_rate": "0",
    "discount": None,
    "discount_percent": "0",
    "priced_by_parts": False,
    "sub_lines": [{"description": "*leise* <b>", "quantity": "1", "unit_word": "h", "unit_price_minor": None}],
}


class _English:
    def gettext(self, message: str) -> str:
        return message


def _rendered(template: str) -> ElementTree.Element:
    environment = Templates(None, FOLDER).environment  # type: ignore[arg-type]
    page = environment.from_string(template).render(
        lines=[LINE], locale="en", language="en", _catalogue=_English(), url=str, may=bool
    )
    return ElementTree.fromstring(f"<page>{page}</page>")


def _check(page: ElementTree.Element) -> None:
    assert [one.text for one in page.iter("strong")] == ["Reportage"]
    assert [one.text for one in page.iter("em")] == ["Ton", "leise"]
    assert "[Bilder](javascript:alert(1))" in [one.text for one in page.iter("li")]
    assert not {"script", "b", "a", "img"} & {one.tag for one in page.iter()}
    assert "<script>" in "".join(page.itertext())


def test_on_the_customers_page() -> None:
    page = _rendered('{% import "public/parts.html" as parts with context %}{{ parts.line_list(lines, "CHF") }}')
    _check(page)
    head = next(one for one in page.iter("div") if one.get("class") == "head")
    assert "".join(head.itertext()) == "Reportage <script>"


def test_on_the_record_page() -> None:
    _check(_rendered('{% from "macros/records.html" import lines_table with context %}{{ lines_table(lines, "CHF") }}'))


def test_where_only_words_fit_the_marks_are_left_out() -> None:
    for text, words in (
        (TEXT, "Reportage <script>"),
        ("- Bilder\n- Galerie", "Bilder Galerie"),
        ("2026 A & B", "2026 A & B"),
    ):
        page = Templates(None, FOLDER).environment.from_string("{{ text|first_line }}").render(text=text)  # type: ignore[arg-type]
        assert ElementTree.fromstring(f"<p>{page}</p>").text == words
