"""The state table through the service's calls: every state, every verb."""

import pytest

from kontor.database import Database
from kontor.errors import Refused
from quotes import use_cases
from quotes.domain.state import State, Verb

# spec/quotes.md, written out once more by hand; resending is the one verb that stays where it is.
MOVES = {
    ("draft", "edit"): "draft",
    ("draft", "delete"): None,
    ("draft", "send"): "sent",
    ("sent", "edit"): "draft",
    ("sent", "resend"): "sent",
    ("sent", "accept"): "accepted",
    ("sent", "decline"): "declined",
    ("sent", "expire"): "expired",
    ("sent", "withdraw"): "withdrawn",
    ("declined", "edit"): "draft",
    ("expired", "edit"): "draft",
    ("accepted", "convert"): "converted",
    ("accepted", "decline"): "declined",
}
AIMS = {"delete": "deleted", "send": "sent", "resend": "sent", "edit": "draft"} | {
    "accept": "accepted",
    "decline": "declined",
    "withdraw": "withdrawn",
    "convert": "converted",
}
LAST_DAY, NEXT_MORNING = "2026-03-11", "2026-03-12T09:00:00+00:00"


@pytest.fixture(scope="module")
def timers(module_studio):
    """The database of the service, where a test runs the timers' work itself."""
    database = Database(module_studio.harness.settings.database_url_of("quotes"), "quotes", movable_clock=True)
    yield database
    database.close()


def in_state(studio, timers, state):
    """A quote that came there the way the table says."""
    rpc = studio.rpc
    if state == "draft":
        return studio.draft()
    sent = studio.sent(valid_until=LAST_DAY)
    if state == "expired":
        studio.harness.clock.set(NEXT_MORNING)
        expire(timers)
    elif state == "withdrawn":
        rpc.withdraw_quote(id=sent["id"])
    elif state == "declined":
        rpc.decline_quote(id=sent["id"], reason="nein")
    elif state in ("accepted", "converted"):
        rpc.accept_quote(id=sent["id"], name="Anna Keller")
        if state == "converted":
            rpc.convert_quote(id=sent["id"])
    record = rpc.get_quote(id=sent["id"])
    assert record["state"] == state
    return record


def expire(timers):
    with timers.transaction() as tx:
        use_cases.expire_overdue(tx)


def do(studio, timers, verb, quote):
    id, rpc = quote["id"], studio.rpc
    if verb == "expire":
        studio.harness.clock.set(NEXT_MORNING)
        return expire(timers)
    calls = {
        "edit": lambda: rpc.update_quote(id=id, changes={"title": "anders"}),
        "delete": lambda: rpc.delete_quote(id=id),
        "send": lambda: rpc.send_quote(id=id),
        "resend": lambda: rpc.resend_quote(id=id),
        "accept": lambda: rpc.accept_quote(id=id, name="Anna Keller"),
        "decline": lambda: rpc.decline_quote(id=id, reason="doch nicht"),
        "withdraw": lambda: rpc.withdraw_quote(id=id),
        "convert": lambda: rpc.convert_quote(id=id),
    }
    return calls[verb]()


@pytest.mark.parametrize("state", [state.value for state in State])
@pytest.mark.parametrize("verb", [verb.value for verb in Verb])
def test_every_pair_moves_as_listed_or_is_refused_with_both_states(studio, timers, state, verb):
    quote = in_state(studio, timers, state)
    if (state, verb) in MOVES:
        do(studio, timers, verb, quote)
        if MOVES[state, verb] is None:
            with pytest.raises(Refused, match="no such quote"):
                studio.rpc.get_quote(id=quote["id"])
        else:
            assert studio.rpc.get_quote(id=quote["id"])["state"] == MOVES[state, verb]
        return
    if verb == "expire":
        do(studio, timers, verb, quote)
    else:
        with pytest.raises(Refused) as refusal:
            do(studio, timers, verb, quote)
        if (state, verb) == ("expired", "accept"):
            assert refusal.value.code == "QUOTE_EXPIRED"
        else:
            assert refusal.value.code == "INVALID_TRANSITION"
            assert refusal.value.extra == {"state": state, "verb": verb, "target": AIMS[verb]}
    after = studio.rpc.get_quote(id=quote["id"])
    assert (after["state"], after["version"]) == (state, quote["version"])


@pytest.mark.parametrize("state", [state.value for state in State if state != State.DRAFT])
@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_customers_answer_what_was_sent_and_nothing_else(studio, timers, state, verb):
    quote = in_state(studio, timers, state)
    own = studio.harness.rpc_as({"kind": "customer", "id": studio.customer_id, "name": "Anna Keller"})

    def answer():
        if verb == "accept":
            return own.accept_quote(id=quote["id"], name="Anna", total_minor=quote["total_minor"])
        return own.decline_quote(id=quote["id"])

    if state == "sent":
        assert answer()["state"] == MOVES[state, verb]
        return
    with pytest.raises(Refused) as refusal:
        answer()
    assert refusal.value.code == ("QUOTE_EXPIRED" if state == "expired" else "INVALID_TRANSITION")
    assert studio.rpc.get_quote(id=quote["id"])["state"] == state


@pytest.mark.parametrize("state", [state.value for state in State])
def test_the_verbs_on_offer_are_those_that_work(studio, timers, state):
    offered = set(in_state(studio, timers, state)["allowed"])
    assert offered == {verb for at, verb in MOVES if at == state} - {"expire"}
