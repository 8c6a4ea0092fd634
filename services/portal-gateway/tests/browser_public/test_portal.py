"""The customer portal, from the invitation to the paid bill."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from kontor_launcher.story.api import until
from kontor_launcher.story.deal import QUOTE, Deal
from kontor_launcher.story.mails import link_to

PASSWORD = "Sieben Bohnen auf dem Berg"


def invited(deal: Deal) -> str:
    """Path of the mailed invitation."""
    deal.api.post(f"customers/{deal.customer['id']}/invite")
    token = until(lambda: link_to(deal.mails, deal.email, "/customer/invitation/"), "the invitation is mailed")
    return f"/customer/invitation/{token}"


def enter(visitor: Any, deal: Deal) -> Page:
    """Accept the invitation; the dashboard opens."""
    page: Page = visitor.go(invited(deal))
    page.get_by_label("Neues Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Passwort festlegen und anmelden").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Guten Tag")
    return page


def test_from_invitation_to_paid_bill_by_mouse(new_deal: Callable[[], Deal], visit: Callable[..., Any]) -> None:
    """Password, dashboard, accept, sign, pay: each thing to do shows up, gets done, and is gone."""
    deal = new_deal()
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    page = enter(visitor, deal)
    expect(page.get_by_text("Nichts zu tun")).to_be_visible()

    deal.create_quote()
    deal.send_quote()
    page.goto(f"{visitor.url}/customer")
    page.get_by_role("link", name=QUOTE["title"]).click()
    page.get_by_role("button", name="Annehmen für").click()
    expect(page.get_by_role("heading", name="Sie haben diese Offerte angenommen")).to_be_visible()
    assert deal.api.get(f"quotes/{deal.quote['id']}")["answer"]["by"] == "customer"

    deal.convert()
    deal.compose_contract()
    deal.send_contract()
    page.goto(f"{visitor.url}/customer/contracts")
    page.get_by_role("link", name="Vertrag Bildwelt Rösterei").click()
    area = page.locator("[data-signature] canvas")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 90)
    page.mouse.down()
    for step in range(40):
        page.mouse.move(box["x"] + 60 + 6 * step, box["y"] + 90 + (30 if step % 8 < 4 else -30))
    page.mouse.up()
    page.get_by_role("button", name="unterschreiben").click()
    expect(page.get_by_role("complementary", name="Unterschriften")).to_contain_text("Seraina Caduff")
    deal.countersign()

    deal.issue(0)
    page.goto(f"{visitor.url}/customer/bills")
    page.get_by_role("link", name="Anzahlung").click()
    # 30 % of 3244.60 by largest remainder per rate: 8.1 %: 772.74 + 62.59; 2.6 %: 134.55 + 3.50; 973.38 in all.
    expect(page.locator(".deal-price")).to_have_text("CHF\u00a0973.38")
    page.get_by_role("button", name="Kopieren IBAN").click()
    expect(page.get_by_role("button", name="Kopiert IBAN")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "CH4431999123000889012"
    page.get_by_role("button", name="Kopieren Betrag").click()
    assert page.evaluate("navigator.clipboard.readText()") == "973.38"
    expect(page.get_by_role("img", name="Seite 1")).to_be_visible()
    deal.pay(0)
    # The open page shows the payment by itself.
    expect(page.get_by_text("vollständig bezahlt, vielen Dank")).to_be_visible(timeout=10_000)

    page.get_by_role("button", name="Abmelden").click()
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()
    page.goto(f"{visitor.url}/customer/bills")
    page.get_by_label("E-Mail-Adresse").fill(deal.email)
    page.get_by_label("Passwort").fill("falsch geraten")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("alert")).to_contain_text("E-Mail-Adresse oder Passwort stimmt nicht.")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", name="Rechnungen", level=1)).to_be_visible()


def test_a_customer_sees_own_records_only(
    portal_deal: Deal, new_deal: Callable[[], Deal], visit: Callable[..., Any]
) -> None:
    """Another customer's quote, contract and bill are 404, drafts of one's own too."""
    theirs = portal_deal
    mine = new_deal()
    draft = mine.create_quote()
    visitor = visit()
    page = enter(visitor, mine)
    foreign = [
        f"/customer/quotes/{theirs.quote['id']}",
        f"/customer/quotes/{theirs.quote['id']}/quote.pdf",
        f"/customer/contracts/{theirs.contract['id']}",
        f"/customer/contracts/{theirs.contract['id']}/contract.pdf",
        f"/customer/bills/{theirs.invoices[0]['id']}",
        f"/customer/bills/{theirs.invoices[0]['id']}/bill.pdf",
        f"/customer/bills/{theirs.invoices[0]['id']}/pages/1",
        f"/customer/quotes/{draft['id']}",
        f"/customer/quotes/{uuid4()}",
        "/customer/quotes/no-uuid",
    ]
    for path in foreign:
        assert page.request.get(visitor.url + path).status == 404, path
    expect(page.get_by_text("Nichts zu tun")).to_be_visible()


def test_a_switched_off_feature_has_no_tab_and_no_page(new_deal: Callable[[], Deal], visit: Callable[..., Any]) -> None:
    """The customer's own toggle: no tab, 404 behind it, from the next request on."""
    deal = new_deal()
    deal.create_quote()
    deal.send_quote()
    visitor = visit()
    page = enter(visitor, deal)
    tabs = page.get_by_role("navigation", name="Portal")
    expect(tabs.get_by_role("link")).to_have_text(["Übersicht", "Offerten", "Verträge", "Rechnungen", "Profil"])
    record = deal.api.get(f"customers/{deal.customer['id']}")
    deal.api.patch(f"customers/{record['id']}", {"version": record["version"], "feature_quotes": False})
    page.goto(f"{visitor.url}/customer")
    expect(tabs.get_by_role("link")).to_have_text(["Übersicht", "Verträge", "Rechnungen", "Profil"])
    assert page.request.get(f"{visitor.url}/customer/quotes").status == 404
    assert page.request.get(f"{visitor.url}/customer/quotes/{deal.quote['id']}/quote.pdf").status == 404


