"""The table of moves, exhaustively."""

import pytest

from kontor.errors import InvalidTransition
from quotes.domain.state import State, Verb, after, allowed

# What spec/quotes.md lists, written out again by hand: state, verb, state afterwards.
MOVES = """
draft edit draft
draft delete draft
draft send sent
sent edit draft
sent resend sent
sent accept accepted
sent decline declined
sent expire expired
sent withdraw withdrawn
declined edit draft
expired edit draft
accepted convert converted
accepted decline declined
"""
EXPECTED = {(State(a), Verb(v)): State(b) for a, v, b in (line.split() for line in MOVES.strip().splitlines())}
AIM = {
    "edit": "draft",
    "delete": "deleted",
    "send": "sent",
    "resend": "sent",
    "accept": "accepted",
    "decline": "declined",
    "expire": "expired",
    "withdraw": "withdrawn",
    "convert": "converted",
}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", list(Verb))
def test_every_pair_moves_as_listed_or_is_refused(state, verb):
    if (state, verb) in EXPECTED:
        assert after(state, verb) == EXPECTED[state, verb]
    else:
        with pytest.raises(InvalidTransition) as refusal:
            after(state, verb)
        assert refusal.value.extra == {"state": state, "verb": verb, "target": AIM[verb]}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", list(Verb))
def test_customers_answer_what_was_sent_and_nothing_else(state, verb):
    if state == State.SENT and verb in (Verb.ACCEPT, Verb.DECLINE):
        assert after(state, verb, customer=True) == EXPECTED[state, verb]
    else:
        with pytest.raises(InvalidTransition):
            after(state, verb, customer=True)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", list(Verb))
def test_an_answer_that_can_be_corrected_turns_into_the_other_one_and_nothing_else(state, verb):
    turns = {("accepted", "decline"): "declined", ("declined", "accept"): "accepted"}
    target = turns.get((state.value, verb.value))
    if target is None and not (state == State.SENT and verb in (Verb.ACCEPT, Verb.DECLINE)):
        with pytest.raises(InvalidTransition):
            after(state, verb, customer=True, correctable=True)
    else:
        assert after(state, verb, customer=True, correctable=True) == (target or EXPECTED[state, verb])
    for_admins = EXPECTED.get((state, verb))
    if for_admins is None:
        with pytest.raises(InvalidTransition):
            after(state, verb, correctable=True)
    else:
        assert after(state, verb, correctable=True) == for_admins


def test_the_verbs_on_offer():
    assert allowed(State.DRAFT) == ["edit", "delete", "send"]
    assert allowed(State.SENT) == ["edit", "resend", "accept", "decline", "withdraw"]
    assert allowed(State.ACCEPTED) == ["decline", "convert"]
    assert allowed(State.CONVERTED) == allowed(State.WITHDRAWN) == []
    assert allowed(State.SENT, customer=True) == ["accept", "decline"]
    assert allowed(State.ACCEPTED, customer=True) == []
    assert allowed(State.ACCEPTED, customer=True, correctable=True) == ["decline"]
    assert allowed(State.DECLINED, customer=True, correctable=True) == ["accept"]
