"""The invoice: content, where it comes from, what was frozen at issue, and one function per verb."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from invoicing.domain import states
from invoicing.domain.content import FROM_PLAN, Content
from invoicing.domain.errors import InstallmentFixed
from invoicing.domain.references import ReferenceType
from invoicing.domain.states import State, Verb
from kontor.errors import FieldError, StaleVersion
from kontor.pricing import Totals, VatMode


class Kind(StrEnum):
    """What the document is; Storno and credit note will be kinds of their own, from the same series."""

    INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class Installment:
    """One of ``count`` siblings of a plan. Its totals were allocated with the plan and are never computed again."""

    plan_id: UUID
    index: int
    count: int
    label: str
    percent: Decimal
    trigger: str
    date: date | None
    days: int | None


@dataclass(frozen=True, slots=True)
class Origin:
    """The documents an invoice was spawned from; all None for a standalone one."""

    quote_id: UUID | None = None
    quote_number: str | None = None
    contract_id: UUID | None = None
    installment: Installment | None = None

    @property
    def fixed(self) -> bool:
        """Whether the amounts belong to a plan of several slices."""
        return self.installment is not None and self.installment.count > 1


@dataclass(frozen=True, slots=True)
class Issued:
    """What the issue froze. ``snapshot`` is everything the document shows; ``recipient`` who gets it."""

    number: str
    year: int
    seq: int
    issue_date: date
    due_date: date
    reference_type: ReferenceType
    reference: str | None
    snapshot: Mapping[str, Any]
    recipient: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Party:
    """The customer as lists show it; follows the customer's record until the invoice is issued."""

    display_name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """One invoice. Amounts are minor units of ``content.currency``; ``paid_minor`` is the sum of the ledger."""

    id: UUID
    version: int
    kind: Kind
    state: State
    deal_uuid: UUID
    content: Content
    customer: Party
    totals: Totals
    origin: Origin
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    issued: Issued | None = None
    paid_minor: int = 0
    delivered_at: datetime | None = None
    paid_at: datetime | None = None
    document_id: UUID | None = None
    document_sha256: str | None = None
    mail_id: str | None = None
    problem: Mapping[str, Any] | None = None

    @property
    def open_minor(self) -> int:
        """What is still to be paid; never below zero."""
        return max(self.totals.total_minor - self.paid_minor, 0)

    @property
    def credit_minor(self) -> int:
        """What was paid beyond the total: the customer's credit."""
        return max(self.paid_minor - self.totals.total_minor, 0)

    @property
    def payment_state(self) -> str:
        """The money state alone, also beside ``overdue``: open, partially_paid or paid."""
        if self.issued is not None and self.open_minor == 0:
            return "paid"
        return "partially_paid" if self.paid_minor > 0 else "open"

    @property
    def allowed(self) -> list[str]:
        return states.allowed(self.state)


def draft(
    id: UUID,
    deal_uuid: UUID,
    content: Content,
    customer: Party,
    *,
    now: datetime,
    created_by: str | None,
    origin: Origin = Origin(),
    totals: Totals | None = None,
    state: State = State.DRAFT,
) -> Invoice:
    """A new draft without a number. ``totals`` are given for slices of a plan, else computed from the lines."""
    return Invoice(
        id=id,
        version=1,
        kind=Kind.INVOICE,
        state=state,
        deal_uuid=deal_uuid,
        content=content,
        customer=customer,
        totals=totals or content.totals(),
        origin=origin,
        created_at=now,
        updated_at=now,
        created_by=created_by,
    )


def require_version(invoice: Invoice, version: int | None) -> None:
    """Raise `StaleVersion` when the caller read an older version; None asks for no check."""
    if version is not None and version != invoice.version:
        raise StaleVersion(version, invoice.version)


def update(invoice: Invoice, content: Content, customer: Party, now: datetime) -> Invoice:
    """The draft with new content and fresh totals. Raises `InvalidTransition` and `InstallmentFixed`."""
    states.require(invoice.state, Verb.UPDATE)
    totals = invoice.totals
    if invoice.origin.fixed:
        errors = [
            FieldError(name, "This comes from the instalment plan.")
            for name in sorted(FROM_PLAN)
            if getattr(content, name) != getattr(invoice.content, name)
        ]
        if errors:
            raise InstallmentFixed("Amounts, currency and customer of an instalment come from its plan.", errors=errors)
    else:
        totals = content.totals()
    return _next(invoice, now, content=content, customer=customer, totals=totals)


def charge(invoice: Invoice, vat_mode: VatMode) -> Invoice:
    """The unissued invoice priced with that VAT mode; the amounts of an instalment stay those of its plan."""
    if invoice.origin.fixed or invoice.content.vat_mode == vat_mode:
        return invoice
    content = replace(invoice.content, vat_mode=vat_mode)
    return replace(invoice, content=content, totals=content.totals())


def issue(invoice: Invoice, issued: Issued) -> Invoice:
    """Frozen, with a number. Raises `InvalidTransition`."""
    states.require(invoice.state, Verb.SEND)
    return _next(invoice, issued.at, state=State.ISSUING, issued=issued)


def deliver(invoice: Invoice, mail_id: str, now: datetime) -> Invoice:
    """Handed over: the mail left. The first hand-over counts; a problem reported before is over."""
    states.require(invoice.state, Verb.DELIVER)
    if invoice.delivered_at is not None:
        return invoice
    state, paid_at = invoice.state, invoice.paid_at
    if state is State.ISSUING:
        state = State.SENT if invoice.open_minor else State.PAID
        paid_at = now if state is State.PAID else None
    return _next(invoice, now, state=state, paid_at=paid_at, delivered_at=now, mail_id=mail_id, problem=None)


def keep_document(invoice: Invoice, document_id: UUID, sha256: str, now: datetime) -> Invoice:
    """The rendered document is stored. The first one counts: an issued invoice is rendered once."""
    if invoice.document_id is not None:
        return invoice
    return _next(invoice, now, document_id=document_id, document_sha256=sha256, problem=None)


def report_problem(invoice: Invoice, code: str, message: str, now: datetime) -> Invoice:
    """Rendering or mailing failed: said on the record until it succeeds. Later news of a done thing is no problem."""
    if invoice.delivered_at is not None or (code == "DOCUMENT_FAILED" and invoice.document_id is not None):
        return invoice
    return _next(invoice, now, problem={"code": code, "message": message, "at": now.isoformat()})


def fall_due(invoice: Invoice, today: date, now: datetime) -> Invoice:
    """Past due and open: overdue. ``today`` is the date in the business timezone; the due date itself is in time."""
    if invoice.issued is None or invoice.issued.due_date >= today or invoice.open_minor == 0:
        return invoice
    states.require(invoice.state, Verb.FALL_DUE)
    return _next(invoice, now, state=State.OVERDUE)


def _next(invoice: Invoice, now: datetime, **changes: Any) -> Invoice:
    return replace(invoice, version=invoice.version + 1, updated_at=now, **changes)
