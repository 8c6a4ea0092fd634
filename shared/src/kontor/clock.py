"""The clock everything asks for the time, so that tests can move it."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from kontor.core_tables import dev_clock


class Clock(Protocol):
    """Tells the time; ``connection`` saves a round trip where a transaction is open already."""

    def now(self, connection: sa.Connection | None = None) -> datetime: ...


class SystemClock:
    """The real time, as an aware UTC datetime."""

    def now(self, connection: sa.Connection | None = None) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """The real time plus an offset kept in the service's database, so that all its replicas agree.

    Only used when ``KONTOR_DEV_CLOCK=1``. The offset keeps time flowing: back-off and leases go on working.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def now(self, connection: sa.Connection | None = None) -> datetime:
        if connection is None:
            with self._engine.connect() as own:
                return self.now(own)
        offset = connection.scalar(sa.select(dev_clock.c.offset_microseconds)) or 0
        return datetime.now(UTC) + timedelta(microseconds=offset)

    def set(self, now: datetime | None) -> None:
        """Let ``now`` be the present moment from here on; None returns to real time."""
        offset = (now - datetime.now(UTC)) // timedelta(microseconds=1) if now else 0
        with self._engine.begin() as connection:
            connection.execute(sa.delete(dev_clock))
            connection.execute(sa.insert(dev_clock).values(id=1, offset_microseconds=offset))


def calendar_date(moment: datetime, timezone: str) -> date:
    """The date on the calendar of the business at that moment. Dates are never cut from a UTC timestamp."""
    return moment.astimezone(ZoneInfo(timezone)).date()
