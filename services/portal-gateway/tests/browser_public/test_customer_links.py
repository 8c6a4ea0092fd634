"""Signing in by a mailed link, a new password, and the own details, on a phone."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from kontor_launcher.story.api import until
from kontor_launcher.story.deal import Deal
from kontor_launcher.story.mails import link_to

PASSWORD = "Sieben Bohnen auf dem Berg"
ANOTHER = "Neun Linsen hinter dem Haus"


def join(deal: Deal, visitor: Any) -> Page:
    deal.api.post(f"customers/{deal.customer['id']}/invite")
    token = until(lambda: link_to(deal.mails, deal.email, "/customer/invitation/"), "the invitation is mailed")
    page: Page = visitor.go(f"/customer/invitation/{token}")
    page.get_by_label("Neues Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Passwort festlegen und anmelden").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Guten Tag")
    return page


def checked(visitor: Any) -> None:
    visitor.fits()
    visitor.accessible()


def ask(deal: Deal, visitor: Any, link: str, prefix: str) -> str:
    """From the sign-in page to the mailed link; the address is typed by hand."""
    page = visitor.go("/customer/login")
    page.get_by_role("link", name=link).click()
    checked(visitor)
    page.get_by_label("E-Mail-Adresse").fill(deal.email)
    page.get_by_role("button", name="Link per Mail schicken").click()
    expect(page.get_by_role("heading", name="Bitte schauen Sie in Ihre Mails")).to_be_visible()
    checked(visitor)
    token = until(lambda: link_to(deal.mails, deal.email, prefix), "the link is mailed")
    return f"{prefix}{token}"


def test_a_link_by_mail_signs_in_once(new_deal: Callable[[], Deal], visit: Callable[..., Any]) -> None:
    deal = new_deal()
    join(deal, visit())
    visitor = visit(phone=True)
    link = ask(deal, visitor, "Mit einem Link per Mail anmelden", "/customer/sign-in/")
    scanner = visit()
    scanner.go(link)
    page = visitor.go(link)
    checked(visitor)
    page.get_by_role("button", name="Jetzt anmelden").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Guten Tag")
    late = visit(phone=True)
    late.go(link)
    expect(late.page.get_by_role("heading", name="Dieser Link gilt nicht mehr")).to_be_visible()
    checked(late)
    late.page.get_by_role("link", name="Neuen Link schicken").click()
    expect(late.page.get_by_role("heading", name="Per Mail anmelden")).to_be_visible()


def test_a_forgotten_password_is_set_anew(new_deal: Callable[[], Deal], visit: Callable[..., Any]) -> None:
    deal = new_deal()
    before = join(deal, visit())
    visitor = visit(phone=True)
    page = visitor.go(ask(deal, visitor, "Passwort vergessen?", "/customer/reset/"))
    checked(visitor)
    page.get_by_label("Neues Passwort").fill("passwort1234")
    page.get_by_role("button", name="Passwort speichern und anmelden").click()
    expect(page.get_by_role("alert")).to_contain_text("mindestens 10 Zeichen")
    checked(visitor)
    page.get_by_label("Neues Passwort").fill(ANOTHER)
    page.get_by_role("button", name="Passwort speichern und anmelden").click()
    expect(page.get_by_role("status")).to_contain_text("Ihr neues Passwort ist gespeichert.")
    before.goto(f"{visitor.url}/customer/profile")
    expect(before.get_by_role("heading", name="Anmelden")).to_be_visible()


def test_a_customer_keeps_the_own_address(new_deal: Callable[[], Deal], visit: Callable[..., Any]) -> None:
    deal = new_deal()
    visitor = visit(phone=True)
    page = join(deal, visitor)
    page.goto(f"{visitor.url}/customer/profile")
    checked(visitor)
    page.get_by_label("PLZ").fill("0800")
    page.get_by_label("Ort", exact=True).fill("Neustadt")
    page.get_by_role("button", name="Angaben speichern").click()
    expect(page.get_by_role("alert")).to_contain_text("Diese Postleitzahl gibt es in dem Land nicht.")
    expect(page.get_by_label("Ort", exact=True)).to_have_value("Neustadt")
    checked(visitor)
    page.get_by_label("PLZ").fill("8001")
    page.get_by_role("button", name="Angaben speichern").click()
    expect(page.get_by_role("status")).to_contain_text("Ihre Angaben sind gespeichert.")
    assert deal.api.get(f"customers/{deal.customer['id']}")["town"] == "Neustadt"
