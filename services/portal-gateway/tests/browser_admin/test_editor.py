"""The editor: autosave, two tabs, paste, keys, what is typed survives."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect


def _edit(deal: Any) -> str:
    return f"/admin/clients/quotes/{deal.quote['id']}/edit"


def test_a_change_is_saved_by_itself(admin: Callable[..., Any], deal: Any, api: Any) -> None:
    page: Page = admin().open(_edit(deal))
    page.fill("[name=title]", "Neuer Titel")
    expect(page.locator("[data-save-state]")).to_contain_text(re.compile(r"Saved \d\d:\d\d"))
    assert api.get(f"quotes/{deal.quote['id']}")["title"] == "Neuer Titel"


def test_a_second_tab_that_saves_an_old_version_sees_both(admin: Callable[..., Any], deal: Any, api: Any) -> None:
    first = admin()
    second = admin(expected=("409",))
    first.open(_edit(deal))
    second.open(_edit(deal))
    first.page.fill("[name=title]", "Aus dem ersten Fenster")
    expect(first.page.locator("[data-save-state]")).to_contain_text(re.compile(r"Saved \d\d:\d\d"))
    second.page.fill("[name=title]", "Aus dem zweiten Fenster")
    sheet = second.page.locator("#stale")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("Aus dem ersten Fenster")
    expect(sheet).to_contain_text("Aus dem zweiten Fenster")
    assert api.get(f"quotes/{deal.quote['id']}")["title"] == "Aus dem ersten Fenster"
    second.page.get_by_role("button", name="Keep mine, overwrite the saved one").click()
    expect(second.page.locator("[data-save-state]")).to_contain_text(re.compile(r"Saved \d\d:\d\d"))
    assert api.get(f"quotes/{deal.quote['id']}")["title"] == "Aus dem zweiten Fenster"


def test_cells_of_a_spreadsheet_fill_rows(admin: Callable[..., Any], deal: Any) -> None:
    page: Page = admin().open(_edit(deal))
    page.locator("[data-line-act=add]").click()
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "Album\\t2\\tpcs\\t1'000\\nVersand\\t1\\tflat\\t9.50\\n");
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    rows = page.locator("tr[data-line]")
    expect(rows).to_have_count(6)
    expect(rows.nth(4).locator("[data-column=description]")).to_have_value("Album")
    expect(rows.nth(5).locator("[data-column=unit]")).to_have_value("flat")
    expect(rows.nth(4).locator("[data-net]")).to_have_text("2,000.00")


def test_lines_move_by_keyboard_and_a_removed_one_comes_back(admin: Callable[..., Any], deal: Any) -> None:
    page: Page = admin().open(_edit(deal))
    rows = page.locator("tr[data-line]")
    first = rows.nth(0).locator("[data-column=description]").input_value()
    rows.nth(0).locator("[data-column=description]").press("Alt+ArrowDown")
    expect(rows.nth(1).locator("[data-column=description]")).to_have_value(first)
    rows.nth(1).get_by_role("button", name="Remove line").click()
    expect(rows).to_have_count(3)
    page.locator(".toasts").get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(4)
    expect(rows.nth(1).locator("[data-column=description]")).to_have_value(first)


def test_a_figure_that_is_none_is_named_and_kept(admin: Callable[..., Any], deal: Any) -> None:
    page: Page = admin(expected=("422",)).open(_edit(deal))
    price = page.locator("tr[data-line]").nth(0).locator("[data-column=unit_price]")
    price.fill("viel")
    expect(price).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-save-state]")).to_contain_text("Not saved.")
    expect(price).to_have_value("viel")
    price.fill("180")
    expect(page.locator("[data-save-state]")).to_contain_text(re.compile(r"Saved \d\d:\d\d"))


def test_the_preview_is_the_pdf_the_customer_would_get(admin: Callable[..., Any], deal: Any) -> None:
    page: Page = admin().open(_edit(deal))
    expect(page.locator("[data-preview] img").first).to_be_visible(timeout=15_000)
