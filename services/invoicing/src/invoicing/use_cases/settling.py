"""What happens to an issued invoice: handed over, paid, past due."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from invoicing.adapters import repository
from invoicing.domain import events, invoice, payments, states
from invoicing.domain.errors import PaymentIdReused
from invoicing.domain.invoice import Invoice
from invoicing.domain.payments import Payment
from invoicing.domain.states import State, Verb
from invoicing.use_cases import telling
from kontor.database import Tx

MAIL_TEMPLATE = "invoice_sent"
_BATCH = 100


def record_payment(tx: Tx, id: str, payment_id: UUID, fields: Mapping[str, Any], today: date) -> Invoice:
    """The invoice after the payment; the same payment again changes nothing.

    Payments of one invoice queue for its row, so that several at once add up. Raises `NotFound`,
    `InvalidTransition`, `Invalid`, `MoneyRange`, `PaymentIdReused`.
    """
    before = repository.claim(tx, id)
    states.require(before.state, Verb.RECORD_PAYMENT)
    if before.issued is None:
        raise ValueError(f"invoice {before.id} is {before.state} without being issued")
    known = repository.payment_of(tx, payment_id)
    dated = {"date": known[1].date.isoformat()} if known and not fields.get("date") else {}
    payment = payments.read(payment_id, dict(fields) | dated, before.issued.issue_date, today)
    if known is not None:
        if known != (before.id, payment):
            raise PaymentIdReused("Another payment was recorded under this id.")
        return before
    after = payments.record(before, payment, tx.now)
    repository.add_payment(tx, before.id, payment)
    repository.save(tx, before, after)
    _tell_payment(tx, before, after, payment)
    return after


def _tell_payment(tx: Tx, before: Invoice, after: Invoice, payment: Payment) -> None:
    telling.emit(tx, events.PAYMENT_RECORDED, after, events.payment_recorded(after, payment))
    telling.record(
        tx,
        "invoice.payment_recorded",
        after,
        before={"paid_minor": before.paid_minor, "state": before.state},
        after={"paid_minor": after.paid_minor, "state": after.state, "payment": payment.to_json()},
    )
    _tell_paid(tx, before, after)


def _tell_paid(tx: Tx, before: Invoice, after: Invoice) -> None:
    """Once for each time the invoice becomes paid."""
    if after.state is State.PAID and before.state is not State.PAID:
        telling.emit(tx, events.PAID, after, events.paid(after))


def keep_document(tx: Tx, invoice_id: str, document_id: str, sha256: str) -> None:
    """Documents has stored the rendered invoice."""
    before = repository.claim(tx, invoice_id)
    after = invoice.keep_document(before, UUID(document_id), sha256, tx.now)
    if after is not before:
        repository.save(tx, before, after)
        telling.record(
            tx,
            "invoice.document_stored",
            after,
            after={"document_id": document_id, "sha256": sha256},
        )


def deliver(tx: Tx, invoice_id: str, mail_id: str) -> None:
    """The mail with the invoice left."""
    before = repository.claim(tx, invoice_id)
    after = invoice.deliver(before, mail_id, tx.now)
    if after is before:
        return
    repository.save(tx, before, after)
    telling.emit(tx, events.SENT, after, events.sent(after))
    telling.record(
        tx,
        "invoice.sent",
        after,
        before={"state": before.state},
        after={"state": after.state, "mail_id": mail_id},
    )
    _tell_paid(tx, before, after)


def report_problem(tx: Tx, invoice_id: str, code: str, message: str) -> None:
    """Rendering or mailing failed; the record says so until it succeeds."""
    before = repository.claim(tx, invoice_id)
    after = invoice.report_problem(before, code, message, tx.now)
    if after is not before:
        repository.save(tx, before, after)
        telling.record(
            tx,
            "invoice.problem",
            after,
            after={"code": code, "message": message},
        )


def fall_due(tx: Tx, timezone: str) -> int:
    """Mark a batch of open invoices whose due date is over; returns how many were claimed."""
    today = tx.today(timezone)
    ids = repository.past_due(tx, today, _BATCH)
    for id in ids:
        before = repository.claim(tx, id)
        after = invoice.fall_due(before, today, tx.now)
        if after is before:
            continue
        repository.save(tx, before, after)
        telling.emit(tx, events.OVERDUE, after, events.overdue(after))
        telling.record(
            tx,
            "invoice.overdue",
            after,
            before={"state": before.state},
            after={"state": after.state},
        )
    return len(ids)
