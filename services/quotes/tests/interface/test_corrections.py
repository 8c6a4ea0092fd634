"""The correction window: the customer turns the answer around, and the others hear of it when it closes."""

import threading
from itertools import pairwise

import pytest

from kontor.database import Database
from kontor.errors import Refused
from quotes import use_cases
from services.quotes.tests.interface.test_links import accept, offer, refused

HALF_PAST, CLOSED = "2026-03-10T09:29:00+00:00", "2026-03-10T09:31:00+00:00"
TOTAL = 118910


@pytest.fixture(scope="module")
def replica(module_studio):
    """Another replica's hands on the same database: the timers' work, done when a test says so."""
    database = Database(module_studio.harness.settings.database_url_of("quotes"), "quotes", movable_clock=True)
    yield database
    database.close()


@pytest.fixture
def window(studio):
    """Half an hour to think again."""
    studio.settings("quotes", {"correction_minutes": 30})
    return studio


def close(replica):
    with replica.transaction() as tx:
        return use_cases.close_windows(tx)


def told(studio, quote_id):
    return [event.type for event in studio.events(quote_id) if event.type != "quote_drafted.v1"]


def test_without_a_window_an_answer_is_final_and_told_at_once(studio):
    sent, token = offer(studio)
    page = accept(studio, token, TOTAL)
    assert (page["quote"]["answer"]["final_at"], page["allowed"]) == (None, [])
    refused("INVALID_TRANSITION", lambda: studio.rpc.public_decline(token=token))
    assert told(studio, sent["id"]) == ["quote_sent.v1", "quote_accepted.v1"]


def test_the_customer_changes_the_answer_until_the_window_closes_and_only_the_last_one_is_told(window, replica):
    studio = window
    sent, token = offer(studio)
    page = accept(studio, token, 140530, selection={"album": "1", "small": "1"})
    assert page["quote"]["answer"]["final_at"].startswith("2026-03-10T09:30")
    assert (page["state"], page["allowed"], page["quote"]["total_minor"]) == ("accepted", ["decline"], 140530)
    page = studio.rpc.public_decline(token=token, reason="zu teuer")
    # Declined, the quote stands as it was offered again: 1100.00 × 1.081.
    assert (page["state"], page["allowed"], page["quote"]["total_minor"]) == ("declined", ["accept"], TOTAL)
    studio.harness.clock.set(HALF_PAST)
    page = accept(studio, token, 183770, selection={"album": "2", "large": "1"})
    assert (page["state"], page["quote"]["total_minor"]) == ("accepted", 183770)
    assert close(replica) == 0
    assert told(studio, sent["id"]) == ["quote_sent.v1"]
    studio.harness.clock.set(CLOSED)
    refused("INVALID_TRANSITION", lambda: studio.rpc.public_decline(token=token))
    assert studio.rpc.public_quote(token=token)["allowed"] == []
    studio.harness.await_event("quote_accepted.v1")
    close(replica)
    assert told(studio, sent["id"]) == ["quote_sent.v1", "quote_accepted.v1"]
    event = studio.events(sent["id"], "quote_accepted.v1")[0]
    assert (event.data["total_minor"], event.data["selection"]) == (183770, {"album": "2", "large": "1"})
    assert event.data["snapshot"]["acceptance"]["at"].startswith("2026-03-10T09:29")
    rows = studio.harness.sql("SELECT verdict FROM quote_answer WHERE quote_id = %s ORDER BY at", [sent["id"]])
    assert [row["verdict"] for row in rows] == ["accepted", "declined", "accepted"]
    assert studio.rpc.convert_quote(id=sent["id"])["state"] == "converted"


def test_the_same_answer_twice_is_no_correction(window):
    _, token = offer(window)
    accept(window, token, TOTAL)
    refused("INVALID_TRANSITION", lambda: accept(window, token, TOTAL))
    window.rpc.public_decline(token=token)
    refused("INVALID_TRANSITION", lambda: window.rpc.public_decline(token=token))


def test_a_correction_needs_the_right_total_as_well(window):
    sent, token = offer(window)
    window.rpc.public_decline(token=token)
    refusal = refused("TOTAL_MISMATCH", lambda: accept(window, token, 1))
    assert refusal.extra["total_minor"] == TOTAL
    assert window.rpc.get_quote(id=sent["id"])["state"] == "declined"


def test_the_signed_in_customer_may_change_the_answer_too(window):
    sent, _ = offer(window)
    own = window.harness.rpc_as({"kind": "customer", "id": window.customer_id, "name": "Anna Keller"})
    record = own.accept_quote(id=sent["id"], total_minor=TOTAL)
    assert (record["allowed"], record["answer"]["final_at"][:16]) == (["decline"], "2026-03-10T09:30")
    assert own.decline_quote(id=sent["id"])["state"] == "declined"


def test_nothing_is_built_on_an_answer_that_can_change(window):
    sent, token = offer(window)
    accept(window, token, TOTAL)
    record = window.rpc.get_quote(id=sent["id"])
    assert record["allowed"] == ["decline"]
    refusal = refused("ANSWER_NOT_FINAL", lambda: window.rpc.convert_quote(id=sent["id"]))
    assert refusal.extra["final_at"] == record["answer"]["final_at"]
    refused("INVALID_TRANSITION", lambda: window.rpc.withdraw_quote(id=sent["id"]))
    window.rpc.public_decline(token=token)
    refused("ANSWER_NOT_FINAL", lambda: window.rpc.update_quote(id=sent["id"], changes={"title": "neu"}))
    assert window.rpc.get_quote(id=sent["id"])["state"] == "declined"


