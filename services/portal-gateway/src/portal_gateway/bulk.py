"""Bulk actions: one act on many records, worked off in the background, with a result for each.

A row is first marked as tried, then the act is called, then its result is written: two small transactions and an
RPC in between. A process that dies on the way leaves a row that is tried again; where the first try had taken effect,
the record is found where the act leads and the row counts as done. Row locks keep replicas from doing a row twice.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor import telemetry
from kontor.database import Database, Tx
from kontor.errors import Invalid, NotFound, Refusal, Refused
from kontor.ids import derived_id
from portal_gateway.accounts.roles import ROLES, Role
from portal_gateway.adapters.tables import admin, bulk_job, bulk_row
from portal_gateway.kernel import Rpc
from portal_gateway.projection import live
from portal_gateway.web.problems import problem_of

MOST_ROWS = 10_000
ROUND_SECONDS = 2.0
_NEWS_PER_JOB = 100
_MOST_FAILURES = 3


@dataclass(frozen=True)
class Verb:
    """An act on one kind of record. ``reached``: states in which it has taken effect; none: the record is gone."""

    service: str
    method: str
    read: str
    permission: str
    reached: frozenset[str] = frozenset()
    copies: bool = False

    def arguments(self, job_id: str, record_id: str) -> dict[str, Any]:
        return {"id": record_id} | ({"new_id": copy_id(job_id, record_id)} if self.copies else {})


VERBS: Mapping[tuple[str, str], Verb] = {
    ("quote", "send"): Verb(
        "quotes",
        "send_quote",
        "get_quote",
        "quotes.manage",
        frozenset({"sent", "accepted", "declined", "expired", "converted", "withdrawn"}),
    ),
    ("quote", "withdraw"): Verb("quotes", "withdraw_quote", "get_quote", "quotes.manage", frozenset({"withdrawn"})),
    ("quote", "duplicate"): Verb("quotes", "duplicate_quote", "get_quote", "quotes.manage", copies=True),
    ("quote", "delete"): Verb("quotes", "delete_quote", "get_quote", "quotes.manage"),
    ("contract", "withdraw"): Verb(
        "contracts", "withdraw_contract", "get_contract", "contracts.manage", frozenset({"withdrawn"})
    ),
    ("contract", "delete"): Verb("contracts", "delete_contract", "get_contract", "contracts.manage"),
    ("invoice", "delete"): Verb("invoicing", "delete_invoice", "get_invoice", "bills.manage"),
}


class Row(NamedTuple):
    """A row this process has marked as tried, for the ``attempts``-th time."""

    job_id: str
    position: int
    record_id: str
    attempts: int
    kind: str
    verb: str
    actor: dict[str, Any]
    total: int


def copy_id(job_id: str, record_id: str) -> str:
    """The id of the copy a job makes of a record: the same at every try."""
    return str(derived_id("bulk copy", job_id, record_id))


def start(tx: Tx, id: UUID, *, kind: str, verb: str, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Queue the act for records (``id``, ``number``, ``title``); the same job id again answers what is there."""
    if (kind, verb) not in VERBS:
        raise Invalid.field("verb", "There is no such action for many records.")
    if not records:
        raise Invalid.field("ids", "Nothing is selected.")
    if len(records) > MOST_ROWS:
        raise Invalid.field("ids", f"At most {MOST_ROWS} records at once.")
    made = tx.execute(
        insert(bulk_job)
        .values(
            id=id,
            kind=kind,
            verb=verb,
            state="running",
            actor=tx.actor,
            admin_id=UUID(str(tx.actor["id"])),
            total=len(records),
            created_at=tx.now,
        )
        .on_conflict_do_nothing()
        .returning(bulk_job.c.id)
    ).first()
    if made:
        tx.execute(
            sa.insert(bulk_row),
            [
                {
                    "job_id": id,
                    "position": position,
                    "record_id": UUID(str(record["id"])),
                    "label": record.get("number") or record.get("title") or "",
                    "state": "waiting",
                    "attempts": 0,
                }
                for position, record in enumerate(records, 1)
            ],
        )
        tx.record(f"bulk.{verb}", record="bulk_job", record_id=id, after={"name": kind, "count": len(records)})
    return job(tx, id)


