"""The page behind a signing link."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from kontor_launcher.story.deal import Deal


def out_for_signing(deal: Deal) -> str:
    """Token of the signing link of a contract that came from an accepted quote."""
    deal.create_quote()
    deal.accept(deal.send_quote())
    deal.convert()
    deal.compose_contract()
    return deal.send_contract()


@pytest.fixture(scope="module")
def unsigned(new_deal: Callable[[], Deal]) -> str:
    """A signing link nobody uses, for tests that only look."""
    return out_for_signing(new_deal())


def wave(area: Locator, *, upright: bool) -> list[tuple[float, float]]:
    """A flowing line over the pad; ``upright`` follows a pad that stands on its side."""
    box = area.bounding_box()
    assert box is not None
    long, short = (box["height"], box["width"]) if upright else (box["width"], box["height"])
    points = []
    for step in range(80):
        along = long * (0.12 + 0.6 * step / 80)
        across = short * (0.5 + 0.25 * math.sin(step / 5) * (1 - step / 120))
        points.append((box["x"] + across, box["y"] + along) if upright else (box["x"] + along, box["y"] + across))
    return points


def test_signing_with_a_finger_at_390_px(new_deal: Callable[[], Deal], visit: Callable[..., Any]) -> None:
    """Read, open the pad full screen, be refused for a dot, draw, undo, draw again, sign, download at once."""
    deal = new_deal()
    token = out_for_signing(deal)
    visitor = visit(phone=True)
    page = visitor.go(f"/contracts/sign/{token}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vertrag Bildwelt Rösterei")
    visitor.fits()
    page.get_by_role("link", name="Zur Unterschrift").tap()
    button = page.get_by_role("button", name=f"Vertrag {deal.contract['number']} unterschreiben")
    button.tap()
    expect(page.locator("[data-pad-problem]")).to_be_visible()

    page.locator("[data-pad-open]").tap()
    pad = page.get_by_role("dialog")
    expect(pad).to_be_visible()
    area = pad.get_by_role("img")
    box = area.bounding_box()
    assert box is not None
    assert box["height"] > 2 * box["width"], "held upright, the pad stands on its side"
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visitor.draw([middle, (middle[0] + 1, middle[1])])
    pad.locator("[data-pad-done]").tap()
    expect(pad.locator("[data-pad-problem]")).to_be_visible()
    pad.locator("[data-pad-clear]").tap()
    expect(pad.locator("[data-pad-undo]")).to_be_disabled()
    value = page.locator("[data-pad-value]")
    visitor.draw(wave(area, upright=True))
    expect(value).not_to_have_value("")
    one_stroke = value.input_value()
    visitor.draw([(box["x"] + 60, box["y"] + 80 + 4 * step) for step in range(60)])
    expect(value).not_to_have_value(one_stroke)
    page.wait_for_timeout(400)  # a tap at once after a stroke would count as the second of a double tap
    pad.locator("[data-pad-undo]").tap()
    expect(value).to_have_value(one_stroke)
    pad.locator("[data-pad-done]").tap()
    expect(pad).to_be_hidden()

    button.dblclick()
    expect(page.get_by_role("heading", name="Danke, Sie haben unterschrieben")).to_be_visible()
    visitor.fits()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Vertrag herunterladen").click()
    opened.value.close()
    contract = deal.api.get(f"contracts/{deal.contract['id']}")
    assert contract["state"] == "signed"
    assert [signer["state"] for signer in contract["signers"]] == ["signed"]


def test_the_drawing_reads_the_right_way_round(unsigned: str, visit: Callable[..., Any]) -> None:
    """A line drawn down an upright phone is a wide line on paper: the picture is wider than high."""
    visitor = visit(phone=True)
    page = visitor.go(f"/contracts/sign/{unsigned}")
    page.locator("[data-pad-open]").tap()
    visitor.draw(wave(page.get_by_role("dialog").get_by_role("img"), upright=True))
    page.locator("[data-pad-done]").tap()
    width, height = page.evaluate(
        """async () => {
          const picture = new Image();
          picture.src = "data:image/png;base64," + document.querySelector("[data-pad-value]").value;
          await picture.decode();
          return [picture.naturalWidth, picture.naturalHeight];
        }"""
    )
    assert width > 2 * height


def test_signing_with_the_mouse_at_a_desk(new_deal: Callable[[], Deal], visit: Callable[..., Any]) -> None:
    """The pad is in the page; Ctrl-Z takes the last stroke back; the link then shows the signature as recorded."""
    deal = new_deal()
    token = out_for_signing(deal)
    page = visit().go(f"/contracts/sign/{token}")
    area = page.locator("[data-signature] canvas")
    area.scroll_into_view_if_needed()

    def stroke(points: list[tuple[float, float]]) -> None:
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()

    stroke(wave(area, upright=False))
    first = page.locator("[data-pad-value]").input_value()
    stroke([(x, y + 20) for x, y in wave(area, upright=False)[:30]])
    assert page.locator("[data-pad-value]").input_value() != first
    area.focus()
    page.keyboard.press("Control+z")
    assert page.locator("[data-pad-value]").input_value() == first
    page.get_by_role("button", name=f"Vertrag {deal.contract['number']} unterschreiben").click()
    expect(page.get_by_role("heading", name="Danke, Sie haben unterschrieben")).to_be_visible()
    page.goto(page.url)
    expect(page.get_by_role("heading", name="Danke, Sie haben unterschrieben")).to_be_visible()
    assert page.locator("[data-signature]").count() == 0


def test_declining_ends_the_contract(new_deal: Callable[[], Deal], visit: Callable[..., Any]) -> None:
    """Decline with a reason, without any script."""
    deal = new_deal()
    page = visit(java_script_enabled=False).go(f"/contracts/sign/{out_for_signing(deal)}")
    page.get_by_text("Stattdessen ablehnen").click()
    page.get_by_label("Warum nicht?").fill("Der Termin wurde verschoben.")
    page.get_by_role("button", name="Diesen Vertrag ablehnen").click()
    expect(page.get_by_role("heading", name="Dieser Vertrag wurde abgelehnt")).to_be_visible()
    expect(page.locator(".given")).to_have_text("Der Termin wurde verschoben.")
    assert deal.api.get(f"contracts/{deal.contract['id']}")["state"] == "declined"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("phone", [True, False])
def test_the_page_is_accessible_in_both_themes(
    unsigned: str, visit: Callable[..., Any], theme: str, phone: bool
) -> None:
    """axe: the contract, and on the phone the open pad."""
    visitor = visit(phone=phone, theme=theme)
    page = visitor.go(f"/contracts/sign/{unsigned}")
    visitor.accessible()
    visitor.fits()
    if phone:
        page.locator("[data-pad-open]").tap()
        expect(page.get_by_role("dialog")).to_be_visible()
        visitor.accessible()
