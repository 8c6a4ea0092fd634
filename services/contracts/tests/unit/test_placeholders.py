"""Placeholders: the published list, the check at save, the filling."""

import pytest

from contracts.domain import blocks, placeholders
from contracts.domain.errors import PlaceholderUnknown
from contracts.domain.placeholders import fill, one_line, plain
from kontor.errors import Invalid


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Dear {{customer.nam}}", "customer.nam"),
        ("Dear {{Customer.Name}}", "Customer.Name"),
        ("Dear {{}}", "{{}}"),
        ("Dear {{customer.name", "not closed"),
        ("Dear customer.name}}", "not closed"),
        ("Items: {{quote.table}}", "line of its own"),
        ("- {{quote.instalments}}", "line of its own"),
        ("{{quote.table}} {{quote.table}}", "line of its own"),
        ("{{__class__}}", "__class__"),
    ],
)
def test_what_is_not_published_is_refused(text: str, part: str) -> None:
    with pytest.raises(PlaceholderUnknown) as refused:
        placeholders.check(text, "body_markdown")
    assert part in refused.value.detail
    assert refused.value.errors[0].field == "body_markdown"


@pytest.mark.parametrize("placeholder", placeholders.PUBLISHED, ids=lambda one: one.name)
def test_every_published_placeholder_is_accepted(placeholder: placeholders.Placeholder) -> None:
    placeholders.check(f"Before.\n\n{{{{ {placeholder.name} }}}}\n\nAfter.", "body_markdown")
    assert placeholder.de
    assert placeholder.en


def test_values_are_put_in_and_missing_ones_named_once() -> None:
    filled = fill("{{customer.name}}, {{booking.date}}, {{booking.date}}", {"customer.name": "Anna"})
    assert filled.text == "Anna, {{booking.date}}, {{booking.date}}"
    assert filled.missing == ("booking.date",)


def test_a_value_that_looks_like_a_placeholder_is_printed_not_expanded() -> None:
    filled = fill("{{customer.name}}", {"customer.name": plain("{{deal.total}}"), "deal.total": "CHF 1"})
    assert filled.missing == ()
    assert filled.text == r"\{\{deal.total\}\}"


def test_tables_get_lines_of_their_own() -> None:
    assert fill("a\n{{quote.table}}\nb", {"quote.table": "| x |"}).text == "a\n\n\n| x |\n\n\nb"


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("Müller & Söhne", r"Müller \& Söhne"),
        ("*Stern* _AG_", r"\*Stern\* \_AG\_"),
        ("a|b", r"a\|b"),
        ("<script>", r"\<script\>"),
        ("1. FC Muster", r"1\. FC Muster"),
        ("# Eins", r"\# Eins"),
        ("- Strich", r"\- Strich"),
        ("zwei\nZeilen", "zwei Zeilen"),
        ("St. Gallen-West", "St. Gallen-West"),
    ],
)
def test_plain_text_prints_as_it_is(text: str, markdown: str) -> None:
    assert plain(text) == markdown


def test_a_rich_text_on_one_line_keeps_bold_and_joins_items() -> None:
    assert one_line("**Shooting** vor Ort\n- 50 Bilder\n- Galerie | Link") == (
        r"**Shooting** vor Ort · 50 Bilder · Galerie \| Link"
    )


def test_a_block_needs_title_and_text_without_control_characters() -> None:
    for title, body in [("", "Text"), ("Titel", " "), ("T" * 201, "Text"), ("Titel", "x" * 20_001), ("A\x07", "B")]:
        with pytest.raises(Invalid):
            blocks.check_texts(title, body)
    with pytest.raises(Invalid):
        blocks.check_texts("{{customer.name}}", "Text")
    blocks.check_texts("Titel", "Text für {{customer.name}}.")
