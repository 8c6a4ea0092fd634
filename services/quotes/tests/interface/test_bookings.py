"""Bookings through the service's calls: overlaps, exclusive resources, delivery, conversion."""

from datetime import date, timedelta
from itertools import count
from typing import Any

import jsonschema
import kontor_messages
import pytest

from kontor.database import Database
from kontor.errors import Refused
from kontor.ids import uuid7
from quotes.adapters import bookings as rows
from quotes.domain.booking import TRANSITIONS, Status

#: Every test books on days of its own, so that the tests do not overlap each other.
_WEEKS = count(1)


@pytest.fixture
def day():
    """A Monday nobody else books on, as ``2027-…``."""
    return (date(2027, 1, 4) + timedelta(weeks=next(_WEEKS))).isoformat()


def book(studio, day, start="14:00", end="18:00", **fields):
    body = {"title": "Hochzeit", "start": f"{day}T{start}", "end": f"{day}T{end}"} | fields
    return studio.rpc.create_booking(id=fields.pop("id", None) or str(uuid7()), fields=body)


def refused(code, call):
    with pytest.raises(Refused) as refusal:
        call()
    assert refusal.value.code == code, refusal.value
    return refusal.value


def test_a_booking_from_tentative_to_delivered(studio, day):
    made = book(studio, day, type="wedding", location="Seehotel", customer_id=studio.customer_id)
    assert made["status"] == "tentative"
    assert (made["start"], made["end"], made["all_day"]) == (f"{day}T14:00", f"{day}T18:00", False)
    assert made["customer"]["display_name"] == "Anna Keller"
    assert made["allowed"] == ["edit", "confirm", "cancel", "delete"]
    refused("INVALID_TRANSITION", lambda: studio.rpc.deliver_booking(id=made["id"]))
    confirmed = studio.rpc.update_booking(id=made["id"], version=1, changes={"status": "confirmed"})
    assert (confirmed["status"], confirmed["version"]) == ("confirmed", 2)
    stale = refused("STALE_VERSION", lambda: studio.rpc.deliver_booking(id=made["id"], version=1))
    assert stale.extra == {"given": 1, "current": 2}
    delivered = studio.rpc.deliver_booking(id=made["id"], version=2)
    assert (delivered["status"], delivered["allowed"]) == ("delivered", [])
    assert studio.rpc.get_booking(id=made["id"]) == delivered
    events = studio.events(made["id"])
    assert [event.type for event in events] == ["booking_changed.v1", "booking_changed.v1", "booking_delivered.v1"]
    for event in events:
        jsonschema.Draft202012Validator(kontor_messages.schema(event.type)).validate(event.data)
    actions = [entry["action"] for entry in studio.rpc.list_activity(record_id=made["id"])["items"]]
    assert actions == ["booking.delivered", "booking.changed", "booking.created"]
    refused("INVALID_TRANSITION", lambda: studio.rpc.delete_booking(id=made["id"]))


def test_creating_twice_with_one_id_creates_once(studio, day):
    id = str(uuid7())
    fields = {"title": "Shooting", "start": f"{day}T09:00", "end": f"{day}T10:00", "status": "confirmed"}
    fields |= {"resource": "Atelier", "exclusive": True}
    first = studio.rpc.create_booking(id=id, fields=fields)
    assert studio.rpc.create_booking(id=id, fields=fields | {"title": "anders"}) == first
    assert len(studio.events(id)) == 1


def test_confirmed_bookings_that_overlap_need_a_second_yes(studio, day):
    first = book(studio, day, status="confirmed")
    refusal = refused("BOOKING_OVERLAPS", lambda: book(studio, day, "17:59", "20:00", status="confirmed"))
    assert refusal.extra["conflicts"] == [
        {
            "id": first["id"],
            "status": "confirmed",
            "title": "Hochzeit",
            "start": f"{day}T14:00",
            "end": f"{day}T18:00",
            "all_day": False,
            "resource": "",
        }
    ]
    book(studio, day, "18:00", "20:00", status="confirmed")  # back to back is no overlap
    second = book(studio, day, "12:00", "15:00")  # a tentative one may overlap
    confirm = {"status": "confirmed"}
    refused("BOOKING_OVERLAPS", lambda: studio.rpc.update_booking(id=second["id"], changes=confirm))
    done = studio.rpc.update_booking(id=second["id"], changes=confirm | {"confirm_overlap": True})
    assert done["status"] == "confirmed"
    assert studio.rpc.update_booking(id=second["id"], changes={"location": "Zürich"})["version"] == 3
    moved = {"start": f"{day}T13:00"}
    refused("BOOKING_OVERLAPS", lambda: studio.rpc.update_booking(id=second["id"], changes=moved))


