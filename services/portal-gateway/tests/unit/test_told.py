"""What services refuse in English is told in the viewer's language, with the values it names."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from kontor import fields, lines, money
from portal_gateway.admin.words import VALUED, told
from portal_gateway.web.languages import Languages
from quotes.domain import booking, event, selection

REFUSING = {"refuse", "field", "FieldError", "Invalid"}


class _Viewer:
    def __init__(self, language: str) -> None:
        self.language = language
        self.kernel = self
        self.languages = Languages()


GERMAN: Any = _Viewer("de")
ENGLISH: Any = _Viewer("en")


def _sentences(module: ModuleType) -> Iterator[str]:
    """Every sentence a module refuses with, 7 in place of each value."""
    tree = ast.parse(inspect.getsource(module))
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in REFUSING:
            for said in call.args:
                parts = said.values if isinstance(said, ast.JoinedStr) else [said]
                if all(isinstance(part, ast.Constant | ast.FormattedValue) for part in parts):
                    text = "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)
                    if " " in text:
                        yield text


@pytest.mark.parametrize("module", [fields, lines, money], ids=lambda module: module.__name__)
def test_every_sentence_of_the_common_library_is_told_in_german(module: ModuleType) -> None:
    said = set(_sentences(module))
    assert said
    assert [sentence for sentence in sorted(said) if told(GERMAN, sentence) == sentence] == []


@pytest.mark.parametrize("module", [booking, event, selection], ids=lambda module: module.__name__)
def test_every_sentence_of_quotes_with_values_is_told_in_german(module: ModuleType) -> None:
    said = {sentence for sentence in _sentences(module) if "7" in sentence}
    assert [sentence for sentence in sorted(said) if told(GERMAN, sentence) == sentence] == []


@pytest.mark.parametrize(
    "english, german",
    [
        ("Please use at most 200 characters.", "Bitte verwenden Sie höchstens 200 Zeichen."),
        ("Please enter a whole number from 0 to 365.", "Bitte geben Sie eine ganze Zahl von 0 bis 365 ein."),
        ("Please use one of: net, gross.", "Bitte verwenden Sie eines von: net, gross."),
        ("Please choose a quantity from 1 to 3.", "Bitte wählen Sie eine Menge von 1 bis 3."),
        ("Please choose a quantity from 1.", "Bitte wählen Sie eine Menge ab 1."),
        (
            "Exactly one line of the choice “Album (100 %)s” is preselected.",
            "Genau eine Position der Auswahl «Album (100 %)s» ist vorausgewählt.",
        ),
        ("Something nobody knows 7.", "Something nobody knows 7."),
        ("", ""),
    ],
)
def test_values_are_put_into_the_german_sentence(english: str, german: str) -> None:
    assert told(GERMAN, english) == german
    assert told(ENGLISH, english) == english


def test_each_pattern_fits_its_own_sentence_only() -> None:
    for template, pattern in VALUED.items():
        example = template.replace(")s", "").replace("%(", "7 ")
        fits = [other for other, expression in VALUED.items() if expression.fullmatch(example)]
        assert fits[0] == template
        assert pattern.fullmatch(example)
