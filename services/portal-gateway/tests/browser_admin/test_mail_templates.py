"""The mail template editor: preview while typing, saved, tried, refused in words, reset; axe clean."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from kontor_launcher.story.api import until

LIST = "/admin/clients/dev/mails"
EDITOR = f"{LIST}/quote_expiring/de"


@pytest.fixture
def tools(api: Any) -> Iterator[Any]:
    """Developer tools switched on; the template the tests edit as delivered, before and after."""
    api.patch("features", {"crmDevelopment": True})
    api.delete("mail-templates/quote_expiring/de")
    yield api
    api.delete("mail-templates/quote_expiring/de")


def _violations(page: Page, name: str) -> list[str]:
    return [
        f"{name}: {violation['id']} {[node['target'] for node in violation['nodes']][:3]}"
        for violation in Axe().run(page).response["violations"]
    ]


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.timeout(180)
def test_a_template_is_edited_with_a_live_preview_saved_and_reset(
    admin: Callable[..., Any], tools: Any, studio: Any
) -> None:
    page: Page = admin(expected=("422",)).open("/admin")
    page.get_by_role("link", name="Developer tools").first.click()
    page.get_by_role("link", name="Quote about to expire, German").click()
    frame = page.frame_locator("#mail-preview iframe")
    expect(frame.locator("body")).to_contain_text("Guten Tag Anna Meier")
    expect(frame.locator("a", has_text="Offerte ansehen und beantworten")).to_have_css(
        "background-color", "rgb(15, 92, 74)"
    )

    page.get_by_label("Subject").fill("Noch offen: ")
    page.get_by_role("button", name="{number}").click()
    expect(page.get_by_label("Subject")).to_have_value("Noch offen: {number}")
    expect(page.locator("[data-subject]")).to_have_text("Noch offen: Q-2026-0042")
    page.locator("#f-body").fill("Nur noch <b>kurz</b>.\n\n{nummer}")
    expect(page.locator("#mail-preview")).to_contain_text("The placeholder {nummer} is not known here.")
    page.get_by_role("button", name="Save template").click()
    expect(page.get_by_role("alert")).to_contain_text("The placeholder {nummer} is not known here.")
    expect(page.locator("#f-body")).to_have_value("Nur noch <b>kurz</b>.\n\n{nummer}")

    page.locator("#f-body").fill("Nur noch <b>kurz</b>.\n\n{valid_until}")
    expect(frame.locator("body")).to_contain_text("Nur noch <b>kurz</b>.")
    page.get_by_role("button", name="Save template").click()
    expect(page.get_by_text("Mail template saved.")).to_be_visible()
    assert tools.get("mail-templates/quote_expiring/de")["edited"] is True

    page.get_by_role("button", name="Reset…").click()
    page.get_by_role("button", name="Reset template").click()
    expect(page.get_by_label("Subject")).to_have_value("Offerte {number} ist bald nicht mehr gültig")
    assert tools.get("mail-templates/quote_expiring/de")["edited"] is False


@pytest.mark.timeout(180)
def test_a_sample_goes_to_the_signed_in_admin_and_is_shown_as_it_looks(
    admin: Callable[..., Any], tools: Any, studio: Any
) -> None:
    page: Page = admin(language="de").open(EDITOR)
    page.get_by_role("button", name="Muster senden…").click()
    expect(page.locator("#sample-to")).to_have_value(studio.admin_email)
    page.get_by_role("button", name="Muster senden", exact=True).click()
    expect(page.get_by_text("Das Muster ist unterwegs an")).to_be_visible()

    def sent() -> Any:
        return next(
            (row for row in tools.get("mails")["items"] if row["record"] == "mail_template" and row["state"] == "sent"),
            None,
        )

    row = until(sent, "the sample is out", 30)
    assert row["subject"] == "Muster: Offerte Q-2026-0042 ist bald nicht mehr gültig"
    page.goto(f"{studio.url}/admin/mails/{row['id']}")
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("Guten Tag")
    assert _violations(page, "mail") == []


@pytest.mark.timeout(180)
def test_somebody_elses_edit_is_shown_and_not_overwritten(admin: Callable[..., Any], tools: Any) -> None:
    page: Page = admin(expected=("409",)).open(EDITOR)
    tools.patch("mail-templates/quote_expiring/de", {"subject": "Von Luca: {number}"})
    page.get_by_label("Subject").fill("Von Mara: {number}")
    page.get_by_role("button", name="Save template").click()
    expect(page.get_by_text("Von Luca: {number}")).to_be_visible()
    expect(page.get_by_label("Subject")).to_have_value("Von Mara: {number}")
    assert tools.get("mail-templates/quote_expiring/de")["subject"] == "Von Luca: {number}"
    page.get_by_role("button", name="Save template").click()
    expect(page.get_by_text("Mail template saved.")).to_be_visible()
    assert tools.get("mail-templates/quote_expiring/de")["subject"] == "Von Mara: {number}"


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language, theme", [("en", "light"), ("de", "dark")])
def test_the_pages_have_no_violation_and_fit_a_phone(
    admin: Callable[..., Any], tools: Any, language: str, theme: str
) -> None:
    wide = admin(language=language, theme=theme)
    found = []
    for path in (LIST, EDITOR, f"{LIST}/quote_code/en", "/admin/mails"):
        found += _violations(wide.open(path), path)
    assert found == []
    phone = admin(language=language, theme=theme, size=(390, 844))
    for path in (LIST, EDITOR):
        assert _fits(phone.open(path)), path
