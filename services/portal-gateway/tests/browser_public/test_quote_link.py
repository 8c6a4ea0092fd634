"""The page behind a quote's link."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from kontor_launcher.story.deal import QUOTE, Deal
from tests.support.running import EmbeddedKontor

OPTION = {
    "description": "Zweite Fotografin\nfür den ganzen Tag",
    "quantity": "6",
    "unit": "hour",
    "unit_price_minor": 15000,
    "vat_rate": "8.1",
    "optional": True,
    "selected": False,
}
# 3244.60 of the story's quote. With 6 × 150.00 = 900.00 at 8.1 %: net 2575.80 + 900.00 = 3475.80, VAT 281.5398
# → 281.54; the 2.6 % part stays 448.50 + 11.66. Together 4217.50.
WITHOUT, WITH = "CHF\u00a03’244.60", "CHF\u00a04’217.50"


def sent_quote(deal: Deal, **changes: Any) -> str:
    deal.quote = deal.api.post("quotes", QUOTE | {"customer_id": deal.customer["id"]} | changes)
    return deal.send_quote()


def test_a_phone_shows_what_it_is_and_what_it_costs_first_and_accepts_with_an_option(
    new_deal: Callable[[], Deal], visit: Callable[..., Any]
) -> None:
    """By finger at 390 px: read, choose, see the server's total, accept; the page then shows the recorded answer."""
    deal = new_deal()
    marked = OPTION | {"description": "**Zweite Fotografin**\n- für den *ganzen* Tag\n- mit eigener Ausrüstung"}
    token = sent_quote(deal, lines=[*QUOTE["lines"], marked])
    visitor = visit(phone=True)
    page = visitor.go(f"/quotes/respond/{token}")
    for text in ("Atelier Lindenhof GmbH", QUOTE["title"], WITHOUT, deal.quote["number"]):
        expect(page.get_by_text(text).first).to_be_in_viewport()
    expect(page.locator(".sticky-foot")).to_be_in_viewport()
    expect(page.locator(".option strong")).to_have_text("Zweite Fotografin")
    expect(page.locator(".option .rich li")).to_have_text(["für den ganzen Tag", "mit eigener Ausrüstung"])
    visitor.fits()
    visitor.accessible()
    page.get_by_label("Zweite Fotografin").tap()
    expect(page.locator("#total-foot")).to_contain_text(WITH)
    expect(page.locator("#total-head")).to_contain_text(WITH)
    expect(page.get_by_role("status")).to_contain_text(WITH)
    assert "option." not in page.url
    page.locator(".sticky-foot").get_by_role("link", name="Antworten").tap()
    page.get_by_label("Ihr Name").fill("Seraina Caduff")
    page.get_by_label("Nachricht").fill("Wir freuen uns!")
    page.get_by_role("button", name=f"Annehmen für {WITH}").tap()
    expect(page.get_by_role("heading", name="Sie haben diese Offerte angenommen")).to_be_visible()
    expect(page.locator(".verdict")).to_contain_text("Seraina Caduff")
    expect(page.locator(".verdict")).to_contain_text(WITH)
    visitor.fits()
    quote = deal.api.get(f"quotes/{deal.quote['id']}")
    assert quote["state"] == "accepted"
    assert quote["answer"]["total_minor"] == 421750
    assert quote["answer"]["by"] == "customer"
    assert len(quote["answer"]["selection"]) == 1


def test_a_name_is_asked_for_and_everything_chosen_is_kept(
    new_deal: Callable[[], Deal], visit: Callable[..., Any]
) -> None:
    """An empty name: the page comes back with a summary that has the focus, and the option still ticked."""
    deal = new_deal()
    page = visit().go(f"/quotes/respond/{sent_quote(deal, lines=[*QUOTE['lines'], OPTION])}")
    page.get_by_label("Zweite Fotografin").check()
    expect(page.locator("#total-aside")).to_contain_text(WITH)
    page.get_by_label("Nachricht").fill("Gerne ab neun Uhr.")
    page.get_by_role("button", name="Annehmen für").click()
    expect(page.locator("#problem")).to_be_focused()
    expect(page.locator("#problem")).to_contain_text("Bitte geben Sie Ihren Namen ein.")
    expect(page.get_by_label("Zweite Fotografin")).to_be_checked()
    expect(page.get_by_label("Nachricht")).to_have_value("Gerne ab neun Uhr.")
    assert deal.api.get(f"quotes/{deal.quote['id']}")["state"] == "sent"


def test_declining_keeps_the_reason_and_shows_it(new_deal: Callable[[], Deal], visit: Callable[..., Any]) -> None:
    """Decline with a reason; opening the link again shows the recorded answer and no form."""
    deal = new_deal()
    token = sent_quote(deal)
    page = visit().go(f"/quotes/respond/{token}")
    page.get_by_text("Stattdessen ablehnen").click()
    page.get_by_label("Warum nicht?").fill("Leider über unserem Budget.")
    page.get_by_role("button", name="Diese Offerte ablehnen").click()
    expect(page.get_by_role("heading", name="Sie haben diese Offerte abgelehnt")).to_be_visible()
    page.goto(page.url)
    expect(page.locator(".given")).to_have_text("Leider über unserem Budget.")
    assert page.locator("form").count() == 0
    assert deal.api.get(f"quotes/{deal.quote['id']}")["state"] == "declined"


