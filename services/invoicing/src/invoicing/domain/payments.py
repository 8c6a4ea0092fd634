"""The ledger of an invoice and the money state that follows from it; nobody types that state in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, get_args
from uuid import UUID

from invoicing.domain import states
from invoicing.domain.content import calendar_day, text
from invoicing.domain.invoice import Invoice
from invoicing.domain.states import State, Verb
from kontor.errors import FieldError, Invalid
from kontor.money import in_range

Method = Literal["bank", "cash", "card", "twint", "paypal", "other"]


@dataclass(frozen=True, slots=True)
class Payment:
    """One entry of the ledger: ``amount_minor`` is never zero, negative for a refund or a reversal."""

    id: UUID
    amount_minor: int
    date: date
    method: Method
    reference: str
    note: str

    def to_json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "amount_minor": self.amount_minor,
            "date": self.date.isoformat(),
            "method": self.method,
            "reference": self.reference,
            "note": self.note,
        }


def read(id: UUID, body: Mapping[str, Any], issue_date: date, today: date) -> Payment:
    """A payment as it stands in the API, dated today when no date is given.

    Raises `Invalid` naming the fields: the amount is a whole number other than 0; the date is not in the
    future and not more than a year before the issue.
    """
    errors: list[FieldError] = []
    amount = body.get("amount_minor")
    if isinstance(amount, bool) or not isinstance(amount, int):
        errors.append(FieldError("amount_minor", "An amount is a whole number of minor units (Rappen, cents)."))
    elif amount == 0:
        errors.append(FieldError("amount_minor", "A payment is not 0."))
    method: Any = body.get("method") or "bank"
    if method not in get_args(Method):
        errors.append(FieldError("method", f"Please choose one of: {', '.join(get_args(Method))}."))
    values: dict[str, Any] = {}
    for name, reader in (("date", calendar_day), ("reference", text(140)), ("note", text(1000, lines=True))):
        try:
            values[name] = reader(body.get(name), name)
        except Invalid as refusal:
            errors.extend(refusal.errors)
    paid_on = values.get("date") or today
    if paid_on > today:
        errors.append(FieldError("date", "A payment cannot lie in the future."))
    elif paid_on < a_year_before(issue_date):
        errors.append(FieldError("date", "The payment lies more than a year before the issue of the invoice."))
    if errors or not isinstance(amount, int):
        raise Invalid(errors[0].message, errors=errors)
    return Payment(id, in_range(amount, "amount_minor"), paid_on, method, values["reference"], values["note"])


def a_year_before(day: date) -> date:
    """The same day of the year before; 28 February for 29 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def record(invoice: Invoice, payment: Payment, now: datetime) -> Invoice:
    """The invoice after the payment. Raises `InvalidTransition` before the issue, `MoneyRange` beyond 64 bits,
    and `Invalid` when more would be refunded than was ever paid."""
    states.require(invoice.state, Verb.RECORD_PAYMENT)
    if payment.amount_minor < 0 and invoice.paid_minor + payment.amount_minor < 0:
        raise Invalid.field("amount_minor", "More cannot be refunded than was paid.")
    paid = replace(invoice, paid_minor=in_range(invoice.paid_minor + payment.amount_minor, "amount_minor"))
    state = state_by_ledger(paid)
    return replace(
        paid,
        version=invoice.version + 1,
        updated_at=now,
        state=state,
        paid_at=(invoice.paid_at or now) if state is State.PAID else None,
    )


def state_by_ledger(invoice: Invoice) -> State:
    """Where the money puts an issued invoice.

    Paid as soon as nothing is open, more than the total included. Otherwise an overdue invoice stays overdue;
    a reversal that opens a paid one again leads back to partially paid, sent or issuing, and the timed job
    decides about overdue.
    """
    if invoice.open_minor == 0:
        return State.PAID
    if invoice.state is State.OVERDUE:
        return State.OVERDUE
    if invoice.paid_minor > 0:
        return State.PARTIALLY_PAID
    return State.SENT if invoice.delivered_at else State.ISSUING
