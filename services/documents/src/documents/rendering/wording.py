"""A snapshot's words and figures in the reader's language: what every template prints with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from kontor.locale import format_date, format_decimal, format_money, format_percent

from ..texts import catalogue

Snapshot = Mapping[str, Any]
_LOCALES = {"de": "de-CH", "en": "en"}


class Wording:
    """The snapshot of one document with its catalogue, locale and timezone."""

    def __init__(self, kind: str, snapshot: Snapshot) -> None:
        self.kind = kind
        self.snapshot = snapshot
        self.language: str = snapshot["language"]
        self.locale: str = snapshot.get("locale") or _LOCALES.get(self.language, "en")
        self.texts = catalogue(self.language, self.locale)
        self.issuer: Mapping[str, Any] = snapshot["issuer"]
        self.customer: Mapping[str, Any] = snapshot["customer"]
        self.zone = ZoneInfo(self.issuer.get("timezone") or "Europe/Zurich")

    def figure(self, minor: int) -> str:
        return format_money(minor, self.snapshot["currency"], self.locale, symbol=False)

    def money(self, minor: int) -> str:
        return format_money(minor, self.snapshot["currency"], self.locale)

    def percent(self, value: Any) -> str:
        return format_percent(Decimal(str(value)), self.locale)

    def number(self, value: Any) -> str:
        """An exact decimal without trailing zeros."""
        return format_decimal(Decimal(str(value)).normalize() + 0, self.locale)

    def quantity(self, quantity: Any, unit: str | None) -> str:
        number = self.number(quantity)
        return f"{number}\u00a0{self.texts.get(f'unit_{unit}', unit)}" if unit else number

    def day(self, text: str) -> str:
        return format_date(date.fromisoformat(text[:10]), self.locale)

    def moment(self, text: str) -> str:
        """A UTC timestamp as date and time in the business timezone, which is named."""
        at = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(self.zone)
        return f"{format_date(at.date(), self.locale)}, {at:%H:%M} {at.tzname()}"

    def place(self, party: Snapshot) -> list[str]:
        """Street and town of an address, each on its line."""
        street = f"{party.get('street') or ''} {party.get('house_number') or ''}".strip()
        town = f"{party.get('postcode') or ''} {party.get('town') or ''}".strip()
        return [line for line in (street, town) if line]
