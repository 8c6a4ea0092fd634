"""Largest remainder."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontor.splitting import split

weights = st.lists(st.integers(0, 10**6) | st.fractions(0, 1000), min_size=1, max_size=20).filter(lambda w: sum(w) > 0)
totals = st.integers(-(2**63), 2**63 - 1)


@pytest.mark.parametrize(
    "total,parts,weights",
    [
        (100, [33, 33, 34], [30, 30, 31]),  # 32.97, 32.97, 34.07: the two .97 get the two left over
        (100, [34, 33, 33], [1, 1, 1]),  # equal remainders: the first
        (10, [3, 3, 4], [30, 30, 40]),
        (1, [0, 1], [30, 70]),
        (0, [0, 0], [1, 2]),
        (-100, [-34, -33, -33], [1, 1, 1]),
        (90, [100, -10], [1000, -100]),
        (7, [7, 0], [1, 0]),
    ],
)
def test_what_is_left_over_goes_to_the_largest_remainders(total, parts, weights):
    assert split(total, weights) == parts


@given(totals, weights)
def test_the_parts_sum_to_the_whole(total, weights):
    assert sum(split(total, weights)) == total


@given(totals, weights)
def test_no_part_is_a_unit_or_more_from_its_exact_share(total, weights):
    whole = sum(Fraction(weight) for weight in weights)
    for part, weight in zip(split(total, weights), weights, strict=True):
        assert abs(part - Fraction(total) * Fraction(weight) / whole) < 1


@given(totals, weights)
def test_turning_the_sign_turns_the_parts(total, weights):
    assert split(-total, weights) == [-part for part in split(total, weights)]


def test_weights_that_cancel_out_cannot_carry_a_total():
    assert split(0, [1, -1]) == [0, 0]
    with pytest.raises(ValueError, match="zero"):
        split(1, [0, 0])
    with pytest.raises(ValueError, match="at least one"):
        split(1, [])