def test_without_scripts_an_option_is_priced_and_accepted(
    new_deal: Callable[[], Deal], visit: Callable[..., Any]
) -> None:
    """JavaScript off: a button asks the server for the total, accepting works."""
    deal = new_deal()
    token = sent_quote(deal, lines=[*QUOTE["lines"], OPTION])
    page = visit(java_script_enabled=False).go(f"/quotes/respond/{token}")
    page.get_by_label("Zweite Fotografin").check()
    page.get_by_role("button", name="Total neu berechnen").click()
    expect(page.locator("#total-aside")).to_contain_text(WITH)
    page.get_by_label("Ihr Name").fill("Seraina Caduff")
    page.get_by_role("button", name="Annehmen für").click()
    expect(page.get_by_role("heading", name="Sie haben diese Offerte angenommen")).to_be_visible()


def test_ticking_without_updating_accepts_nothing(new_deal: Callable[[], Deal], visit: Callable[..., Any]) -> None:
    """JavaScript off and the total not updated: what was seen is not what is ticked, so nothing is accepted."""
    deal = new_deal()
    token = sent_quote(deal, lines=[*QUOTE["lines"], OPTION])
    page = visit(java_script_enabled=False).go(f"/quotes/respond/{token}")
    page.get_by_label("Zweite Fotografin").check()
    page.get_by_label("Ihr Name").fill("Seraina Caduff")
    page.get_by_role("button", name="Annehmen für").click()
    expect(page.locator("#problem")).to_contain_text("Der Gesamtbetrag hat sich geändert")
    expect(page.locator("#total-aside")).to_contain_text(WITH)
    assert deal.api.get(f"quotes/{deal.quote['id']}")["state"] == "sent"
    page.get_by_role("button", name="Annehmen für").click()
    expect(page.get_by_role("heading", name="Sie haben diese Offerte angenommen")).to_be_visible()


def test_the_page_speaks_the_language_of_the_quote(new_deal: Callable[[], Deal], visit: Callable[..., Any]) -> None:
    """An English quote is English in a German browser."""
    token = sent_quote(new_deal(), language="en")
    page = visit(language="de-CH").go(f"/quotes/respond/{token}")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="Accept for")).to_be_visible()
    assert not re.search(r"Offerte|Annehmen|gültig", page.locator("main").inner_text().replace(QUOTE["intro"], ""))


def test_an_unknown_link_and_a_dead_one_say_what_to_do(
    new_deal: Callable[[], Deal], visit: Callable[..., Any], studio: EmbeddedKontor
) -> None:
    """404 for a token nobody knows, 410 for one that an edit has killed; both name the studio."""
    visitor = visit(phone=True)
    page = visitor.go("/quotes/respond/" + "x" * 43)
    expect(page.get_by_role("heading", name="Dieser Link führt ins Leere")).to_be_visible()
    expect(page.get_by_role("link", name="Atelier Lindenhof GmbH schreiben")).to_be_visible()
    visitor.fits()
    visitor.accessible()
    deal = new_deal()
    token = sent_quote(deal)
    deal.api.patch(f"quotes/{deal.quote['id']}", {"version": deal.quote["version"], "title": "Neue Bildwelt"})
    assert httpx.get(f"{studio.url}/quotes/respond/{token}").status_code == 410
    page = visitor.go(f"/quotes/respond/{token}")
    expect(page.get_by_role("heading", name="Dieser Link gilt nicht mehr")).to_be_visible()
    visitor.accessible()


def test_link_pages_leak_no_token(new_deal: Callable[[], Deal], studio: EmbeddedKontor) -> None:
    """no-referrer, no-store and a policy without inline code, on the page and on its PDF."""
    deal = new_deal()
    token = sent_quote(deal)
    for path in (f"/quotes/respond/{token}", f"/quotes/respond/{token}/quote.pdf"):
        answer = httpx.get(studio.url + path)
        assert answer.status_code == 200, path
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "no-store" in answer.headers["cache-control"]
        assert "unsafe" not in answer.headers["content-security-policy"].partition("script-src")[2]
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("phone", [True, False])
def test_the_page_is_accessible_in_both_themes(
    new_deal: Callable[[], Deal], visit: Callable[..., Any], theme: str, phone: bool
) -> None:
    """axe: before the answer, with a problem shown, and after the answer."""
    deal = new_deal()
    visitor = visit(phone=phone, theme=theme)
    page = visitor.go(f"/quotes/respond/{sent_quote(deal, lines=[*QUOTE['lines'], OPTION])}")
    visitor.accessible()
    visitor.fits()
    page.get_by_role("button", name="Annehmen für").click()
    expect(page.locator("#problem")).to_be_visible()
    visitor.accessible()
    page.get_by_label("Ihr Name").fill("Seraina Caduff")
    page.get_by_role("button", name="Annehmen für").click()
    expect(page.locator(".verdict")).to_be_visible()
    visitor.accessible()
    visitor.fits()