def test_editing_after_the_window_tells_of_the_answer_first(window):
    sent, token = offer(window)
    window.rpc.public_decline(token=token, reason="nein")
    window.harness.clock.set(CLOSED)
    window.rpc.update_quote(id=sent["id"], changes={"title": "neu"})
    assert told(window, sent["id"]) == ["quote_sent.v1", "quote_declined.v1", "quote_reopened.v1"]


def test_what_an_admin_answers_is_final_at_once_also_within_the_window(window, replica):
    accepted = window.rpc.accept_quote(id=offer(window)[0]["id"], name="Anna")
    assert (accepted["answer"]["final_at"], told(window, accepted["id"])[-1]) == (None, "quote_accepted.v1")
    sent, token = offer(window)
    accept(window, token, TOTAL)
    window.rpc.decline_quote(id=sent["id"], reason="Termin vergeben")
    refused("INVALID_TRANSITION", lambda: accept(window, token, TOTAL))
    window.harness.clock.set(CLOSED)
    close(replica)
    assert told(window, sent["id"]) == ["quote_sent.v1", "quote_declined.v1"]
    assert window.events(sent["id"], "quote_declined.v1")[0].data["was"] == "sent"


def test_an_acceptance_after_the_last_day_is_refused_also_as_a_correction(window):
    window.harness.clock.set("2026-03-10T22:50:00+00:00")  # 23:50 in Zurich
    _, token = offer(window, valid_until="2026-03-10")
    accept(window, token, TOTAL)
    window.harness.clock.set("2026-03-10T23:05:00+00:00")
    page = window.rpc.public_decline(token=token)
    assert (page["state"], page["allowed"]) == ("declined", [])
    refused("QUOTE_EXPIRED", lambda: accept(window, token, TOTAL))


def test_accept_and_decline_at_once_in_an_open_window_leave_one_answer_that_stands(window, replica):
    sent, token = offer(window)
    turns = iter([True, False, True, False])
    lock = threading.Lock()

    def answer():
        with lock:
            accepting = next(turns)
        return accept(window, token, TOTAL) if accepting else window.rpc.public_decline(token=token)

    done, refusals = window.at_once(4, answer)
    assert done
    assert {refusal.code for refusal in refusals} <= {"INVALID_TRANSITION"}
    rows = window.harness.sql("SELECT verdict FROM quote_answer WHERE quote_id = %s ORDER BY at, id", [sent["id"]])
    verdicts = [row["verdict"] for row in rows]
    assert len(verdicts) == len(done)
    assert all(one != other for one, other in pairwise(verdicts))
    assert window.rpc.get_quote(id=sent["id"])["state"] == verdicts[-1]
    window.harness.clock.set(CLOSED)
    close(replica)
    assert told(window, sent["id"])[1:] == [f"quote_{verdicts[-1]}.v1"]


def test_converting_and_the_timer_at_once_tell_of_the_acceptance_once(window, replica):
    sent, token = offer(window)
    accept(window, token, TOTAL)
    window.harness.clock.set(CLOSED)
    turns = iter([True, True, False, False])
    lock = threading.Lock()

    def step():
        with lock:
            timer = next(turns)
        return close(replica) if timer else window.rpc.convert_quote(id=sent["id"])

    _, refusals = window.at_once(4, step)
    assert [refusal.code for refusal in refusals] == ["INVALID_TRANSITION"]
    assert told(window, sent["id"]) == ["quote_sent.v1", "quote_accepted.v1", "quote_converted.v1"]


def test_an_acceptance_converts_by_itself_where_that_is_set_once_it_is_final(studio, replica):
    studio.settings("quotes", {"auto_convert": True, "correction_minutes": 30})
    sent, token = offer(studio)
    assert accept(studio, token, TOTAL)["state"] == "accepted"
    studio.harness.clock.set(CLOSED)
    close(replica)
    record = studio.rpc.get_quote(id=sent["id"])
    assert record["state"] == "converted"
    targets = [(target["kind"], target["state"]) for target in record["conversion"]["targets"]]
    assert targets == [("invoice", "being_prepared")]
    assert (record["conversion"]["contract"], record["conversion"]["complete"]) == (False, False)
    assert told(studio, sent["id"]) == ["quote_sent.v1", "quote_accepted.v1", "quote_converted.v1"]


def test_an_admins_acceptance_converts_by_itself_too(studio):
    studio.settings("quotes", {"auto_convert": True})
    assert studio.accepted()["state"] == "converted"


def test_an_acceptance_stands_when_converting_by_itself_is_not_possible(studio):
    studio.settings("quotes", {"auto_convert": True})
    sent, token = offer(studio)
    studio.customer(studio.customer_id, feature_bills=False)
    assert accept(studio, token, TOTAL)["state"] == "accepted"
    entries = studio.rpc.list_activity(record_id=sent["id"])["items"]
    assert (entries[0]["action"], entries[0]["after"]["code"]) == ("quote.not_converted", "CUSTOMER_FEATURE_DISABLED")
    with pytest.raises(Refused):
        studio.rpc.convert_quote(id=sent["id"])
    assert studio.rpc.get_quote(id=sent["id"])["state"] == "accepted"
