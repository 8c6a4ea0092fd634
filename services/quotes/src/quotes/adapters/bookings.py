"""Loading and saving bookings, and looking for others at the same time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor.database import Tx
from kontor.errors import NotFound
from quotes.adapters import tables as t
from quotes.domain.booking import Booking, Details, Period, Status
from quotes.domain.errors import ResourceTaken

_TAKEN = "ex_booking_resource"


def lock_calendar(tx: Tx) -> None:
    """Whoever writes bookings queues here: nobody overlooks another's overlap."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('quotes.booking'))")


def find(tx: Tx, booking_id: str, *, lock: bool = False) -> Booking:
    """The booking; with ``lock`` nobody else changes it until the transaction ends. Raises `NotFound`."""
    statement = sa.select(t.booking).where(t.booking.c.id == booking_id)
    row = tx.execute(statement.with_for_update() if lock else statement).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such booking.")
    return of_row(row)


def of_row(row: Mapping[Any, Any]) -> Booking:
    """The domain object that a row of the table holds."""
    return Booking(
        id=row["id"],
        version=row["version"],
        status=Status(row["status"]),
        details=Details(
            title=row["title"],
            type=row["type"],
            period=Period(row["start_local"], row["end_local"], row["all_day"], row["timezone"]),
            location=row["location"],
            customer_id=row["customer_id"],
            deal_uuid=row["deal_uuid"],
            resource=row["resource"],
            exclusive=row["exclusive"],
            reminder_opt_out=row["reminder_opt_out"],
        ),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        quote_id=row["quote_id"],
        created_by_admin_id=row["created_by_admin_id"],
    )


def _values(booking: Booking) -> dict[str, Any]:
    details, period = booking.details, booking.details.period
    values = details.to_json()
    del values["start"], values["end"]
    return values | {
        "id": booking.id,
        "version": booking.version,
        "status": booking.status.value,
        "start_local": period.start,
        "end_local": period.end,
        "timezone": period.timezone,
        "starts_at": period.starts_at,
        "ends_at": period.ends_at,
        "quote_id": booking.quote_id,
        "created_at": booking.created_at,
        "updated_at": booking.updated_at,
        "created_by_admin_id": booking.created_by_admin_id,
    }


def exists(tx: Tx, booking_id: str) -> bool:
    return tx.execute(sa.select(t.booking.c.id).where(t.booking.c.id == booking_id)).first() is not None


def add(tx: Tx, booking: Booking) -> None:
    """Insert a new booking; raises `ResourceTaken`."""
    _write(tx, booking, insert(t.booking).values(_values(booking)))


def save(tx: Tx, booking: Booking) -> None:
    """Write the booking back; the row was loaded with a lock. Raises `ResourceTaken`."""
    values = _values(booking)
    _write(tx, booking, sa.update(t.booking).where(t.booking.c.id == values.pop("id")).values(values))


def _write(tx: Tx, booking: Booking, statement: Any) -> None:
    try:
        with tx.attempt():
            tx.execute(statement)
    except sa.exc.IntegrityError as error:
        if isinstance(error.orig, psycopg.errors.ExclusionViolation) and _TAKEN in str(error.orig):
            raise ResourceTaken(booking.details.resource) from None
        raise


def delete(tx: Tx, booking_id: str) -> None:
    tx.execute(sa.delete(t.booking).where(t.booking.c.id == booking_id))


def confirmed_meanwhile(tx: Tx, booking: Booking) -> list[Booking]:
    """Other confirmed bookings that share a moment with this one."""
    return _others(tx, booking, t.booking.c.status == Status.CONFIRMED.value)


def contenders(tx: Tx, booking: Booking) -> list[Booking]:
    """Other bookings of the same resource that share a moment, where one of the two wants it exclusively."""
    b = t.booking.c
    same = sa.func.lower(b.resource) == sa.func.lower(booking.details.resource)
    conditions = [same, b.status != Status.CANCELLED.value]
    return _others(tx, booking, *conditions, *([] if booking.details.exclusive else [b.exclusive]))


def _others(tx: Tx, booking: Booking, *conditions: sa.ColumnElement[bool]) -> list[Booking]:
    b, period = t.booking.c, booking.details.period
    rows = tx.execute(
        sa.select(t.booking)
        .where(b.id != booking.id, b.starts_at < period.ends_at, b.ends_at > period.starts_at, *conditions)
        .order_by(b.starts_at, b.id)
        .limit(20)
    ).mappings()
    return [of_row(row) for row in rows]


def page(
    tx: Tx, conditions: Sequence[sa.ColumnElement[bool]], after: tuple[datetime, str] | None, falling: bool, limit: int
) -> list[Booking]:
    """Bookings in the order of their beginning; ``after`` is the place of the last one that was seen."""
    b = t.booking.c
    place = sa.tuple_(b.starts_at, b.id)
    wanted = list(conditions)
    if after is not None:
        seen = sa.tuple_(sa.bindparam(None, after[0], b.starts_at.type), sa.bindparam(None, after[1], b.id.type))
        wanted.append(place < seen if falling else place > seen)
    order = [b.starts_at.desc(), b.id.desc()] if falling else [b.starts_at, b.id]
    rows = tx.execute(sa.select(t.booking).where(*wanted).order_by(*order).limit(limit)).mappings()
    return [of_row(row) for row in rows]
