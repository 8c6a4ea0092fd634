"""The event a quote is about: a booking is made of it when the quote is converted."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kontor.errors import Invalid
from kontor.fields import Fields

_FIELDS = frozenset({"title", "type", "start", "end", "all_day", "location"})
_WALL_CLOCK = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?", re.ASCII)
_YEARS = range(1970, 2200)


@dataclass(frozen=True, slots=True)
class Event:
    """``start`` and ``end`` are wall-clock times of the business timezone (``2026-06-12T14:00``), or the first and
    the last day (``2026-06-12``) when ``all_day``."""

    title: str
    type: str
    start: str
    end: str
    all_day: bool
    location: str

    def to_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "type": self.type,
            "start": self.start,
            "end": self.end,
            "all_day": self.all_day,
            "location": self.location,
        }


def read(fields: Fields) -> Event | None:
    """The ``event`` of a quote's content; what is wrong is noted in ``fields``."""
    if fields.body.get("event") is None:
        return None
    try:
        part = Fields(fields.body["event"], "event.", _FIELDS)
    except Invalid as invalid:
        fields.errors.extend(invalid.errors)
        return None
    all_day = part.flag("all_day", False)
    event = Event(
        title=part.text("title", 200, required=False),
        type=part.text("type", 60, required=False),
        start=_day(part, "start", required=True) if all_day else _moment(part, "start"),
        end=_day(part, "end", required=False) if all_day else _moment(part, "end"),
        all_day=all_day,
        location=part.text("location", 500, required=False),
    )
    if not event.end:
        event = replace(event, end=event.start)  # one day when no last day is named
    if not part.errors:
        if all_day and event.end < event.start:
            part.refuse("end", "The last day lies before the first.")
        elif not all_day and event.end <= event.start:
            part.refuse("end", "The end must come after the start.")
    fields.errors.extend(part.errors)
    return event


def check_clocks(event: Event, timezone: str) -> None:
    """Raises `Invalid` for a time that the clocks of the business skip when summer time begins."""
    if event.all_day:
        return
    zone = ZoneInfo(timezone)
    for name, text in (("start", event.start), ("end", event.end)):
        local = datetime.fromisoformat(text)
        if local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
            raise Invalid.field(f"event.{name}", "There is no such time on that day: the clocks go forward.")


def _day(part: Fields, name: str, *, required: bool) -> str:
    day = part.date(name, required=required)
    if day is None:
        return ""
    return _in_range(part, name, day).isoformat()


def _moment(part: Fields, name: str) -> str:
    value = part.body.get(name)
    if value is None:
        part.refuse(name, "Please fill in this field.")
        return ""
    if isinstance(value, str) and _WALL_CLOCK.fullmatch(value):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            _in_range(part, name, moment.date())
            return moment.isoformat(timespec="minutes")
    part.refuse(name, "Please enter a date and a time such as 2026-06-12T14:00.")
    return ""


def _in_range(part: Fields, name: str, day: date) -> date:
    if day.year not in _YEARS:
        part.refuse(name, f"Please enter a year from {_YEARS[0]} to {_YEARS[-1]}.")
    return day
