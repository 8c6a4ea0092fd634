"""Answering a quote where the studio wants a code first, offers packages, or leaves time to think again."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import expect

from kontor_launcher.story.deal import QUOTE, Deal
from kontor_launcher.story.mails import recipients
from tests.support.ports import eventually
from tests.support.running import EmbeddedKontor


@contextmanager
def quote_settings(deal: Deal, **changes: Any) -> Iterator[None]:
    """The settings of quotes, changed for a while."""
    before = deal.api.get("settings/quotes")
    deal.api.patch("settings/quotes", changes)
    try:
        yield
    finally:
        deal.api.patch("settings/quotes", {name: before[name] for name in changes})


def sent(deal: Deal, **changes: Any) -> str:
    deal.quote = deal.api.post("quotes", QUOTE | {"customer_id": deal.customer["id"]} | changes)
    return deal.send_quote()


def mailed_code(studio: EmbeddedKontor, email: str) -> str:
    found: list[str] = []

    def arrived() -> bool:
        for mail in studio.mails():
            part = mail.get_body(("plain",))
            code = re.search(r"(?<!\d)(\d{6})(?!\d)", part.get_content()) if part else None
            if code and email in recipients(mail) and "code" in str(mail["Subject"]).casefold():
                found.append(code.group(1))
        return bool(found)

    eventually(arrived, timeout=30, what="the code is mailed")
    return found[-1]


def test_with_a_code_nothing_is_shown_before_it_is_typed(
    new_deal: Callable[[], Deal], visit: Callable[..., Any], studio: EmbeddedKontor
) -> None:
    """At 390 px: ask for the code, mistype it, type it, read the quote; another browser starts at the gate again."""
    deal = new_deal()
    with quote_settings(deal, code_required=True):
        token = sent(deal)
    visitor = visit(phone=True)
    page = visitor.go(f"/quotes/respond/{token}")
    expect(page.get_by_role("heading", name="Ihr Code, bitte")).to_be_visible()
    expect(page.get_by_text(QUOTE["title"])).to_have_count(0)
    visitor.accessible()
    visitor.fits()
    page.get_by_role("button", name="Code per E-Mail senden").tap()
    code = mailed_code(studio, deal.customer["email"])
    page.get_by_label("Sechsstelliger Code").fill(f"{(int(code) + 1) % 10**6:06d}")
    page.get_by_role("button", name="Offerte anzeigen").tap()
    expect(page.get_by_role("alert")).to_contain_text("nicht der Code")
    visitor.accessible()
    page.get_by_label("Sechsstelliger Code").fill(code)
    page.get_by_role("button", name="Offerte anzeigen").tap()
    expect(page.get_by_role("heading", name=QUOTE["title"])).to_be_visible()
    stranger = visit().go(f"/quotes/respond/{token}")
    expect(stranger.get_by_role("heading", name="Ihr Code, bitte")).to_be_visible()


def test_one_of_several_packages_is_chosen_and_the_total_follows(
    new_deal: Callable[[], Deal], visit: Callable[..., Any]
) -> None:
    """Radio buttons of a choice group: 1’000.00 preselected, 1’500.00 chosen; with 8.1 % VAT 1’081.00 and 1’621.50."""
    package = {"quantity": "1", "unit": "flat", "vat_rate": "8.1", "choice_group": "Paket"}
    lines = [
        package | {"description": "Klein", "unit_price_minor": 100000, "selected": True},
        package | {"description": "Gross", "unit_price_minor": 150000, "selected": False},
    ]
    deal = new_deal()
    page = visit(phone=True).go(f"/quotes/respond/{sent(deal, lines=lines, installments=[])}")
    expect(page.locator("#total-foot")).to_contain_text("1’081.00")
    page.get_by_label("Gross").tap()
    expect(page.locator("#total-foot")).to_contain_text("1’621.50")
    page.get_by_label("Ihr Name").fill("Seraina Caduff")
    page.get_by_role("button", name="Annehmen für").tap()
    expect(page.locator(".verdict")).to_contain_text("1’621.50")
    quote = deal.api.get(f"quotes/{deal.quote['id']}")
    assert quote["answer"]["total_minor"] == 162150
    assert quote["answer"]["selection"] == {deal.quote["lines"][1]["id"]: "1"}


def test_within_the_correction_window_the_answer_is_turned_around(
    new_deal: Callable[[], Deal], visit: Callable[..., Any]
) -> None:
    """Accepted, then declined: the page offers it while the window is open, and the last answer stands."""
    deal = new_deal()
    with quote_settings(deal, correction_minutes=60):
        token = sent(deal)
        page = visit(phone=True).go(f"/quotes/respond/{token}")
        page.get_by_label("Ihr Name").fill("Seraina Caduff")
        page.get_by_role("button", name="Annehmen für").tap()
        expect(page.locator(".verdict")).to_contain_text("Sie können Ihre Antwort bis")
        page.get_by_role("link", name="Antwort ändern").tap()
        page.get_by_text("Stattdessen ablehnen").tap()
        page.get_by_label("Warum nicht?").fill("Der Termin passt doch nicht.")
        page.get_by_role("button", name="Diese Offerte ablehnen").tap()
        expect(page.get_by_role("heading", name="Sie haben diese Offerte abgelehnt")).to_be_visible()
        expect(page.get_by_role("link", name="Antwort ändern")).to_be_visible()
    quote = deal.api.get(f"quotes/{deal.quote['id']}")
    assert (quote["state"], quote["answer"]["message"]) == ("declined", "Der Termin passt doch nicht.")
