"""Customers in a browser: the form tells what is wrong as a field is left, tags by click, the import in two steps."""

import secrets
from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PHONE = (390, 844)
LIST = "/admin/clients/accounts"


def sound(page: Page) -> None:
    """axe finds nothing, and nothing sticks out to the side."""
    violations = Axe().run(page).response["violations"]
    assert [f"{one['id']}: {node['html'][:160]}" for one in violations for node in one["nodes"]] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, page.url


def test_the_form_tells_what_is_wrong_when_a_field_is_left(admin: Callable[..., Any], api: Any) -> None:
    tag = f"Messe {secrets.token_hex(3)}"
    api.post("customers", {"email": f"{secrets.token_hex(4)}@example.ch", "last_name": "Vorher", "tags": [tag]})
    window = admin(size=PHONE, expected=("status of 422",))
    page = window.open(f"{LIST}/new")
    sound(page)
    page.get_by_label("Postcode").fill("0800")
    expect(page.locator("#f-postcode-error")).to_have_count(0)
    page.get_by_label("Town").focus()
    expect(page.locator("#f-postcode-error")).to_have_text("The country has no such postcode.")
    page.get_by_label("Postcode").fill("8001")
    expect(page.locator("#f-postcode-error")).to_have_count(0)
    page.get_by_role("button", name=f"Add the tag {tag}").click()
    expect(page.get_by_label("Tags")).to_have_value(tag)
    page.get_by_label("VAT id").fill("CHE-1")
    page.get_by_role("button", name="Save customer").click()
    summary = page.locator("#problem")
    expect(summary).to_be_focused()
    sound(page)
    summary.get_by_role("link", name="This VAT id is not right.").click()
    expect(page.get_by_label("VAT id")).to_be_focused()
    expect(page.get_by_label("Postcode")).to_have_value("8001")
    page.get_by_label("VAT id").fill("")
    page.get_by_label("Company").fill("Quer AG")
    page.get_by_label("E-mail", exact=True).fill(f"{secrets.token_hex(4)}@example.ch")
    page.get_by_role("button", name="Save customer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Quer AG")
    sound(page)
    page.goto(window.url + LIST)
    sound(page)
    page.get_by_label("Tag", exact=True).select_option(tag)
    expect(page.locator("tbody tr")).to_have_count(2)


def test_a_file_is_looked_at_and_then_brought_in(admin: Callable[..., Any], api: Any) -> None:
    mark = secrets.token_hex(4)
    file = f"Name;E-Mail;PLZ;Land\nEins {mark};eins.{mark}@example.ch;8001;CH\nZwei {mark};kaputt;;\n".encode("cp1252")
    window = admin(size=PHONE)
    page = window.open(f"{LIST}/import")
    sound(page)
    page.get_by_label("CSV file").set_input_files({"name": "kunden.csv", "mimeType": "text/csv", "buffer": file})
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_text("1 row is not accepted.")).to_be_visible()
    sound(page)
    assert api.get("customers", q=mark)["items"] == []
    page.get_by_role("button", name="Import 1 customer").click()
    expect(page.locator("tbody tr").first).to_contain_text(f"Eins {mark}")
    assert [item["last_name"] for item in api.get("customers", q=mark)["items"]] == [f"Eins {mark}"]
