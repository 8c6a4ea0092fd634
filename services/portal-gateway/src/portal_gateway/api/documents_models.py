"""Bodies of quotes, contracts and invoices."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from portal_gateway.api.models import Day, Id, Minor, Percent, Quantity, Text, VatCategory, Versioned
from portal_gateway.business import values as v

Computed = Any
Unit = Literal["hour", "day", "piece", "km", "flat"]
LineId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]


class SubLine(v.Strict):
    """A detail of a line; ``net_minor`` and ``position`` may come back as they were read and are ignored."""

    id: LineId | None = None
    description: Text = ""
    quantity: Quantity = "1"
    unit: Unit = "piece"
    unit_price_minor: Minor | None = None
    discount_percent: Percent = "0"
    net_minor: Computed = None
    position: Computed = None


class LineItem(v.Strict):
    """A position; ``net_minor`` and ``position`` may come back as they were read and are ignored."""

    id: LineId | None = None
    kind: Literal["item", "discount"] = "item"
    description: Text = ""
    quantity: Quantity = "1"
    unit: Unit = "piece"
    unit_price_minor: Minor | None = None
    discount_percent: Percent = "0"
    vat_rate: Percent = "0"
    vat_category: VatCategory | None = None
    optional: bool = False
    selected: bool | None = None
    min_quantity: Quantity | None = None
    max_quantity: Quantity | None = None
    choice_group: Annotated[str, StringConstraints(max_length=64)] | None = None
    sub_lines: Annotated[list[SubLine], Field(max_length=200)] = Field(default_factory=list)
    net_minor: Computed = None
    position: Computed = None


class Payment(v.Strict):
    net_days: Annotated[int, Field(ge=0, le=365)] | None = None
    from_: Annotated[Literal["issue", "acceptance", "delivery"] | None, Field(alias="from")] = None
    skonto_percent: Percent | None = None
    skonto_days: Annotated[int, Field(ge=0, le=365)] | None = None


class Installment(v.Strict):
    label: v.Line = ""
    percent: Percent
    trigger: Literal["on_acceptance", "on_delivery", "scheduled", "before_event", "after_event"] = "on_acceptance"
    date: Day | None = None
    days: Annotated[int, Field(ge=0, le=730)] | None = None
    net_minor: Computed = None
    vat_minor: Computed = None
    total_minor: Computed = None


class _Document(v.Strict):
    title: v.Line = ""
    currency: v.Currency | None = None
    language: v.Language | None = None
    bank_account_id: Id | None = None
    intro: Text = ""
    closing: Text = ""
    notes: Text = ""
    exemption_reason: Annotated[Text, StringConstraints(max_length=500)] = ""
    price_entry: Literal["net", "gross"] = "net"
    lines: Annotated[list[LineItem], Field(max_length=2_000)] = Field(default_factory=list)
    payment: Payment | None = None


class Event(v.Strict):
    """What a booking is made of at conversion: local times of the business, or days when ``all_day``."""

    title: v.Line = ""
    type: v.Line = ""
    start: Annotated[str, StringConstraints(max_length=20)]
    end: Annotated[str, StringConstraints(max_length=20)] | None = None
    all_day: bool = False
    location: Annotated[Text, StringConstraints(max_length=500)] = ""


class Attachment(v.Strict):
    """A stored document that goes out with the quote."""

    document_id: Id
    name: v.Line


class _Quote(_Document):
    intro: v.QuoteText = ""
    closing: v.QuoteText = ""
    notes: v.QuoteText = ""


class QuoteChanges(_Quote, Versioned):
    customer_id: Id | None = None
    valid_until: Day | None = None
    installments: Annotated[list[Installment], Field(max_length=36)] = Field(default_factory=list)
    event: Event | None = None
    attachments: Annotated[list[Attachment], Field(max_length=10)] = Field(default_factory=list)


class QuoteFields(_Quote):
    customer_id: Id
    valid_until: Day | None = None
    installments: Annotated[list[Installment], Field(max_length=36)] = Field(default_factory=list)
    event: Event | None = None
    attachments: Annotated[list[Attachment], Field(max_length=10)] = Field(default_factory=list)


class InvoiceChanges(_Document, Versioned):
    customer_id: Id | None = None
    service_from: Day | None = None
    service_to: Day | None = None
    payment_slip: Literal["swiss", "epc", "none"] | None = None


class InvoiceFields(_Document):
    customer_id: Id
    service_from: Day | None = None
    service_to: Day | None = None
    payment_slip: Literal["swiss", "epc", "none"] | None = None


class ContractBlock(v.Strict):
    id: Id | None = None
    block_id: Id | None = None
    section: v.Line | None = None
    title: v.Line | None = None
    body_markdown: Annotated[str, StringConstraints(max_length=100_000)] | None = None
    position: Computed = None
    body_resolved: Computed = None
    html: Computed = None
    overridden: Computed = None
    example: Computed = None
    unresolved: Computed = None


class Signer(v.Strict):
    id: Id | None = None
    name: v.Name
    email: v.Email


class _Contract(v.Strict):
    title: v.Line = ""
    language: v.Language | None = None
    currency: v.Currency | None = None
    quote_id: Id | None = None
    booking_id: Id | None = None
    block_ids: Annotated[list[Id], Field(max_length=60)] | None = None
    blocks: Annotated[list[ContractBlock], Field(max_length=60)] | None = None
    signers: Annotated[list[Signer], Field(max_length=5)] | None = None
    signing_modes: Annotated[list[Literal["draw", "type", "upload"]], Field(max_length=3)] | None = None
    signing_order: Literal["parallel", "sequential"] | None = None
    code_required: bool | None = None
    valid_until: Day | None = None
    consents: Annotated[list[Any], Field(max_length=8)] | None = None


class ContractFields(_Contract):
    customer_id: Id


class ContractChanges(_Contract, Versioned):
    customer_id: Id | None = None


class BlockFields(v.Strict):
    section: v.Line | None = None
    title: v.Line
    body_markdown: Annotated[str, StringConstraints(max_length=100_000)]
    language: Literal["de", "en", "any"] | None = None
    active: bool | None = None
    example: bool | None = None


class BlockChanges(Versioned):
    section: v.Line | None = None
    title: v.Line | None = None
    body_markdown: Annotated[str, StringConstraints(max_length=100_000)] | None = None
    language: Literal["de", "en", "any"] | None = None
    active: bool | None = None
    example: bool | None = None


class Send(Versioned):
    """Nothing needs to be sent; a version guards against sending what somebody else just changed."""


#: The quantity of each chosen line; null is what is ticked beforehand, an empty object none of the options.
Chosen = dict[LineId, Quantity] | None
#: As long as the service keeps with an answer.
AnswerText = Annotated[Text, StringConstraints(max_length=5_000)]


class Accept(v.Strict):
    """An admin accepts on the customer's behalf."""

    selection: Chosen = None
    total_minor: Minor | None = None
    name: v.Line = ""
    message: AnswerText = ""


