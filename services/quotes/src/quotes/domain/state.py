"""The states of a quote and the one table of allowed moves."""

from enum import StrEnum

from kontor.errors import InvalidTransition


class State(StrEnum):
    """Where a quote stands."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    CONVERTED = "converted"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What can be done to a quote."""

    EDIT = "edit"
    DELETE = "delete"
    SEND = "send"
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    CONVERT = "convert"


#: Every pair that is not here is refused. A draft that is deleted has no state afterwards, hence its own.
TRANSITIONS: dict[tuple[State, Verb], State] = {
    (State.DRAFT, Verb.EDIT): State.DRAFT,
    (State.DRAFT, Verb.DELETE): State.DRAFT,
    (State.DRAFT, Verb.SEND): State.SENT,
    (State.SENT, Verb.EDIT): State.DRAFT,
    (State.SENT, Verb.ACCEPT): State.ACCEPTED,
    (State.SENT, Verb.DECLINE): State.DECLINED,
    (State.SENT, Verb.EXPIRE): State.EXPIRED,
    (State.SENT, Verb.WITHDRAW): State.WITHDRAWN,
    (State.DECLINED, Verb.EDIT): State.DRAFT,
    (State.EXPIRED, Verb.EDIT): State.DRAFT,
    (State.ACCEPTED, Verb.CONVERT): State.CONVERTED,
    (State.ACCEPTED, Verb.DECLINE): State.DECLINED,
}

#: What the customer may do, and the timer's own verb; everything else is the admins'.
CUSTOMER_VERBS = frozenset({Verb.ACCEPT, Verb.DECLINE})
_TIMER_VERBS = frozenset({Verb.EXPIRE})


def after(state: State, verb: Verb, *, customer: bool = False) -> State:
    """The state the verb leads to; raises `InvalidTransition`. Only admins can decline what was accepted."""
    target = TRANSITIONS.get((state, verb))
    if target is None or (customer and not _customer_may(state, verb)):
        raise InvalidTransition(state, verb)
    return target


def allowed(state: State, *, customer: bool = False) -> list[str]:
    """The verbs somebody could use now, in the order of `Verb`."""
    return [
        verb.value
        for verb in Verb
        if (state, verb) in TRANSITIONS and verb not in _TIMER_VERBS and (not customer or _customer_may(state, verb))
    ]


def _customer_may(state: State, verb: Verb) -> bool:
    return state == State.SENT and verb in CUSTOMER_VERBS
