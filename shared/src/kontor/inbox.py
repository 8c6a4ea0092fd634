"""The inbox: each event is worked on once per handler, and kept with its reason when that fails.

The row that marks an event as done commits together with the work. A handler that raises leaves a row
that is tried again with growing pauses and parked after `MAX_ATTEMPTS`; nothing is dropped.
"""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor import telemetry
from kontor.core_tables import inbox
from kontor.database import Database, Tx, plain
from kontor.envelope import Event
from kontor.errors import InvalidTransition, NotFound

MAX_ATTEMPTS = 8
LONGEST_PAUSE = timedelta(minutes=5)

Handler = Callable[[Tx, Event], None]


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the given number of failed attempts: 1, 2, 4 … seconds, capped at five minutes."""
    return min(timedelta(seconds=2.0 ** (attempts - 1)), LONGEST_PAUSE)


class _ConnectionLost(Exception):
    """A handler's transaction lost its connection (it may have idled too long): the try counts all the same."""

    def __init__(self, row: sa.Row[Any], error: Exception) -> None:
        super().__init__(str(error))
        self.row, self.error = row, error


class Inbox:
    """Runs the handlers of one service, each exactly once per event."""

    def __init__(self, database: Database, handlers: Mapping[str, Mapping[str, Handler]]) -> None:
        """``handlers`` maps an event type to its handlers by name."""
        self._db = database
        self._handlers = handlers
        self._attentive_until = 0.0

    @property
    def attentive(self) -> bool:
        """Whether a message of this replica is waiting for its next try, or was until a few minutes ago."""
        return time.monotonic() < self._attentive_until

    def _expect_retry(self) -> None:
        self._attentive_until = time.monotonic() + LONGEST_PAUSE.total_seconds() + 60

    def receive(self, event: Event) -> None:
        """Work on an event as it comes from the broker. Returning means: it may be acknowledged."""
        for name, handler in self._handlers.get(event.type, {}).items():
            try:
                self._work(event, name, handler)
            except Exception as error:  # whatever a handler raises is kept with the message and tried again
                self._keep(event, name, error)

    def _work(self, event: Event, name: str, handler: Handler) -> None:
        with self._db.transaction(actor=event.actor, causation_id=event.event_id) as tx:
            first = tx.execute(
                insert(inbox)
                .values(
                    event_id=event.event_id,
                    handler=name,
                    type=event.type,
                    state="done",
                    attempts=1,
                    done_at=tx.now,
                )
                .on_conflict_do_nothing()
                .returning(inbox.c.event_id)
            ).first()
            if first is not None:
                handler(tx, event)

    def _keep(self, event: Event, name: str, error: Exception) -> None:
        self._expect_retry()
        telemetry.logger().warning(
            "handler failed", handler=name, type=event.type, event_id=str(event.event_id), exc_info=error
        )
        with self._db.transaction() as tx:
            tx.execute(
                insert(inbox)
                .values(
                    event_id=event.event_id,
                    handler=name,
                    type=event.type,
                    state="waiting",
                    attempts=1,
                    next_try=tx.now + pause_after(1),
                    last_error=_reason(error),
                    message=event.to_json(),
                )
                .on_conflict_do_nothing()
            )

    def retry_due(self) -> int:
        """Try every message whose pause is over, one transaction each; returns how many were tried."""
        tried = 0
        while self._retry_one():
            tried += 1
        return tried

    def _retry_one(self) -> bool:
        try:
            return self._try_next()
        except _ConnectionLost as lost:
            with self._db.transaction() as tx:
                self._failed(tx, lost.row, lost.error)
            return True

    def _try_next(self) -> bool:
        with self._db.transaction() as tx:
            row = tx.execute(
                sa.select(inbox)
                .where(inbox.c.state == "waiting", inbox.c.next_try <= tx.now)
                .order_by(inbox.c.next_try)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).one_or_none()
            if row is None:
                return False
            event = Event.model_validate(row.message)
            handler = self._handlers.get(event.type, {}).get(row.handler)
            tx.actor, tx.causation_id = dict(event.actor), event.event_id
            try:
                if handler is None:
                    raise NotFound(f"This release has no handler “{row.handler}” for {event.type}.")
                with tx.attempt():
                    handler(tx, event)
            except Exception as error:  # kept with the message; see receive
                if tx.conn.invalidated:
                    raise _ConnectionLost(row, error) from error
                self._failed(tx, row, error)
            else:
                done = {"state": "done", "attempts": row.attempts + 1, "next_try": None, "message": None}
                self._update(tx, row, **done, done_at=tx.now)
            return True

    def _failed(self, tx: Tx, row: sa.Row[Any], error: Exception) -> None:
        self._expect_retry()
        attempts = row.attempts + 1
        parked = attempts >= MAX_ATTEMPTS
        untouched = tx.execute(
            sa.select(inbox.c.event_id)
            .where(
                inbox.c.event_id == row.event_id,
                inbox.c.handler == row.handler,
                inbox.c.state == "waiting",
                inbox.c.attempts == row.attempts,
            )
            .with_for_update()
        ).first()
        if untouched is None:
            return  # the lock was lost with the connection, and another replica has had its try
        self._update(
            tx,
            row,
            state="parked" if parked else "waiting",
            attempts=attempts,
            next_try=None if parked else tx.now + pause_after(attempts),
            last_error=_reason(error),
        )
        telemetry.logger().warning(
            "handler failed again",
            handler=row.handler,
            type=row.type,
            event_id=str(row.event_id),
            attempts=attempts,
            parked=parked,
            exc_info=error,
        )

    def _update(self, tx: Tx, row: sa.Row[Any], **values: Any) -> None:
        tx.execute(
            sa.update(inbox).where(inbox.c.event_id == row.event_id, inbox.c.handler == row.handler).values(**values)
        )

    def parked(self, limit: int = 100) -> list[dict[str, Any]]:
        """The parked messages, oldest first, with reason and payload."""
        with self._db.transaction() as tx:
            rows = tx.execute(
                sa.select(inbox).where(inbox.c.state == "parked").order_by(inbox.c.received_at).limit(limit)
            )
            return [_public(row) for row in rows]

    def retry_parked(self, event_id: str, handler: str) -> dict[str, Any]:
        """Give a parked message a new series of attempts and make the first at once.

        Raises `NotFound` for an unknown message, `InvalidTransition` when it is not parked.
        """
        with self._db.transaction() as tx:
            row = self._parked_row(tx, event_id, handler, "retry")
            self._update(tx, row, state="waiting", attempts=0, next_try=tx.now)
        self.retry_due()
        return self._one(event_id, handler)

    def discard_parked(self, event_id: str, handler: str, reason: str, actor: Mapping[str, Any]) -> dict[str, Any]:
        """Give a parked message up, with a reason that stays on record."""
        with self._db.transaction(actor=actor) as tx:
            row = self._parked_row(tx, event_id, handler, "discard")
            self._update(tx, row, state="discarded", discard_reason=reason, done_at=tx.now)
            tx.record(
                "message.discarded",
                record="message",
                record_id=event_id,
                deal_uuid=row.message.get("deal_uuid"),
                after={"handler": handler, "type": row.type, "reason": reason},
            )
        return self._one(event_id, handler)

    def _parked_row(self, tx: Tx, event_id: str, handler: str, verb: str) -> sa.Row[Any]:
        row = tx.execute(
            sa.select(inbox).where(inbox.c.event_id == UUID(event_id), inbox.c.handler == handler).with_for_update()
        ).one_or_none()
        if row is None:
            raise NotFound("There is no such message.")
        if row.state != "parked":
            raise InvalidTransition(row.state, verb)
        return row

    def _one(self, event_id: str, handler: str) -> dict[str, Any]:
        with self._db.transaction() as tx:
            row = tx.execute(
                sa.select(inbox).where(inbox.c.event_id == UUID(event_id), inbox.c.handler == handler)
            ).one()
            return _public(row)

    def counts(self) -> dict[str, int]:
        """How many messages wait for another try and how many are parked."""
        with self._db.transaction() as tx:
            rows = tx.execute(
                sa.select(inbox.c.state, sa.func.count().label("number"))
                .where(inbox.c.state.in_(["waiting", "parked"]))
                .group_by(inbox.c.state)
            )
            return {"waiting": 0, "parked": 0} | {row.state: int(row.number) for row in rows}


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


def _public(row: sa.Row[Any]) -> dict[str, Any]:
    shown: dict[str, Any] = plain(dict(row._mapping))
    return shown
