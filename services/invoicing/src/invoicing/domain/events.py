"""The facts invoicing tells the others; schemas and examples are in shared/messages."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from invoicing.domain.invoice import Invoice
from invoicing.domain.payments import Payment

DRAFTED = "invoice_drafted.v1"
DELETED = "invoice_deleted.v1"
ISSUED = "invoice_issued.v1"
SENT = "invoice_sent.v1"
OVERDUE = "invoice_overdue.v1"
PAYMENT_RECORDED = "payment_recorded.v1"
PAID = "invoice_paid.v1"


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def drafted(invoice: Invoice) -> dict[str, Any]:
    """For a new draft, an edited one and a deleted one alike."""
    part = invoice.origin.installment
    return {
        "invoice_id": str(invoice.id),
        "customer_id": str(invoice.content.customer_id),
        "title": invoice.content.title,
        "total_minor": invoice.totals.total_minor,
        "currency": invoice.content.currency,
        "quote_id": _id(invoice.origin.quote_id),
        "contract_id": _id(invoice.origin.contract_id),
        "installment_index": part.index if part else None,
        "installment_count": part.count if part else None,
        "installment_label": part.label if part else None,
        "state": str(invoice.state),
    }


def issued(invoice: Invoice) -> dict[str, Any]:
    """The one event that carries the whole snapshot, so that documents needs no call back."""
    facts = _issued(invoice)
    return {
        "invoice_id": str(invoice.id),
        "number": facts.number,
        "customer_id": str(invoice.content.customer_id),
        "recipient": dict(facts.recipient),
        "language": invoice.content.language,
        "snapshot": dict(facts.snapshot),
        "title": invoice.content.title,
        "total_minor": invoice.totals.total_minor,
        "currency": invoice.content.currency,
        "due_date": facts.due_date.isoformat(),
        "state": str(invoice.state),
    }


def sent(invoice: Invoice) -> dict[str, Any]:
    return {
        "invoice_id": str(invoice.id),
        "number": _issued(invoice).number,
        "mail_id": invoice.mail_id,
        "state": str(invoice.state),
    }


def overdue(invoice: Invoice) -> dict[str, Any]:
    return {
        "invoice_id": str(invoice.id),
        "number": _issued(invoice).number,
        "due_date": _issued(invoice).due_date.isoformat(),
        "open_minor": invoice.open_minor,
        "currency": invoice.content.currency,
        "state": str(invoice.state),
    }


def payment_recorded(invoice: Invoice, payment: Payment) -> dict[str, Any]:
    return {
        "invoice_id": str(invoice.id),
        "number": _issued(invoice).number,
        "payment_id": str(payment.id),
        "amount_minor": payment.amount_minor,
        "currency": invoice.content.currency,
        "paid_minor": invoice.paid_minor,
        "open_minor": invoice.open_minor,
        "state": str(invoice.state),
    }


def paid(invoice: Invoice) -> dict[str, Any]:
    facts = _issued(invoice)
    return {
        "invoice_id": str(invoice.id),
        "number": facts.number,
        "total_minor": invoice.totals.total_minor,
        "currency": invoice.content.currency,
        "recipient": dict(facts.recipient),
        "language": invoice.content.language,
        "state": str(invoice.state),
    }


def _issued(invoice: Invoice) -> Any:
    if invoice.issued is None:
        raise ValueError(f"invoice {invoice.id} is not issued")
    return invoice.issued


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, as they were and as they are, for the activity log."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}
