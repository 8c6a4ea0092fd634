"""A booking: when and where the studio works for somebody, and the one table of its moves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from kontor.errors import Invalid, InvalidTransition
from kontor.fields import Fields

_YEARS = range(1970, 2200)
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Status(StrEnum):
    """Where a booking stands."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Verb(StrEnum):
    """What can be done to a booking."""

    EDIT = "edit"
    HOLD = "hold"
    CONFIRM = "confirm"
    DELIVER = "deliver"
    CANCEL = "cancel"
    DELETE = "delete"


#: Every pair that is not here is refused. A deleted booking has no status afterwards, hence its own.
TRANSITIONS: dict[tuple[Status, Verb], Status] = {
    (Status.TENTATIVE, Verb.EDIT): Status.TENTATIVE,
    (Status.TENTATIVE, Verb.CONFIRM): Status.CONFIRMED,
    (Status.TENTATIVE, Verb.CANCEL): Status.CANCELLED,
    (Status.TENTATIVE, Verb.DELETE): Status.TENTATIVE,
    (Status.CONFIRMED, Verb.EDIT): Status.CONFIRMED,
    (Status.CONFIRMED, Verb.HOLD): Status.TENTATIVE,
    (Status.CONFIRMED, Verb.DELIVER): Status.DELIVERED,
    (Status.CONFIRMED, Verb.CANCEL): Status.CANCELLED,
    (Status.CONFIRMED, Verb.DELETE): Status.CONFIRMED,
    (Status.CANCELLED, Verb.HOLD): Status.TENTATIVE,
    (Status.CANCELLED, Verb.DELETE): Status.CANCELLED,
}

#: The verb that a change of ``status`` to this one stands for.
_LEADING_TO = {
    Status.TENTATIVE: Verb.HOLD,
    Status.CONFIRMED: Verb.CONFIRM,
    Status.DELIVERED: Verb.DELIVER,
    Status.CANCELLED: Verb.CANCEL,
}


def after(status: Status, verb: Verb) -> Status:
    """The status the verb leads to; raises `InvalidTransition`."""
    target = TRANSITIONS.get((status, verb))
    if target is None:
        raise InvalidTransition(status, verb)
    return target


@dataclass(frozen=True, slots=True)
class Period:
    """When it is, on the clocks of ``timezone`` (the business's when it was written down).

    ``start`` and ``end`` are wall-clock times without an offset; of an all-day booking they are the midnights of its
    first and its last day. A time that the clocks show twice (end of summer time) means its first occurrence.
    """

    start: datetime
    end: datetime
    all_day: bool
    timezone: str

    @property
    def starts_at(self) -> datetime:
        """The first moment, in UTC."""
        return _instant(self.start, self.timezone)

    @property
    def ends_at(self) -> datetime:
        """The moment it is over, in UTC: an all-day booking ends with the midnight after its last day."""
        return _instant(self.end + timedelta(days=1) if self.all_day else self.end, self.timezone)

    def to_json(self) -> dict[str, Any]:
        return {"start": self._shown(self.start), "end": self._shown(self.end), "all_day": self.all_day}

    def _shown(self, moment: datetime) -> str:
        return moment.date().isoformat() if self.all_day else moment.isoformat(timespec="minutes")


def _instant(local: datetime, timezone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Details:
    """Everything an admin may change about a booking except its status."""

    title: str
    type: str
    period: Period
    location: str
    customer_id: str | None
    deal_uuid: str | None
    resource: str
    exclusive: bool
    reminder_opt_out: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "type": self.type,
            **self.period.to_json(),
            "location": self.location,
            "customer_id": self.customer_id,
            "deal_uuid": self.deal_uuid,
            "resource": self.resource,
            "exclusive": self.exclusive,
            "reminder_opt_out": self.reminder_opt_out,
        }


@dataclass(frozen=True, slots=True)
class Booking:
    """The aggregate; ``version`` counts every change. ``quote_id`` names the quote it was converted from."""

    id: str
    version: int
    status: Status
    details: Details
    created_at: datetime
    updated_at: datetime
    quote_id: str | None = None
    created_by_admin_id: str | None = None


FIELDS = frozenset(
    {
        "title",
        "type",
        "start",
        "end",
        "all_day",
        "location",
        "customer_id",
        "deal_uuid",
        "resource",
        "exclusive",
        "reminder_opt_out",
    }
)
_CONTROL = frozenset({"status", "confirm_overlap"})


def read(body: object, timezone: str) -> Details:
    """The details in a request; times are on the clocks of ``timezone``. Raises one `Invalid` with all wrong fields."""
    fields = Fields(body, "", FIELDS, _CONTROL)
    details = Details(
        title=fields.text("title", 200),
        type=fields.text("type", 60, required=False),
        period=_period(fields, timezone),
        location=fields.text("location", 500, required=False),
        customer_id=fields.uuid("customer_id"),
        deal_uuid=fields.uuid("deal_uuid"),
        resource=" ".join(fields.text("resource", 120, required=False).split()),
        exclusive=fields.flag("exclusive", False),
        reminder_opt_out=fields.flag("reminder_opt_out", False),
    )
    if details.exclusive and not details.resource:
        fields.refuse("resource", "Please name what is booked exclusively.")
    fields.raise_errors()
    return details


