"""The activity log in words, and what pages must not promise yet."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import portal_gateway
from portal_gateway.admin import deeds

HERE = Path(portal_gateway.__file__).parent


def _english() -> Any:
    catalogue = SimpleNamespace(gettext=lambda text: text)
    languages = SimpleNamespace(catalogue=lambda language: catalogue)
    return SimpleNamespace(kernel=SimpleNamespace(languages=languages), language="en", locale="en")


def test_only_facts_with_a_label_are_told_and_only_where_they_differ() -> None:
    before = {"state": "sent", "paid_minor": 0, "title": "Same", "notes": "old"}
    after = {"state": "paid", "paid_minor": 97338, "title": "Same", "payment": {"id": "x"}, "sha256": "ab" * 32}
    assert deeds.changes(_english(), before, after) == [
        {"label": "State", "before": "sent", "after": "paid", "kind": "state"},
        {"label": "Paid", "before": "0.00", "after": "973.38", "kind": ""},
    ]


def test_long_text_is_cut_and_an_unknown_currency_does_no_harm() -> None:
    told = deeds.changes(_english(), {}, {"title": "x" * 200, "total_minor": 100, "currency": "???"})
    assert len(told[0]["after"]) == 60
    assert told[1]["after"] == "1.00"


def test_an_action_without_words_is_shown_as_it_is_stored() -> None:
    assert deeds.deed(_english(), "quote.sent") == "Quote sent"
    assert deeds.deed(_english(), "moon.landed") == "moon.landed"


def test_no_page_says_that_a_contract_is_sealed() -> None:
    """Sealing comes with the PDF signature; until then contracts are final."""
    said = re.compile(r"versiegel|\bseal(ed|s)?\b", re.IGNORECASE)
    found = [
        f"{file.name}: {line.strip()}"
        for file in [*HERE.glob("templates/**/*.html"), *HERE.glob("i18n/*.po")]
        for line in file.read_text().splitlines()
        if said.search(line)
    ]
    assert found == []
