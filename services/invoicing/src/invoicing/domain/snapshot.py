"""The frozen facts of a document: everything it shows, complete, so that rendering asks nobody."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from invoicing.domain.content import PaymentSlip
from invoicing.domain.invoice import Invoice
from kontor.locale import document_locale
from kontor.money import plain

TEMPLATE = 1

_BANK = ("holder", "iban", "bic", "reference_type", "qr_bill_enabled")
_CUSTOMER = (
    "salutation",
    "first_name",
    "last_name",
    "company",
    "email",
    "street",
    "house_number",
    "postcode",
    "town",
    "country",
    "vat_id",
    "buyer_reference",
)


def display_name(customer: Mapping[str, Any]) -> str:
    """The customer's name as printed: display name, else company, else first and last name."""
    person = " ".join(part for part in (customer.get("first_name"), customer.get("last_name")) if part)
    return str(customer.get("display_name") or customer.get("company") or person or customer.get("email") or "")


def line_rows(invoice: Invoice) -> list[dict[str, Any]]:
    """The lines with position and net amount. The net of an instalment's line is that of its slice."""
    return [
        line.to_json() | {"position": position, "net_minor": net}
        for position, (line, net) in enumerate(
            zip(invoice.content.lines, invoice.totals.line_nets, strict=True), start=1
        )
    ]


def totals(invoice: Invoice) -> dict[str, Any]:
    body = invoice.totals.to_json()
    del body["line_nets"]
    return body


def compose(
    invoice: Invoice,
    issuer: Mapping[str, Any],
    account: Mapping[str, Any] | None,
    customer: Mapping[str, Any],
    *,
    number: str | None,
    issue_date: date | None,
    slip: PaymentSlip,
    reference: str | None,
    theme: Mapping[str, Any],
) -> dict[str, Any]:
    """The snapshot of the invoice as documents renders it; ``number`` and ``issue_date`` are None on a preview."""
    content, origin = invoice.content, invoice.origin
    due = content.payment.due_date(issue_date) if issue_date else None
    part = origin.installment
    return {
        "template": TEMPLATE,
        "kind": str(invoice.kind),
        "number": number,
        "language": content.language,
        "locale": document_locale(content.language, str(issuer.get("country") or "")),
        "currency": content.currency,
        "title": content.title,
        "issue_date": issue_date.isoformat() if issue_date else None,
        "due_date": due.isoformat() if due else None,
        "valid_until": None,
        "service_from": content.service_from.isoformat() if content.service_from else None,
        "service_to": content.service_to.isoformat() if content.service_to else None,
        "issuer": {"logo": None} | dict(issuer),
        "bank": None if account is None else {field: account.get(field) for field in _BANK},
        "customer": {
            "number": customer.get("customer_number"),
            "display_name": display_name(customer),
            **{field: customer.get(field) for field in _CUSTOMER},
        },
        "intro": content.intro,
        "closing": content.closing,
        "price_entry": content.price_entry,
        "lines": line_rows(invoice),
        "totals": totals(invoice),
        "payment": content.payment.to_json(),
        "installment": None
        if part is None or part.count == 1
        else {"index": part.index, "count": part.count, "label": part.label, "percent": plain(part.percent)},
        "payment_slip": slip,
        "reference": reference,
        "paid_minor": invoice.paid_minor,
        "open_minor": invoice.open_minor,
        "references": {"quote_number": origin.quote_number, "contract_number": None},
        "exemption_reason": content.exemption_reason,
        "theme": dict(theme),
    }
