"""Payment terms of a document: when it is due, and the offer for paying early."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, get_args

from kontor.errors import FieldError, Invalid
from kontor.money import parse_decimal, plain

Start = Literal["issue", "acceptance", "delivery"]

MAX_DAYS = 365


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """``net_days`` after the issue date (0: due at once); Skonto is an offer of percent within days, or None."""

    net_days: int
    start: Start = "issue"
    skonto_percent: Decimal | None = None
    skonto_days: int | None = None

    def due_date(self, issue_date: date) -> date:
        return issue_date + timedelta(days=self.net_days)

    def to_json(self) -> dict[str, Any]:
        return {
            "net_days": self.net_days,
            "from": self.start,
            "skonto_percent": None if self.skonto_percent is None else plain(self.skonto_percent),
            "skonto_days": self.skonto_days,
        }

    @classmethod
    def from_json(cls, body: object, default_net_days: int) -> "PaymentTerms":
        """Read the terms as they stand in the API; raises `Invalid` naming ``payment.<field>``.

        Skonto needs both percent and days, and its days end before the invoice is due.
        """
        if body is None:
            return cls(default_net_days)
        if not isinstance(body, Mapping):
            raise Invalid.field("payment", "The payment terms are an object with net_days and so on.")
        unknown = set(body) - {"net_days", "from", "skonto_percent", "skonto_days"}
        if unknown:
            raise Invalid.field(f"payment.{min(unknown)}", "There is no such field.")
        start: Any = body.get("from") or "issue"
        if start not in get_args(Start):
            raise Invalid.field("payment.from", "Please choose issue, acceptance or delivery.")
        net_days = _days(body.get("net_days", default_net_days), "payment.net_days")
        percent, days = body.get("skonto_percent"), body.get("skonto_days")
        if percent in (None, "", "0", 0) and not days:
            return cls(net_days, start)
        skonto_percent = parse_decimal("" if percent is None else percent, 3, "payment.skonto_percent")
        skonto_days = _days(days, "payment.skonto_days")
        errors = []
        if not 0 < skonto_percent < 100:
            errors.append(FieldError("payment.skonto_percent", "Skonto lies between 0 and 100 percent."))
        if skonto_days > net_days:
            errors.append(FieldError("payment.skonto_days", "Skonto ends no later than the invoice is due."))
        if errors:
            raise Invalid(errors[0].message, errors=errors)
        return cls(net_days, start, skonto_percent, skonto_days)


def _days(value: object, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_DAYS:
        raise Invalid.field(field, f"Please enter whole days from 0 to {MAX_DAYS}.")
    return value
