"""Invoices in and out of their tables."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoicing.adapters.tables import GENERATED, invoice, line, payment, plan
from invoicing.domain.content import Content
from invoicing.domain.invoice import Installment, Invoice, Issued, Kind, Origin, Party
from invoicing.domain.payments import Payment
from invoicing.domain.plan import Conversion
from invoicing.domain.references import ReferenceType
from invoicing.domain.states import State
from invoicing.domain.terms import PaymentTerms
from kontor.database import Tx
from kontor.errors import NotFound
from kontor.lines import Line
from kontor.pricing import Totals


def get(tx: Tx, id: UUID | str) -> Invoice:
    """The invoice as it stands; raises `NotFound`."""
    return _load(tx, id, lock=False)


def claim(tx: Tx, id: UUID | str) -> Invoice:
    """The invoice, locked until the transaction ends: whoever wants to change it too waits here."""
    return _load(tx, id, lock=True)


def exists(tx: Tx, id: UUID | str) -> bool:
    return tx.execute(sa.select(invoice.c.id).where(invoice.c.id == UUID(str(id)))).first() is not None


def add(tx: Tx, new: Invoice) -> None:
    tx.execute(sa.insert(invoice).values(_row(new)))
    _add_lines(tx, new)


def save(tx: Tx, before: Invoice, after: Invoice) -> None:
    """Write what changed; ``before`` was claimed in this transaction."""
    old, new = _row(before), _row(after)
    changed = {name: new[name] for name in new if new[name] != old[name]}
    tx.execute(sa.update(invoice).where(invoice.c.id == after.id).values(changed))
    if after.issued is None and (after.content.lines, after.totals) != (before.content.lines, before.totals):
        tx.execute(sa.delete(line).where(line.c.invoice_id == after.id))
        _add_lines(tx, after)


def remove(tx: Tx, gone: Invoice) -> None:
    tx.execute(sa.delete(invoice).where(invoice.c.id == gone.id))


def add_plan(tx: Tx, conversion: Conversion) -> bool:
    """Remember that the quote was converted; False when it was before."""
    row = {
        "id": conversion.plan_id,
        "quote_id": conversion.quote_id,
        "deal_uuid": conversion.deal_uuid,
        "count": len(conversion.invoice_ids),
        "created_at": tx.now,
    }
    return tx.execute(insert(plan).values(row).on_conflict_do_nothing().returning(plan.c.id)).first() is not None


def last_issue_date(tx: Tx, year: int, below: int) -> date | None:
    """The issue date of the number before ``below`` in the year's series, else of the newest one of earlier years."""
    newest = (
        sa.select(invoice.c.issue_date)
        .where(sa.tuple_(invoice.c.series_year, invoice.c.series_seq) < sa.tuple_(year, below))
        .order_by(invoice.c.series_year.desc(), invoice.c.series_seq.desc())
        .limit(1)
    )
    found: date | None = tx.conn.scalar(newest)
    return found


def payments(tx: Tx, invoice_id: UUID) -> list[Payment]:
    """The payments in the order they were made."""
    rows = tx.execute(
        sa.select(payment).where(payment.c.invoice_id == invoice_id).order_by(payment.c.date, payment.c.recorded_at)
    )
    return [_payment(row) for row in rows]


def payment_of(tx: Tx, id: UUID) -> tuple[UUID, Payment] | None:
    """The payment with this id and the invoice it belongs to."""
    row = tx.execute(sa.select(payment).where(payment.c.id == id)).one_or_none()
    return None if row is None else (row.invoice_id, _payment(row))


def add_payment(tx: Tx, invoice_id: UUID, new: Payment) -> None:
    values = {
        "id": new.id,
        "invoice_id": invoice_id,
        "kind": "payment",
        "amount_minor": new.amount_minor,
        "date": new.date,
        "method": new.method,
        "reference": new.reference,
        "note": new.note,
        "recorded_by": tx.actor,
        "recorded_at": tx.now,
    }
    tx.execute(sa.insert(payment).values(values))


def rename_customer(tx: Tx, customer_id: UUID, party: Party) -> None:
    """Let unissued invoices show the customer's present name; issued ones keep theirs."""
    tx.execute(
        sa.update(invoice)
        .where(
            invoice.c.customer_id == customer_id,
            invoice.c.number.is_(None),
            sa.tuple_(invoice.c.customer_name, invoice.c.customer_email) != sa.tuple_(party.display_name, party.email),
        )
        .values(customer_name=party.display_name, customer_email=party.email)
    )


