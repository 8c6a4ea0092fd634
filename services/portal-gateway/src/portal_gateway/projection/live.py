"""Pushing changes to open pages: NOTIFY at the commit, one LISTEN per replica, server-sent events out."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa

from kontor import telemetry
from kontor.database import Database, Tx, to_json
from portal_gateway.adapters.tables import live_change

CHANNEL = "kontor_live"
HEARTBEAT_SECONDS = 15.0
KEEP_MINUTES = 15
MOST_WAITING = 500

log = telemetry.logger()

Wanted = Callable[[dict[str, Any]], bool]


def push(tx: Tx, *, permission: str, customer_id: Any, payload: dict[str, Any]) -> None:
    """Tell every replica's open pages once this transaction has committed."""
    id = tx.conn.scalar(
        sa.insert(live_change)
        .values(permission=permission, customer_id=customer_id, payload=payload)
        .returning(live_change.c.id)
    )
    change = {"id": id, "permission": permission, "customer_id": customer_id, "payload": payload}
    tx.execute("SELECT pg_notify(:channel, :change)", {"channel": CHANNEL, "change": to_json(change)})


def purge(tx: Tx) -> None:
    tx.execute("DELETE FROM live_change WHERE at < now() - make_interval(mins => :age)", {"age": KEEP_MINUTES})


def missed(tx: Tx, after: int) -> list[dict[str, Any]]:
    """What a page missed while its connection was away. A few more than needed: ids commit out of order."""
    rows = tx.execute(
        sa.select(live_change)
        .where(live_change.c.id > after - 20, live_change.c.id != after)
        .order_by(live_change.c.id)
    ).mappings()
    return [
        {
            "id": row["id"],
            "permission": row["permission"],
            "customer_id": str(row["customer_id"]) if row["customer_id"] else None,
            "payload": row["payload"],
        }
        for row in rows
    ]


@dataclass(eq=False)
class _Subscriber:
    loop: asyncio.AbstractEventLoop
    queue: "asyncio.Queue[dict[str, Any] | None]"
    wanted: Wanted

    def offer(self, change: dict[str, Any]) -> None:
        if self.wanted(change) and self.queue.qsize() < MOST_WAITING:
            self.queue.put_nowait(change)


class LiveChanges:
    """One per process: listens on the database and hands changes to the open pages."""

    def __init__(self, db: Database) -> None:
        self._url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._subscribers: set[_Subscriber] = set()
        self._stopping = threading.Event()

    def listen(self) -> None:
        """Run until `stop`; after a lost connection listen again. Pages catch up through their last id."""
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    while not self._stopping.is_set():
                        for notice in connection.notifies(timeout=1.0):
                            self._spread(json.loads(notice.payload))
            except psycopg.OperationalError as error:
                if not self._stopping.is_set():
                    log.warning("live changes are not heard, trying again", exc_info=error)
                    time.sleep(1.0)

    def stop(self) -> None:
        """End the listening and every open stream."""
        self._stopping.set()
        for subscriber in list(self._subscribers):
            subscriber.loop.call_soon_threadsafe(subscriber.queue.put_nowait, None)

    def _spread(self, change: dict[str, Any]) -> None:
        for subscriber in list(self._subscribers):
            subscriber.loop.call_soon_threadsafe(subscriber.offer, change)

    async def stream(
        self,
        wanted: Wanted,
        before: list[dict[str, Any]],
        still_allowed: Callable[[], Any],
    ) -> AsyncIterator[bytes]:
        """Server-sent events for one page. ``still_allowed`` is asked at every heartbeat."""
        subscriber = _Subscriber(asyncio.get_running_loop(), asyncio.Queue(), wanted)
        self._subscribers.add(subscriber)
        try:
            yield b"retry: 1500\n\n"
            for change in before:
                if wanted(change):
                    yield _message(change)
            while not self._stopping.is_set():
                next_change: dict[str, Any] | None
                try:
                    next_change = await asyncio.wait_for(subscriber.queue.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    if not await still_allowed():
                        return
                    yield b": still here\n\n"
                else:
                    if next_change is None:
                        return
                    yield _message(next_change)
        finally:
            self._subscribers.discard(subscriber)


def _message(change: dict[str, Any]) -> bytes:
    return f"event: changed\nid: {change['id']}\ndata: {json.dumps(change['payload'])}\n\n".encode()
