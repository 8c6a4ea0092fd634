"""The relay: publishes what transactions left in the outbox, in batches, and marks what the broker confirmed."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from kontor.core_tables import outbox
from kontor.database import Database

BATCH = 200

Publish = Callable[[Sequence[tuple[str, dict[str, Any]]]], None]
"""Takes (event type, message) pairs; returns once the broker has taken all of them, raises otherwise."""


class Relay:
    """Moves one service's outbox to the broker. Several replicas may run it: each row is claimed by one."""

    def __init__(self, database: Database, publish: Publish) -> None:
        self._db = database
        self._publish = publish

    def run_once(self) -> int:
        """Publish everything that waits; returns how many events that were.

        A crash between the broker's confirmation and the commit publishes a batch again, which the
        consumers' inboxes take as known.
        """
        total = 0
        while count := self._batch():
            total += count
        return total

    def _batch(self) -> int:
        with self._db.engine.begin() as connection:
            rows = connection.execute(
                sa.select(outbox.c.id, outbox.c.type, outbox.c.message)
                .where(outbox.c.published_at.is_(None))
                .order_by(outbox.c.id)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            ).all()
            if rows:
                self._publish([(row.type, row.message) for row in rows])
                connection.execute(
                    sa.update(outbox)
                    .where(outbox.c.id.in_([row.id for row in rows]))
                    .values(published_at=sa.func.clock_timestamp())
                )
            return len(rows)

    def forget_since(self, since: datetime) -> int:
        """Mark everything published since then as unpublished, so that it is published again; returns how many."""
        with self._db.engine.begin() as connection:
            result = connection.execute(
                sa.update(outbox).where(outbox.c.published_at >= since).values(published_at=None)
            )
            return result.rowcount

    def forget_recent(self, window: timedelta) -> int:
        """As `forget_since`, counted back from the newest publication, however long ago that was."""
        with self._db.engine.begin() as connection:
            newest = connection.scalar(sa.select(sa.func.max(outbox.c.published_at)))
        return self.forget_since(newest - window) if newest else 0

    def lag(self) -> dict[str, Any]:
        """How many events wait, and for how many seconds the oldest has."""
        with self._db.engine.connect() as connection:
            count, seconds = connection.execute(
                sa.select(
                    sa.func.count(),
                    sa.func.coalesce(
                        sa.func.extract("epoch", sa.func.clock_timestamp() - sa.func.min(outbox.c.created_at)),
                        0,
                    ),
                ).where(outbox.c.published_at.is_(None))
            ).one()
            return {"waiting": count, "oldest_seconds": round(float(seconds), 3)}
