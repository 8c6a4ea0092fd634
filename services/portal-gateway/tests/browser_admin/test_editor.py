"""The editor: autosave, two tabs, paste, keys, all content, what is typed survives."""

import base64
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Response, expect

#: A picture of one pixel.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


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


def _description(page: Page, row: int) -> Any:
    return page.locator("tr[data-line]").nth(row).locator("[data-column=description]")


def _saved(page: Page) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text(re.compile(r"Saved \d\d:\d\d"), timeout=15_000)


def _save_with(text: str) -> Callable[[Response], bool]:
    """The answer to the save that carried this text."""
    return lambda answer: answer.url.endswith("/save") and text in (answer.request.post_data or "")


def test_details_packages_and_discounts_are_written_by_keyboard_and_priced_by_the_server(
    admin: Callable[..., Any], deal: Any, api: Any
) -> None:
    page: Page = admin().open(_edit(deal))
    rows = page.locator("tr[data-line]")
    _description(page, 1).press("Alt+ArrowRight")  # 12 × 95.00 is now a priced detail of the first line
    expect(rows.nth(0).locator("[data-column=unit_price]")).to_have_attribute("readonly", "")
    rows.nth(0).locator("[data-column=discount_percent]").fill("")
    _description(page, 3).press("Enter")
    page.keyboard.type("Album")
    rows.nth(4).locator("[data-column=quantity]").fill("1.5h")
    rows.nth(4).locator("[data-column=unit_price]").fill("1'200")
    for row in (3, 4):
        rows.nth(row).locator("[data-column=choice]").select_option("package")
    page.locator("[data-line-act=add-discount]").click()
    page.keyboard.type("Treue")
    rows.nth(5).locator("[data-column=discount_percent]").fill("10")
    page.locator("[name=title]").focus()
    _saved(page)
    saved = api.get(f"quotes/{deal.quote['id']}")
    first, travel, book, album, discount = saved["lines"]
    assert [sub["description"] for sub in first["sub_lines"]] == ["Bildbearbeitung"]
    assert (book["choice_group"], book["selected"], album["selected"]) == ("Package", True, False)
    assert (album["quantity"], album["unit"], album["unit_price_minor"]) == ("1.5", "hour", 120000)
    assert discount["kind"] == "discount"
    # 1140.00 + 58.80 + 448.50 = 1647.30, less 10 % = 164.73 (119.88 at 8.1 %, 44.85 at 2.6 %): 1078.92 + 403.65 net,
    # VAT 87.39 + 10.49, total 1580.45.
    assert (travel["net_minor"], saved["net_minor"], saved["total_minor"]) == (5880, 148257, 158045)
    expect(page.locator("[data-totals]")).to_contain_text("1,580.45")


def test_terms_are_copied_an_event_is_set_and_a_file_goes_along(admin: Callable[..., Any], deal: Any, api: Any) -> None:
    page: Page = admin(expected=("422",)).open(_edit(deal))
    page.locator("summary", has_text="Terms and texts").click()
    page.locator("#f-terms").select_option(label="30/30/40")
    expect(page.locator("[data-plan]")).to_have_text("Together 100%: complete.")
    page.locator("[name=installments-2-percent]").fill("30")
    expect(page.locator("[data-plan]")).to_have_text("Together 90%: 10% are missing.")
    page.locator("[name=installments-2-percent]").fill("40")
    page.locator("summary", has_text="Event").click()
    page.fill("[name=event_start_date]", "2027-06-12")
    page.fill("[name=event_start_time]", "14:00")
    page.locator("summary", has_text="Attachments").click()
    page.set_input_files(
        "[data-upload-input]", {"name": "plan.png", "mimeType": "image/png", "buffer": base64.b64decode(PIXEL)}
    )
    expect(page.locator(".attachments")).to_contain_text("plan.png")
    rows = page.locator("tr[data-line]")
    rows.nth(0).locator("[data-column=vat_rate]").select_option("exempt")
    page.fill("[name=exemption_reason]", "Art. 21 Abs. 2 MWSTG")
    with page.expect_response(_save_with("nur intern")):
        page.fill("[name=notes]", "nur intern")
    _saved(page)
    saved = api.get(f"quotes/{deal.quote['id']}")
    assert [one["percent"] for one in saved["installments"]] == ["30", "30", "40"]
    assert saved["payment"]["net_days"] == 14
    assert (saved["event"]["start"], saved["event"]["end"]) == ("2027-06-12T14:00", "2027-06-12T15:00")
    assert [one["name"] for one in saved["attachments"]] == ["plan.png"]
    assert saved["lines"][0]["vat_category"] == "exempt"
    assert (saved["exemption_reason"], saved["notes"]) == ("Art. 21 Abs. 2 MWSTG", "nur intern")


