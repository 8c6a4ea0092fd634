"""A service's database: one engine, one role, one schema, and the transaction as unit of work."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa

from kontor import activity
from kontor.clock import Clock, MovableClock, SystemClock, calendar_date
from kontor.core_tables import outbox
from kontor.envelope import Event
from kontor.ids import uuid7

SYSTEM: Mapping[str, Any] = {"kind": "system", "id": None, "name": "Kontor"}

LOCK_TIMEOUT_MS = 8_000
STATEMENT_TIMEOUT_MS = 30_000
REST_SECONDS = 1.0


def _plain(value: Any) -> Any:
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a JSON column")


def to_json(value: Any) -> str:
    """JSON text with UUIDs, decimals and dates as strings; refuses anything else that JSON does not know."""
    return json.dumps(value, default=_plain, ensure_ascii=False)


def plain(value: Any) -> Any:
    """The value as it would come back from JSON: what may travel in an event or an RPC answer."""
    return json.loads(to_json(value))


class Tx:
    """One transaction: the connection, the moment it happens, who does it, and what it will tell others.

    Events and activity entries are collected and written right before the commit: the outbox row exists
    exactly if the change does.
    """

    def __init__(
        self,
        connection: sa.Connection,
        clock: Clock,
        actor: Mapping[str, Any],
        request_id: str | None,
        causation_id: UUID | None,
    ) -> None:
        self.conn = connection
        self._clock = clock
        self.now = clock.now(connection)
        self.actor = dict(actor)
        self.request_id = request_id
        self.causation_id = causation_id
        self._events: list[Event] = []
        self._entries: list[activity.Entry] = []

    def execute(self, statement: Any, parameters: Any = None) -> sa.CursorResult[Any]:
        """Run a statement; a plain string is taken as SQL text with ``:name`` parameters."""
        if isinstance(statement, str):
            statement = sa.text(statement)
        return self.conn.execute(statement, parameters)

    def read_clock_again(self) -> datetime:
        """Set ``now`` to the present moment, for work that had to queue for a lock and must not predate others."""
        self.now = self._clock.now(self.conn)
        return self.now

    def today(self, timezone: str) -> date:
        """Today's date in the business timezone."""
        return calendar_date(self.now, timezone)

    def emit(
        self,
        type: str,
        *,
        deal_uuid: UUID | str | None,
        aggregate_id: UUID | str,
        aggregate_version: int,
        data: Mapping[str, Any],
    ) -> Event:
        """Record an event in the outbox; the relay publishes it after the commit."""
        event = Event(
            event_id=uuid7(),
            type=type,
            occurred_at=self.now,
            deal_uuid=UUID(str(deal_uuid)) if deal_uuid else None,
            aggregate_id=str(aggregate_id),
            aggregate_version=aggregate_version,
            causation_id=self.causation_id,
            actor=self.actor,
            data=plain(data),
        )
        self._events.append(event)
        return event

    def record(
        self,
        action: str,
        *,
        record: str,
        record_id: UUID | str,
        deal_uuid: UUID | str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Add an activity entry, such as ``invoice.issued``. Secrets and tokens have no place in it."""
        deal = UUID(str(deal_uuid)) if deal_uuid else None
        self._entries.append(activity.Entry(action, record, str(record_id), deal, before or {}, after or {}))

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A savepoint: if the block raises, its writes, events and entries are gone, the transaction goes on."""
        events, entries = len(self._events), len(self._entries)
        try:
            with self.conn.begin_nested():
                yield
        except BaseException:
            del self._events[events:], self._entries[entries:]
            raise

    def _flush(self) -> bool:
        if self._events:
            rows = [
                {"event_id": e.event_id, "type": e.type, "deal_uuid": e.deal_uuid, "message": e.to_json()}
                for e in self._events
            ]
            self.conn.execute(sa.insert(outbox), rows)
        if self._entries:
            activity.append(self.conn, self.now, self.actor, self._entries)
        return bool(self._events)


def _check_rested(connection: Any, record: Any, proxy: Any) -> None:
    """Try a pooled connection that rested for a while before it is used: the server may have been restarted.

    Pinging at every checkout, as SQLAlchemy's own option does, costs a tenth of the processor time under load.
    """
    now = time.monotonic()
    rested = now - record.info.get("used_at", now)
    record.info["used_at"] = now
    if rested > REST_SECONDS:
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except psycopg.Error as error:
            raise sa.exc.DisconnectionError from error


class Database:
    """The engine of one service. ``on_events`` is called after a commit that left events in the outbox."""

    def __init__(
        self,
        url: str,
        schema: str,
        *,
        movable_clock: bool = False,
        pool_size: int = 5,
        max_overflow: int = 15,
    ) -> None:
        self.schema = schema
        options = (
            f"-csearch_path={schema} -clock_timeout={LOCK_TIMEOUT_MS} -cstatement_timeout={STATEMENT_TIMEOUT_MS}"
            " -cidle_in_transaction_session_timeout=120000 -ctimezone=UTC"
        )
        self.engine = sa.create_engine(
            url.replace("postgresql://", "postgresql+psycopg://", 1),
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout=8,
            connect_args={"options": options, "connect_timeout": 5, "application_name": f"kontor {schema}"},
            json_serializer=to_json,
            hide_parameters=True,  # values belong to customers, not into logs
        )
        sa.event.listen(self.engine, "checkout", _check_rested)
        self.clock: Clock = MovableClock(self.engine) if movable_clock else SystemClock()
        self.on_events: Callable[[], None] = lambda: None

    @contextmanager
    def transaction(
        self,
        *,
        actor: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        causation_id: UUID | None = None,
    ) -> Iterator[Tx]:
        """Commit at the end of the block, roll back if it raises."""
        with self.engine.begin() as connection:
            tx = Tx(connection, self.clock, actor or SYSTEM, request_id, causation_id)
            yield tx
            told = tx._flush()
        if told:
            self.on_events()

    def close(self) -> None:
        self.engine.dispose()
