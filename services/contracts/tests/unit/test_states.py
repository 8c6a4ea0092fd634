"""The contract's machine: every pair of state and verb either moves or is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from contracts.domain import contract
from contracts.domain.contract import Contract, Order, Signer, SignerState, State, Verb
from contracts.domain.errors import BusinessProfileIncomplete, ContractNotReady, LinkClosed, NotYourTurn
from contracts.domain.review import Problem
from kontor.errors import InvalidTransition, StaleVersion

ANNA = Signer(UUID(int=1), "Anna Meier", "anna@example.ch")
BEAT = Signer(UUID(int=2), "Beat Kunz", "beat@example.ch")
DAY = date(2026, 3, 15)

MOVES = {
    ("draft", "edit"): "draft",
    ("draft", "delete"): "draft",
    ("draft", "send"): "sent",
    ("sent", "sign"): "sent",
    ("sent", "complete"): "signed",
    ("sent", "decline"): "declined",
    ("sent", "expire"): "expired",
    ("sent", "withdraw"): "withdrawn",
    ("signed", "countersign"): "sealing",
    ("sealing", "seal"): "fully_signed",
    ("fully_signed", "cancel"): "cancelled",
    ("declined", "revise"): "declined",
    ("expired", "revise"): "expired",
    ("withdrawn", "revise"): "withdrawn",
}


def sent(*signers: Signer, order: Order = Order.PARALLEL) -> Contract:
    return Contract(UUID(int=9), 3, State.SENT, signers or (ANNA,), order, DAY)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", list(Verb))
def test_every_state_and_verb_moves_or_is_refused(state: State, verb: Verb) -> None:
    """All 108 pairs, against the table written out here."""
    expected = MOVES.get((state.value, verb.value))
    if expected is not None:
        assert contract.move(state, verb).value == expected
        return
    with pytest.raises(InvalidTransition) as refused:
        contract.move(state, verb)
    assert refused.value.extra == {"state": state.value, "verb": verb.value}


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        (State.DRAFT, ["edit", "delete", "send"]),
        (State.SENT, ["withdraw"]),
        (State.SIGNED, ["countersign"]),
        (State.SEALING, []),
        (State.FULLY_SIGNED, ["cancel"]),
        (State.DECLINED, ["revise"]),
        (State.EXPIRED, ["revise"]),
        (State.WITHDRAWN, ["revise"]),
        (State.CANCELLED, []),
    ],
)
def test_an_admin_is_offered_what_the_state_allows(state: State, verbs: list[str]) -> None:
    assert contract.allowed(state) == verbs


def test_each_verb_raises_in_every_state_that_lacks_it() -> None:
    """The functions, not only the table, refuse."""
    calls = {
        Verb.EDIT: lambda c: contract.edit(c, None),
        Verb.DELETE: lambda c: contract.delete(c, None),
        Verb.SEND: lambda c: contract.send(c, []),
        Verb.SIGN: lambda c: contract.sign(c, ANNA.id, DAY),
        Verb.DECLINE: lambda c: contract.decline(c, ANNA.id, DAY),
        Verb.WITHDRAW: contract.withdraw,
        Verb.EXPIRE: lambda c: contract.expire(c, DAY + timedelta(days=1)),
        Verb.COUNTERSIGN: contract.countersign,
        Verb.SEAL: contract.seal,
        Verb.CANCEL: contract.cancel,
        Verb.REVISE: contract.revise,
    }
    for verb, call in calls.items():
        for state in State:
            if (state.value, verb.value) in MOVES:
                continue
            with pytest.raises((InvalidTransition, LinkClosed)):
                call(replace(sent(ANNA), state=state))


def test_a_stale_version_is_refused() -> None:
    draft = Contract(UUID(int=9), 4, State.DRAFT)
    with pytest.raises(StaleVersion):
        contract.edit(draft, 3)
    assert contract.edit(draft, 4).version == 5


def test_one_signature_of_one_completes() -> None:
    after = contract.sign(sent(ANNA), ANNA.id, DAY)
    assert (after.state, after.version) == (State.SIGNED, 4)


def test_the_first_of_two_signatures_leaves_the_contract_sent() -> None:
    after = contract.sign(sent(ANNA, BEAT), BEAT.id, DAY)
    assert after.state is State.SENT
    assert contract.sign(after, ANNA.id, DAY).state is State.SIGNED


def test_sequential_signers_keep_their_order() -> None:
    both = sent(ANNA, BEAT, order=Order.SEQUENTIAL)
    with pytest.raises(NotYourTurn) as refused:
        contract.sign(both, BEAT.id, DAY)
    assert "Anna Meier" in refused.value.detail
    assert contract.on_turn(both) == (ANNA,)
    after = contract.sign(both, ANNA.id, DAY)
    assert contract.on_turn(after) == (BEAT,)
    assert contract.sign(after, BEAT.id, DAY).state is State.SIGNED


def test_the_last_day_counts_whole_and_the_date_decides() -> None:
    assert contract.sign(sent(ANNA), ANNA.id, DAY).state is State.SIGNED
    with pytest.raises(LinkClosed) as closed:
        contract.sign(sent(ANNA), ANNA.id, DAY + timedelta(days=1))
    assert closed.value.extra == {"state": "expired"}


def test_a_contract_expires_only_after_its_last_day() -> None:
    assert contract.expire(sent(ANNA), DAY) is None
    after = contract.expire(sent(ANNA), DAY + timedelta(days=1))
    assert after is not None
    assert after.state is State.EXPIRED


def test_one_decline_ends_it_for_all_also_out_of_turn() -> None:
    after = contract.decline(sent(ANNA, BEAT, order=Order.SEQUENTIAL), BEAT.id, DAY)
    assert after.state is State.DECLINED
    assert [signer.state for signer in after.signers] == [SignerState.WAITING, SignerState.DECLINED]


def test_who_has_signed_cannot_decline() -> None:
    after = contract.sign(sent(ANNA, BEAT), ANNA.id, DAY)
    with pytest.raises(InvalidTransition):
        contract.decline(after, ANNA.id, DAY)


def test_problems_stop_the_send_and_are_named() -> None:
    draft = Contract(UUID(int=9), 1, State.DRAFT)
    with pytest.raises(ContractNotReady) as refused:
        contract.send(draft, [Problem("NO_SIGNERS", "Nobody is named who should sign.", "signers")])
    assert [error.field for error in refused.value.errors] == ["signers"]
    assert refused.value.extra == {"problems": ["NO_SIGNERS"]}
    with pytest.raises(BusinessProfileIncomplete):
        contract.send(draft, [Problem("BUSINESS_PROFILE_INCOMPLETE", "…", "business_profile")])


def test_reminders_are_counted_in_full_days() -> None:
    invited = datetime(2026, 3, 1, 10, tzinfo=UTC)
    days = [7, 3]
    assert contract.reminders_due(invited, invited + timedelta(days=3, seconds=-1), days) == 0
    assert contract.reminders_due(invited, invited + timedelta(days=3), days) == 1
    assert contract.reminders_due(invited, invited + timedelta(days=30), days) == 2
    assert contract.reminders_due(invited, invited + timedelta(days=30), []) == 0
