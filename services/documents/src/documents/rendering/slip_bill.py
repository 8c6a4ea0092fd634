"""The QR-bill of an invoice snapshot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from swissqrbill import Address, Bill, BillingInformation, compose_billing_information

from .errors import SnapshotIncomplete

Snapshot = Mapping[str, Any]


def bill_of(snapshot: Snapshot) -> Bill:
    """The bill over the open amount of an invoice snapshot; not yet validated.

    Message: document number and title's number words; billing information: Swico S1 with number,
    dates, UID, rates and terms, left out where it would not fit beside the message (140 characters).
    Raises `SnapshotIncomplete` without a bank account.
    """
    bank = snapshot.get("bank") or {}
    if not bank.get("iban"):
        raise SnapshotIncomplete("bank.iban")
    message = str(snapshot.get("number") or "")
    information = billing_information(snapshot)
    return Bill(
        iban=bank["iban"],
        creditor=_creditor(snapshot["issuer"], bank),
        currency=snapshot["currency"],
        amount_minor=open_minor(snapshot),
        debtor=_debtor(snapshot["customer"]),
        reference_type=bank.get("reference_type") or "NON",
        reference=snapshot.get("reference") or "",
        message=message,
        billing_information=information if len(message) + len(information) <= 140 else "",
    )


def bill_from_json(data: Mapping[str, Any]) -> Bill:
    """A bill given field by field, as `check_qrbill` takes it; not yet validated.

    Raises `SnapshotIncomplete` for a missing ``iban``, ``creditor`` or ``currency``.
    """
    for field in ("iban", "creditor", "currency"):
        if field not in data:
            raise SnapshotIncomplete(field)
    return Bill(
        iban=data["iban"],
        creditor=_address(data["creditor"]),
        currency=data["currency"],
        amount_minor=data.get("amount_minor"),
        debtor=_address(data["debtor"]) if data.get("debtor") else None,
        reference_type=data.get("reference_type") or "NON",
        reference=data.get("reference") or "",
        message=data.get("message") or "",
        billing_information=data.get("billing_information") or "",
        alternative_schemes=tuple(data.get("alternative_schemes") or ()),
    )


def has_slip(kind: str, snapshot: Snapshot) -> bool:
    """Whether the document ends with a Swiss payment slip."""
    return kind == "invoice" and snapshot.get("payment_slip") == "swiss"


def open_minor(snapshot: Snapshot) -> int:
    """What is still to be paid, in minor units: ``open_minor`` when frozen, else total − paid."""
    if snapshot.get("open_minor") is not None:
        return int(snapshot["open_minor"])
    return int(snapshot["totals"]["total_minor"]) - int(snapshot.get("paid_minor") or 0)


def billing_information(snapshot: Snapshot) -> str:
    """Swico S1 of the snapshot; empty when a fact does not fit the syntax' lengths."""
    totals = snapshot["totals"]
    groups = [group for group in totals.get("vat_groups", ()) if Decimal(group["vat_rate"]) != 0]
    rates = [(Decimal(group["vat_rate"]), f"{_decimal(group['net_minor'])}") for group in groups]
    payment = snapshot.get("payment") or {}
    conditions = []
    if payment.get("skonto_percent") and payment.get("skonto_days"):
        conditions.append((Decimal(str(payment["skonto_percent"])), int(payment["skonto_days"])))
    if payment.get("net_days") is not None:
        conditions.append((Decimal(0), int(payment["net_days"])))
    negative = any(group["net_minor"] < 0 for group in groups)
    return compose_billing_information(
        BillingInformation(
            document_number=str(snapshot.get("number") or ""),
            document_date=_date(snapshot.get("issue_date")),
            customer_reference=str(snapshot["customer"].get("number") or ""),
            vat_number=_uid_digits(snapshot["issuer"].get("vat_id")),
            supply_from=_date(snapshot.get("service_from")),
            supply_to=_date(snapshot.get("service_to")) if snapshot.get("service_from") else None,
            vat_rates=() if negative else tuple([(rates[0][0], None)] if len(rates) == 1 else rates),
            conditions=tuple(conditions),
        )
    )


def _creditor(issuer: Snapshot, bank: Snapshot) -> Address:
    return Address(
        name=bank.get("holder") or issuer.get("name") or "",
        street=issuer.get("street") or "",
        building=issuer.get("house_number") or "",
        postal_code=issuer.get("postcode") or "",
        town=issuer.get("town") or "",
        country=issuer.get("country") or "",
    )


def _debtor(customer: Snapshot) -> Address | None:
    person = f"{customer.get('first_name') or ''} {customer.get('last_name') or ''}".strip()
    name = customer.get("company") or customer.get("display_name") or person
    if not (name and customer.get("postcode") and customer.get("town")):
        return None  # the slip then has the empty field the guidelines provide
    return Address(
        name=name,
        street=customer.get("street") or "",
        building=customer.get("house_number") or "",
        postal_code=customer["postcode"],
        town=customer["town"],
        country=customer.get("country") or "",
    )


def _address(data: Mapping[str, Any]) -> Address:
    return Address(
        name=data.get("name") or "",
        street=data.get("street") or "",
        building=data.get("building") or data.get("house_number") or "",
        postal_code=data.get("postal_code") or data.get("postcode") or "",
        town=data.get("town") or "",
        country=data.get("country") or "",
    )


def _uid_digits(vat_id: Any) -> str:
    """The nine digits of a Swiss UID (``CHE-123.456.789 MWST``); empty for any other number."""
    match = re.match(r"CHE[-\s]?(\d{3})\.?(\d{3})\.?(\d{3})", str(vat_id or ""))
    return "".join(match.groups()) if match else ""


def _date(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def _decimal(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"
