from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invoicing.domain import invoice, payments
from invoicing.domain.invoice import Invoice
from invoicing.domain.payments import Payment, a_year_before
from invoicing.domain.states import State
from kontor.errors import Invalid, InvalidTransition
from kontor.money import MoneyRange

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ISSUE = date(2026, 3, 2)
TODAY = date(2026, 3, 10)
ID = UUID(int=9)


def paying(minor: int) -> Payment:
    return Payment(ID, minor, TODAY, "bank", "", "")


def read(**fields: Any) -> Payment:
    return payments.read(ID, {"amount_minor": 100} | fields, ISSUE, TODAY)


@pytest.mark.parametrize(
    "state, paid, amount, expected, still_open, credit",
    [
        (State.SENT, 0, 120412, State.PAID, 0, 0),
        (State.SENT, 0, 120411, State.PARTIALLY_PAID, 1, 0),
        (State.SENT, 0, 120413, State.PAID, 0, 1),
        (State.PARTIALLY_PAID, 20412, 100000, State.PAID, 0, 0),
        (State.PARTIALLY_PAID, 20412, -20412, State.SENT, 120412, 0),
        (State.PAID, 120412, -412, State.PARTIALLY_PAID, 412, 0),
        (State.PAID, 120412, -120412, State.SENT, 120412, 0),
        (State.PAID, 120412, 500, State.PAID, 0, 500),
        (State.OVERDUE, 0, 100, State.OVERDUE, 120312, 0),
        (State.OVERDUE, 412, 120000, State.PAID, 0, 0),
        (State.ISSUING, 0, 120412, State.PAID, 0, 0),
    ],
)
def test_the_ledger_decides_the_state(
    make: Callable[..., Invoice],
    state: State,
    paid: int,
    amount: int,
    expected: State,
    still_open: int,
    credit: int,
) -> None:
    after = payments.record(make(state, paid_minor=paid), paying(amount), NOW)
    assert (after.state, after.open_minor, after.credit_minor) == (expected, still_open, credit)
    assert (after.paid_at is not None) == (expected is State.PAID)


def test_an_overdue_invoice_keeps_its_money_state_beside_it(make: Callable[..., Invoice]) -> None:
    assert make(State.OVERDUE, paid_minor=100).payment_state == "partially_paid"
    assert make(State.OVERDUE).payment_state == "open"


def test_a_payment_on_a_draft_is_refused(make: Callable[..., Invoice]) -> None:
    with pytest.raises(InvalidTransition):
        payments.record(make(State.DRAFT), paying(100), NOW)


def test_more_cannot_be_refunded_than_was_paid(make: Callable[..., Invoice]) -> None:
    with pytest.raises(Invalid) as refused:
        payments.record(make(State.PARTIALLY_PAID, paid_minor=100), paying(-101), NOW)
    assert refused.value.errors[0].field == "amount_minor"


def test_a_sum_beyond_64_bits_is_refused(make: Callable[..., Invoice]) -> None:
    with pytest.raises(MoneyRange):
        payments.record(make(State.PAID, paid_minor=2**63 - 1), paying(1), NOW)


@pytest.mark.parametrize("amount", [0, 1.5, "100", True, None])
def test_the_amount_is_a_whole_number_other_than_zero(amount: object) -> None:
    with pytest.raises(Invalid) as refused:
        read(amount_minor=amount)
    assert [error.field for error in refused.value.errors] == ["amount_minor"]


@pytest.mark.parametrize(
    "day, possible",
    [("2026-03-10", True), ("2026-03-11", False), ("2025-03-02", True), ("2025-03-01", False)],
)
def test_the_date_is_not_in_the_future_and_not_a_year_before_the_issue(day: str, possible: bool) -> None:
    if possible:
        assert read(date=day).date == date.fromisoformat(day)
        return
    with pytest.raises(Invalid) as refused:
        read(date=day)
    assert refused.value.errors[0].field == "date"


@pytest.mark.parametrize("day", ["10.03.2026", "2026-02-30", "2026-03-10T00:00:00Z", 20260310])
def test_what_is_no_date_is_refused(day: object) -> None:
    with pytest.raises(Invalid):
        read(date=day)


def test_without_a_date_it_is_today_and_by_bank() -> None:
    assert (read().date, read().method) == (TODAY, "bank")


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read(method="barter")
    assert refused.value.errors[0].field == "method"


def test_a_year_before_29_february_is_28_february() -> None:
    assert a_year_before(date(2028, 2, 29)) == date(2027, 2, 28)


def test_the_due_date_itself_is_in_time(make: Callable[..., Invoice]) -> None:
    sent = make(State.SENT)
    assert invoice.fall_due(sent, date(2026, 4, 1), NOW) is sent
    assert invoice.fall_due(sent, date(2026, 4, 2), NOW).state is State.OVERDUE


@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_payments_does_not_matter(make: Callable[..., Invoice], amounts: list[int], random: Any) -> None:
    def settle(order: list[int]) -> tuple[State, int, int]:
        one = make(State.SENT)
        for amount in order:
            one = payments.record(one, paying(amount), NOW)
        return one.state, one.paid_minor, one.open_minor

    shuffled = amounts[:]
    random.shuffle(shuffled)
    assert settle(amounts) == settle(shuffled)
    assert settle(amounts)[1:] == (sum(amounts), max(120412 - sum(amounts), 0))
