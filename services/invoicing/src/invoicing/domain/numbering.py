"""The proof that a series of numbers is what the law asks of it: consecutive, unique, in the order of dates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

# The name of the counter; Storno and credit note will draw from it too.
SERIES = "invoice"


class Claimed(NamedTuple):
    """One issued document of a series."""

    year: int
    seq: int
    number: str
    issue_date: date


@dataclass(slots=True)
class Findings:
    """What is wrong with the numbers of the year; all empty for a series that is exactly 1 to N in order of dates."""

    year: int
    count: int = 0
    last: int = 0
    gaps: list[int] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    inversions: list[str] = field(default_factory=list)
    wrong_year: list[str] = field(default_factory=list)
    counter: int = 0

    def problems(self) -> list[str]:
        """One sentence per finding; none for a series that is in order."""
        found = [f"{self.year}: number {seq} is missing." for seq in self.gaps]
        found += [f"{self.year}: {number} exists twice." for number in self.duplicates]
        found += [f"{self.year}: {number} is dated before the number in front of it." for number in self.inversions]
        found += [f"{self.year}: {number} carries an issue date of another year." for number in self.wrong_year]
        if self.counter != self.last:
            found.append(f"{self.year}: the counter says {self.counter}, the last number is {self.last}.")
        return found

    def to_json(self) -> dict[str, Any]:
        return {
            "series": SERIES,
            "year": self.year,
            "count": self.count,
            "last": self.last,
            "counter": self.counter,
            "gaps": self.gaps,
            "duplicates": self.duplicates,
            "inversions": self.inversions,
            "wrong_year": self.wrong_year,
        }


MAX_GAPS_NAMED = 1000


def verify(claimed: Iterable[Claimed], counters: Mapping[int, int]) -> list[Findings]:
    """Findings per year. ``claimed`` comes ordered by year and sequence; ``counters`` are the stored ones by year.

    A counter beyond the last number is a finding as well: a number that was claimed and is nowhere.
    """
    years: dict[int, Findings] = {}
    numbers: set[str] = set()
    previous: Claimed | None = None
    for one in claimed:
        found = years.setdefault(one.year, Findings(one.year))
        found.count += 1
        if one.seq == found.last or one.number in numbers:
            found.duplicates.append(one.number)
        room = MAX_GAPS_NAMED - len(found.gaps)
        found.gaps.extend(range(found.last + 1, min(one.seq, found.last + 1 + room)))
        found.last = max(found.last, one.seq)
        if one.issue_date.year != one.year:
            found.wrong_year.append(one.number)
        if previous is not None and one.issue_date < previous.issue_date:
            found.inversions.append(one.number)
        numbers.add(one.number)
        previous = one
    for year, counter in counters.items():
        years.setdefault(year, Findings(year)).counter = counter
    return [years[year] for year in sorted(years)]