def test_an_all_day_booking_overlaps_the_hours_of_its_days(studio, day):
    book(studio, day, "00:00", "00:30", status="confirmed")
    whole = {"title": "Messe", "start": day, "end": day, "status": "confirmed"}
    refused("BOOKING_OVERLAPS", lambda: studio.rpc.create_booking(id=str(uuid7()), fields=whole))


def test_an_exclusive_resource_is_booked_once(studio, day):
    held = book(studio, day, resource="Grosses Studio", exclusive=True)
    again = {"resource": "grosses  studio", "confirm_overlap": True}
    taken = refused("RESOURCE_TAKEN", lambda: book(studio, day, "16:00", "19:00", exclusive=True, **again))
    assert [conflict["id"] for conflict in taken.extra["conflicts"]] == [held["id"]]
    refused("RESOURCE_TAKEN", lambda: book(studio, day, "16:00", "19:00", **again))
    shared = book(studio, day, "19:00", "20:00", resource="Grosses Studio")
    late = {"start": f"{day}T17:00"}
    refused("RESOURCE_TAKEN", lambda: studio.rpc.update_booking(id=shared["id"], changes=late))
    studio.rpc.update_booking(id=held["id"], changes={"status": "cancelled"})
    book(studio, day, "16:00", "19:00", resource="Grosses Studio", exclusive=True)
    refused("RESOURCE_TAKEN", lambda: studio.rpc.update_booking(id=held["id"], changes={"status": "tentative"}))


def test_two_at_once_cannot_both_have_the_resource(studio, day):
    done, refusals = studio.at_once(4, lambda: book(studio, day, resource="Kamerakran", exclusive=True))
    assert (len(done), [refusal.code for refusal in refusals]) == (1, ["RESOURCE_TAKEN"] * 3)


def test_two_at_once_cannot_both_overlook_the_other(studio, day):
    done, refusals = studio.at_once(4, lambda: book(studio, day, status="confirmed"))
    assert (len(done), [refusal.code for refusal in refusals]) == (1, ["BOOKING_OVERLAPS"] * 3)


def test_a_list_by_days_status_customer_and_words(studio, day):
    other = studio.customer(str(uuid7()), display_name="Beat Frei", email="beat@frei.example")
    one = book(studio, day, customer_id=other, type="family", location="Park")
    two = book(studio, day, "19:00", "20:00", customer_id=other, status="confirmed")

    def ids(**filters: Any):
        return [item["id"] for item in studio.rpc.list_bookings(customer_id=other, **filters)["items"]]

    assert ids() == [one["id"], two["id"]]
    assert ids(sort="-start") == [two["id"], one["id"]]
    assert ids(**{"from": day, "to": day}) == [one["id"], two["id"]]
    assert ids(**{"to": "2026-12-31"}) == []
    assert ids(status="confirmed") == ids(status=["confirmed", "delivered"]) == [two["id"]]
    assert ids(q="FAMILY par") == [one["id"]]
    assert ids(q="100%") == []
    assert ids(when="upcoming") == [one["id"], two["id"]]
    assert ids(when="past") == []
    studio.harness.clock.set(f"{day}T17:30:00+00:00")  # 18:30 in Zurich: the first is over
    assert ids(when="past") == [one["id"]]
    assert studio.rpc.list_bookings(customer_id=other, status="confirmed")["counts"] == {
        "tentative": 1,
        "confirmed": 1,
        "delivered": 0,
        "cancelled": 0,
    }
    page = studio.rpc.list_bookings(customer_id=other, limit=1)
    following = studio.rpc.list_bookings(customer_id=other, limit=1, cursor=page["next_cursor"])
    assert ([item["id"] for item in following["items"]], following["next_cursor"]) == ([two["id"]], None)
    wrong = ({"status": "lost"}, {"when": "x"}, {"from": "x"}, {"sort": "x"}, {"cursor": "x"}, {"x": "y"})
    for filters in (*wrong, {"deal_uuid": "x"}, {"q": "a\0"}):
        refused("INVALID", lambda filters=filters: studio.rpc.list_bookings(**filters))
    assert "family" in studio.rpc.list_booking_types()