def past_due(tx: Tx, today: date, limit: int) -> list[UUID]:
    """Open invoices whose due date is over, claimed; those another replica works on are left to it."""
    rows = tx.execute(
        sa.select(invoice.c.id)
        .where(invoice.c.state.in_([State.SENT, State.PARTIALLY_PAID]), invoice.c.due_date < today)
        .order_by(invoice.c.due_date)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(rows.scalars())


def _load(tx: Tx, id: UUID | str, *, lock: bool) -> Invoice:
    try:
        key = UUID(str(id))
    except ValueError:
        raise NotFound("There is no such invoice.") from None
    query = sa.select(*[column for column in invoice.c if column.name not in GENERATED]).where(invoice.c.id == key)
    row = tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such invoice.")
    lines = tx.execute(
        sa.select(line.c.content, line.c.net_minor).where(line.c.invoice_id == key).order_by(line.c.position)
    ).all()
    return _from_row(dict(row), [one.content for one in lines], [one.net_minor for one in lines])


def _from_row(row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], nets: Sequence[int]) -> Invoice:
    return Invoice(
        id=row["id"],
        version=row["version"],
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        deal_uuid=row["deal_uuid"],
        content=Content(
            customer_id=row["customer_id"],
            currency=row["currency"],
            language=row["language"],
            lines=tuple(Line.from_json(one, index) for index, one in enumerate(lines)),
            payment=PaymentTerms.from_json(row["payment"], 0),
            title=row["title"],
            intro=row["intro"],
            closing=row["closing"],
            notes=row["notes"],
            exemption_reason=row["exemption_reason"],
            price_entry=row["price_entry"],
            bank_account_id=row["bank_account_id"],
            service_from=row["service_from"],
            service_to=row["service_to"],
            payment_slip=row["payment_slip"],
            vat_mode=row["vat_mode"],
        ),
        customer=Party(row["customer_name"], row["customer_email"]),
        totals=Totals.from_json(dict(row) | {"line_nets": nets}),
        origin=Origin(row["quote_id"], row["quote_number"], row["contract_id"], _installment(row)),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        created_by=row["created_by_admin_id"],
        issued=_issued(row),
        paid_minor=row["paid_minor"],
        delivered_at=row["delivered_at"],
        paid_at=row["paid_at"],
        document_id=row["document_id"],
        document_sha256=row["document_sha256"],
        mail_id=row["mail_id"],
        problem=row["problem"],
    )


def _installment(row: Mapping[str, Any]) -> Installment | None:
    if row["installment_plan_id"] is None:
        return None
    return Installment(
        plan_id=row["installment_plan_id"],
        index=row["installment_index"],
        count=row["installment_count"],
        label=row["installment_label"],
        percent=Decimal(row["installment_percent"]),
        trigger=row["installment_trigger"],
        date=row["installment_date"],
        days=row["installment_days"],
    )


def _issued(row: Mapping[str, Any]) -> Issued | None:
    if row["number"] is None:
        return None
    return Issued(
        number=row["number"],
        year=row["series_year"],
        seq=row["series_seq"],
        issue_date=row["issue_date"],
        due_date=row["due_date"],
        reference_type=ReferenceType(row["reference_type"]),
        reference=row["reference"],
        snapshot=row["snapshot"],
        recipient=row["recipient"],
        at=row["issued_at"],
    )


def _row(one: Invoice) -> dict[str, Any]:
    content, part, issued = one.content, one.origin.installment, one.issued
    totals = one.totals.to_json()
    return {
        "id": one.id,
        "version": one.version,
        "kind": str(one.kind),
        "state": str(one.state),
        "deal_uuid": one.deal_uuid,
        "customer_id": content.customer_id,
        "customer_name": one.customer.display_name,
        "customer_email": one.customer.email,
        "title": content.title,
        "currency": content.currency,
        "language": content.language,
        "intro": content.intro,
        "closing": content.closing,
        "notes": content.notes,
        "exemption_reason": content.exemption_reason,
        "price_entry": content.price_entry,
        "payment": content.payment.to_json(),
        "bank_account_id": content.bank_account_id,
        "service_from": content.service_from,
        "service_to": content.service_to,
        "payment_slip": content.payment_slip,
        "vat_mode": content.vat_mode,
        "net_minor": totals["net_minor"],
        "vat_minor": totals["vat_minor"],
        "total_minor": totals["total_minor"],
        "vat_groups": totals["vat_groups"],
        "quote_id": one.origin.quote_id,
        "quote_number": one.origin.quote_number,
        "contract_id": one.origin.contract_id,
        "installment_plan_id": part.plan_id if part else None,
        "installment_index": part.index if part else None,
        "installment_count": part.count if part else None,
        "installment_label": part.label if part else None,
        "installment_percent": part.percent if part else None,
        "installment_trigger": part.trigger if part else None,
        "installment_date": part.date if part else None,
        "installment_days": part.days if part else None,
        "number": issued.number if issued else None,
        "series_year": issued.year if issued else None,
        "series_seq": issued.seq if issued else None,
        "issue_date": issued.issue_date if issued else None,
        "due_date": issued.due_date if issued else None,
        "reference_type": str(issued.reference_type) if issued else None,
        "reference": issued.reference if issued else None,
        "snapshot": issued.snapshot if issued else None,
        "recipient": issued.recipient if issued else None,
        "issued_at": issued.at if issued else None,
        "paid_minor": one.paid_minor,
        "delivered_at": one.delivered_at,
        "paid_at": one.paid_at,
        "document_id": one.document_id,
        "document_sha256": one.document_sha256,
        "mail_id": one.mail_id,
        "problem": one.problem,
        "created_by_admin_id": one.created_by,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def _add_lines(tx: Tx, one: Invoice) -> None:
    rows = [
        {
            "invoice_id": one.id,
            "id": entry.id,
            "position": position,
            "kind": entry.kind,
            "vat_rate": entry.vat_rate,
            "net_minor": net,
            "content": entry.to_json(),
        }
        for position, (entry, net) in enumerate(zip(one.content.lines, one.totals.line_nets, strict=True), start=1)
    ]
    tx.execute(sa.insert(line), rows)


def _payment(row: Any) -> Payment:
    return Payment(row.id, row.amount_minor, row.date, row.method, row.reference, row.note)
