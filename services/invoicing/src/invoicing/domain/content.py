"""What an admin writes into a draft: read from the API, checked, and merged field by field."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Literal, get_args
from uuid import UUID

from invoicing.domain.terms import PaymentTerms
from kontor.errors import FieldError, Invalid
from kontor.money import exponent
from kontor.pricing import Line, PriceEntry, Totals, VatCategory, VatMode, parse_lines, price

Language = Literal["de", "en"]
PaymentSlip = Literal["swiss", "epc", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The editable part of an invoice.

    ``bank_account_id`` None: the default account of the currency, chosen when the invoice is issued.
    ``payment_slip`` None: by currency and account, also chosen then. ``notes`` are for admins only.
    ``exemption_reason`` is printed for lines that are exempt from VAT (EN 16931 BT-120).
    ``vat_mode`` follows from the business profile: who is not registered charges no VAT (Art. 27 MWSTG, § 14c UStG).
    """

    customer_id: UUID
    currency: str
    language: Language
    lines: tuple[Line, ...]
    payment: PaymentTerms
    title: str = ""
    intro: str = ""
    closing: str = ""
    notes: str = ""
    exemption_reason: str = ""
    price_entry: PriceEntry = "net"
    bank_account_id: str | None = None
    service_from: date | None = None
    service_to: date | None = None
    payment_slip: PaymentSlip | None = None
    vat_mode: VatMode = "standard"

    def charges(self, category: VatCategory) -> bool:
        """A line of the VAT category is on the invoice."""
        return any(line.vat_category == category for line in self.lines if line.kind == "item")

    def totals(self) -> Totals:
        """What the lines add up to; raises `TotalNegative`."""
        return price(self.lines, self.currency, self.price_entry, self.vat_mode)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a new draft takes where nothing is said: from the customer, else from the settings.

    ``fields`` are values as they stand in the API; ``net_days`` completes payment terms that lack it.
    """

    fields: Mapping[str, Any]
    net_days: int
    vat_mode: VatMode = "standard"


def vat_mode(profile: Mapping[str, Any]) -> VatMode:
    """How a business with this profile charges VAT; nothing said yet counts as registered."""
    return "small_business" if profile.get("vat_registered") is False else "standard"


EDITABLE = tuple(field.name for field in fields(Content) if field.name != "vat_mode")

# What an instalment takes from its plan; see `InstallmentFixed`.
FROM_PLAN = frozenset({"customer_id", "currency", "price_entry", "lines"})


def read(body: Mapping[str, Any], defaults: Defaults) -> Content:
    """The content of a new draft. Raises `Invalid` naming every field that cannot be read, or `CurrencyUnknown`."""
    needed: dict[str, Any] = {"customer_id": None, "lines": [], "payment": None}
    given = {name: value for name, value in body.items() if name not in defaults.fields or value is not None}
    values = _values(needed | dict(defaults.fields) | given, defaults.net_days)
    return _checked(Content(**values, vat_mode=defaults.vat_mode))


def merge(content: Content, changes: Mapping[str, Any]) -> Content:
    """The content with only the fields sent replaced: a list sent replaces the list, one not sent stays."""
    return _checked(replace(content, **_values(changes, content.payment.net_days)))


def _values(body: Mapping[str, Any], net_days: int) -> dict[str, Any]:
    refusals = [Invalid.field(name, "There is no such field.") for name in sorted(set(body) - set(EDITABLE))]
    values: dict[str, Any] = {}
    for name in EDITABLE:
        if name not in body:
            continue
        try:
            if name == "payment":
                values[name] = PaymentTerms.from_json(body[name], net_days)
            else:
                values[name] = _READERS[name](body[name], name)
        except Invalid as refusal:
            refusals.append(refusal)
    if len(refusals) == 1:
        raise refusals[0]
    if refusals:
        raise Invalid("Please check the fields.", errors=[error for one in refusals for error in one.errors])
    return values


def _checked(content: Content) -> Content:
    if content.service_from and content.service_to and content.service_to < content.service_from:
        raise Invalid.field("service_to", "The period of the service ends before it begins.")
    content.totals()
    return content


def text(limit: int, lines: bool = False) -> Callable[[object, str], str]:
    """A reader of text in NFC, trimmed, without control characters (line breaks only where ``lines`` is true)."""

    def read_text(value: object, field: str) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Invalid.field(field, "Please enter text.")
        clean = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
        if len(clean) > limit:
            raise Invalid.field(field, f"Please use at most {limit} characters.")
        permitted = "\n\t" if lines else ""
        if any(unicodedata.category(c) in ("Cc", "Cs") and c not in permitted for c in clean):
            raise Invalid.field(field, "Control characters are not possible here.")
        return clean

    return read_text


def calendar_day(value: object, field: str) -> date | None:
    """A reader of ISO dates; None and the empty text mean no date."""
    if value in (None, ""):
        return None
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise Invalid.field(field, "Please enter a date such as 2026-03-01.")


def uuid(value: object, field: str) -> UUID:
    """A reader of UUIDs."""
    if value in (None, ""):
        raise Invalid.field(field, "Please fill in this field.")
    try:
        return UUID(str(value))
    except ValueError:
        raise Invalid.field(field, "This is not an id.") from None


def _currency(value: object, field: str) -> str:
    exponent(value)  # type: ignore[arg-type]
    return str(value)


def _choice(*options: str) -> Callable[[object, str], str]:
    def read_choice(value: object, field: str) -> str:
        if value not in options:
            raise Invalid.field(field, f"Please choose one of: {', '.join(options)}.")
        return str(value)

    return read_choice


def _lines(value: object, field: str) -> tuple[Line, ...]:
    lines = parse_lines(value)
    if not lines:
        raise Invalid.field(field, "An invoice needs at least one line.")
    errors = [
        FieldError(f"{field}[{index}].optional", "An invoice has no optional lines; leave out what was not chosen.")
        for index, line in enumerate(lines)
        if line.is_choice
    ]
    if errors:
        raise Invalid(errors[0].message, errors=errors)
    return lines


def _account(value: object, field: str) -> str | None:
    return None if value in (None, "") else str(uuid(value, field))


def _slip(value: object, field: str) -> str | None:
    return None if value in (None, "", "auto") else _choice(*get_args(PaymentSlip))(value, field)


_READERS: Mapping[str, Callable[[object, str], Any]] = {
    "customer_id": uuid,
    "currency": _currency,
    "language": _choice(*get_args(Language)),
    "lines": _lines,
    "title": text(200),
    "intro": text(10_000, lines=True),
    "closing": text(10_000, lines=True),
    "notes": text(10_000, lines=True),
    "exemption_reason": text(500, lines=True),
    "price_entry": _choice(*get_args(PriceEntry)),
    "bank_account_id": _account,
    "service_from": calendar_day,
    "service_to": calendar_day,
    "payment_slip": _slip,
}