def of_event(event: Mapping[str, Any], timezone: str) -> dict[str, Any]:
    """The fields of a booking out of the event of a quote.

    An accepted quote can no longer be changed, so a time that the clocks skip becomes the one an hour later.
    """
    fields = {name: event.get(name) for name in ("title", "type", "start", "end", "all_day", "location")}
    if event.get("all_day"):
        return fields
    start, end = (_on_the_clock(datetime.fromisoformat(event[name]), timezone) for name in ("start", "end"))
    end = end if end > start else start + timedelta(hours=1)
    return fields | {"start": start.isoformat(timespec="minutes"), "end": end.isoformat(timespec="minutes")}


def new_status(body: Mapping[str, Any]) -> Status:
    """The status a new booking is created with: tentative unless it says confirmed."""
    status = _status(body) or Status.TENTATIVE
    if status not in (Status.TENTATIVE, Status.CONFIRMED):
        raise Invalid.field("status", "A new booking is tentative or confirmed.")
    return status


def overlap_confirmed(body: Mapping[str, Any]) -> bool:
    """Somebody has seen the overlap and wants it."""
    fields = Fields(body, "", FIELDS, _CONTROL)
    confirmed = fields.flag("confirm_overlap", False)
    fields.raise_errors()
    return confirmed


def changed(booking: Booking, changes: Mapping[str, Any], timezone: str, now: datetime) -> Booking:
    """The booking with the fields of ``changes`` replaced; the same booking if nothing is different.

    Times that are not sent keep the timezone they were written in. Raises `InvalidTransition` and `Invalid`.
    """
    if not isinstance(changes, Mapping):
        raise Invalid.field("body", "Please send an object.")
    target = _status(changes) or booking.status
    verb = _LEADING_TO[target] if target != booking.status else None
    moved = after(booking.status, verb) if verb else booking.status
    old = booking.details
    timed = {"start", "end", "all_day"} & changes.keys()
    body = old.to_json() | {name: value for name, value in changes.items() if name not in _CONTROL}
    details = read(body, timezone if timed else old.period.timezone)
    if details.period.to_json() == old.period.to_json():
        details = replace(details, period=old.period)
    if details != old and (booking.status, Verb.EDIT) not in TRANSITIONS and (moved, Verb.EDIT) not in TRANSITIONS:
        raise InvalidTransition(booking.status, Verb.EDIT)
    if details == old and moved == booking.status:
        return booking
    return replace(booking, details=details, status=moved, version=booking.version + 1, updated_at=now)


def moved(booking: Booking, verb: Verb, now: datetime) -> Booking:
    """The booking after the verb; raises `InvalidTransition`."""
    return replace(booking, status=after(booking.status, verb), version=booking.version + 1, updated_at=now)


def check_delete(booking: Booking) -> None:
    """What was delivered, and what a quote was converted to, stays; the latter can be cancelled."""
    after(booking.status, Verb.DELETE)
    if booking.quote_id is not None:
        detail = "This booking comes from a quote and stays. It can be cancelled."
        raise InvalidTransition(booking.status, Verb.DELETE, detail)


def allowed(booking: Booking) -> list[str]:
    """The verbs that could be used now, in the order of `Verb`."""
    verbs = [verb.value for verb in Verb if (booking.status, verb) in TRANSITIONS]
    return [verb for verb in verbs if verb != Verb.DELETE or booking.quote_id is None]


def _status(body: Mapping[str, Any]) -> Status | None:
    if not isinstance(body, Mapping):
        raise Invalid.field("body", "Please send an object.")
    value = body.get("status")
    if value is None:
        return None
    if value not in set(Status):
        raise Invalid.field("status", f"Please use one of: {', '.join(Status)}.")
    return Status(value)


def _period(fields: Fields, timezone: str) -> Period:
    sent = fields.body.get("start")
    only_a_day = isinstance(sent, str) and _DAY.fullmatch(sent) is not None
    all_day = fields.flag("all_day", only_a_day)
    if all_day:
        first = fields.date("start", required=True) or date(2000, 1, 1)
        last = fields.date("end") or first
        start, end = datetime.combine(first, time()), datetime.combine(last, time())
    else:
        start = _wall_clock(fields, "start", timezone)
        end = _wall_clock(fields, "end", timezone)
    if fields.errors:
        return Period(start, end, all_day, timezone)
    for name, moment in (("start", start), ("end", end)):
        if moment.year not in _YEARS:
            fields.refuse(name, f"Please enter a year from {_YEARS[0]} to {_YEARS[-1]}.")
    period = Period(start, end, all_day, timezone)
    if not fields.errors and period.ends_at <= period.starts_at:
        fields.refuse("end", "The end must come after the start.")
    return period


def _on_the_clock(local: datetime, timezone: str) -> datetime:
    """The same time, or the one an hour later where the clocks go forward over it."""
    zone = ZoneInfo(timezone)
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)


def _wall_clock(fields: Fields, name: str, timezone: str) -> datetime:
    """A time on the clocks of the timezone; one that is sent with an offset is carried over to them."""
    nothing = datetime.combine(date(2000, 1, 1), time())
    value = fields.body.get(name)
    if value is None or value == "":
        fields.refuse(name, "Please fill in this field.")
        return nothing
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and _LOCAL.fullmatch(value) else None
    except ValueError:
        moment = None
    if moment is None:
        fields.refuse(name, "Please enter a date and a time such as 2026-06-12T14:00.")
        return nothing
    if moment.year not in _YEARS:
        return moment.replace(tzinfo=None)
    if moment.tzinfo is not None:
        return moment.astimezone(ZoneInfo(timezone)).replace(tzinfo=None, fold=0, second=0)
    local = moment.replace(second=0)
    if _on_the_clock(local, timezone) != local:
        fields.refuse(name, "There is no such time on that day: the clocks go forward.")
    return local