def test_files_that_do_not_fit_into_one_mail_are_refused_where_they_are_added(
    admin: Callable[..., Any], deal: Any, api: Any
) -> None:
    page: Page = admin(expected=("413",)).open(_edit(deal))
    page.locator("summary", has_text="Attachments").click()
    picture = base64.b64decode(PIXEL)
    heavy = picture + bytes(4_900_000 - len(picture))
    files: Any = [{"name": f"{name}.png", "mimeType": "image/png", "buffer": heavy} for name in ("one", "two", "three")]
    with page.expect_response(_save_with("two.png")):
        page.set_input_files("[data-upload-input]", files)
    expect(page.locator("[data-upload-problem]")).to_contain_text("three.png: Together with the other attachments")
    _saved(page)
    assert [one["name"] for one in api.get(f"quotes/{deal.quote['id']}")["attachments"]] == ["one.png", "two.png"]


def test_what_was_typed_survives_a_crash_and_leaving_asks_only_when_unsaved(
    admin: Callable[..., Any], deal: Any, api: Any
) -> None:
    seen = admin(expected=("ERR_FAILED", "Failed to load"))
    page: Page = seen.open(_edit(deal))
    asked: list[str] = []

    def leave(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.reload()
    assert asked == [], "nothing was unsaved"
    page.route("**/save", lambda route: route.abort())
    page.fill("[name=title]", "Im Zug geschrieben")
    _description(page, 0).fill("Reportage im Zug")
    expect(page.locator("[data-save-state]")).to_contain_text("Not saved.", timeout=15_000)
    page.unroute("**/save")
    page.reload()
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Bring them back").click()
    expect(page.locator("[name=title]")).to_have_value("Im Zug geschrieben")
    expect(_description(page, 0)).to_have_value("Reportage im Zug")
    _saved(page)
    assert api.get(f"quotes/{deal.quote['id']}")["title"] == "Im Zug geschrieben"


def test_a_refused_quote_comes_back_with_a_summary_that_leads_to_the_fields(admin: Callable[..., Any]) -> None:
    page: Page = admin(expected=("422",)).open("/admin/clients/quotes/new")
    page.locator("#f-customer_name").focus()
    page.keyboard.press("Escape")
    page.locator("[name=title]").focus()
    expect(page.locator("#f-customer_name-error")).to_have_text("Choose a customer.")
    page.fill("[name=title]", "Ohne Kunde")
    page.get_by_role("button", name="Save draft").click()
    summary = page.locator("#problem")
    expect(summary).to_be_focused()
    expect(page.locator("[name=title]")).to_have_value("Ohne Kunde")
    summary.get_by_role("link", name="Choose a customer.").click()
    expect(page.locator("#f-customer_name")).to_be_focused()


def test_a_line_is_kept_as_a_preset_and_inserted_from_it(admin: Callable[..., Any], deal: Any) -> None:
    page: Page = admin().open(_edit(deal))
    name = f"Reportage {deal.run[:8]}"
    rows = page.locator("tr[data-line]")
    rows.nth(0).get_by_role("button", name="More for this line").click()
    rows.nth(0).get_by_role("button", name="Save as preset…").click()
    page.fill("#preset-name", name)
    page.get_by_role("button", name="Save preset").click()
    expect(page.locator(".toasts")).to_contain_text(f"Kept as preset “{name}”.")
    page.get_by_role("button", name="Insert from presets…").click()
    page.get_by_role("combobox", name="Insert from presets").fill(name)
    expect(page.locator("#preset-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(rows).to_have_count(5)
    expect(_description(page, 4)).to_have_value("Fotoreportage Rösterei")
    expect(rows.nth(4).locator("[data-column=unit_price]")).to_have_value("180.00")