#: What the mailed code was exchanged for, where the quote was sent with one.
LinkSession = Annotated[str, StringConstraints(max_length=200)] | None


class PublicAccept(v.Strict):
    """The total is the one the customer saw; another one is refused with the fresh total."""

    name: v.Name
    total_minor: Minor
    selection: Chosen = None
    accept_terms: bool = False
    message: AnswerText = ""
    session: LinkSession = None


class Decline(v.Strict):
    reason: AnswerText = ""


class PublicDecline(Decline):
    session: LinkSession = None


class Withdraw(v.Strict):
    reason: Text = ""


class Convert(v.Strict):
    """The booking is made unless it is refused here, when the quote has a date."""

    booking: bool | None = None
    contract: bool = False
    invoice: bool = True


class SendContract(v.Strict):
    """The hash of the review that was read: what was reviewed is what goes out."""

    review_hash: Annotated[str, StringConstraints(min_length=1, max_length=128)]


PngText = Annotated[str, StringConstraints(max_length=700_000)]


class Countersign(v.Strict):
    name: v.Name
    signature_png: PngText


class Sign(v.Strict):
    name: v.Name
    method: Literal["draw", "type", "upload"] = "draw"
    signature_png: PngText = ""
    consents: Annotated[list[Annotated[str, StringConstraints(max_length=64)]], Field(max_length=8)] = Field(
        default_factory=list
    )
    session: Annotated[str, StringConstraints(max_length=200)] | None = None


class SignDecline(v.Strict):
    reason: Text = ""
    session: Annotated[str, StringConstraints(max_length=200)] | None = None


class Code(v.Strict):
    code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]


class RecordPayment(v.Strict):
    amount_minor: Minor
    date: Day | None = None
    method: v.Line = "bank"
    reference: v.Line = ""
    note: Text = ""
    skonto: bool = False


class Price(v.Strict):
    currency: v.Currency
    price_entry: Literal["net", "gross"] = "net"
    lines: Annotated[list[LineItem], Field(max_length=2_000)]
