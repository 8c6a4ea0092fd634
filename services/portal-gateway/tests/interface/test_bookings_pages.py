"""The admin's pages of bookings, presets and templates, with the quotes service scripted."""

from typing import Any

import pytest

from kontor.errors import FieldError, Refused
from portal_gateway.app import AREAS, create_app

ID = "0190d0a0-0000-7000-8000-000000000001"
OTHER = "0190d0a0-0000-7000-8000-000000000002"
BOOKINGS = "/admin/clients/bookings"
PRESETS = "/admin/clients/quotes/presets"
TEMPLATES = "/admin/clients/quotes/templates"
BOOKING: dict[str, Any] = {
    "id": ID,
    "version": 3,
    "status": "tentative",
    "title": "Hochzeit <Keller>",
    "type": "Hochzeit",
    "start": "2026-06-12T14:00",
    "end": "2026-06-13T01:00",
    "all_day": False,
    "timezone": "Europe/Zurich",
    "location": "Seehotel",
    "customer_id": None,
    "customer": None,
    "deal_uuid": None,
    "quote_id": None,
    "resource": "",
    "exclusive": False,
    "reminder_opt_out": False,
    "allowed": ["edit", "confirm", "cancel", "delete"],
}
PRESET: dict[str, Any] = {
    "id": ID,
    "version": 2,
    "name": "Reportage",
    "currency": "CHF",
    "kind": "item",
    "description": "Reportage vor Ort",
    "quantity": "1",
    "unit": "hour",
    "unit_price_minor": 12000,
    "discount_percent": "0",
    "vat_rate": "8.1",
    "vat_category": "standard",
    "optional": False,
    "selected": True,
    "min_quantity": None,
    "max_quantity": None,
    "choice_group": None,
    "sub_lines": [
        {"description": "Anfahrt", "quantity": "1", "unit": "piece", "unit_price_minor": None, "discount_percent": "0"}
    ],
}
TEMPLATE: dict[str, Any] = {
    "id": ID,
    "version": 2,
    "name": "Hochzeit, ganzer Tag",
    "language": "de",
    "currency": "CHF",
    "title": "Hochzeitsreportage",
    "intro": "Liebe Braut",
    "closing": "",
    "lines": [PRESET],
    "payment": {"net_days": 30, "from": "issue", "skonto_percent": None, "skonto_days": None},
    "installments": [],
    "total_minor": 12972,
}
NOTHING = {"items": [], "next_cursor": None, "counts": {"tentative": 0}}


@pytest.fixture
def pages(gateway: Any, script: Any) -> Any:
    """A signed-in admin in front of every page."""
    gateway.app = create_app(gateway.kernel, AREAS)
    gateway.features(clients=True, quotes=True)
    script.on("quotes.list_booking_types", ["Shooting"])
    return gateway.signed_in()


def overlap() -> Refused:
    conflict = {key: BOOKING[key] for key in ("title", "start", "end", "all_day")} | {"id": OTHER}
    errors = [FieldError("start", "Another confirmed booking is at the same time.")]
    return Refused(
        "BOOKING_OVERLAPS", "At that time there is already: x", errors=errors, extra={"conflicts": [conflict]}
    )


def test_the_list_shows_what_lies_ahead(pages: Any, script: Any) -> None:
    script.on("quotes.list_bookings", {"items": [BOOKING], "next_cursor": "more", "counts": {"tentative": 1}})
    answer = pages.get(f"{BOOKINGS}?q=keller&status=tentative")
    assert answer.status_code == 200
    assert "Hochzeit &lt;Keller&gt;" in answer.text
    assert "cursor=more" in answer.text
    asked = script.called("quotes.list_bookings")[0]
    assert (asked["when"], asked["sort"], asked["status"], asked["q"]) == ("upcoming", "start", "tentative", "keller")
    pages.get(f"{BOOKINGS}?view=past&status=nonsense")
    asked = script.called("quotes.list_bookings")[-1]
    assert (asked["when"], asked["sort"], asked["status"]) == ("past", "-start", None)


