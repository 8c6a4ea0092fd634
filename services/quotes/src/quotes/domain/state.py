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
    RESEND = "resend"
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
    (State.SENT, Verb.RESEND): State.SENT,
    (State.SENT, Verb.ACCEPT): State.ACCEPTED,
    (State.SENT, Verb.DECLINE): State.DECLINED,
    (State.SENT, Verb.EXPIRE): State.EXPIRED,
    (State.SENT, Verb.WITHDRAW): State.WITHDRAWN,
    (State.DECLINED, Verb.EDIT): State.DRAFT,
    (State.EXPIRED, Verb.EDIT): State.DRAFT,
    (State.ACCEPTED, Verb.CONVERT): State.CONVERTED,
    (State.ACCEPTED, Verb.DECLINE): State.DECLINED,
}

#: What the customer may still turn around while the correction window is open.
CORRECTIONS: dict[tuple[State, Verb], State] = {
    (State.ACCEPTED, Verb.DECLINE): State.DECLINED,
    (State.DECLINED, Verb.ACCEPT): State.ACCEPTED,
}

#: What the customer may do, and the timer's own verb; everything else is the admins'.
CUSTOMER_VERBS = frozenset({Verb.ACCEPT, Verb.DECLINE})
_TIMER_VERBS = frozenset({Verb.EXPIRE})

#: Where each verb would lead; a deleted draft is nowhere.
_AIMS = {
    Verb.EDIT: State.DRAFT.value,
    Verb.DELETE: "deleted",
    Verb.SEND: State.SENT.value,
    Verb.RESEND: State.SENT.value,
    Verb.ACCEPT: State.ACCEPTED.value,
    Verb.DECLINE: State.DECLINED.value,
    Verb.EXPIRE: State.EXPIRED.value,
    Verb.WITHDRAW: State.WITHDRAWN.value,
    Verb.CONVERT: State.CONVERTED.value,
}


def after(state: State, verb: Verb, *, customer: bool = False, correctable: bool = False) -> State:
    """The state the verb leads to; raises `InvalidTransition`, which names both states.

    Customers answer what was sent; while an answer is ``correctable`` they may turn it around. Only admins can
    decline what was accepted for good.
    """
    if customer:
        target = CORRECTIONS.get((state, verb)) if correctable else None
        if state == State.SENT and verb in CUSTOMER_VERBS:
            target = TRANSITIONS[state, verb]
    else:
        target = TRANSITIONS.get((state, verb))
    if target is None:
        raise refusal(state, verb)
    return target


def refusal(state: State, verb: Verb, detail: str | None = None) -> InvalidTransition:
    """Why the verb is not possible now, with the state there is and the state it would lead to."""
    return InvalidTransition(state, verb, detail, target=_AIMS[verb])


def allowed(state: State, *, customer: bool = False, correctable: bool = False) -> list[str]:
    """The verbs somebody could use now, in the order of `Verb`."""
    moves: set[tuple[State, Verb]] = set(TRANSITIONS)
    if customer:
        moves = {(State.SENT, verb) for verb in CUSTOMER_VERBS} | (set(CORRECTIONS) if correctable else set())
    return [verb.value for verb in Verb if (state, verb) in moves and verb not in _TIMER_VERBS]
