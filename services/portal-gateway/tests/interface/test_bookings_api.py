"""Bookings, presets and templates over the API of a whole Kontor."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from kontor_launcher.story.api import Api, Problem
from kontor_launcher.story.deal import Deal, set_up_studio
from tests.support.ports import eventually


@pytest.fixture(scope="module")
def api(kontor_app: Any) -> Iterator[Api]:
    admin = kontor_app.signed_in(patience=20)
    set_up_studio(admin)
    yield admin
    admin.close()


@pytest.fixture
def deal(kontor_app: Any, api: Api) -> Deal:
    deal = Deal(api, kontor_app.mails, email=f"kundin+{uuid4().hex[:8]}@example.ch", timeout=60)
    deal.create_customer()
    deal.create_quote()
    return deal


def refused(status: int, code: str, call: Any) -> Any:
    with pytest.raises(Problem) as refusal:
        call()
    assert (refusal.value.status, refusal.value.code) == (status, code), refusal.value
    return refusal.value


def test_a_booking_lives_over_the_api(api: Api) -> None:
    fields = {"title": "Familienfest", "type": "family", "start": "2031-05-03", "end": "2031-05-04", "all_day": True}
    made = api.post("bookings", fields)
    assert (made["status"], made["start"], made["end"], made["version"]) == ("tentative", "2031-05-03", "2031-05-04", 1)
    path = f"bookings/{made['id']}"
    assert api.get(path) == made
    assert api.patch(path, {"version": 1, "status": "confirmed", "location": "Park"})["status"] == "confirmed"
    refused(409, "STALE_VERSION", lambda: api.patch(path, {"version": 1, "location": ""}))
    other = {"title": "Portraits", "start": "2031-05-04T10:00", "end": "2031-05-04T11:00", "status": "confirmed"}
    refused(409, "BOOKING_OVERLAPS", lambda: api.post("bookings", other))
    second = api.post("bookings", other | {"confirm_overlap": True})
    listed = api.get("bookings", **{"from": "2031-05-04", "to": "2031-05-04"})
    assert [item["id"] for item in listed["items"]] == [made["id"], second["id"]]
    assert api.post(f"{path}/deliver")["status"] == "delivered"
    refused(409, "INVALID_TRANSITION", lambda: api.delete(path))
    api.delete(f"bookings/{second['id']}")
    refused(404, "NOT_FOUND", lambda: api.get(f"bookings/{second['id']}"))
    refused(422, "INVALID", lambda: api.post("bookings", other | {"end": "2031-05-04T09:00"}))


def test_a_resource_is_taken_once(api: Api) -> None:
    fields = {
        "title": "A",
        "start": "2031-06-03T10:00",
        "end": "2031-06-03T12:00",
        "resource": "Saal",
        "exclusive": True,
    }
    api.post("bookings", fields)
    refused(409, "RESOURCE_TAKEN", lambda: api.post("bookings", fields | {"confirm_overlap": True}))


def test_the_chain_of_a_deal_shows_the_booking_of_its_conversion(api: Api, deal: Deal) -> None:
    event = {"type": "wedding", "start": "2031-07-05T14:00", "end": "2031-07-05T23:00", "location": "Seehotel"}
    api.patch(f"quotes/{deal.quote['id']}", {"event": event})
    deal.accept(deal.send_quote())
    converted = api.post(f"quotes/{deal.quote['id']}/convert", {"booking": True, "contract": False, "invoice": False})
    booking = api.get(f"bookings/{converted['booking_id']}")
    assert (booking["status"], booking["customer_id"]) == ("confirmed", deal.quote["customer_id"])

    def told(state: str) -> bool:
        story = api.get(f"deals/{deal.quote['deal_uuid']}")
        records = {record["kind"]: record for record in story["records"]}
        assert records["booking"]["state"] == state
        assert records["booking"]["id"] == booking["id"]
        assert records["booking"]["parent_id"] == deal.quote["id"]
        return True

    eventually(lambda: told("confirmed"))
    api.post(f"bookings/{booking['id']}/deliver")
    eventually(lambda: told("delivered"))


def test_a_preset_is_kept_found_and_removed(api: Api) -> None:
    line = {"description": "Drohnenflug", "quantity": "2", "unit": "hour", "unit_price_minor": 18000, "vat_rate": "8.1"}
    made = api.post("line-item-presets", line | {"name": "Drohne"})
    assert (made["unit_price_minor"], made["currency"]) == (18000, "CHF")
    path = f"line-item-presets/{made['id']}"
    assert api.patch(path, {"unit_price_minor": 19000})["unit_price_minor"] == 19000
    assert [item["id"] for item in api.get("line-item-presets", q="drohnen")["items"]] == [made["id"]]
    api.delete(path)
    refused(404, "NOT_FOUND", lambda: api.get(path))


def test_a_quote_becomes_a_template_and_a_template_a_quote(api: Api, deal: Deal) -> None:
    template = api.post("quote-templates", {"name": "Wie gehabt", "quote_id": deal.quote["id"]})
    assert template["total_minor"] == deal.quote["total_minor"] == 324460
    path = f"quote-templates/{template['id']}"
    api.patch(path, {"name": "Hochzeit", "title": "Eure Hochzeit"})
    quote = api.post(f"{path}/use", {"customer_id": deal.quote["customer_id"]})
    assert (quote["state"], quote["title"], quote["total_minor"]) == ("draft", "Eure Hochzeit", 324460)
    assert quote["deal_uuid"] != deal.quote["deal_uuid"]
    assert [item["name"] for item in api.get("quote-templates", q="eure")["items"]] == ["Hochzeit"]
    written = {"name": "Kurz", "lines": [{"description": "A", "unit_price_minor": 100, "vat_rate": "8.1"}]}
    assert api.post("quote-templates", written)["total_minor"] == 108
    refused(422, "INVALID", lambda: api.post("quote-templates", written | {"quote_id": deal.quote["id"]}))
    api.delete(path)
    assert api.get(f"quotes/{quote['id']}")["title"] == "Eure Hochzeit"
