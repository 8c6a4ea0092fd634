"""From an accepted quote with a date to its booking."""

from datetime import date, timedelta
from itertools import count

import jsonschema
import kontor_messages
import pytest

from kontor.errors import Refused
from kontor.ids import derived_id, uuid7

_WEEKS = count(1)


@pytest.fixture
def day():
    """A Monday nobody else books on, as ``2027-…``."""
    return (date(2027, 1, 4) + timedelta(weeks=next(_WEEKS))).isoformat()


def refused(code, call):
    with pytest.raises(Refused) as refusal:
        call()
    assert refusal.value.code == code, refusal.value


def event(day, **fields):
    return {
        "title": "Hochzeit Keller",
        "type": "wedding",
        "start": f"{day}T14:00",
        "end": f"{day}T23:00",
        "all_day": False,
        "location": "Seehotel",
    } | fields


def test_a_conversion_makes_the_booking_in_the_same_breath(studio, day):
    accepted = studio.accepted(event=event(day))
    converted = studio.rpc.convert_quote(id=accepted["id"], booking=True, invoice=False)
    conversion = converted["conversion"]
    assert conversion["booking_id"] == str(derived_id("quote", accepted["id"], "booking"))
    assert (conversion["booking"], conversion["complete"]) == (True, True)
    booking = studio.rpc.get_booking(id=conversion["booking_id"])
    assert booking["status"] == "confirmed"
    assert (booking["title"], booking["start"], booking["location"]) == ("Hochzeit Keller", f"{day}T14:00", "Seehotel")
    assert (booking["customer_id"], booking["deal_uuid"]) == (studio.customer_id, accepted["deal_uuid"])
    assert booking["quote_id"] == accepted["id"]
    data = studio.events(accepted["id"], "quote_converted.v1")[0].data
    assert data["booking_id"] == booking["id"]
    jsonschema.Draft202012Validator(kontor_messages.schema("quote_converted.v1")).validate(data)
    told = studio.events(booking["id"], "booking_changed.v1")
    assert [str(one.deal_uuid) for one in told] == [accepted["deal_uuid"]]
    refused("INVALID_TRANSITION", lambda: studio.rpc.delete_booking(id=booking["id"]))


def test_four_conversions_at_once_book_once(studio, day):
    accepted = studio.accepted(event=event(day, start=day, end=day, all_day=True))
    done, refusals = studio.at_once(4, lambda: studio.rpc.convert_quote(id=accepted["id"], booking=True))
    assert (len(done), [refusal.code for refusal in refusals]) == (1, ["INVALID_TRANSITION"] * 3)
    assert len(studio.rpc.list_bookings(deal_uuid=accepted["deal_uuid"])["items"]) == 1


def test_a_conversion_into_a_full_day_books_tentatively(studio, day):
    taken = {"title": "Messe", "start": day, "end": day, "status": "confirmed"}
    studio.rpc.create_booking(id=str(uuid7()), fields=taken)
    accepted = studio.accepted(event=event(day))
    converted = studio.rpc.convert_quote(id=accepted["id"], booking=True)
    assert studio.rpc.get_booking(id=converted["conversion"]["booking_id"])["status"] == "tentative"
