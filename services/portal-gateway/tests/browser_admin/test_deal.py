"""One deal by mouse and finger: the studio at a desk, the customer on a phone, from the first quote to paid."""

import math
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from kontor_launcher.story.api import until
from kontor_launcher.story.mails import link_to


def _draw(page: Page) -> None:
    box = page.locator("#countersign canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    for step in range(40):
        page.mouse.move(box["x"] + 40 + step * 5, box["y"] + 60 + (step % 8) * 6)
    page.mouse.up()


def _draw_by_finger(page: Page) -> None:
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(300)
    box = page.get_by_role("dialog").get_by_role("img").bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    for step in range(60):
        at = {"x": box["x"] + box["width"] / 2 + 40 * math.sin(step / 4), "y": box["y"] + 80 + 5 * step}
        kind = "touchMove" if step else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def test_a_deal_from_customer_to_paid_is_done_in_the_pages(admin: Callable[..., Any], studio: Any) -> None:
    seen = admin()
    page: Page = seen.open("/admin/clients/accounts/new")
    page.fill("[name=company]", "Kaffeerösterei Sonne")
    page.fill("[name=first_name]", "Seraina")
    page.fill("[name=last_name]", "Caduff")
    page.fill("[name=email]", "seraina@sonne.example")
    page.fill("[name=street]", "Poststrasse")
    page.fill("[name=house_number]", "12")
    page.fill("[name=postcode]", "7000")
    page.fill("[name=town]", "Chur")
    page.get_by_role("button", name="Save customer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kaffeerösterei Sonne")

    # The quote, by keyboard: two lines, the second reached with Enter, hours typed with their unit.
    page.get_by_role("link", name="New quote").click()
    page.fill("[name=title]", "Bildwelt")
    page.fill("[data-column=description]", "Reportage")
    page.fill("[data-column=quantity]", "8.5h")
    page.fill("[data-column=unit_price]", "180")
    page.locator("[data-column=unit_price]").press("Enter")
    page.keyboard.type("Druck")
    row = page.locator("tr[data-line]").nth(1)
    row.locator("[data-column=unit_price]").fill("1'200")
    # 8.5 × 180.00 = 1530.00, + 1200.00 = 2730.00 net; 8.1 % of it = 221.13
    expect(page.locator("[data-totals]")).to_contain_text("2,951.13")
    expect(page.locator("[data-totals]")).to_contain_text("221.13")
    expect(page.locator("[data-save-state]")).to_contain_text(re.compile(r"Saved \d\d:\d\d"))
    expect(page.locator("tr[data-line] [data-column=unit]").first).to_have_value("hour")

    # Sending names the act and the amount.
    page.get_by_role("button", name="Send…").click()
    page.get_by_role("button", name=re.compile(r"Send quote over .*2,951\.13")).click()
    expect(page.locator("h1 .state")).to_have_text("Sent")
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"Q-\d{4}-\d{4}"))
    until(lambda: link_to(studio.mails, "seraina@sonne.example", "/quotes/respond/"), "the quote is mailed", 60)
    expect(page.locator(".sheet-page img").first).to_be_visible(timeout=20_000)

    # The customer opens the mailed link on a phone and accepts; the studio's page learns it by itself.
    token = link_to(studio.mails, "seraina@sonne.example", "/quotes/respond/")
    phone: Page = admin(size=(390, 844), guest=True).open(f"/quotes/respond/{token}")
    phone.locator(".sticky-foot").get_by_role("link").tap()
    phone.get_by_label("Ihr Name").fill("Seraina Caduff")
    phone.get_by_role("button", name="Annehmen für").tap()
    expect(phone.get_by_role("heading", name="Sie haben diese Offerte angenommen")).to_be_visible()
    expect(page.locator("h1 .state")).to_have_text("Accepted", timeout=20_000)
    page.get_by_role("button", name="Convert…").click()
    page.get_by_label("A contract draft with customer and line table").check()
    page.get_by_role("button", name="Convert quote").click()
    chain = page.locator(".chain")
    expect(chain.get_by_role("link")).to_have_count(3, timeout=20_000)

    # The contract: composed from blocks, sent, signed by the customer, countersigned here.
    chain.get_by_role("link", name="Contract").click()
    page.get_by_role("link", name="Compose").click()
    expect(page.locator("[data-block]").first).to_be_visible()
    page.get_by_role("link", name="Review and send").click()
    page.get_by_role("button", name="Send for signature…").click()
    page.get_by_role("button", name="Send to 1 signer").click()
    expect(page.locator("h1 .state")).to_have_text("Sent")
    token = until(
        lambda: link_to(studio.mails, "seraina@sonne.example", "/contracts/sign/"), "the contract is mailed", 60
    )
    phone.goto(f"{studio.url}/contracts/sign/{token}")
    phone.get_by_role("link", name="Zur Unterschrift").tap()
    phone.locator("[data-pad-open]").tap()
    _draw_by_finger(phone)
    expect(phone.locator("[data-pad-value]")).not_to_have_value("")
    phone.wait_for_timeout(400)  # a tap at once after a stroke would count as the second of a double tap
    phone.locator("[data-pad-done]").tap()
    expect(phone.get_by_role("dialog")).to_be_hidden()
    phone.get_by_role("button", name=re.compile("Vertrag .* unterschreiben")).tap()
    expect(phone.get_by_role("heading", name="Danke, Sie haben unterschrieben")).to_be_visible()
    # The page learns it by itself.
    expect(page.locator("h1 .state")).to_have_text("Signed", timeout=20_000)
    page.get_by_role("button", name="Countersign…").click()
    _draw(page)
    page.get_by_role("button", name="Countersign", exact=True).click()
    expect(page.locator("h1 .state")).to_have_text("Fully signed", timeout=30_000)

    # The invoice: issued with the sentence of consequence, then paid.
    page.locator(".chain").get_by_role("link", name="Invoice").first.click()
    page.get_by_role("button", name="Issue and send…").click()
    expect(page.get_by_text("It cannot be changed afterwards.")).to_be_visible()
    page.get_by_role("button", name=re.compile(r"Issue invoice over .*2,951\.13")).click()
    expect(page.locator("h1 .state")).to_have_text("Sent", timeout=30_000)
    page.get_by_role("button", name="Record payment…").click()
    expect(page.locator("dialog[open] [name=amount]")).to_have_value("2951.13")
    page.locator("dialog[open]").get_by_role("button", name="Record payment").click()
    expect(page.locator("h1 .state")).to_have_text("Paid")
    assert seen.problems == []