def test_the_profile_changes_the_language(new_deal: Callable[[], Deal], visit: Callable[..., Any]) -> None:
    """English from the profile page on, kept in the customer's record."""
    deal = new_deal()
    visitor = visit()
    page = enter(visitor, deal)
    page.get_by_role("link", name="Profil").click()
    expect(page.get_by_label("Strasse", exact=True)).to_have_value("Poststrasse")
    expect(page.get_by_label("Hausnummer")).to_have_value("12a")
    page.get_by_label("Sprache dieses Portals").select_option("en")
    page.locator("form", has=page.get_by_label("Sprache dieses Portals")).get_by_role("button").click()
    expect(page.get_by_role("heading", name="Your details")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Your language is saved.")
    assert deal.api.get(f"customers/{deal.customer['id']}")["language"] == "en"


def test_an_invitation_works_once_and_refuses_a_weak_password(
    new_deal: Callable[[], Deal], visit: Callable[..., Any]
) -> None:
    """A common password comes back with the reason; a used link says that it is over."""
    deal = new_deal()
    path = invited(deal)
    visitor = visit()
    page = visitor.go(path)
    page.get_by_label("Neues Passwort").fill("passwort1234")
    page.get_by_role("button", name="Passwort festlegen").click()
    expect(page.get_by_role("alert")).to_contain_text("Bitte wählen Sie ein anderes Passwort")
    page.get_by_label("Neues Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Passwort festlegen").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Guten Tag")
    page.goto(visitor.url + path)
    expect(page.get_by_role("heading", name="Dieser Link gilt nicht mehr")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("phone", [True, False])
def test_every_page_is_accessible_in_both_themes(
    portal_deal: Deal, visit: Callable[..., Any], theme: str, phone: bool
) -> None:
    """axe and no sideways scroll on each page of the portal, with records in every state it shows."""
    deal = portal_deal
    visitor = visit(phone=phone, theme=theme)
    page = visitor.go("/customer/login")
    visitor.accessible()
    page.get_by_label("E-Mail-Adresse").fill(deal.email)
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Guten Tag")
    waiting = deal.api.get("quotes", customer_id=deal.customer["id"], state="sent")["items"][0]
    for path in (
        "",
        "/quotes",
        f"/quotes/{deal.quote['id']}",
        f"/quotes/{waiting['id']}",
        "/contracts",
        f"/contracts/{deal.contract['id']}",
        "/bills",
        f"/bills/{deal.invoices[0]['id']}",
        f"/bills/{deal.invoices[1]['id']}",
        "/profile",
    ):
        visitor.go(f"/customer{path}")
        visitor.fits()
        visitor.accessible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_signed_contract_is_accessible(portal_deal: Deal, visit: Callable[..., Any], theme: str) -> None:
    """axe: what the link shows once everybody has signed, and a link that leads nowhere."""
    token = link_to(portal_deal.mails, portal_deal.email, "/contracts/sign/")
    visitor = visit(phone=True, theme=theme)
    page = visitor.go(f"/contracts/sign/{token}")
    expect(page.get_by_text("Der fertige Vertrag liegt bereit.")).to_be_visible()
    visitor.accessible()
    visitor.fits()
    visitor.go("/contracts/sign/" + "x" * 43)
    visitor.accessible()


@pytest.fixture(scope="module")
def portal_deal(new_deal: Callable[[], Deal], chromium: Any) -> Deal:
    """A deal with one bill paid and one open, a second quote to answer, and an account in the portal."""
    deal = new_deal()
    deal.create_quote()
    deal.accept(deal.send_quote())
    deal.convert()
    deal.compose_contract()
    deal.sign(deal.send_contract())
    deal.countersign()
    deal.issue(0)
    deal.pay(0)
    deal.issue(1)
    deal.pay(1, 50000)
    second = deal.api.post("quotes", QUOTE | {"customer_id": deal.customer["id"], "title": "Porträts im Herbst"})
    deal.api.post(f"quotes/{second['id']}/send")
    context = chromium.new_context(locale="de-CH")
    page = context.new_page()
    page.goto(deal.api.url + invited(deal))
    page.get_by_label("Neues Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Passwort festlegen und anmelden").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Guten Tag")
    context.close()
    return deal