def test_an_empty_list_says_what_a_booking_is(pages: Any, script: Any) -> None:
    script.on("quotes.list_bookings", NOTHING)
    assert f'href="{BOOKINGS}/new"' in pages.get(BOOKINGS).text
    assert "A booking is a date that counts" in pages.get(BOOKINGS).text
    script.on("quotes.list_bookings", lambda **asked: NOTHING | {"counts": {"tentative": 1}})
    assert "A booking is a date that counts" not in pages.get(BOOKINGS).text


FORM = {"id": ID, "title": "Portraits", "start_date": "2026-06-12", "start_time": "14:00", "status": "confirmed"}


@pytest.mark.parametrize(
    "typed, start, end, all_day",
    [
        ({"end_time": "16:30"}, "2026-06-12T14:00", "2026-06-12T16:30", False),
        ({}, "2026-06-12T14:00", "2026-06-12T15:00", False),
        ({"end_date": "2026-06-13", "end_time": "01:00"}, "2026-06-12T14:00", "2026-06-13T01:00", False),
        ({"start_time": ""}, "2026-06-12", "2026-06-12", True),
        ({"all_day": "on", "end_date": "2026-06-14"}, "2026-06-12", "2026-06-14", True),
    ],
)
def test_days_and_times_of_the_form(
    pages: Any, script: Any, typed: dict[str, str], start: str, end: str, all_day: bool
) -> None:
    script.on("quotes.create_booking", BOOKING)
    answer = pages.post(f"{BOOKINGS}/new", data=FORM | typed, follow_redirects=False)
    assert answer.headers["location"] == f"{BOOKINGS}/{ID}"
    sent = script.called("quotes.create_booking")[0]
    assert sent["id"] == ID
    fields = sent["fields"]
    assert (fields["start"], fields["end"], fields["all_day"]) == (start, end, all_day)
    assert (fields["status"], fields["confirm_overlap"], fields["customer_id"]) == ("confirmed", False, None)


def test_an_overlap_asks_before_it_saves(pages: Any, script: Any) -> None:
    script.on("quotes.create_booking", overlap())
    answer = pages.post(f"{BOOKINGS}/new", data=FORM)
    assert answer.status_code == 409
    assert f'href="{BOOKINGS}/{OTHER}"' in answer.text
    assert 'name="confirm_overlap"' in answer.text
    assert 'value="Portraits"' in answer.text
    script.on("quotes.create_booking", BOOKING)
    pages.post(f"{BOOKINGS}/new", data=FORM | {"confirm_overlap": "on"}, follow_redirects=False)
    assert script.called("quotes.create_booking")[-1]["fields"]["confirm_overlap"] is True


def test_a_taken_resource_cannot_be_confirmed_away(pages: Any, script: Any) -> None:
    errors = [FieldError("resource", "This resource is already taken at that time.")]
    script.on("quotes.update_booking", Refused("RESOURCE_TAKEN", errors[0].message, errors=errors))
    answer = pages.post(f"{BOOKINGS}/{ID}/edit", data=FORM | {"version": "3"})
    assert answer.status_code == 409
    assert "confirm_overlap" not in answer.text
    assert script.called("quotes.update_booking")[0]["version"] == 3


def test_the_record_moves_along_its_table(pages: Any, script: Any) -> None:
    script.on("quotes.get_booking", BOOKING)
    shown = pages.get(f"{BOOKINGS}/{ID}").text
    assert "Confirm booking" in shown
    assert "Mark as delivered" not in shown
    script.on("quotes.update_booking", overlap())
    answer = pages.post(f"{BOOKINGS}/{ID}/status", data={"status": "confirmed", "version": "3"})
    assert answer.status_code == 409
    assert "Confirm anyway" in answer.text
    script.on("quotes.update_booking", BOOKING)
    confirmed = {"status": "confirmed", "version": "3", "confirm_overlap": "on"}
    pages.post(f"{BOOKINGS}/{ID}/status", data=confirmed, follow_redirects=False)
    sent = script.called("quotes.update_booking")[-1]
    assert sent == {"id": ID, "version": 3, "changes": {"status": "confirmed", "confirm_overlap": True}}


def test_a_finished_booking_is_not_edited(pages: Any, script: Any) -> None:
    script.on("quotes.get_booking", BOOKING | {"status": "delivered", "allowed": []})
    assert pages.get(f"{BOOKINGS}/{ID}/edit", follow_redirects=False).headers["location"] == f"{BOOKINGS}/{ID}"


