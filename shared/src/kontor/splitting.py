"""Splitting a whole so that the parts sum to it exactly (largest remainder, Hare–Niemeyer)."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction


def split(total: int, weights: Sequence[int | Fraction | Decimal]) -> list[int]:
    """Parts of ``total`` in proportion to ``weights``; they always sum to ``total``.

    What whole numbers leave over goes to the largest remainders, among equals to the first. The split of
    ``-total`` is the split of ``total`` with the signs turned. A weight may be negative (a rate group with
    more credit than charge) as long as the weights do not cancel out. Raises ValueError for no weights, and
    for weights that sum to zero unless the total is zero too.
    """
    if not weights:
        raise ValueError("a split needs at least one weight")
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact, Fraction(0))
    if whole == 0:
        if total == 0:
            return [0] * len(exact)
        raise ValueError("the weights of a split sum to zero")
    sign = -1 if total < 0 else 1
    shares = [abs(total) * weight / whole for weight in exact]
    parts = [share.numerator // share.denominator for share in shares]
    left = abs(total) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - shares[index], index))
    for index in by_remainder[:left]:
        parts[index] += 1
    return [sign * part for part in parts]
