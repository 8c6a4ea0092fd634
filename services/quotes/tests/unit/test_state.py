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


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", list(Verb))
def test_every_pair_moves_as_listed_or_is_refused(state, verb):
    if (state, verb) in EXPECTED:
        assert after(state, verb) == EXPECTED[state, verb]
    else:
        with pytest.raises(InvalidTransition) as refusal:
            after(state, verb)
        assert refusal.value.extra == {"state": state, "verb": verb}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", list(Verb))
def test_customers_answer_what_was_sent_and_nothing_else(state, verb):
    if state == State.SENT and verb in (Verb.ACCEPT, Verb.DECLINE):
        assert after(state, verb, customer=True) == EXPECTED[state, verb]
    else:
        with pytest.raises(InvalidTransition):
            after(state, verb, customer=True)


def test_the_verbs_on_offer():
    assert allowed(State.DRAFT) == ["edit", "delete", "send"]
    assert allowed(State.SENT) == ["edit", "accept", "decline", "withdraw"]
    assert allowed(State.ACCEPTED) == ["decline", "convert"]
    assert allowed(State.CONVERTED) == allowed(State.WITHDRAWN) == []
    assert allowed(State.SENT, customer=True) == ["accept", "decline"]
    assert allowed(State.ACCEPTED, customer=True) == []