def stop(tx: Tx, id: UUID) -> None:
    """Leave the rows that have not been begun as they are."""
    tx.execute(
        sa.update(bulk_job)
        .where(bulk_job.c.id == id, bulk_job.c.state == "running")
        .values(state="stopped", finished_at=tx.now)
    )


def job(tx: Tx, id: UUID) -> dict[str, Any]:
    """The job with the number of its rows per state; raises `NotFound`."""
    row = tx.execute(sa.select(bulk_job).where(bulk_job.c.id == id)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such bulk action.")
    counts = {"waiting": 0, "done": 0, "refused": 0}
    counts |= {
        found.state: found.n
        for found in tx.execute(
            sa.select(bulk_row.c.state, sa.func.count().label("n"))
            .where(bulk_row.c.job_id == id)
            .group_by(bulk_row.c.state)
        )
    }
    told = ("kind", "verb", "state", "total", "created_at", "finished_at")
    return {"id": str(id), **{name: row[name] for name in told}, "by": row["actor"].get("name") or "", **counts}


def rows(tx: Tx, id: UUID, *, state: str | None = None, after: int = 0, limit: int = 100) -> list[dict[str, Any]]:
    """The job's rows in their order, those behind position ``after``."""
    query = sa.select(bulk_row).where(bulk_row.c.job_id == id, bulk_row.c.position > after)
    if state:
        query = query.where(bulk_row.c.state == state)
    found = tx.execute(query.order_by(bulk_row.c.position).limit(limit)).mappings()
    told = ("position", "label", "state", "code", "reason", "at")
    return [
        {name: row[name] for name in told}
        | {name: str(row[name]) if row[name] else None for name in ("record_id", "result_id")}
        for row in found
    ]


def work(db: Database, rpc: Rpc, seconds: float = ROUND_SECONDS) -> int:
    """Work on waiting rows for about that long; returns how many got their result."""
    done, until = 0, time.monotonic() + seconds
    away: set[str] = set()
    while time.monotonic() < until:
        row = _claim(db, away)
        if row is None:
            break
        if _carry_out(db, rpc, row):
            done += 1
        else:
            away.add(row.kind)  # its service does not answer: the row stays, the next round tries again
    return done


def _claim(db: Database, away: Collection[str] = ()) -> Row | None:
    with db.transaction() as tx:
        if not tx.execute("SELECT 1 FROM bulk_job WHERE state = 'running' LIMIT 1").first():
            return None
        found = (
            tx.execute(
                sa.select(
                    bulk_row.c.job_id,
                    bulk_row.c.position,
                    bulk_row.c.record_id,
                    bulk_row.c.attempts,
                    bulk_job.c.kind,
                    bulk_job.c.verb,
                    bulk_job.c.actor,
                    bulk_job.c.total,
                    bulk_job.c.admin_id,
                )
                .join_from(bulk_row, bulk_job)
                .where(
                    bulk_job.c.state == "running", bulk_row.c.state == "waiting", bulk_job.c.kind.not_in(sorted(away))
                )
                .order_by(bulk_job.c.created_at, bulk_job.c.id, bulk_row.c.position)
                .limit(1)
                .with_for_update(of=bulk_row, skip_locked=True)
            )
            .mappings()
            .one_or_none()
        )
        if found is None:
            _finish(tx)
            return None
        if not _may(tx, found["admin_id"], VERBS[found["kind"], found["verb"]].permission):
            stop(tx, found["job_id"])
            return None
        attempts = found["attempts"] + 1
        tx.execute(_row(found["job_id"], found["position"]).values(attempts=attempts))
    return Row(
        str(found["job_id"]),
        found["position"],
        str(found["record_id"]),
        attempts,
        found["kind"],
        found["verb"],
        found["actor"],
        found["total"],
    )


def _finish(tx: Tx) -> None:
    waiting = sa.select(bulk_row.c.job_id).where(bulk_row.c.job_id == bulk_job.c.id, bulk_row.c.state == "waiting")
    finished = tx.execute(
        sa.update(bulk_job)
        .where(bulk_job.c.state == "running", ~waiting.exists())
        .values(state="done", finished_at=tx.now)
        .returning(bulk_job.c.id, bulk_job.c.kind, bulk_job.c.verb)
    ).all()
    for one in finished:
        _tell(tx, str(one.id), VERBS[one.kind, one.verb].permission)


def _may(tx: Tx, admin_id: UUID, permission: str) -> bool:
    found = tx.execute(sa.select(admin.c.role, admin.c.active).where(admin.c.id == admin_id)).one_or_none()
    return found is not None and found.active and permission in ROLES[Role(found.role)]


def _carry_out(db: Database, rpc: Rpc, row: Row) -> bool:
    """Call the act and write its result; False while the service does not answer, or fails in a way nobody foresaw.

    After `_MOST_FAILURES` such failures the row is given up, so that it does not hold up those behind it.
    """
    verb = VERBS[row.kind, row.verb]
    with db.transaction() as tx:
        mine = tx.execute(
            sa.select(bulk_row.c.position)
            .where(
                bulk_row.c.job_id == UUID(row.job_id),
                bulk_row.c.position == row.position,
                bulk_row.c.state == "waiting",
                bulk_row.c.attempts == row.attempts,
            )
            .with_for_update(skip_locked=True)
        ).first()
        if mine is None:
            return True  # another replica has taken it up
        try:
            refusal = _act(rpc, verb, row)
        except Refusal as away:
            if problem_of(away).status >= 500:
                return False
            raise
        except Exception as failure:  # what nobody foresaw, in the other service or on the way to it
            telemetry.logger().error("a bulk row failed", record_id=row.record_id, exc_info=failure)
            if row.attempts < _MOST_FAILURES:
                return False
            refusal = Refused("INTERNAL", "Something went wrong here. Please try this one by itself.")
        result: dict[str, Any] = {"state": "done", "at": tx.now}
        if refusal is not None:
            reasons = dict.fromkeys([refusal.detail, *(error.message for error in refusal.errors)])
            result |= {"state": "refused", "code": refusal.code, "reason": " ".join(reasons)}
        elif verb.copies:
            result["result_id"] = UUID(copy_id(row.job_id, row.record_id))
        tx.execute(_row(UUID(row.job_id), row.position).values(**result))
        if row.position % max(1, row.total // _NEWS_PER_JOB) == 0:
            _tell(tx, row.job_id, verb.permission)
    return True


def _act(rpc: Rpc, verb: Verb, row: Row) -> Refusal | None:
    """None when the act has taken effect, now or at an earlier try; else why not. Raises when a service is away."""

    def call(method: str, arguments: Mapping[str, Any]) -> Any:
        return rpc.call(verb.service, method, arguments, actor=row.actor, request_id=row.job_id)

    try:
        call(verb.method, verb.arguments(row.job_id, row.record_id))
    except Refusal as refusal:
        if problem_of(refusal).status >= 500:
            raise
        return None if row.attempts > 1 and _reached(call, verb, row) else refusal
    return None


def _reached(call: Callable[[str, Mapping[str, Any]], Any], verb: Verb, row: Row) -> bool:
    if verb.copies:
        return False
    try:
        return call(verb.read, {"id": row.record_id})["state"] in verb.reached
    except Refusal as refusal:
        if problem_of(refusal).status >= 500:
            raise
        return refusal.code == "NOT_FOUND" and not verb.reached


def _tell(tx: Tx, job_id: str, permission: str) -> None:
    payload = {"type": "bulk", "record": "bulk_job", "record_id": job_id}
    live.push(tx, permission=permission, customer_id=None, payload=payload)


def _row(job_id: UUID, position: int) -> sa.Update:
    return sa.update(bulk_row).where(bulk_row.c.job_id == job_id, bulk_row.c.position == position)
