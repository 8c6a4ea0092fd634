"""Texts of lines: the part of Markdown that is meant, and nothing that a browser would act upon."""

import time
from xml.etree import ElementTree

import pytest

from kontor.richtext import headed, is_marked, rich

MEANT = {"all", "p", "br", "strong", "em", "ul", "ol", "li"}
HOSTILE = [
    "<script>alert(1)</script>",
    "**<script>alert(1)</script>**",
    "- <img src=x onerror=alert(1)>\n- *<b onclick='x'>*",
    "[Angebot](javascript:alert(1)) <javascript:alert(1)> <https://example.org>",
    "[Angebot][1]\n\n[1]: javascript:alert(1)",
    "![Bild](https://example.org/pixel.png)",
    "https://example.org www.example.org anna@example.org",
    '*<a href="**">x</a>**"*',
    "&lt;script&gt; &#60;b&#62; \\<b>",
    "# Titel\n> Zitat\n`code`\n```\nblock\n```\n---\n| a |\n|---|\n| b |",
    "</p></div><!-- --><![CDATA[x]]>",
    "{{ 7*7 }} {% raw %}",
    "** * _ __ - -\n* \n1.\n1. ",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_only_the_meant_elements_come_out(text: str) -> None:
    for markup in (rich(text), *headed(text)):
        for element in ElementTree.fromstring(f"<all>{markup}</all>").iter():
            assert element.tag in MEANT
            assert set(element.attrib) <= ({"start"} if element.tag == "ol" else set())


@pytest.mark.parametrize("text", ["<b>A & B</b>", "[x](javascript:alert(1))", "\\<i>", "&lt;", "1 < 2 > 0"])
def test_what_is_no_mark_is_shown_as_it_was_typed(text: str) -> None:
    assert "".join(ElementTree.fromstring(f"<all>{rich(text)}</all>").itertext()).strip() == text


def test_bold_italic_lists_and_line_ends() -> None:
    assert rich("Zwei **Kameras**\nund *Ton*\n- 300 Bilder\n- Galerie") == (
        "<p>Zwei <strong>Kameras</strong><br />\nund <em>Ton</em></p>\n"
        "<ul>\n<li>300 Bilder</li>\n<li>Galerie</li>\n</ul>\n"
    )
    assert rich("3. Drei\n4. Vier") == '<ol start="3">\n<li>Drei</li>\n<li>Vier</li>\n</ol>\n'
    assert [is_marked(text) for text in ("Foto", "**Foto**", "- Foto", "2. Foto", "Foto-Buch 2.0")] == [
        *(False, True, True, True, False)
    ]


@pytest.mark.parametrize(
    "text, head, rest",
    [
        ("Reportage", "Reportage", ""),
        ("**Reportage**\nmit *Ton*", "<strong>Reportage</strong>", "<p>mit <em>Ton</em></p>\n"),
        ("Reportage\n\nZwei Tage", "Reportage", "<p>Zwei Tage</p>\n"),
        ("Reportage\n- Bilder", "Reportage", "<ul>\n<li>Bilder</li>\n</ul>\n"),
        ("**A\nB** C\nD", "<strong>A<br />\nB</strong> C", "<p>D</p>\n"),
        ("- Bilder", "", "<ul>\n<li>Bilder</li>\n</ul>\n"),
        ("", "", ""),
    ],
)
def test_the_first_line_and_what_follows(text: str, head: str, rest: str) -> None:
    assert headed(text) == (head, rest)


@pytest.mark.parametrize("unit", ["*", "_*", "**a ", "a**b", "- ", "- a\n", "1. ", "<b>", "*a_ ", "[x](", "  - a\n"])
def test_a_long_text_is_shown_in_no_time(unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    began = time.process_time()
    ElementTree.fromstring(f"<all>{rich(text)}</all>")
    headed(text)
    assert time.process_time() - began < 5
