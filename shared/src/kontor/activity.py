"""The activity log: append-only entries, each bound to the one before by its hash."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from kontor.core_tables import activity

GENESIS = "0" * 64


class Entry(NamedTuple):
    """Who did what to which record; ``before`` and ``after`` hold the changed fields only."""

    action: str
    record: str
    record_id: str
    deal_uuid: UUID | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def _hash(previous: str, row: Mapping[str, Any]) -> str:
    facts = {
        "seq": row["seq"],
        "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": row["actor"],
        "action": row["action"],
        "record": row["record"],
        "record_id": row["record_id"],
        "deal_uuid": str(row["deal_uuid"]) if row["deal_uuid"] else None,
        "before": row["before"],
        "after": row["after"],
    }
    return hashlib.sha256((previous + canonical(facts)).encode()).hexdigest()


def append(connection: sa.Connection, at: datetime, actor: Mapping[str, Any], entries: Iterable[Entry]) -> None:
    """Chain the entries to the log. Call it last in a transaction: from here to the commit writers queue."""
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.activity'))"))
    last = connection.execute(
        sa.select(activity.c.seq, activity.c.hash).order_by(activity.c.seq.desc()).limit(1)
    ).one_or_none()
    seq, previous = last if last else (0, GENESIS)
    rows = []
    for entry in entries:
        seq += 1
        row = entry._asdict() | {"seq": seq, "at": at, "actor": dict(actor)}
        row |= {"before": json.loads(canonical(entry.before)), "after": json.loads(canonical(entry.after))}
        row |= {"previous_hash": previous, "hash": _hash(previous, row)}
        previous = row["hash"]
        rows.append(row)
    connection.execute(sa.insert(activity), rows)


def breaks(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with the chain, given all its rows in order: altered, missing or reordered entries."""
    found, previous, expected = [], GENESIS, 1
    for row in rows:
        if row["seq"] != expected:
            found.append(f"entries {expected} to {row['seq'] - 1} are missing")
        if row["previous_hash"] != previous:
            found.append(f"entry {row['seq']} does not follow the one before it")
        if row["hash"] != _hash(row["previous_hash"], row):
            found.append(f"entry {row['seq']} was altered")
        previous, expected = row["hash"], row["seq"] + 1
    return found
