"""Gap-free numbers: a counter per kind and year, advanced inside the transaction that uses the number."""

import re
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor.core_tables import series
from kontor.database import Tx
from kontor.errors import FieldError, Invalid

_TOKEN = re.compile(r"\{(YEAR|MONTH|SEQ)(?::0([1-9])d)?\}")


class NumberFormatInvalid(Invalid):
    """The pattern would not give every document its own number."""

    code = "NUMBER_FORMAT_INVALID"


def check_pattern(pattern: str, *, field: str = "pattern") -> None:
    """Refuse patterns with unknown tokens, without ``{SEQ}`` or without ``{YEAR}`` (the counter restarts yearly)."""
    rest = _TOKEN.sub("", pattern)
    tokens = [match[0] for match in _TOKEN.findall(pattern)]
    problem = None
    if "{" in rest or "}" in rest:
        problem = "Only {YEAR}, {MONTH:02d} and {SEQ:04d} may stand in braces."
    elif tokens.count("SEQ") != 1 or "YEAR" not in tokens:
        problem = "The format needs {SEQ} once, and {YEAR}."
    elif len(pattern) > 40 or any(ord(character) < 32 for character in pattern):
        problem = "The format is too long or holds control characters."
    if problem:
        raise NumberFormatInvalid(problem, errors=[FieldError(field, problem)])


def render(pattern: str, on: date, seq: int) -> str:
    """The number as printed, for instance ``INV-2026-0042``."""
    values = {"YEAR": on.year, "MONTH": on.month, "SEQ": seq}
    return _TOKEN.sub(lambda match: f"{values[match[1]]:0{match[2] or 1}d}", pattern)


def queue_up(tx: Tx, kind: str) -> None:
    """Wait until no other transaction is claiming a number of this series, then read the clock again.

    Whoever dates a document by its number's order calls this first: without it a transaction that began
    before midnight could take a later number than one that began after.
    """
    tx.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.series.' || :kind))", {"kind": kind})
    tx.read_clock_again()


def next_number(tx: Tx, kind: str, pattern: str, on: date) -> tuple[str, int]:
    """Claim the next number of the series ``kind`` for the year of ``on``.

    The counter's row stays locked until the transaction ends: issuers queue, a rollback gives the number
    back, and a crash loses none. Call it as late as possible in the transaction.
    """
    check_pattern(pattern)
    seq = _advance(tx, kind, on.year, 1)
    return render(pattern, on, seq), seq


def next_numbers(tx: Tx, kind: str, pattern: str, on: date, count: int) -> list[str]:
    """Claim the next ``count`` numbers of the series at once, in their order; otherwise as `next_number`."""
    check_pattern(pattern)
    last = _advance(tx, kind, on.year, count)
    return [render(pattern, on, seq) for seq in range(last - count + 1, last + 1)]


def _advance(tx: Tx, kind: str, year: int, count: int) -> int:
    claim = (
        insert(series)
        .values(kind=kind, year=year, last=count)
        .on_conflict_do_update(index_elements=[series.c.kind, series.c.year], set_={"last": series.c.last + count})
        .returning(series.c.last)
    )
    seq: int = tx.conn.execute(claim).scalar_one()
    return seq


def last_number(tx: Tx, kind: str, year: int) -> int:
    """How many numbers of that series and year are in use; 0 before the first."""
    return tx.conn.scalar(sa.select(series.c.last).where(series.c.kind == kind, series.c.year == year)) or 0
