"""Bookings in the domain: every pair of status and verb, times on the clocks of the business, what may change."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kontor.errors import Invalid, InvalidTransition
from quotes.domain import booking as bookings
from quotes.domain.booking import TRANSITIONS, Booking, Status, Verb

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
ZURICH = "Europe/Zurich"
WEDDING: dict[str, Any] = {"title": "Hochzeit", "start": "2026-06-12T14:00", "end": "2026-06-12T23:00"}


def booking(status: Status = Status.TENTATIVE, **fields: Any) -> Booking:
    details = bookings.read(WEDDING | fields, ZURICH)
    return Booking("b", 1, status, details, NOW, NOW)


def wrong(fields: dict[str, Any]) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        bookings.read(WEDDING | fields, ZURICH)
    return [error.field for error in refusal.value.errors]


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("status", list(Status))
def test_every_status_and_verb_moves_or_refuses(status: Status, verb: Verb) -> None:
    if (status, verb) in TRANSITIONS:
        assert bookings.after(status, verb) == TRANSITIONS[status, verb]
    else:
        with pytest.raises(InvalidTransition) as refusal:
            bookings.after(status, verb)
        assert refusal.value.extra == {"state": status, "verb": verb}


@pytest.mark.parametrize("new", list(Status))
@pytest.mark.parametrize("old", list(Status))
def test_a_change_of_status_follows_the_table(old: Status, new: Status) -> None:
    moves = {(state, target) for (state, _), target in TRANSITIONS.items()} | {(status, status) for status in Status}
    change = {"status": new.value}
    if (old, new) in moves:
        assert bookings.changed(booking(old), change, ZURICH, NOW).status == new
    else:
        with pytest.raises(InvalidTransition):
            bookings.changed(booking(old), change, ZURICH, NOW)


@pytest.mark.parametrize(
    "start, end, starts_at, ends_at",
    [
        # 2026-06-12 is summer time in Zurich (UTC+2)
        ("2026-06-12T14:00", "2026-06-12T23:00", "2026-06-12T12:00", "2026-06-12T21:00"),
        # into the day on which the clocks go forward: 23:00 to 04:00 are four hours, not five
        ("2026-03-28T23:00", "2026-03-29T04:00", "2026-03-28T22:00", "2026-03-29T02:00"),
        # into the day on which they go back: 23:00 to 04:00 are six hours
        ("2026-10-24T23:00", "2026-10-25T04:00", "2026-10-24T21:00", "2026-10-25T03:00"),
        # a time that is there twice means the first one
        ("2026-10-25T02:30", "2026-10-25T02:45", "2026-10-25T00:30", "2026-10-25T00:45"),
        # all day: from midnight to midnight, 23 and 25 hours on those days
        ("2026-03-29", "2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("2026-10-25", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),
        # several days, the last one included
        ("2026-07-03", "2026-07-05", "2026-07-02T22:00", "2026-07-05T22:00"),
        # sent with an offset: 12:00 UTC is 14:00 on the clocks there
        ("2026-06-12T12:00:00Z", "2026-06-12T17:00-04:00", "2026-06-12T12:00", "2026-06-12T21:00"),
    ],
)
def test_times_are_those_of_the_clocks_on_the_wall(start: str, end: str, starts_at: str, ends_at: str) -> None:
    period = bookings.read(WEDDING | {"start": start, "end": end}, ZURICH).period
    assert period.starts_at == datetime.fromisoformat(f"{starts_at}+00:00")
    assert period.ends_at == datetime.fromisoformat(f"{ends_at}+00:00")


def test_what_was_written_is_what_is_read() -> None:
    timed = bookings.read(WEDDING, ZURICH).to_json()
    assert (timed["start"], timed["end"], timed["all_day"]) == ("2026-06-12T14:00", "2026-06-12T23:00", False)
    days = bookings.read({"title": "Reise", "start": "2026-07-03", "end": "2026-07-05"}, ZURICH).to_json()
    assert (days["start"], days["end"], days["all_day"]) == ("2026-07-03", "2026-07-05", True)
    one_day = bookings.read({"title": "Fest", "start": "2026-07-03", "all_day": True}, ZURICH).to_json()
    assert (one_day["start"], one_day["end"]) == ("2026-07-03", "2026-07-03")
    for body in (timed, days):
        assert bookings.read(body, ZURICH).to_json() == body


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"end": "2026-06-12T14:00"}, "end"),
        ({"end": "2026-06-12T13:59"}, "end"),
        ({"end": None}, "end"),
        ({"start": "12.06.2026 14:00"}, "start"),
        ({"start": "2026-06-12T25:00"}, "start"),
        ({"start": 5}, "start"),
        ({"start": "2026-03-29T02:30"}, "start"),
        ({"start": "0001-01-01T00:00Z"}, "start"),
        ({"end": "9999-12-31T23:59"}, "end"),
        ({"all_day": True}, "start"),
        ({"start": "2026-07-03", "end": "2026-07-02"}, "end"),
        ({"customer_id": "me"}, "customer_id"),
        ({"exclusive": True}, "resource"),
        ({"exclusive": "yes"}, "exclusive"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_no_booking_can_be_is_refused(fields: dict[str, Any], field: str) -> None:
    assert wrong(fields)[0] == field


def test_a_new_booking_is_tentative_or_confirmed() -> None:
    assert bookings.new_status({}) == Status.TENTATIVE
    assert bookings.new_status({"status": "confirmed"}) == Status.CONFIRMED
    for status in ("delivered", "cancelled", "lost", 1):
        with pytest.raises(Invalid):
            bookings.new_status({"status": status})


def test_a_change_keeps_what_is_not_sent_and_nothing_is_no_change() -> None:
    before = booking()
    after = bookings.changed(before, {"location": "Seehotel"}, ZURICH, NOW)
    assert after.details.to_json() == before.details.to_json() | {"location": "Seehotel"}
    assert after.version == 2
    assert bookings.changed(before, before.details.to_json() | {"status": "tentative"}, ZURICH, NOW) is before


def test_a_booking_stays_when_the_business_moves() -> None:
    before = booking()
    title = bookings.changed(before, {"title": "Fest"}, "America/New_York", NOW)
    assert title.details.period == before.details.period
    later = bookings.changed(before, {"end": "2026-06-12T23:30"}, "America/New_York", NOW)
    assert later.details.period.timezone == "America/New_York"


def test_what_is_over_does_not_change() -> None:
    for status in (Status.DELIVERED, Status.CANCELLED):
        with pytest.raises(InvalidTransition):
            bookings.changed(booking(status), {"title": "Anders"}, ZURICH, NOW)
    revived = bookings.changed(booking(Status.CANCELLED), {"title": "Doch", "status": "tentative"}, ZURICH, NOW)
    assert (revived.status, revived.details.title) == (Status.TENTATIVE, "Doch")


def test_what_a_quote_made_is_cancelled_not_deleted() -> None:
    bookings.check_delete(booking())
    made = Booking("b", 1, Status.CONFIRMED, booking().details, NOW, NOW, quote_id="q")
    with pytest.raises(InvalidTransition, match="It can be cancelled"):
        bookings.check_delete(made)
    assert bookings.allowed(made) == ["edit", "hold", "deliver", "cancel"]
    assert bookings.allowed(booking(Status.DELIVERED)) == []


def test_the_event_of_a_quote_becomes_a_time_that_exists() -> None:
    event = {"title": "Fest", "type": "", "all_day": False, "location": ""}
    skipped = bookings.of_event(event | {"start": "2026-03-29T02:30", "end": "2026-03-29T03:15"}, ZURICH)
    assert (skipped["start"], skipped["end"]) == ("2026-03-29T03:30", "2026-03-29T04:30")
    days = bookings.of_event(event | {"start": "2026-03-29", "end": "2026-03-30", "all_day": True}, ZURICH)
    assert (days["start"], days["end"]) == ("2026-03-29", "2026-03-30")
