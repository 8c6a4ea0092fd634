"""Reading a JSON object field by field, gathering everything that is wrong with it before refusing it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from kontor.errors import FieldError, Invalid
from kontor.money import INT64_MAX, INT64_MIN, parse_decimal

_IDENTIFIER = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Fields:
    """One object of a request. Each reader returns the value, or None (text: "") after noting what is wrong.

    ``path`` precedes the names in errors (``"lines[2]."``). A name neither in ``known`` nor in ``computed``
    is refused; ``computed`` names are what the server itself sends, ignored when they come back.
    Call `raise_errors` once everything is read.
    """

    def __init__(self, body: object, path: str, known: frozenset[str], computed: frozenset[str] = frozenset()) -> None:
        self.path = path
        self.errors: list[FieldError] = []
        if not isinstance(body, Mapping):
            raise Invalid.field(path.rstrip(".") or "body", "Please send an object.")
        self.body: Mapping[str, Any] = body
        for name in body:
            if name not in known and name not in computed:
                self.refuse(str(name)[:60], "There is no such field.")

    def __contains__(self, name: str) -> bool:
        """The request sent this field."""
        return name in self.body

    def refuse(self, name: str, message: str) -> None:
        """Notes that the field cannot be accepted."""
        self.errors.append(FieldError(f"{self.path}{name}", message))

    def raise_errors(self) -> None:
        """Raises `Invalid` with everything noted so far, if anything."""
        if self.errors:
            raise Invalid(self.errors[0].message, errors=self.errors)

    def _missing(self, name: str, required: bool) -> bool:
        if self.body.get(name) is not None:
            return False
        if required:
            self.refuse(name, "Please fill in this field.")
        return True

    def text(self, name: str, longest: int, *, required: bool = True) -> str:
        """Text without surrounding blanks; control characters other than line ends and tabs are refused."""
        if self._missing(name, required):
            return ""
        value = self.body[name]
        if not isinstance(value, str):
            self.refuse(name, "Please send text.")
            return ""
        text = value.strip()
        if required and not text:
            self.refuse(name, "Please fill in this field.")
        elif len(text) > longest:
            self.refuse(name, f"Please use at most {longest} characters.")
        elif any((ord(c) < 32 and c not in "\n\t\r") or 0xD800 <= ord(c) < 0xE000 for c in text):
            self.refuse(name, "Control characters are not allowed.")
        return text

    def identifier(self, name: str) -> str | None:
        """A short technical name: letters, digits and ``_ . : -``."""
        if self._missing(name, False):
            return None
        value = self.body[name]
        if isinstance(value, str) and _IDENTIFIER.fullmatch(value):
            return value
        self.refuse(name, "Please send a short text of letters, digits and _ . : -")
        return None

    def uuid(self, name: str, *, required: bool = False) -> str | None:
        """A record's id in its canonical form."""
        if self._missing(name, required):
            return None
        try:
            return str(UUID(self.body[name]))
        except (ValueError, AttributeError, TypeError):
            self.refuse(name, "Please send the id of a record.")
            return None

    def one_of(self, name: str, allowed: Sequence[str], default: str) -> Any:
        """One of a few words; ``default`` when the field is absent or null."""
        value = self.body.get(name)
        if value is None:
            return default
        if value not in allowed:
            self.refuse(name, f"Please use one of: {', '.join(allowed)}.")
            return default
        return value

    def flag(self, name: str, default: bool) -> bool:
        """true or false; ``default`` when the field is absent or null."""
        value = self.body.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.refuse(name, "Please send true or false.")
            return default
        return value

    def amount(self, name: str, *, required: bool = False) -> int | None:
        """Minor units that fit 64 bits; floats and text are refused."""
        if self._missing(name, required):
            return None
        value = self.body[name]
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(name, "An amount is a whole number of minor units (Rappen, cents).")
            return None
        if not INT64_MIN <= value <= INT64_MAX:
            self.refuse(name, "The amount is too large to be stored.")
            return None
        return value

    def whole(self, name: str, low: int, high: int, *, required: bool = False) -> int | None:
        """A whole number from ``low`` to ``high``."""
        if self._missing(name, required):
            return None
        value = self.body[name]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.refuse(name, f"Please enter a whole number from {low} to {high}.")
            return None
        return value

    def decimal(self, name: str, places: int, *, low: Decimal, high: Decimal, required: bool = False) -> Decimal | None:
        """An exact decimal (text or whole number) from ``low`` to ``high``."""
        if self._missing(name, required):
            return None
        try:
            value = parse_decimal(self.body[name], places, f"{self.path}{name}")
        except Invalid as invalid:
            self.errors.extend(invalid.errors)
            return None
        if not low <= value <= high:
            self.refuse(name, f"Please enter a number from {low} to {high}.")
            return None
        return value

    def percent(self, name: str, *, required: bool = False) -> Decimal | None:
        """A percentage from 0 to 100 with up to 3 decimal places."""
        return self.decimal(name, 3, low=Decimal(0), high=Decimal(100), required=required)

    def date(self, name: str, *, required: bool = False) -> date | None:
        """A calendar date ``YYYY-MM-DD``; a time of day is refused rather than cut off."""
        if self._missing(name, required):
            return None
        value = self.body[name]
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        self.refuse(name, "Please enter a date such as 2026-03-29.")
        return None

    def objects(
        self, name: str, most: int, known: frozenset[str], computed: frozenset[str] = frozenset()
    ) -> "Sequence[Fields]":
        """The objects of a list, each to be read in turn; their errors are gathered here."""
        if self._missing(name, False):
            return []
        bodies = self.body[name]
        if not isinstance(bodies, Sequence) or isinstance(bodies, str | bytes) or len(bodies) > most:
            self.refuse(name, f"Please send a list of at most {most}.")
            return []
        found: list[Fields] = []
        for index, body in enumerate(bodies):
            try:
                nested = Fields(body, f"{self.path}{name}[{index}].", known, computed)
            except Invalid as invalid:
                self.errors.extend(invalid.errors)
                continue
            self.errors.extend(nested.errors)
            nested.errors = self.errors
            found.append(nested)
        return found
