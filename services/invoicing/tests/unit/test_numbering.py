from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.numbering import Claimed, Findings, verify


def one(seq: int, day: str, number: str | None = None, year: int = 2026) -> Claimed:
    return Claimed(year, seq, number or f"INV-{year}-{seq:04d}", date.fromisoformat(day))


def found(claimed: list[Claimed], counter: int) -> Findings:
    (findings,) = verify(claimed, {2026: counter})
    return findings


def test_one_to_n_in_order_of_dates_is_in_order() -> None:
    findings = found([one(1, "2026-01-05"), one(2, "2026-01-05"), one(3, "2026-02-01")], 3)
    assert findings.problems() == []
    assert (findings.count, findings.last) == (3, 3)


def test_a_gap_is_named_and_so_is_a_missing_beginning() -> None:
    findings = found([one(2, "2026-01-05"), one(5, "2026-01-06")], 5)
    assert findings.problems() == [
        "2026: number 1 is missing.",
        "2026: number 3 is missing.",
        "2026: number 4 is missing.",
    ]


def test_a_date_before_the_number_in_front_is_an_inversion() -> None:
    findings = found([one(1, "2026-01-05"), one(2, "2026-01-04")], 2)
    assert findings.problems() == ["2026: INV-2026-0002 is dated before the number in front of it."]


def test_the_same_number_twice_is_found_within_and_across_positions() -> None:
    assert found([one(1, "2026-01-05"), one(1, "2026-01-05", "X")], 1).duplicates == ["X"]
    assert found([one(1, "2026-01-05", "X"), one(2, "2026-01-05", "X")], 2).duplicates == ["X"]


def test_a_counter_beyond_the_last_number_is_a_lost_number() -> None:
    assert found([one(1, "2026-01-05")], 2).problems() == ["2026: the counter says 2, the last number is 1."]


def test_a_date_of_another_year_is_found() -> None:
    assert found([one(1, "2025-12-31")], 1).wrong_year == ["INV-2026-0001"]


def test_each_year_starts_again() -> None:
    years = verify([one(1, "2025-12-31", year=2025), one(1, "2026-01-01")], {2025: 1, 2026: 1})
    assert [(findings.year, findings.problems()) for findings in years] == [(2025, []), (2026, [])]


@given(st.integers(1, 60), st.sets(st.integers(1, 60)), st.randoms(use_true_random=False))
def test_exactly_the_missing_numbers_are_named(last: int, lost: set[int], random: Random) -> None:
    kept = [seq for seq in range(1, last + 1) if seq not in lost or seq == last]
    day, claimed = date(2026, 1, 1), []
    for seq in kept:
        day += timedelta(days=random.randint(0, 2))
        claimed.append(one(seq, day.isoformat()))
    findings = found(claimed, last)
    assert findings.gaps == [seq for seq in range(1, last) if seq in lost]
    assert (findings.count, findings.duplicates, findings.inversions) == (len(kept), [], [])
