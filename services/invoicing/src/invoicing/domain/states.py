"""The life of an invoice as one table: which verb is possible in which state, and where it leads."""

from collections.abc import Mapping
from enum import StrEnum

from kontor.errors import InvalidTransition


class State(StrEnum):
    """Where an invoice stands. From `ISSUING` on it carries a number and is frozen."""

    DRAFT = "draft"
    PENDING_DELIVERY = "pending_delivery"
    ISSUING = "issuing"
    SENT = "sent"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERDUE = "overdue"


class Verb(StrEnum):
    """What can be done to an invoice; ``deliver`` and ``fall_due`` are the system's own."""

    UPDATE = "update"
    DELETE = "delete"
    SEND = "send"
    DELIVER = "deliver"
    RECORD_PAYMENT = "record_payment"
    FALL_DUE = "fall_due"


UNISSUED = frozenset({State.DRAFT, State.PENDING_DELIVERY})
ISSUED = frozenset(State) - UNISSUED

_AFTER_PAYMENT = ISSUED

TRANSITIONS: Mapping[Verb, Mapping[State, frozenset[State]]] = {
    Verb.UPDATE: {state: frozenset({state}) for state in UNISSUED},
    Verb.DELETE: dict.fromkeys(UNISSUED, frozenset()),
    Verb.SEND: dict.fromkeys(UNISSUED, frozenset({State.ISSUING})),
    # An invoice over 0.00 has nothing open once it is handed over; money may also come before the mail leaves.
    Verb.DELIVER: {
        State.ISSUING: frozenset({State.SENT, State.PAID}),
        State.PARTIALLY_PAID: frozenset({State.PARTIALLY_PAID}),
        State.PAID: frozenset({State.PAID}),
        State.OVERDUE: frozenset({State.OVERDUE}),
        State.SENT: frozenset({State.SENT}),
    },
    # Where a payment leads follows from the ledger: see `invoicing.domain.payments.state_by_ledger`.
    Verb.RECORD_PAYMENT: dict.fromkeys(ISSUED, _AFTER_PAYMENT),
    Verb.FALL_DUE: dict.fromkeys((State.SENT, State.PARTIALLY_PAID), frozenset({State.OVERDUE})),
}

_BY_PERSONS = (Verb.UPDATE, Verb.DELETE, Verb.SEND, Verb.RECORD_PAYMENT)


def require(state: State, verb: Verb) -> None:
    """Raise `InvalidTransition` (with the state and the verb) unless the verb is possible in the state."""
    if state not in TRANSITIONS[verb]:
        raise InvalidTransition(state, verb)


def allowed(state: State) -> list[str]:
    """The verbs a person may use in this state, in a fixed order, for buttons and API clients."""
    return [verb.value for verb in _BY_PERSONS if state in TRANSITIONS[verb]]
