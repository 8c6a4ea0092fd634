"""Payment terms: named templates of net days, start, Skonto and instalments. Documents copy what they use."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from pydantic import ValidationError as ModelInvalid
from sqlalchemy.dialects.postgresql import insert

from kontor.database import Tx, plain
from kontor.errors import FieldError, Invalid, NotFound, Refusal, StaleVersion
from kontor.ids import derived_id
from portal_gateway.adapters.rows import inserted
from portal_gateway.adapters.tables import payment_term
from portal_gateway.business import sections
from portal_gateway.business import values as v
from portal_gateway.business.refusals import invalid

_SECTION = "payment_terms"


class NameInUse(Refusal):
    code = "CONFLICT"

    def __init__(self) -> None:
        message = "Payment terms with this name exist already."
        super().__init__(message, errors=[FieldError("name", message)])


class PercentagesNot100(Invalid):
    code = "PERCENTAGES_NOT_100"


class Installment(v.Strict):
    label: v.Name
    percent: v.Percent
    trigger: Literal["on_acceptance", "on_delivery", "scheduled", "before_event", "after_event"] = "on_acceptance"
    date: str | None = None
    days: Annotated[int, Field(ge=0, le=730)] | None = None


class PaymentTerm(v.Strict):
    name: v.Name
    net_days: Annotated[int, Field(ge=0, le=365)] = 30
    from_: Annotated[Literal["issue", "acceptance", "delivery"], Field(alias="from")] = "issue"
    skonto_percent: v.Percent = "0"
    skonto_days: Annotated[int, Field(ge=0, le=365)] = 0
    installments: Annotated[list[Installment], Field(max_length=24)] = Field(default_factory=list)
    active: bool = True


def _term(name: str, net_days: int, start: str, *installments: tuple[str, str, str]) -> dict[str, Any]:
    plan = [{"label": label, "percent": percent, "trigger": trigger} for label, percent, trigger in installments]
    return {"name": name, "net_days": net_days, "from": start, "installments": plan}


#: Seeded as examples.
EXAMPLES = (
    _term("Sofort fällig", 0, "issue"),
    _term("Net 14", 14, "issue"),
    _term("Net 30", 30, "issue"),
    _term("Komplettzahlung nach Auslieferung", 14, "delivery"),
    _term(
        "10 % Anzahlung / 90 % nach Lieferung",
        14,
        "issue",
        ("Anzahlung", "10", "on_acceptance"),
        ("Restzahlung", "90", "on_delivery"),
    ),
    _term(
        "30/30/40",
        14,
        "issue",
        ("1. Rate", "30", "on_acceptance"),
        ("2. Rate", "30", "on_delivery"),
        ("3. Rate", "40", "on_delivery"),
    ),
)


def seed(tx: Tx) -> None:
    """Put the examples in once, with the same ids on every replica."""
    for term in EXAMPLES:
        create(tx, derived_id("payment term", str(term["name"])), term, example=True)


def all(tx: Tx) -> list[dict[str, Any]]:
    rows = tx.execute(sa.select(payment_term).order_by(payment_term.c.created_at, payment_term.c.name)).mappings()
    return [_record(row) for row in rows]


def _record(row: Any) -> dict[str, Any]:
    record: dict[str, Any] = plain(dict(row))
    return {**record.pop("terms"), **record}


def find(tx: Tx, id: object) -> dict[str, Any]:
    row = tx.execute(sa.select(payment_term).where(payment_term.c.id == id)).mappings().one_or_none()
    if row is None:
        raise NotFound("There are no such payment terms.")
    return _record(row)


def create(tx: Tx, id: UUID, fields: dict[str, Any], *, example: bool = False) -> dict[str, Any]:
    """Add terms. Creating the same id again changes nothing."""
    name, active, terms = _validated(fields)
    sections.lock(tx, _SECTION)
    if tx.conn.scalar(sa.select(payment_term.c.id).where(payment_term.c.id == id)):
        return find(tx, id)
    made = inserted(
        tx,
        insert(payment_term)
        .values(
            id=id,
            version=1,
            name=name,
            active=active,
            terms=terms,
            example=example,
            created_at=tx.now,
            updated_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=[payment_term.c.name]),
    )
    if not made:
        raise NameInUse()
    tx.record("payment_terms.created", record="payment_terms", record_id=id, after={"name": name, **terms})
    _tell(tx)
    return find(tx, id)


def change(tx: Tx, id: object, version: int | None, changes: dict[str, Any]) -> dict[str, Any]:
    sections.lock(tx, _SECTION)
    before = find(tx, id)
    if version is not None and version != before["version"]:
        raise StaleVersion(version, before["version"])
    fields = {field.alias or name: before[field.alias or name] for name, field in PaymentTerm.model_fields.items()}
    name, active, terms = _validated({**fields, **changes})
    if {"name": name, "active": active, **terms} == fields:
        return before
    taken = tx.conn.scalar(
        sa.select(payment_term.c.id).where(payment_term.c.name == name, payment_term.c.id != UUID(str(id)))
    )
    if taken:
        raise NameInUse()
    tx.execute(
        sa.update(payment_term)
        .where(payment_term.c.id == id)
        .values(
            name=name,
            active=active,
            terms=terms,
            example=False,
            version=payment_term.c.version + 1,
            updated_at=tx.now,
        )
    )
    tx.record("payment_terms.changed", record="payment_terms", record_id=str(id), before=fields, after=changes)
    _tell(tx)
    return find(tx, id)


def delete(tx: Tx, id: object) -> None:
    sections.lock(tx, _SECTION)
    before = find(tx, id)
    tx.execute(sa.delete(payment_term).where(payment_term.c.id == id))
    tx.record("payment_terms.deleted", record="payment_terms", record_id=str(id), before={"name": before["name"]})
    _tell(tx)


def _validated(fields: dict[str, Any]) -> tuple[str, bool, dict[str, Any]]:
    try:
        value = PaymentTerm.model_validate(fields).model_dump(by_alias=True)
    except ModelInvalid as error:
        raise invalid(error) from error
    if value["installments"] and sum(Decimal(part["percent"]) for part in value["installments"]) != 100:
        message = "The instalments must sum to 100 percent."
        raise PercentagesNot100(message, errors=[FieldError("installments", message)])
    return value.pop("name"), value.pop("active"), value


def _tell(tx: Tx) -> None:
    terms = [{key: value for key, value in term.items() if key not in {"created_at", "updated_at"}} for term in all(tx)]
    sections.keep(tx, _SECTION, sections.stored_version(tx, _SECTION) + 1, {"terms": terms})
