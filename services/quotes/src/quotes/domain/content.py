"""What an admin writes into a quote, read from JSON and checked field by field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from kontor.errors import FieldError, Invalid
from kontor.fields import Fields
from kontor.money import exponent, plain
from kontor.pricing import Line, PercentagesNot100, PriceEntry, VatCategory, parse_lines
from quotes.domain import event as events
from quotes.domain.event import Event

LANGUAGES = ("de", "en")
MAX_TEXT = 20_000
MAX_INSTALMENTS = 36
MAX_ATTACHMENTS = 10
MAX_REASON = 500

_PAYMENT_FIELDS = frozenset({"net_days", "from", "skonto_percent", "skonto_days"})
_INSTALMENT_FIELDS = frozenset({"label", "percent", "trigger", "date", "days"})
_INSTALMENT_COMPUTED = frozenset({"total_minor", "net_minor", "vat_minor"})
_ATTACHMENT_FIELDS = frozenset({"document_id", "name"})
_TRIGGERS = ("on_acceptance", "on_delivery", "scheduled", "before_event", "after_event")


@dataclass(frozen=True, slots=True)
class Payment:
    """Payment terms, copied into the quote: ``net_days`` days counted from issue, acceptance or delivery, and a
    Skonto (early-payment discount) of ``skonto_percent`` percent within ``skonto_days`` days."""

    net_days: int = 30
    start: str = "issue"
    skonto_percent: Decimal | None = None
    skonto_days: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "net_days": self.net_days,
            "from": self.start,
            "skonto_percent": None if self.skonto_percent is None else plain(self.skonto_percent),
            "skonto_days": self.skonto_days,
        }


@dataclass(frozen=True, slots=True)
class Instalment:
    """One slice of the plan: ``percent`` of the whole, due by its trigger."""

    label: str
    percent: Decimal
    trigger: str = "on_acceptance"
    on: date | None = None
    days: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "percent": plain(self.percent),
            "trigger": self.trigger,
            "date": None if self.on is None else self.on.isoformat(),
            "days": self.days,
        }


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored document that goes out with the quote, and the file name it goes out under."""

    document_id: str
    name: str

    def to_json(self) -> dict[str, Any]:
        return {"document_id": self.document_id, "name": self.name}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a new quote starts from, out of the customer's record and the settings."""

    currency: str
    language: str
    valid_until: date
    net_days: int = 30
    price_entry: PriceEntry = "net"
    intro: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything an admin may change about a quote.

    ``exemption_reason`` is what is printed for lines that are exempt from VAT (EN 16931 BT-120).
    """

    customer_id: str
    title: str
    currency: str
    language: str
    bank_account_id: str | None
    valid_until: date
    intro: str
    closing: str
    notes: str
    price_entry: PriceEntry
    lines: tuple[Line, ...]
    payment: Payment
    installments: tuple[Instalment, ...]
    event: Event | None = None
    attachments: tuple[Attachment, ...] = ()
    exemption_reason: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "customer_id": self.customer_id,
            "title": self.title,
            "currency": self.currency,
            "language": self.language,
            "bank_account_id": self.bank_account_id,
            "valid_until": self.valid_until.isoformat(),
            "intro": self.intro,
            "closing": self.closing,
            "notes": self.notes,
            "price_entry": self.price_entry,
            "lines": [line.to_json() for line in self.lines],
            "payment": self.payment.to_json(),
            "installments": [instalment.to_json() for instalment in self.installments],
            "event": None if self.event is None else self.event.to_json(),
            "attachments": [attachment.to_json() for attachment in self.attachments],
            "exemption_reason": self.exemption_reason,
        }

    def may_charge(self, category: VatCategory) -> bool:
        """A line of the category counts, or the customer may choose one."""
        return any(line.vat_category == category for line in self.lines if line.kind == "item")

    def changed(self, changes: Mapping[str, Any], defaults: Defaults, new_id: Callable[[], str]) -> "Content":
        """The content with the fields of ``changes`` replaced; a list that is sent replaces the list."""
        if not isinstance(changes, Mapping):
            raise Invalid.field("body", "Please send an object.")
        return read(self.to_json() | dict(changes), defaults, new_id)


FIELDS = frozenset(Content.__dataclass_fields__)


def read(body: object, defaults: Defaults, new_id: Callable[[], str]) -> Content:
    """The content in a request. Raises one `Invalid` that names every wrong field, and `PercentagesNot100`.

    Lines and sub-lines without an id get one from ``new_id``.
    """
    fields = Fields(body, "", FIELDS)
    customer_id = fields.uuid("customer_id", required=True)
    currency = fields.text("currency", 3, required=False) or defaults.currency
    try:
        exponent(currency)
    except Invalid as invalid:
        fields.errors.extend(invalid.errors)
    lines: tuple[Line, ...] = ()
    try:
        lines = parse_lines(fields.body.get("lines") or [])
    except Invalid as invalid:
        fields.errors.extend(invalid.errors)
    else:
        if not lines:
            fields.refuse("lines", "A quote needs at least one line.")
        elif all(line.kind == "discount" for line in lines):
            fields.refuse("lines", "A quote needs a line that is not a discount.")
    content = Content(
        customer_id=customer_id or "",
        title=fields.text("title", 200, required=False),
        currency=currency,
        language=fields.one_of("language", LANGUAGES, defaults.language),
        bank_account_id=fields.uuid("bank_account_id"),
        valid_until=fields.date("valid_until") or defaults.valid_until,
        intro=fields.text("intro", MAX_TEXT, required=False) if "intro" in fields else defaults.intro,
        closing=fields.text("closing", MAX_TEXT, required=False) if "closing" in fields else defaults.closing,
        notes=fields.text("notes", MAX_TEXT, required=False),
        price_entry=fields.one_of("price_entry", ("net", "gross"), defaults.price_entry),
        lines=_with_ids(lines, new_id),
        payment=_payment(fields, defaults),
        installments=_instalments(fields),
        event=events.read(fields),
        attachments=_attachments(fields),
        exemption_reason=fields.text("exemption_reason", MAX_REASON, required=False),
    )
    fields.raise_errors()
    if content.installments and sum(part.percent for part in content.installments) != 100:
        message = "The percentages of the instalments must sum to exactly 100."
        raise PercentagesNot100(message, errors=[FieldError("installments", message)])
    return content


def _with_ids(lines: tuple[Line, ...], new_id: Callable[[], str]) -> tuple[Line, ...]:
    return tuple(
        replace(
            line,
            id=line.id or new_id(),
            sub_lines=tuple(replace(sub, id=sub.id or new_id()) for sub in line.sub_lines),
        )
        for line in lines
    )


def _payment(fields: Fields, defaults: Defaults) -> Payment:
    if fields.body.get("payment") is None:
        return Payment(net_days=defaults.net_days)
    try:
        terms = Fields(fields.body["payment"], "payment.", _PAYMENT_FIELDS)
    except Invalid as invalid:
        fields.errors.extend(invalid.errors)
        return Payment()
    net_days = terms.whole("net_days", 0, 365)
    payment = Payment(
        net_days=defaults.net_days if net_days is None else net_days,
        start=terms.one_of("from", ("issue", "acceptance", "delivery"), "issue"),
        skonto_percent=terms.percent("skonto_percent"),
        skonto_days=terms.whole("skonto_days", 0, 365),
    )
    if not payment.skonto_percent:
        payment = replace(payment, skonto_percent=None, skonto_days=None)
    elif payment.skonto_days is None:
        terms.refuse("skonto_days", "Please say within how many days the Skonto is granted.")
    elif payment.skonto_days > payment.net_days:
        terms.refuse("skonto_days", "The Skonto must end before the payment is due.")
    fields.errors.extend(terms.errors)
    return payment


def _instalments(fields: Fields) -> tuple[Instalment, ...]:
    plan = []
    for part in fields.objects("installments", MAX_INSTALMENTS, _INSTALMENT_FIELDS, _INSTALMENT_COMPUTED):
        trigger = part.one_of("trigger", _TRIGGERS, "on_acceptance")
        percent = part.percent("percent", required=True)
        if percent == 0:
            part.refuse("percent", "Please enter a percentage above 0.")
        plan.append(
            Instalment(
                label=part.text("label", 120, required=False),
                percent=percent or Decimal(0),
                trigger=trigger,
                on=part.date("date", required=trigger == "scheduled"),
                days=part.whole("days", 0, 730, required=trigger in ("before_event", "after_event")),
            )
        )
    return tuple(plan)


def _attachments(fields: Fields) -> tuple[Attachment, ...]:
    attachments: list[Attachment] = []
    for part in fields.objects("attachments", MAX_ATTACHMENTS, _ATTACHMENT_FIELDS):
        document_id = part.uuid("document_id", required=True)
        if document_id in {attachment.document_id for attachment in attachments}:
            part.refuse("document_id", "This file is attached already.")
        attachments.append(Attachment(document_id or "", part.text("name", 200)))
    return tuple(attachments)
