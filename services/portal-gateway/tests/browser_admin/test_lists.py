"""Lists: views and filters in the address, the way back, sums of what is ticked, bulk actions with their results."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from kontor_launcher.story.api import Api

LIST = "/admin/clients/quotes"


@pytest.fixture
def marked(api: Api) -> str:
    """A word that sixty-one new quotes of one customer carry: 60 drafts over CHF 100.00, a sent one over CHF 30.05."""
    mark = uuid4().hex[:8]
    customer = api.post(
        "customers",
        {
            "email": f"liste.{mark}@example.ch", "first_name": "Zoë", "last_name": "Liste", "street": "Seeweg",
            "house_number": "1", "postcode": "8001", "town": "Zürich", "country": "CH", "language": "en",
            "currency": "CHF",
        },
    )  # fmt: skip

    def draft(title: str, minor: int) -> str:
        line = {"description": "x", "quantity": "1", "unit": "piece", "unit_price_minor": minor, "vat_rate": "0"}
        body = {"customer_id": customer["id"], "title": title, "currency": "CHF", "language": "en", "lines": [line]}
        return str(api.post("quotes", body)["id"])

    for number in range(60):
        draft(f"Plätzli{mark} {number:02}", 10000)
    api.post(f"quotes/{draft(f'Plätzli{mark} gesendet', 3005)}/send")
    return f"platzli{mark}"


def test_filters_live_in_the_address_and_back_finds_the_place(admin: Callable[..., Any], marked: str) -> None:
    page = admin().open(f"{LIST}?q={marked}")
    expect(page.locator(".list-foot")).to_contain_text("61 records match")
    expect(page.locator(".list-foot")).to_contain_text("6,030.05")
    page.get_by_role("link", name="Amount").click()
    expect(page).to_have_url(re.compile(r"sort=-total"))
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Amount")
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("tbody tr")).to_have_count(11)
    address = page.url
    page.locator("tbody tr a.rec").nth(4).click()
    page.locator(".crumbs a").first.click()
    expect(page).to_have_url(address)
    expect(page.locator("tr.is-here")).to_have_count(1)
    page.locator("tbody tr").nth(9).click(position={"x": 200, "y": 8})
    page.wait_for_url(re.compile(r"/quotes/[0-9a-f-]{36}$"))
    page.go_back()
    expect(page).to_have_url(address)
    expect(page.locator("tr.is-here")).to_have_count(1)
    page.locator("summary").click()
    page.get_by_label("Amount to").fill("50")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator(".filter-chip")).to_contain_text("Amount to 50")
    page.locator("[data-find]").fill("no such thing")
    page.locator("[data-find]").press("Enter")
    expect(page.get_by_role("heading", name="No results")).to_be_visible()
    page.get_by_role("link", name="Reset filters").click()
    expect(page).to_have_url(re.compile(LIST + "$"))


def test_ticked_rows_add_up_and_everything_that_matches_is_worked_off(admin: Callable[..., Any], marked: str) -> None:
    page = admin().open(f"{LIST}?q={marked}")
    picks = page.locator("[data-pick]")
    picks.nth(0).check()
    picks.nth(1).check()
    expect(page.locator(".bulk-bar")).to_contain_text("2 selected")
    expect(page.locator("[data-bulk-sum]")).to_contain_text("130.05")
    page.get_by_label("Select all on this page").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("50 selected")
    page.get_by_role("button", name="Select all 61 that match").click()
    expect(page.locator("[data-bulk-count]")).to_have_text("61 selected")
    expect(page.locator("[data-bulk-sum]")).to_contain_text("6,030.05")
    page.locator(".bulk-bar").get_by_role("button", name="Delete drafts").click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("61 selected")
    sheet.get_by_role("button", name="Delete drafts").click()
    page.wait_for_url(re.compile(r"/admin/bulk/"))
    expect(page.get_by_text("All 61 finished")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name=re.compile(r"Refused 1$")).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text(re.compile(r"Q-\d{4}-\d{4}"))
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("tbody tr")).to_have_count(1)
