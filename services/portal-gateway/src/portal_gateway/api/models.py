"""Bodies and queries of the API that several resources share."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from portal_gateway.business import values as v

#: 64 bit, as money is kept.
Minor = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Version = Annotated[int, Field(ge=0, le=2**31 - 1)]


def _uuid(value: str) -> str:
    from uuid import UUID

    try:
        return str(UUID(value))
    except ValueError as error:
        raise ValueError("must be an id") from error


Id = Annotated[
    str, StringConstraints(max_length=40), AfterValidator(_uuid), Field(json_schema_extra={"format": "uuid"})
]


def _date(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat() if len(value) == 10 else _no_date(value)
    except ValueError as error:
        raise ValueError("must be a date such as 2026-03-01") from error


def _no_date(value: str) -> str:
    raise ValueError(value)


Day = Annotated[str, AfterValidator(_date), Field(json_schema_extra={"format": "date"})]
Quantity = v.decimal_text(4, "-999999999", "999999999")
Percent = v.decimal_text(3, "-100", "100")
Text = v.LongText
VatCategory = Literal["standard", "zero", "exempt", "reverse_charge", "outside_scope"]


def _no_defaults(schema: dict[str, Any]) -> None:
    """In a change nothing has a default: what is not sent stays."""
    for field in schema.get("properties", {}).values():
        field.pop("default", None)


class Versioned(v.Strict):
    """A change that may say which version it is based on."""

    model_config = ConfigDict(json_schema_extra=_no_defaults)

    version: Version | None = None


class Empty(v.Strict):
    """No fields."""


class ListQuery(BaseModel):
    """Filters, order and position of a list."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")] | None = None
    customer_id: Id | None = None
    deal_uuid: Id | None = None
    q: Annotated[str, StringConstraints(max_length=200), AfterValidator(v._clean)] | None = None
    sort: Annotated[str, StringConstraints(pattern=r"^-?[a-z_]{1,40}$")] = "-created"
    cursor: Annotated[str, StringConstraints(max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class QuoteQuery(ListQuery):
    """Days are days of the business's calendar; days and amounts are inclusive."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    created_from: Day | None = None
    created_to: Day | None = None
    valid_until_from: Day | None = None
    valid_until_to: Day | None = None
    total_from_minor: Minor | None = None
    total_to_minor: Minor | None = None


class CustomerQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["active", "deactivated"] | None = None
    portal: Literal["passive", "invited", "active"] | None = None
    tag: Annotated[str, StringConstraints(max_length=40), AfterValidator(v._clean)] | None = None
    q: Annotated[str, StringConstraints(max_length=200), AfterValidator(v._clean)] | None = None
    sort: Literal["created", "-created", "name", "-name"] = "-created"
    cursor: Annotated[str, StringConstraints(max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


# -- answers, for the description only: what services give is passed on as it is -----------------------


class Answer(BaseModel):
    model_config = ConfigDict(extra="allow")


class Record(Answer):
    """A business record."""

    id: str
    version: int
    state: str
    number: str | None
    deal_uuid: str
    customer_id: str
    currency: str
    language: str
    created_at: str
    updated_at: str
    allowed: list[str]


class VatGroup(Answer):
    vat_rate: str
    vat_category: VatCategory
    net_minor: int
    vat_minor: int


class Priced(Record):
    lines: list[dict[str, Any]]
    vat_groups: list[VatGroup]
    net_minor: int
    vat_minor: int
    total_minor: int


class Quote(Priced):
    title: str
    valid_until: str | None
    exemption_reason: str
    event: dict[str, Any] | None
    attachments: list[dict[str, Any]]
    conversion: dict[str, Any] | None


class VersionsQuery(BaseModel):
    """Two versions by their numbers: v1 is 1."""

    model_config = ConfigDict(extra="forbid")

    older: Version
    newer: Version


class Change(Answer):
    """One difference; money is in minor units of its version's currency, everything else neutral text."""

    what: str
    label: str
    kind: Literal["added", "removed", "changed"]
    field: str | None
    before: str | None
    after: str | None
    before_minor: int | None
    after_minor: int | None
    line_id: str | None


class Comparison(Answer):
    """What changed between two versions."""

    changes: list[Change]
    total_before_minor: int
    total_after_minor: int
    currency_before: str
    currency: str


class Invoice(Priced):
    kind: str
    issue_date: str | None
    due_date: str | None
    paid_minor: int
    open_minor: int
    payments: list[dict[str, Any]]


class Contract(Record):
    title: str
    blocks: list[dict[str, Any]]
    signers: list[dict[str, Any]]
    integrity_hash: str | None


class Page(Answer):
    """A page of a list; ``next_cursor`` null: the last one."""

    items: list[dict[str, Any]]
    next_cursor: str | None = None
    counts: dict[str, int] = Field(default_factory=dict)


class Items(Answer):
    items: list[dict[str, Any]]


class Entity(Answer):
    id: str
    version: int


class Problem(Answer):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[dict[str, str]]