def test_presets_are_listed_and_edited_with_their_details(pages: Any, script: Any) -> None:
    script.on("quotes.list_presets", {"items": [PRESET], "next_cursor": None})
    assert "Reportage vor Ort" in pages.get(PRESETS).text
    script.on("quotes.get_preset", PRESET)
    shown = pages.get(f"{PRESETS}/{ID}").text
    assert 'value="Anfahrt"' in shown
    assert 'name="lines-2-description"' in shown
    script.on("quotes.update_preset", PRESET)
    form = {"version": "2", "name": "Reportage", "currency": "CHF", "lines-0-description": "Vor Ort"}
    form |= {"lines-0-quantity": "2", "lines-0-unit": "hour", "lines-0-unit_price": "130", "lines-0-vat_rate": "8.1"}
    details = {"lines-1-level": "sub", "lines-1-description": "Anfahrt", "lines-2-level": "sub"}
    pages.post(f"{PRESETS}/{ID}", data=form | details, follow_redirects=False)
    sent = script.called("quotes.update_preset")[0]
    assert (sent["version"], sent["changes"]["unit_price_minor"], sent["changes"]["quantity"]) == (2, 13000, "2")
    assert [one["description"] for one in sent["changes"]["sub_lines"]] == ["Anfahrt"]
    pages.post(f"{PRESETS}/{ID}", data=form, follow_redirects=False)
    assert script.called("quotes.update_preset")[1]["changes"]["sub_lines"] == []


def test_a_preset_that_is_wrong_is_shown_again(pages: Any, script: Any) -> None:
    form = {"id": ID, "name": "A", "currency": "CHF", "lines-0-description": "Vor Ort", "lines-0-unit_price": "viel"}
    answer = pages.post(f"{PRESETS}/new", data=form)
    assert answer.status_code == 422
    assert 'aria-describedby="f-lines-0-unit_price-error"' in answer.text
    refusal = Refused("INVALID", "Too long.", errors=[FieldError("description", "Too long.")])
    script.on("quotes.create_preset", refusal)
    answer = pages.post(f"{PRESETS}/new", data=form | {"lines-0-unit_price": "5"})
    assert 'id="f-lines-0-description-error"' in answer.text
    assert pages.post(f"{PRESETS}/new", data={"id": ID}).status_code == 422


def test_templates_are_listed_renamed_and_used(pages: Any, script: Any) -> None:
    script.on("quotes.list_templates", {"items": [TEMPLATE], "next_cursor": None})
    assert "Hochzeit, ganzer Tag" in pages.get(TEMPLATES).text
    script.on("quotes.get_template", TEMPLATE)
    shown = pages.get(f"{TEMPLATES}/{ID}").text
    assert f"from-template?template_id={ID}" in shown
    assert "Reportage vor Ort" in shown
    script.on("quotes.update_template", TEMPLATE)
    typed = {"version": "2", "name": "Kurz", "title": "T", "intro": "", "closing": "C"}
    pages.post(f"{TEMPLATES}/{ID}", data=typed, follow_redirects=False)
    changes = {"name": "Kurz", "title": "T", "intro": "", "closing": "C"}
    assert script.called("quotes.update_template") == [{"id": ID, "version": 2, "changes": changes}]
    refusal = Refused(
        "INVALID", "Please fill in this field.", errors=[FieldError("name", "Please fill in this field.")]
    )
    script.on("quotes.update_template", refusal)
    assert 'id="f-name-error"' in pages.post(f"{TEMPLATES}/{ID}", data=typed | {"name": ""}).text


def test_empty_libraries_teach(pages: Any, script: Any) -> None:
    script.on("quotes.list_presets", {"items": [], "next_cursor": None})
    script.on("quotes.list_templates", {"items": [], "next_cursor": None})
    assert "A preset is a line you write in many quotes" in pages.get(PRESETS).text
    assert "Save as template" in pages.get(TEMPLATES).text


def test_the_search_finds_bookings(pages: Any, script: Any) -> None:
    script.on("quotes.list_quotes", NOTHING | {"counts": {}})
    script.on("quotes.list_bookings", {"items": [BOOKING], "next_cursor": None, "counts": {}})
    shown = pages.get("/admin/search?q=keller").text
    assert f'href="{BOOKINGS}/{ID}"' in shown
