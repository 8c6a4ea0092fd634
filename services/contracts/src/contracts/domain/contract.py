"""The contract's life: states, the table of allowed moves, and what each verb demands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.domain.errors import LinkClosed, NotYourTurn
from contracts.domain.review import Problem, refuse_problems
from kontor.errors import InvalidTransition, StaleVersion


class State(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    SIGNED = "signed"  # by every customer signer; the issuer is next
    SEALING = "sealing"  # countersigned; the final PDF is being made
    FULLY_SIGNED = "fully_signed"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class Verb(StrEnum):
    EDIT = "edit"
    DELETE = "delete"
    SEND = "send"
    SIGN = "sign"  # one of several signers
    COMPLETE = "complete"  # the last customer signature
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    COUNTERSIGN = "countersign"
    SEAL = "seal"
    CANCEL = "cancel"
    REVISE = "revise"  # a new draft from one that came to nothing


TRANSITIONS: dict[tuple[State, Verb], State] = {
    (State.DRAFT, Verb.EDIT): State.DRAFT,
    (State.DRAFT, Verb.DELETE): State.DRAFT,  # the row goes
    (State.DRAFT, Verb.SEND): State.SENT,
    (State.SENT, Verb.SIGN): State.SENT,
    (State.SENT, Verb.COMPLETE): State.SIGNED,
    (State.SENT, Verb.DECLINE): State.DECLINED,
    (State.SENT, Verb.EXPIRE): State.EXPIRED,
    (State.SENT, Verb.WITHDRAW): State.WITHDRAWN,
    (State.SIGNED, Verb.COUNTERSIGN): State.SEALING,
    (State.SEALING, Verb.SEAL): State.FULLY_SIGNED,
    (State.FULLY_SIGNED, Verb.CANCEL): State.CANCELLED,
    (State.DECLINED, Verb.REVISE): State.DECLINED,
    (State.EXPIRED, Verb.REVISE): State.EXPIRED,
    (State.WITHDRAWN, Verb.REVISE): State.WITHDRAWN,
}

_ADMIN_VERBS = (
    Verb.EDIT,
    Verb.DELETE,
    Verb.SEND,
    Verb.WITHDRAW,
    Verb.COUNTERSIGN,
    Verb.CANCEL,
    Verb.REVISE,
)


class Order(StrEnum):
    PARALLEL = "parallel"
    SEQUENTIAL = "sequential"


class SignerState(StrEnum):
    WAITING = "waiting"
    SIGNED = "signed"
    DECLINED = "declined"


@dataclass(frozen=True)
class Signer:
    id: UUID
    name: str
    email: str
    state: SignerState = SignerState.WAITING


@dataclass(frozen=True)
class Contract:
    """What the verbs decide on. `signers` are in signing order; `valid_until` is the last day to sign."""

    id: UUID
    version: int
    state: State
    signers: tuple[Signer, ...] = ()
    order: Order = Order.PARALLEL
    valid_until: date | None = None


def move(state: State, verb: Verb) -> State:
    """The state after the verb; `InvalidTransition` names both when the pair is not in the table."""
    try:
        return TRANSITIONS[state, verb]
    except KeyError:
        raise InvalidTransition(state.value, verb.value) from None


def allowed(state: State) -> list[str]:
    """What an admin can do now, in the words of the API."""
    return [verb.value for verb in _ADMIN_VERBS if (state, verb) in TRANSITIONS]


def check_version(contract: Contract, given: int | None) -> None:
    """Refuse a change based on an older reading of the record (`StaleVersion`); None skips the check."""
    if given is not None and given != contract.version:
        raise StaleVersion(given, contract.version)


def _next(contract: Contract, verb: Verb) -> Contract:
    return replace(contract, state=move(contract.state, verb), version=contract.version + 1)


def edit(contract: Contract, version: int | None) -> Contract:
    """A change of the draft. Stale readings are refused before the state is looked at."""
    move(contract.state, Verb.EDIT)
    check_version(contract, version)
    return _next(contract, Verb.EDIT)


def delete(contract: Contract, version: int | None) -> None:
    move(contract.state, Verb.DELETE)
    check_version(contract, version)


def send(contract: Contract, problems: Sequence[Problem]) -> Contract:
    """Freeze and send; refused with `ContractNotReady` while the review finds problems."""
    after = _next(contract, Verb.SEND)
    refuse_problems(problems)
    return after


def signer_of(contract: Contract, signer_id: UUID) -> Signer:
    return next(signer for signer in contract.signers if signer.id == signer_id)


def waiting_before(contract: Contract, signer_id: UUID) -> Signer | None:
    """The signer this one has to wait for, if the order is sequential and somebody has not signed yet."""
    if contract.order is Order.PARALLEL:
        return None
    for signer in contract.signers:
        if signer.id == signer_id:
            return None
        if signer.state is SignerState.WAITING:
            return signer
    return None


def on_turn(contract: Contract) -> tuple[Signer, ...]:
    """Who can sign now."""
    if contract.state is not State.SENT:
        return ()
    waiting = tuple(signer for signer in contract.signers if signer.state is SignerState.WAITING)
    return waiting if contract.order is Order.PARALLEL else waiting[:1]


def is_over(contract: Contract, today: date) -> bool:
    """Whether the last day to sign has passed; `today` is the date in the business timezone."""
    return contract.valid_until is not None and today > contract.valid_until


def refuse_closed(contract: Contract, today: date) -> None:
    """Raise `LinkClosed` for a contract that was withdrawn or whose time is over.

    The date decides, not the timed job: after the last day nobody signs, whether or not the job has run.
    """
    if contract.state is State.WITHDRAWN:
        raise LinkClosed("The studio has taken this contract back.", contract.state.value)
    if contract.state is State.EXPIRED or (contract.state is State.SENT and is_over(contract, today)):
        raise LinkClosed("The time to sign this contract is over.", State.EXPIRED.value)


def _mark(contract: Contract, signer_id: UUID, state: SignerState) -> Contract:
    signers = tuple(replace(signer, state=state) if signer.id == signer_id else signer for signer in contract.signers)
    return replace(contract, signers=signers)


def sign(contract: Contract, signer_id: UUID, today: date) -> Contract:
    """One customer signs; with the last signature the contract is `signed`.

    Callers answer a signer who has signed already with the recorded signature and do not come here.
    """
    refuse_closed(contract, today)
    move(contract.state, Verb.SIGN)
    before = waiting_before(contract, signer_id)
    if before is not None:
        raise NotYourTurn(before.name)
    marked = _mark(contract, signer_id, SignerState.SIGNED)
    complete = all(signer.state is SignerState.SIGNED for signer in marked.signers)
    return _next(marked, Verb.COMPLETE if complete else Verb.SIGN)


def decline(contract: Contract, signer_id: UUID, today: date) -> Contract:
    """One customer declines, which ends it for all. Nobody has to wait for a turn to decline.

    A signer who has signed cannot decline: the signature stands.
    """
    refuse_closed(contract, today)
    after = _next(_mark(contract, signer_id, SignerState.DECLINED), Verb.DECLINE)
    if signer_of(contract, signer_id).state is not SignerState.WAITING:
        raise InvalidTransition(SignerState.SIGNED.value, Verb.DECLINE.value, "You have signed this contract.")
    return after


def withdraw(contract: Contract) -> Contract:
    return _next(contract, Verb.WITHDRAW)


def expire(contract: Contract, today: date) -> Contract | None:
    """The contract expired, or None while there is time."""
    return _next(contract, Verb.EXPIRE) if is_over(contract, today) else None


def countersign(contract: Contract) -> Contract:
    return _next(contract, Verb.COUNTERSIGN)


def seal(contract: Contract) -> Contract:
    """The final PDF is stored."""
    return _next(contract, Verb.SEAL)


def cancel(contract: Contract) -> Contract:
    return _next(contract, Verb.CANCEL)


def revise(contract: Contract) -> None:
    """Check that a new draft may be made from this contract; the contract itself does not change."""
    move(contract.state, Verb.REVISE)


def reminders_due(invited_at: datetime, now: datetime, days: Sequence[int]) -> int:
    """How many reminders should have gone out by now: one per planned number of full days since the invitation."""
    passed = (now - invited_at).total_seconds()
    return sum(passed >= day * 86_400 for day in set(days))
