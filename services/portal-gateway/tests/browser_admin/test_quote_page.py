"""The page of a quote: send, answer for the customer, convert, compare versions, delete and undo."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from kontor_launcher.story.deal import QUOTE

PAGES = "/admin/clients/quotes"
LINES: list[dict[str, Any]] = [
    {"description": "Reportage", "quantity": "1", "unit": "flat", "unit_price_minor": 100000, "vat_rate": "8.1"},
    {
        "description": "Abzüge",
        "quantity": "10",
        "unit_price_minor": 500,
        "vat_rate": "8.1",
        "optional": True,
        "selected": False,
        "min_quantity": "5",
        "max_quantity": "50",
    },
]


def _quote(api: Any, deal: Any, **more: Any) -> dict[str, Any]:
    body = QUOTE | {"customer_id": deal.customer["id"], "title": f"Fest {deal.run[:6]}", "lines": LINES} | more
    return api.post("quotes", body)  # type: ignore[no-any-return]


def test_sending_is_typed_out_and_the_page_tells_how_far_it_got(admin: Callable[..., Any], deal: Any, api: Any) -> None:
    page: Page = admin().open(f"{PAGES}/{deal.quote['id']}/edit")
    page.get_by_role("button", name="Send…").click()
    sheet = page.locator("#send")
    expect(sheet).to_contain_text(f"Send quote over CHF 3,244.60 to {deal.email}?")
    assert page.locator(".page-head .btn-primary").count() == 1
    sheet.get_by_role("button", name="Send quote over CHF 3,244.60").click()
    expect(page.locator("h1 .state")).to_have_text("Sent")
    expect(page.locator(".steps")).to_contain_text(f"Mailed to {deal.email}", timeout=30_000)
    before = api.get(f"quotes/{deal.quote['id']}")
    page.get_by_role("button", name="More", exact=True).first.click()
    page.get_by_role("button", name="Send again…").click()
    page.get_by_role("button", name="Send quote again").click()
    expect(page.locator(".toasts")).to_contain_text("on its way again")
    assert api.get(f"quotes/{deal.quote['id']}")["sent_version"] == before["sent_version"]


def test_an_answer_is_recorded_with_what_was_chosen_and_converted_once(
    admin: Callable[..., Any], deal: Any, api: Any
) -> None:
    event = {"title": "Fest", "type": "", "start": "2027-06-12", "end": "2027-06-13", "all_day": True, "location": ""}
    sent = _quote(api, deal, event=event, installments=[])
    api.post(f"quotes/{sent['id']}/send")
    page: Page = admin().open(f"{PAGES}/{sent['id']}")
    page.get_by_role("button", name="Record the answer…").click()
    sheet = page.locator("#accept")
    sheet.get_by_role("checkbox", name="Abzüge").check()
    sheet.get_by_label("Quantity of Abzüge").fill("20")
    # 1000.00 + 20 × 5.00 = 1100.00 at 8.1 %.
    sheet.get_by_role("button", name="Record acceptance over CHF 1,189.10").click()
    expect(page.locator("h1 .state")).to_have_text("Accepted")
    answered = api.get(f"quotes/{sent['id']}")
    assert answered["total_minor"] == 118910
    assert answered["answer"]["selection"] == {answered["lines"][1]["id"]: "20"}
    assert answered["answer"]["message"] == "By phone"
    expect(page.locator("section", has=page.locator("#answer-title"))).to_contain_text("SHA-256")
    page.get_by_role("button", name="Convert…").click()
    convert = page.locator("#convert")
    expect(convert.locator("[name=booking]")).to_be_checked()
    expect(convert.locator("[name=contract]")).not_to_be_checked()
    expect(convert.locator("[name=invoice]")).to_be_checked()
    convert.get_by_role("button", name="Convert quote").click()
    expect(page.locator("h1 .state")).to_have_text("Converted")
    assert api.get(f"quotes/{sent['id']}")["conversion"]["booking_id"]


def test_two_versions_are_compared_in_words(admin: Callable[..., Any], deal: Any, api: Any) -> None:
    sent = _quote(api, deal)
    api.post(f"quotes/{sent['id']}/send")
    lines = [LINES[0] | {"id": sent["lines"][0]["id"], "unit_price_minor": 120000}]
    api.patch(f"quotes/{sent['id']}", {"lines": lines})
    api.post(f"quotes/{sent['id']}/send")
    page: Page = admin().open(f"{PAGES}/{sent['id']}")
    page.get_by_role("link", name="What changed").click()
    changes = page.locator(".diff")
    expect(changes).to_contain_text("Reportage")
    expect(changes.locator("del").first).to_have_text("CHF 1,000.00")
    expect(changes.locator("ins").first).to_have_text("CHF 1,200.00")


def test_a_deleted_draft_comes_back_with_undo(admin: Callable[..., Any], deal: Any, api: Any) -> None:
    page: Page = admin().open(f"{PAGES}/{deal.quote['id']}")
    page.get_by_role("button", name="More", exact=True).first.click()
    page.get_by_role("button", name="Delete the draft").click()
    page.wait_for_url(f"**{PAGES}")
    expect(page.locator(".toasts")).to_contain_text("deleted.")
    page.keyboard.press("Control+z")
    page.wait_for_url(re.compile(rf"{PAGES}/[0-9a-f-]{{36}}$"))
    assert api.get(f"quotes/{page.url.rpartition('/')[2]}")["total_minor"] == 324460


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_editor_with_everything_in_it_is_accessible(
    admin: Callable[..., Any], deal: Any, api: Any, theme: str
) -> None:
    details = [{"description": "Zwei Fotografinnen"}]
    lines = [LINES[0] | {"sub_lines": details}, LINES[1], {"description": "Treue", "kind": "discount"}]
    lines[2] |= {"discount_percent": "5"}
    quote = _quote(api, deal, lines=lines)
    seen = admin(theme=theme, size=(390, 844) if theme == "dark" else (1360, 860))
    found = []
    for path in (f"{PAGES}/{quote['id']}/edit", f"{PAGES}/{quote['id']}", f"{PAGES}/from-template"):
        page = seen.open(path)
        for fold in page.locator("details.fold > summary").all():
            fold.click()
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{path}: {over} px too wide"] if over > 0 else []
        found += [
            f"{path}: {one['id']} {[node['target'] for node in one['nodes']][:3]}"
            for one in Axe().run(page).response["violations"]
        ]
    assert found == []