def test_customers_have_no_bookings_to_look_at(studio, day):
    made = book(studio, day, customer_id=studio.customer_id)
    customer = studio.harness.rpc_as({"kind": "customer", "id": studio.customer_id, "name": "Anna"})
    for call in (
        lambda: customer.get_booking(id=made["id"]),
        lambda: customer.list_bookings(),
        lambda: customer.update_booking(id=made["id"], changes={"title": "meine"}),
        lambda: customer.deliver_booking(id=made["id"]),
        lambda: customer.delete_booking(id=made["id"]),
        lambda: customer.create_booking(id=str(uuid7()), fields={}),
    ):
        refused("NOT_FOUND", call)


def test_a_booking_can_be_deleted_until_it_is_delivered(studio, day):
    made = book(studio, day)
    refused("STALE_VERSION", lambda: studio.rpc.delete_booking(id=made["id"], version=9))
    studio.rpc.delete_booking(id=made["id"], version=1)
    refused("NOT_FOUND", lambda: studio.rpc.get_booking(id=made["id"]))
    refused("NOT_FOUND", lambda: studio.rpc.delete_booking(id=made["id"]))
    assert [event.type for event in studio.events(made["id"])] == ["booking_changed.v1", "booking_deleted.v1"]


@pytest.fixture(scope="module")
def database(service_db):
    opened = Database(service_db("quotes"), "quotes")
    yield opened
    opened.close()


def raw(database, **values):
    row = {
        "id": str(uuid7()),
        "version": 1,
        "status": "tentative",
        "title": "A",
        "type": "",
        "start_local": "2026-06-12T14:00",
        "end_local": "2026-06-12T18:00",
        "all_day": False,
        "timezone": "Europe/Zurich",
        "starts_at": "2026-06-12T12:00Z",
        "ends_at": "2026-06-12T16:00Z",
        "location": "",
        "resource": "",
        "exclusive": False,
        "reminder_opt_out": False,
        "created_at": "2026-01-01T00:00Z",
        "updated_at": "2026-01-01T00:00Z",
    } | values
    names = ", ".join(row)
    with database.transaction() as tx:
        tx.execute(f"INSERT INTO booking ({names}) VALUES ({', '.join(f':{name}' for name in row)})", row)
    return row["id"]


def refuses(act, name):
    with pytest.raises(Exception) as failure:
        act()
    assert name in str(failure.value), failure.value


def test_the_database_gives_an_exclusive_resource_to_one(database):
    mine = {"resource": "Studio", "exclusive": True}
    first = raw(database, **mine)
    refuses(lambda: raw(database, **mine | {"resource": "STUDIO"}), "ex_booking_resource")
    raw(database, **mine | {"resource": "Studio 2"})
    raw(database, **mine, starts_at="2026-06-12T16:00Z", ends_at="2026-06-12T17:00Z")
    with database.transaction() as tx:
        tx.execute("UPDATE booking SET status = 'cancelled', version = 2 WHERE id = :id", {"id": first})
    raw(database, **mine)
    refuses(lambda: raw(database, exclusive=True), "ck_booking_resource")
    refuses(lambda: raw(database, ends_at="2026-06-12T12:00Z"), "ck_booking_period")
    with database.transaction() as tx, pytest.raises(Exception) as taken:
        rows.save(tx, rows.find(tx, first))
    assert "version grows" in str(taken.value)


@pytest.mark.parametrize("new", list(Status))
@pytest.mark.parametrize("old", list(Status))
def test_the_database_knows_the_moves_as_well(database, old, new):
    id = raw(database, status=old.value)

    def move():
        with database.transaction() as tx:
            tx.execute("UPDATE booking SET status = :new, version = 2 WHERE id = :id", {"new": new.value, "id": id})

    if old == new or (old, new) in {(status, target) for (status, _), target in TRANSITIONS.items()}:
        move()
    else:
        refuses(move, "does not move")


def test_a_quote_without_a_date_makes_no_booking(studio):
    accepted = studio.accepted()
    refusal = refused("INVALID", lambda: studio.rpc.convert_quote(id=accepted["id"], booking=True))
    assert [error.field for error in refusal.errors] == ["booking"]
    assert studio.rpc.get_quote(id=accepted["id"])["state"] == "accepted"
