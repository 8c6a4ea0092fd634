"""Bookings, presets and templates in a browser: entered, questioned, moved on; readable on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

WIDE, PHONE = (1360, 860), (390, 844)
CLIENTS = "/admin/clients"


def _complaints(page: Page, name: str) -> list[str]:
    found = [f"{name}: {one['id']} {one['nodes'][0]['target']}" for one in Axe().run(page).response["violations"]]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    cut = page.evaluate(
        """[...document.querySelectorAll(".table-wrap")].filter((one) => one.scrollWidth > one.clientWidth + 1)
            .map((one) => one.innerText.slice(0, 40))"""
    )
    return found + ([f"{name}: {over} px too wide"] if over > 0 else []) + [f"{name}: cut off {text!r}" for text in cut]


def test_a_booking_is_entered_questioned_and_delivered(admin: Callable[..., Any], api: Any, deal: Any) -> None:
    taken = {"title": "Messe Zürich", "start": "2032-05-03", "end": "2032-05-05", "status": "confirmed"}
    api.post("bookings", taken)
    page = admin(expected=("409",)).open(f"{CLIENTS}/bookings/new")
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.type("Portraits Keller")
    page.get_by_label("Type (optional)").fill("Portrait")
    page.locator("[name=start_date]").fill("2032-05-04")
    page.locator("[name=start_time]").fill("14:00")
    page.locator("[name=end_time]").fill("16:30")
    page.get_by_role("combobox", name="Customer").fill(deal.customer["last_name"])
    page.locator("#customer-options [role=option]").first.click()
    page.get_by_label("State").select_option("confirmed")
    page.get_by_role("button", name="Save booking").click()
    expect(page.get_by_role("alert")).to_contain_text("Messe Zürich")
    expect(page.get_by_label("Title")).to_have_value("Portraits Keller")
    page.get_by_role("button", name="Save anyway").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Confirmed")
    expect(page.locator(".page-head .sub")).to_contain_text("14:00–16:30")
    page.get_by_role("button", name="Delivered…").click()
    page.get_by_role("button", name="Mark as delivered").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Delivered")
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)


@pytest.mark.parametrize(
    "size, theme, language", [(PHONE, "light", "en"), (WIDE, "dark", "de")], ids=["phone-light-en", "wide-dark-de"]
)
@pytest.mark.timeout(180)
def test_the_pages_are_accessible_and_fit(
    admin: Callable[..., Any], api: Any, deal: Any, size: tuple[int, int], theme: str, language: str
) -> None:
    booking = api.post(
        "bookings",
        {
            "title": "Hochzeit von Anna-Katharina und Maximilian Oberhuber-Winterstein",
            "type": "Hochzeit",
            "start": "2032-07-03T10:00",
            "end": "2032-07-04T02:00",
            "location": "Schloss Oberhofen am Thunersee, grosser Saal und Park",
            "customer_id": deal.quote["customer_id"],
            "deal_uuid": deal.quote["deal_uuid"],
            "resource": "Team Hochzeit",
        },
    )
    line = {"description": "Reportage vor Ort\nmit Vorgespräch", "quantity": "8", "unit": "hour", "vat_rate": "8.1"}
    details = [{"description": "Anfahrt bis 30 km"}]
    preset = api.post(
        "line-item-presets", line | {"name": "Reportage", "unit_price_minor": 18000, "sub_lines": details}
    )
    template = api.post("quote-templates", {"name": "Hochzeit, ganzer Tag", "quote_id": deal.quote["id"]})
    seen = admin(size=size, theme=theme, language=language)
    found = []
    for path in (
        "bookings",
        "bookings?view=past&q=nothing",
        "bookings/new",
        f"bookings/{booking['id']}",
        f"bookings/{booking['id']}/edit",
        "quotes/presets",
        "quotes/presets/new",
        f"quotes/presets/{preset['id']}",
        "quotes/templates",
        f"quotes/templates/{template['id']}",
    ):
        page = seen.open(f"{CLIENTS}/{path}")
        assert page.locator("html").get_attribute("lang") == language
        found += _complaints(page, path)
    assert found == []


def test_a_preset_and_a_template_are_written_renamed_and_removed(
    admin: Callable[..., Any], api: Any, deal: Any
) -> None:
    page = admin().open(f"{CLIENTS}/quotes/presets/new")
    page.get_by_label("Name").fill("Drohnenflug")
    page.get_by_label("Description").fill("Drohnenflug mit Bewilligung")
    page.get_by_label("Unit price").first.fill("180")
    page.get_by_label("Detail 1").fill("Versicherung")
    page.get_by_role("button", name="Save preset").click()
    page.get_by_role("link", name="Drohnenflug").click()
    expect(page.get_by_label("Detail 1")).to_have_value("Versicherung")
    expect(page.get_by_label("Unit price").first).to_have_value("180.00")
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete preset").click()
    expect(page.get_by_role("link", name="Drohnenflug")).to_have_count(0)

    template = api.post("quote-templates", {"name": "Vorher", "quote_id": deal.quote["id"]})
    page.goto(page.url.split("/admin")[0] + f"{CLIENTS}/quotes/templates/{template['id']}")
    page.get_by_label("Name").fill("Nachher")
    page.get_by_role("button", name="Save template").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nachher")
    page.get_by_role("link", name="Use it for a quote").click()
    expect(page.locator("[name=template_id]:checked")).to_have_value(template["id"])
