"""Every pair of state and verb either moves along the table or is refused with both named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from invoicing.domain import invoice, payments, states
from invoicing.domain.invoice import Invoice
from invoicing.domain.payments import Payment
from invoicing.domain.states import State, Verb
from kontor.errors import InvalidTransition
from kontor.ids import uuid7

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

# By hand: for each state what update, delete, send, deliver, record_payment and fall_due do. "-" is refused.
TABLE = """
draft            update delete send -       -    -
pending_delivery update delete send -       -    -
issuing          -      -      -    deliver pay  -
sent             -      -      -    deliver pay  due
partially_paid   -      -      -    deliver pay  due
paid             -      -      -    deliver pay  -
overdue          -      -      -    deliver pay  -
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
PAIRS = [(State(row[0]), verb, cell != "-") for row in ROWS for verb, cell in zip(Verb, row[1:], strict=True)]


@pytest.mark.parametrize("state, verb, possible", PAIRS)
def test_each_pair_moves_or_is_refused(state: State, verb: Verb, possible: bool) -> None:
    if possible:
        states.require(state, verb)
        return
    with pytest.raises(InvalidTransition) as refused:
        states.require(state, verb)
    assert refused.value.extra == {"state": state, "verb": verb}


def test_the_table_covers_every_pair() -> None:
    assert {(state, verb) for state, verb, _ in PAIRS} == {(state, verb) for state in State for verb in Verb}


@pytest.mark.parametrize("state", State)
def test_where_each_verb_leads_stands_in_the_table(state: State, make: Callable[..., Invoice]) -> None:
    paid = 120412 if state is State.PAID else 20412 if state is State.PARTIALLY_PAID else 0
    before = make(state, paid_minor=paid)
    moved = {
        Verb.DELIVER: lambda: invoice.deliver(replace(before, delivered_at=None), "m", NOW),
        Verb.RECORD_PAYMENT: lambda: payments.record(
            before, Payment(uuid7(), 5, date(2026, 3, 3), "bank", "", ""), NOW
        ),
        Verb.FALL_DUE: lambda: invoice.fall_due(before, date(2026, 4, 2), NOW),
        Verb.UPDATE: lambda: invoice.update(before, before.content, before.customer, NOW),
    }
    for verb, move in moved.items():
        if state in states.TRANSITIONS[verb]:
            after = move()
            assert after.state in states.TRANSITIONS[verb][state]
            assert after.version == before.version + 1


def test_a_person_is_offered_what_is_possible() -> None:
    assert states.allowed(State.DRAFT) == ["update", "delete", "send"]
    assert states.allowed(State.PENDING_DELIVERY) == ["update", "delete", "send"]
    assert states.allowed(State.ISSUING) == ["record_payment"]
    assert states.allowed(State.PAID) == ["record_payment"]
