"""Bookings: create, change, deliver, delete, and the one a converted quote makes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kontor.database import Tx
from kontor.errors import Invalid, StaleVersion
from kontor.ids import derived_id
from quotes import access
from quotes import settings as installation
from quotes.adapters import bookings as rows
from quotes.domain import booking as domain
from quotes.domain.booking import Booking, Status, Verb
from quotes.domain.errors import BookingOverlaps, ResourceTaken
from quotes.domain.quote import Quote


def create(tx: Tx, booking_id: str, fields: Mapping[str, Any]) -> None:
    """Create a booking. The same ``booking_id`` again leaves the first one as it is.

    Raises `BookingOverlaps` for a confirmed one beside other confirmed ones unless ``confirm_overlap`` is true, and
    `ResourceTaken` whenever a resource would be booked twice that one of the two wants exclusively.
    """
    access.studio_only(tx)
    details = domain.read(fields, installation.read(tx).timezone)
    status = domain.new_status(fields)
    if details.customer_id:
        access.customer(tx, details.customer_id)
    rows.lock_calendar(tx)
    if rows.exists(tx, booking_id):
        return
    made = Booking(
        id=booking_id,
        version=1,
        status=status,
        details=details,
        created_at=tx.now,
        updated_at=tx.now,
        created_by_admin_id=_admin(tx),
    )
    _check_resource(tx, made)
    if status == Status.CONFIRMED and not domain.overlap_confirmed(fields):
        _check_overlap(tx, made)
    _add(tx, made)


def change(tx: Tx, booking_id: str, version: int | None, changes: Mapping[str, Any]) -> None:
    """Change the fields sent, the status among them; changes that change nothing leave the booking alone.

    Raises as `create`, for what the booking would become.
    """
    was = _load(tx, booking_id, version)
    booking = domain.changed(was, changes, installation.read(tx).timezone, tx.now)
    confirmed = domain.overlap_confirmed(changes)
    if booking is was:
        return
    if booking.details.customer_id and booking.details.customer_id != was.details.customer_id:
        access.customer(tx, booking.details.customer_id)
    _check_resource(tx, booking)
    newly = booking.status != was.status or booking.details.period != was.details.period
    if booking.status == Status.CONFIRMED and newly and not confirmed:
        _check_overlap(tx, booking)
    _save(tx, booking, was)


def deliver(tx: Tx, booking_id: str, version: int | None = None) -> None:
    """What was booked is done; invoices that wait for delivery may go out."""
    was = _load(tx, booking_id, version)
    _save(tx, domain.moved(was, Verb.DELIVER, tx.now), was)


def delete(tx: Tx, booking_id: str, version: int | None) -> None:
    """Remove a booking that was neither delivered nor made by a quote."""
    booking = _load(tx, booking_id, version)
    domain.check_delete(booking)
    rows.delete(tx, booking.id)
    gone = replace(booking, version=booking.version + 1)
    _emit(tx, "booking_deleted.v1", gone)
    tx.record(
        "booking.deleted",
        record="booking",
        record_id=booking.id,
        deal_uuid=booking.details.deal_uuid,
        before=_shown(booking),
    )


def book(tx: Tx, quote: Quote) -> str:
    """The booking of a quote that is being converted, once; returns its id.

    It is confirmed, or tentative where other confirmed bookings are at the same time: a conversion is not held up by
    a question, and the calendar shows the overlap. Raises `Invalid` for a quote without a date.
    """
    content = quote.content.to_json()
    event = content.get("event")
    if not event:
        raise Invalid.field("booking", "This quote has no date, so no booking can be made from it.")
    booking_id = str(derived_id("quote", quote.id, "booking"))
    rows.lock_calendar(tx)
    if rows.exists(tx, booking_id):
        return booking_id
    timezone = installation.read(tx).timezone
    fields = domain.of_event(event, timezone)
    fields["title"] = fields["title"] or content["title"] or quote.number
    fields |= {"customer_id": quote.content.customer_id, "deal_uuid": quote.deal_uuid}
    made = Booking(
        id=booking_id,
        version=1,
        status=Status.CONFIRMED,
        details=domain.read(fields, timezone),
        created_at=tx.now,
        updated_at=tx.now,
        quote_id=quote.id,
        created_by_admin_id=_admin(tx),
    )
    if rows.confirmed_meanwhile(tx, made):
        made = replace(made, status=Status.TENTATIVE)
    _add(tx, made)
    return booking_id


def _admin(tx: Tx) -> str | None:
    return tx.actor.get("id") if tx.actor.get("kind") == "admin" else None


def _load(tx: Tx, booking_id: str, version: int | None) -> Booking:
    access.studio_only(tx)
    rows.lock_calendar(tx)
    booking = rows.find(tx, booking_id, lock=True)
    if version is not None and version != booking.version:
        raise StaleVersion(version, booking.version)
    return booking


def _check_overlap(tx: Tx, booking: Booking) -> None:
    others = rows.confirmed_meanwhile(tx, booking)
    if others:
        raise BookingOverlaps([_conflict(other) for other in others])


def _check_resource(tx: Tx, booking: Booking) -> None:
    if not booking.details.resource or booking.status in (Status.CANCELLED, Status.DELIVERED):
        return
    others = rows.contenders(tx, booking)
    if others:
        raise ResourceTaken(booking.details.resource, [_conflict(other) for other in others])


def _conflict(other: Booking) -> dict[str, Any]:
    shown = other.details.to_json()
    names = ("title", "start", "end", "all_day", "resource")
    return {"id": other.id, "status": other.status.value} | {name: shown[name] for name in names}


def _add(tx: Tx, booking: Booking) -> None:
    rows.add(tx, booking)
    _emit(tx, "booking_changed.v1", booking)
    tx.record(
        "booking.created",
        record="booking",
        record_id=booking.id,
        deal_uuid=booking.details.deal_uuid,
        after=_shown(booking),
    )


def _save(tx: Tx, booking: Booking, was: Booking) -> None:
    rows.save(tx, booking)
    delivered = booking.status == Status.DELIVERED
    _emit(tx, "booking_delivered.v1" if delivered else "booking_changed.v1", booking)
    old, new = _shown(was), _shown(booking)
    changed = [name for name in new if new[name] != old[name]]
    tx.record(
        "booking.delivered" if delivered else "booking.changed",
        record="booking",
        record_id=booking.id,
        deal_uuid=booking.details.deal_uuid,
        before={"title": old["title"]} | {name: old[name] for name in changed},
        after={"title": new["title"]} | {name: new[name] for name in changed},
    )


def _shown(booking: Booking) -> dict[str, Any]:
    return {"state": booking.status.value, **booking.details.to_json()}


def _emit(tx: Tx, type: str, booking: Booking) -> None:
    details = booking.details
    tx.emit(
        type,
        deal_uuid=details.deal_uuid,
        aggregate_id=booking.id,
        aggregate_version=booking.version,
        data={
            "booking_id": booking.id,
            "quote_id": booking.quote_id,
            "customer_id": details.customer_id,
            "title": details.title,
            "type": details.type,
            "state": booking.status.value,
            **details.period.to_json(),
            "timezone": details.period.timezone,
            "starts_at": details.period.starts_at,
            "ends_at": details.period.ends_at,
            "location": details.location,
            "resource": details.resource,
            "exclusive": details.exclusive,
            "reminder_opt_out": details.reminder_opt_out,
        },
    )
