"""The seeded texts: both languages, every placeholder published, nothing but allowed Markdown."""

import pytest

from contracts.adapters import markdown
from contracts.domain import blocks, composition, placeholders
from contracts.domain.blocks import Section
from contracts.library import SystemBlock, system_blocks

ALL = list(system_blocks())
BY_LANGUAGE = {language: [one for one in ALL if one.language == language] for language in ("de", "en")}


def test_every_key_exists_in_german_and_english() -> None:
    german, english = ([one.key for one in BY_LANGUAGE[language]] for language in ("de", "en"))
    assert german == english
    assert len(german) == len(set(german)) == 22
    assert [one.section for one in BY_LANGUAGE["de"]] == [one.section for one in BY_LANGUAGE["en"]]


def test_the_ids_are_stable() -> None:
    assert [one.id for one in ALL] == [one.id for one in system_blocks()]
    assert len({one.id for one in ALL}) == 44


@pytest.mark.parametrize("block", ALL, ids=lambda one: f"{one.language}-{one.key}")
def test_a_seeded_text_can_be_saved_as_it_is(block: SystemBlock) -> None:
    Section(block.section)
    blocks.check_texts(block.title, block.body)
    markdown.refuse_html(block.body, "body_markdown")
    assert "ß" not in block.body
    html = markdown.to_html(block.body)
    assert "{{" in html or "{{" not in block.body


@pytest.mark.parametrize("german", BY_LANGUAGE["de"], ids=lambda one: one.key)
def test_both_languages_draw_on_the_same_facts(german: SystemBlock) -> None:
    english = next(one for one in BY_LANGUAGE["en"] if one.key == german.key)
    assert set(placeholders.used_in(german.body)) == set(placeholders.used_in(english.body))


def test_the_default_composition_follows_country_and_customer() -> None:
    keys = {one.key for one in ALL}
    for country in ("CH", "LI", "DE", "AT"):
        for business in (True, False):
            for instalments in (True, False):
                chosen = composition.default_keys(
                    country=country, business_customer=business, instalments=instalments, payment_terms=True
                )
                assert set(chosen) <= keys
    swiss = composition.default_keys(country="CH", business_customer=False, instalments=True, payment_terms=True)
    assert swiss == (
        "parties",
        "subject",
        "cooperation",
        "usage_private",
        "payment_instalments",
        "cancellation",
        "deliverables",
        "privacy",
        "jurisdiction_ch",
    )
    liechtenstein = composition.default_keys(
        country="LI", business_customer=True, instalments=False, payment_terms=False
    )
    assert liechtenstein[3:] == ("usage_commercial", "cancellation", "deliverables", "privacy")
