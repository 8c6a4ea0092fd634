"""Evidence: the hash-chained event log of a contract and the checks that name where it was broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from contracts.domain.canonical import sha256_of

GENESIS = "0" * 64


class Entry(StrEnum):
    """What the log of a contract records."""

    SENT = "sent"
    INVITED = "invited"
    VIEWED = "viewed"
    CONSENTED = "consented"
    SIGNED = "signed"
    DECLINED = "declined"
    REMINDED = "reminded"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    COUNTERSIGNED = "countersigned"
    SEALED = "sealed"
    CANCELLED = "cancelled"
    VERIFIED_INTEGRITY = "verified_integrity"
    INTEGRITY_FAILED = "integrity_failed"
    CODE_SENT = "code_sent"
    VERIFIED = "verified"
    DOWNLOADED = "downloaded"


@dataclass(frozen=True)
class LogEntry:
    """One link of the chain. `seq` counts from 1 within the contract; `at` is aware UTC."""

    seq: int
    type: str
    at: datetime
    actor: Mapping[str, Any]
    facts: Mapping[str, Any]
    previous_hash: str
    hash: str


def entry_hash(
    seq: int, type: str, at: datetime, actor: Mapping[str, Any], facts: Mapping[str, Any], previous_hash: str
) -> str:
    """SHA-256 over the canonical JSON of everything in the entry, the hash before it included."""
    return sha256_of(
        {
            "seq": seq,
            "type": str(type),
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": dict(actor),
            "facts": dict(facts),
            "previous_hash": previous_hash,
        }
    )


def follow(
    length: int, head: str, type: str, at: datetime, actor: Mapping[str, Any], facts: Mapping[str, Any]
) -> LogEntry:
    """The next entry after a log of `length` entries ending in `head`."""
    seq = length + 1
    return LogEntry(seq, str(type), at, actor, facts, head, entry_hash(seq, type, at, actor, facts, head))


class Break(NamedTuple):
    """Where a chain is broken: `missing`, `altered`, `reordered` or `truncated`, and at which entry."""

    kind: str
    seq: int
    reason: str


def breaks(entries: Sequence[LogEntry], length: int, head: str) -> list[Break]:
    """What is wrong with a log, given its rows and the length and head noted on the contract.

    Rows are taken in the order of `seq`. A row whose content does not give its hash was altered; a gap or a
    link to an entry that is not there means one is missing; links that make one whole chain in another order
    mean reordered; a log that ends before the noted head was truncated.
    """
    rows = sorted(entries, key=lambda entry: entry.seq)
    if _whole_in_other_order(rows, head):
        first = next(
            (row.seq for row, before in zip(rows[1:], rows, strict=False) if row.previous_hash != before.hash),
            1,
        )
        return [Break("reordered", first, f"From entry {first} on the entries are not in their first order.")]
    found: list[Break] = []
    previous, expected = GENESIS, 1
    for row in rows:
        if row.seq != expected:
            gap = f"entry {expected} is" if row.seq == expected + 1 else f"entries {expected} to {row.seq - 1} are"
            found.append(Break("missing", expected, f"{gap.capitalize()} missing."))
        own = entry_hash(row.seq, row.type, row.at, row.actor, row.facts, row.previous_hash)
        if own != row.hash:
            found.append(Break("altered", row.seq, f"Entry {row.seq} ({row.type}) was altered."))
        elif row.seq == expected and row.previous_hash != previous:
            found.append(
                Break("altered", row.seq, f"Entry {row.seq} ({row.type}) does not follow the entry before it.")
            )
        previous, expected = row.hash, row.seq + 1
    if len(rows) < length and expected - 1 < length:
        found.append(
            Break("truncated", expected, f"The log ends at entry {expected - 1}; {length} entries were written.")
        )
    elif not found and previous != head:
        found.append(Break("altered", expected - 1, "The last entry is not the one noted on the contract."))
    elif not found and len(rows) != length:
        found.append(Break("altered", length + 1, "There are more entries than were written."))
    return found


def _whole_in_other_order(rows: Sequence[LogEntry], head: str) -> bool:
    """Whether every row is there and linked to the next, only not in the order of `seq`."""
    after = {row.previous_hash: row for row in rows}
    if len(after) != len(rows):
        return False
    walked: list[int] = []
    at = GENESIS
    while at in after and len(walked) < len(rows):
        walked.append(after[at].seq)
        at = after[at].hash
    return len(walked) == len(rows) and at == head and walked != sorted(walked)
