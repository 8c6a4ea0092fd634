"""Twelve documents worked out by hand: the same figures in the domain, the API, the admin's page and the PDF."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest

from kontor.pricing import parse_lines, price
from kontor_launcher.story.api import Api
from kontor_launcher.story.deal import CUSTOMER, set_up_studio
from tests.support.paper import text_of
from tests.support.ports import eventually
from tests.support.running import EmbeddedKontor
from tests.support.totals import EXAMPLES, Example

every_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """An admin in a studio of this module's own: one of the examples changes how it is registered."""
    kontor = EmbeddedKontor()
    kontor.start()
    api = kontor.signed_in(patience=60)
    set_up_studio(api)
    yield api
    kontor.stop()


@pytest.fixture(scope="module")
def customer_id(api: Api) -> str:
    return str(api.post("customers", CUSTOMER)["id"])


@pytest.fixture
def quote(api: Api, customer_id: str, example: Example) -> Iterator[dict[str, Any]]:
    """The example as a quote."""
    registered = example.vat_mode == "standard"
    if not registered:
        api.patch("settings/business-profile", {"vat_registered": False})

    def made() -> dict[str, Any] | None:
        body = {
            "customer_id": customer_id,
            "title": example.name,
            "lines": example.lines,
            "currency": example.currency,
            "price_entry": example.price_entry,
        }
        one: dict[str, Any] = api.post("quotes", body | example.more)
        return one if one["vat_mode"] == example.vat_mode else None

    quote = eventually(made, timeout=20, what="the quote follows the business profile")
    assert quote
    yield quote
    if not registered:
        api.patch("settings/business-profile", {"vat_registered": True})


@every_example
def test_the_domain_computes_it(example: Example) -> None:
    totals = price(parse_lines(example.lines), example.currency, example.price_entry, example.vat_mode)
    assert list(totals.line_nets) == example.line_nets
    groups = [(one.vat_category, str(one.vat_rate), one.net_minor, one.vat_minor) for one in totals.vat_groups]
    assert groups == example.groups
    assert (totals.net_minor, totals.vat_minor) == (example.net_minor, example.vat_minor)
    assert totals.total_minor == example.total_minor


@every_example
def test_the_api_the_page_and_the_pdf_say_the_same(api: Api, quote: dict[str, Any], example: Example) -> None:
    assert [line["net_minor"] for line in quote["lines"]] == example.line_nets
    names = ("vat_category", "vat_rate", "net_minor", "vat_minor")
    assert [tuple(group[name] for name in names) for group in quote["vat_groups"]] == example.groups
    for name in ("net_minor", "vat_minor", "total_minor"):
        assert quote[name] == getattr(example, name)
    page = api.page(f"/admin/clients/quotes/{quote['id']}")
    assert set(example.printed) <= amounts(html.unescape(page.text))
    pdf = api.content(f"quotes/{quote['id']}/preview.pdf")
    assert set(example.printed) <= amounts(text_of(pdf))


def amounts(text: str) -> set[str]:
    """Every amount in the text."""
    return set(re.findall(r"[0-9][0-9’]*(?:\.[0-9]+)?", re.sub(r"<[^>]+>", " ", text)))
