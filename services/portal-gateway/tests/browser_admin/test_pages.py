"""Every page: both languages and themes, no violation of WCAG rules axe knows, no sideways scrolling on a phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

WIDE = (1360, 860)
TABLET = (768, 1024)
PHONE = (390, 844)
PATHS = (
    "/admin",
    "/admin/clients/accounts",
    "/admin/clients/accounts/new",
    "/admin/clients/quotes",
    "/admin/clients/quotes?q=nothing-like-this",
    "/admin/clients/quotes/new",
    "/admin/clients/contracts",
    "/admin/clients/contracts/new",
    "/admin/clients/contracts/blocks",
    "/admin/clients/contracts/blocks/new",
    "/admin/clients/bills",
    "/admin/clients/bills/new",
    "/admin/mails",
    "/admin/activity",
    "/admin/settings/business-profile",
    "/admin/settings/bank-accounts",
    "/admin/settings/bank-accounts/new",
    "/admin/settings/features",
    "/admin/settings/parked",
)
#: The sheet each record page is about: it is looked at as well.
SHEETS = {
    "contract, to countersign": "countersign",
    "quote, accepted": "convert",
    "invoice, draft": "send",
    "invoice, partially paid": "pay",
    "read-through": "send",
}


def _complaints(page: Page, name: str) -> list[str]:
    return [
        f"{name}: {violation['id']} {[node['target'] for node in violation['nodes']][:3]}"
        for violation in Axe().run(page).response["violations"]
    ]


def _too_wide(page: Page, name: str) -> list[str]:
    """The page scrolls sideways, or a table hides a column."""
    found = []
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        found.append(f"{name}: {over} px too wide")
    cut = page.evaluate(
        """[...document.querySelectorAll(".table-wrap")].filter((one) => one.scrollWidth > one.clientWidth + 1)
            .map((one) => one.innerText.slice(0, 40))"""
    )
    return found + [f"{name}: a table is cut off: {text!r}" for text in cut]


@pytest.mark.parametrize(
    "size, theme, language",
    [(WIDE, "dark", "de"), (PHONE, "light", "en")],
    ids=["wide-dark-de", "phone-light-en"],
)
@pytest.mark.timeout(240)
def test_every_page_is_accessible_and_fits(
    admin: Callable[..., Any], records: dict[str, str], size: tuple[int, int], theme: str, language: str
) -> None:
    seen = admin(size=size, theme=theme, language=language)
    found = []
    for name, path in {**dict(zip(PATHS, PATHS, strict=True)), **records}.items():
        page = seen.open(path)
        assert page.locator("html").get_attribute("lang") == language
        found += _too_wide(page, name) + _complaints(page, name)
        if name in SHEETS:
            page.locator(f"[data-sheet={SHEETS[name]}]").first.click()
            expect(page.locator(f"#{SHEETS[name]}")).to_be_visible()
            found += _complaints(page, f"{name}, sheet")
    assert found == []


@pytest.mark.parametrize(
    "size, theme", [(TABLET, "light"), (WIDE, "light"), (PHONE, "dark")], ids=["tablet", "wide-light", "phone-dark"]
)
def test_the_busiest_pages_fit_at_the_other_sizes_and_themes(
    admin: Callable[..., Any], records: dict[str, str], size: tuple[int, int], theme: str
) -> None:
    """What differs most from page to page: colours of states, tables, the composer."""
    seen = admin(size=size, theme=theme)
    found = []
    names = ("quote, sent", "quote editor", "composer", "contract, fully signed", "invoice, paid")
    for name in names:
        page = seen.open(records[name])
        found += _too_wide(page, name) + _complaints(page, name)
    for path in ("/admin", "/admin/clients/bills", "/admin/activity"):
        found += _too_wide(seen.open(path), path)
    assert found == []


def test_a_paid_invoice_shows_its_total_and_when_it_was_paid(
    admin: Callable[..., Any], records: dict[str, str]
) -> None:
    page = admin().open(records["invoice, paid"])
    expect(page.locator(".headline")).to_contain_text("973.38")
    expect(page.locator(".headline")).to_contain_text("paid on")
    expect(page.locator(".headline")).not_to_contain_text("open")
    assert page.locator(".page-head .btn-primary").count() == 0
    page.get_by_role("button", name="More").first.click()
    page.get_by_role("button", name="Record payment…").click()
    expect(page.locator("#pay")).to_be_visible()
    page = admin().open(records["invoice, partially paid"])
    # 2271.22 − 500.00
    expect(page.locator(".headline")).to_contain_text("1,771.22")
    expect(page.locator(".headline")).to_contain_text("open of")


def test_a_menu_stays_open_while_news_arrive_and_the_page_follows_once_it_is_closed(
    admin: Callable[..., Any], deal: Any
) -> None:
    link = deal.send_quote()
    page = admin().open(f"/admin/clients/quotes/{deal.quote['id']}")
    expect(page.locator("[data-live-indicator]")).to_have_attribute("data-state", "live")
    page.get_by_role("button", name="More").first.click()
    page.evaluate("addEventListener('kontor:changed', () => { window.heard = true })")
    page.clock.install()
    deal.accept(link)
    page.wait_for_function("window.heard")
    page.clock.run_for(5000)
    expect(page.locator(".menu-panel:not([hidden])")).to_have_count(1)
    expect(page.locator(".page-head")).to_contain_text("Sent")
    page.keyboard.press("Escape")
    expect(page.locator(".page-head")).to_contain_text("Accepted")


def test_the_signers_dates_are_shown_whole(admin: Callable[..., Any], records: dict[str, str]) -> None:
    page = admin().open(records["contract, fully signed"])
    cells = page.locator("section[aria-labelledby=signers-title] td.figures")
    expect(cells).to_have_count(2)
    for cell in cells.all():
        box, panel = cell.bounding_box(), page.locator("section[aria-labelledby=signers-title]").bounding_box()
        assert box is not None
        assert panel is not None
        assert box["x"] + box["width"] <= panel["x"] + panel["width"]
    expect(page.get_by_text("PDF, final")).to_be_visible()


def test_the_activity_is_told_in_words(admin: Callable[..., Any], records: dict[str, str]) -> None:
    page = admin(language="de").open("/admin/activity")
    expect(page.get_by_text("Angemeldet").first).to_be_visible()
    text = page.locator("#activity tbody").inner_text()
    assert not re.search(r"(quote|contract|invoice|document|customer|settings)[._][a-z]+", text)


def test_the_sign_in_page_is_accessible_and_says_no_more_than_needed(browser: Any, studio: Any) -> None:
    page = browser.new_page()
    page.goto(f"{studio.url}/admin/clients/quotes")
    page.fill("[name=email]", "nobody@example.ch")
    page.fill("[name=password]", "not the password")
    page.press("[name=password]", "Enter")
    page.wait_for_selector("[role=alert]")
    assert Axe().run(page).violations_count == 0
    page.fill("[name=email]", studio.admin_email)
    page.fill("[name=password]", studio.admin_password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{studio.url}/admin/clients/quotes")
    page.close()


def test_the_palette_finds_a_record_and_goes_there(admin: Callable[..., Any], deal: Any) -> None:
    page = admin().open("/admin")
    page.keyboard.press("Control+k")
    page.keyboard.type(deal.customer["email"])
    option = page.get_by_role("option").filter(has_text=deal.customer["email"])
    option.wait_for()
    option.click()
    page.wait_for_url(f"**/admin/clients/accounts/{deal.customer['id']}")


def test_keys_go_to_places_but_not_while_typing(admin: Callable[..., Any], deal: Any) -> None:
    page = admin().open("/admin")
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/admin/clients/quotes")
    page.keyboard.press("/")
    page.keyboard.type("gi")
    assert page.locator("[data-find]").input_value() == "gi"
    assert page.url.endswith("/admin/clients/quotes")


def test_j_and_enter_open_a_row_and_back_finds_it_again(admin: Callable[..., Any], deal: Any) -> None:
    page = admin().open("/admin/clients/quotes?sort=-created")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/admin/clients/quotes/{deal.quote['id']}")
    page.go_back()
    assert page.url.endswith("?sort=-created")
    page.locator("tr.is-here").wait_for()


def test_the_theme_is_rendered_by_the_server(admin: Callable[..., Any]) -> None:
    page = admin(theme="system").open("/admin")
    assert page.locator("html").get_attribute("data-theme") is None
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_selector("html[data-theme=kontor-dark]")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(21, 23, 26)"


def test_printing_a_record_shows_no_navigation(admin: Callable[..., Any], deal: Any) -> None:
    page = admin().open(f"/admin/clients/quotes/{deal.quote['id']}")
    page.emulate_media(media="print")
    assert not page.locator(".rail").is_visible()
    assert not page.locator(".topbar").is_visible()
    assert page.locator(".totals").is_visible()
