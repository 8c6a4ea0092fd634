"""Customers: the record every service keeps a replica of."""

import base64
import binascii
import json
import unicodedata
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import AfterValidator, Field, StringConstraints
from pydantic import ValidationError as ModelInvalid
from sqlalchemy.dialects.postgresql import insert

from kontor.clock import calendar_date
from kontor.database import Tx, plain
from kontor.errors import FieldError, Invalid, InvalidTransition, NotFound, Refusal, StaleVersion
from kontor.series import next_number
from portal_gateway.accounts import sessions
from portal_gateway.adapters.rows import inserted
from portal_gateway.adapters.tables import customer, invitation, portal_account
from portal_gateway.business import sections
from portal_gateway.business import values as v
from portal_gateway.business.refusals import invalid

House = Annotated[str, StringConstraints(max_length=16), AfterValidator(v._one_line)]
Town = Annotated[str, StringConstraints(max_length=35), AfterValidator(v._one_line)]


class NumberInUse(Refusal):
    code = "CONFLICT"

    def __init__(self) -> None:
        message = "Another customer has this number."
        super().__init__(message, errors=[FieldError("customer_number", message)])


class CustomerFields(v.Strict):
    """What can be written. Lengths of the address are those a QR-bill can print (IG 2.3 § 4.2.2)."""

    email: v.Email
    salutation: v.Line = ""
    first_name: v.Line = ""
    last_name: v.Line = ""
    company: v.Line = ""
    display_name: v.Line = ""
    street: v.ShortLine = ""
    house_number: House = ""
    postcode: House = ""
    town: Town = ""
    country: v.Country = "CH"
    language: v.Language = "de"
    currency: v.Currency = "CHF"
    billing_email: v.OptionalEmail = ""
    cc_email: v.OptionalEmail = ""
    phone: v.Line = ""
    vat_id: v.VatId = ""
    buyer_reference: v.Line = ""
    hourly_rate_minor: Annotated[int, Field(ge=0, le=10**12)] | None = None
    vat_rate: v.Percent | None = None
    billing_cadence: Literal["per_event", "monthly"] = "per_event"
    billing_cycle_day: Annotated[int, Field(ge=1, le=31)] = 1
    skonto_opt_out: bool = False
    feature_quotes: bool = True
    feature_contracts: bool = True
    feature_bills: bool = True
    feature_hours: bool = False
    customer_number: Annotated[str, StringConstraints(max_length=40), AfterValidator(v._one_line)] = ""
    notes: v.LongText = ""


_OWN_COLUMNS = ("email", "display_name", "customer_number")


def _name(fields: dict[str, Any]) -> str:
    person = f"{fields['first_name']} {fields['last_name']}".strip()
    return str(fields["company"] or person or fields["email"])


def _validated(fields: dict[str, Any]) -> dict[str, Any]:
    try:
        value = CustomerFields.model_validate(fields).model_dump()
    except ModelInvalid as error:
        raise invalid(error) from error
    errors = []
    if not (value["company"] or value["last_name"] or value["first_name"]):
        errors.append(FieldError("last_name", "Enter a name or a company."))
    problem = v.postcode_problem(value["postcode"], value["country"])
    if problem:
        errors.append(FieldError("postcode", problem))
    if errors:
        raise Invalid(errors[0].message, errors=errors)
    value["display_name"] = value["display_name"] or _name(value)
    return value


def _folded(text: str) -> str:
    """Text for searching: without accents and case, so that "muller" finds "Müller"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _search_text(value: dict[str, Any]) -> str:
    names = ("display_name", "company", "first_name", "last_name", "email", "customer_number", "town", "phone")
    return _folded(" ".join(str(value[name]) for name in names))


_PORTAL = sa.case(
    (sa.exists(sa.select(portal_account.c.id).where(portal_account.c.customer_id == customer.c.id)), "active"),
    (
        sa.exists(
            sa.select(invitation.c.token_sha256).where(
                invitation.c.customer_id == customer.c.id,
                invitation.c.used_at.is_(None),
                invitation.c.revoked_at.is_(None),
            )
        ),
        "invited",
    ),
    else_="passive",
).label("portal")


def _record(row: Any) -> dict[str, Any]:
    record: dict[str, Any] = plain(dict(row))
    record.pop("search_text")
    return {**record.pop("fields"), **record, "active": record["state"] == "active"}


def find(tx: Tx, id: object, *, lock: bool = False) -> dict[str, Any]:
    """The whole record; raises `NotFound`."""
    statement = sa.select(customer, _PORTAL).where(customer.c.id == id)
    if lock:
        statement = statement.with_for_update(of=customer)
    row = tx.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such customer.")
    return _record(row)


def create(tx: Tx, id: UUID, fields: dict[str, Any]) -> dict[str, Any]:
    """Add a customer with the installation's defaults for what is not sent, and a number of its own.

    Creating the same id again gives the record as it is.
    """
    if tx.conn.scalar(sa.select(customer.c.id).where(customer.c.id == id)):
        return find(tx, id)
    value = _validated({**defaults(tx), **fields})
    if not value["customer_number"]:
        value["customer_number"] = _next_number(tx)
    admin_id = tx.actor.get("id") if tx.actor.get("kind") == "admin" else None
    made = inserted(
        tx,
        insert(customer)
        .values(
            id=id,
            version=1,
            state="active",
            **{name: value[name] for name in _OWN_COLUMNS},
            search_text=_search_text(value),
            fields={name: item for name, item in value.items() if name not in _OWN_COLUMNS},
            created_by_admin_id=admin_id,
            created_at=tx.now,
            updated_at=tx.now,
        )
        .on_conflict_do_nothing(),
    )
    if not made:
        if tx.conn.scalar(sa.select(customer.c.id).where(customer.c.id == id)):
            return find(tx, id)
        raise NumberInUse()
    tx.record("customer.created", record="customer", record_id=id, after=value)
    return tell(tx, id)


def defaults(tx: Tx) -> dict[str, Any]:
    """What a new customer starts with: the setting, and the country of the business."""
    value = dict(sections.read(tx, "customer_defaults")["value"])
    value["country"] = sections.read(tx, "business_profile")["value"]["country"]
    return value


def _next_number(tx: Tx) -> str:
    pattern = sections.read(tx, "numbering")["value"]["customer"]
    timezone = sections.read(tx, "business_profile")["value"]["timezone"]
    today = calendar_date(tx.now, timezone)
    while True:
        number, _ = next_number(tx, "customer", pattern, today)
        # A number somebody typed in is skipped; customer numbers are names, not a series the tax office counts.
        if not tx.conn.scalar(sa.select(customer.c.id).where(customer.c.customer_number == number)):
            return number


def change(tx: Tx, id: object, version: int | None, changes: dict[str, Any]) -> dict[str, Any]:
    """Change only the fields sent. A display name that was made from the names follows them."""
    before = find(tx, id, lock=True)
    if version is not None and version != before["version"]:
        raise StaleVersion(version, before["version"])
    fields = {name: before[name] for name in CustomerFields.model_fields if name in before}
    if "display_name" not in changes and before["display_name"] == _name(before):
        fields["display_name"] = ""
    value = _validated({**fields, **changes})
    value["customer_number"] = value["customer_number"] or before["customer_number"]
    differing = [name for name in value if value[name] != before.get(name)]
    if not differing:
        return before
    if "customer_number" in differing and tx.conn.scalar(
        sa.select(customer.c.id).where(customer.c.customer_number == value["customer_number"])
    ):
        raise NumberInUse()
    tx.execute(
        sa.update(customer)
        .where(customer.c.id == id)
        .values(
            **{name: value[name] for name in _OWN_COLUMNS},
            search_text=_search_text(value),
            fields={name: item for name, item in value.items() if name not in _OWN_COLUMNS},
            version=customer.c.version + 1,
            updated_at=tx.now,
        )
    )
    tx.record(
        "customer.changed",
        record="customer",
        record_id=str(id),
        before={name: before.get(name) for name in differing},
        after={name: value[name] for name in differing},
    )
    return tell(tx, id)


def deactivate(tx: Tx, id: object) -> dict[str, Any]:
    """Nothing new for this customer; portal sessions end and open invitations die on the next request."""
    before = find(tx, id, lock=True)
    if before["state"] != "active":
        raise InvalidTransition(before["state"], "deactivate")
    tx.execute(
        sa.update(invitation)
        .where(invitation.c.customer_id == id, invitation.c.used_at.is_(None), invitation.c.revoked_at.is_(None))
        .values(revoked_at=tx.now)
    )
    account = tx.conn.scalar(sa.select(portal_account.c.id).where(portal_account.c.customer_id == id))
    if account:
        sessions.end_all(tx, "customer", account)
    return _move(tx, id, "deactivated", "customer.deactivated")


def reactivate(tx: Tx, id: object) -> dict[str, Any]:
    before = find(tx, id, lock=True)
    if before["state"] != "deactivated":
        raise InvalidTransition(before["state"], "reactivate")
    return _move(tx, id, "active", "customer.reactivated")


def _move(tx: Tx, id: object, state: str, action: str) -> dict[str, Any]:
    tx.execute(
        sa.update(customer)
        .where(customer.c.id == id)
        .values(state=state, version=customer.c.version + 1, updated_at=tx.now)
    )
    tx.record(action, record="customer", record_id=str(id), after={"state": state})
    return tell(tx, id)


def delete(tx: Tx, id: object, version: int | None = None) -> None:
    """Remove a customer no document was ever made for; others are deactivated."""
    from portal_gateway.adapters.tables import deal

    before = find(tx, id, lock=True)
    if version is not None and version != before["version"]:
        raise StaleVersion(version, before["version"])
    if tx.conn.scalar(sa.select(sa.exists(sa.select(deal.c.deal_uuid).where(deal.c.customer_id == id)))):
        raise InvalidTransition(
            before["state"], "delete", "There are documents for this customer. Deactivate the customer instead."
        )
    account = tx.conn.scalar(sa.select(portal_account.c.id).where(portal_account.c.customer_id == id))
    if account:
        sessions.end_all(tx, "customer", account)
    tx.execute(sa.delete(invitation).where(invitation.c.customer_id == id))
    tx.execute(sa.delete(portal_account).where(portal_account.c.customer_id == id))
    tx.execute(sa.delete(customer).where(customer.c.id == id))
    tx.record(
        "customer.deleted",
        record="customer",
        record_id=str(id),
        before={"display_name": before["display_name"], "customer_number": before["customer_number"]},
    )
    _emit(tx, {**before, "state": "deleted", "version": before["version"] + 1})


def tell(tx: Tx, id: object) -> dict[str, Any]:
    """The record as it is now, told to every service that keeps a copy."""
    record = find(tx, id)
    _emit(tx, record)
    return record


def _emit(tx: Tx, record: dict[str, Any]) -> None:
    tx.emit(
        "customer_changed.v1",
        deal_uuid=None,
        aggregate_id=record["id"],
        aggregate_version=record["version"],
        data={"customer": record, "version": record["version"]},
    )


# -- lists -----------------------------------------------------------------------------------------

_SORTS: dict[str, tuple[Any, bool]] = {
    "created": (customer.c.created_at, False),
    "-created": (customer.c.created_at, True),
    "name": (sa.func.lower(customer.c.display_name, type_=sa.Text), False),
    "-name": (sa.func.lower(customer.c.display_name, type_=sa.Text), True),
}


def search(
    tx: Tx,
    *,
    q: str | None = None,
    state: str | None = None,
    sort: str = "-created",
    cursor: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """A page of customers with a keyset cursor, and how many there are per state."""
    if sort not in _SORTS:
        raise Invalid.field("sort", f"sort must be one of {', '.join(_SORTS)}.")
    column, descending = _SORTS[sort]
    narrowed: list[sa.ColumnElement[bool]] = []
    for word in _folded(q or "").split():
        escaped = word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        narrowed.append(customer.c.search_text.like(f"%{escaped}%"))
    counts = {
        row.state: row.count
        for row in tx.execute(
            sa.select(customer.c.state, sa.func.count().label("count")).where(*narrowed).group_by(customer.c.state)
        )
    }
    if state:
        narrowed.append(customer.c.state == state)
    if cursor:
        key, id = _read_cursor(cursor, sort)
        keyset = sa.tuple_(column, customer.c.id)
        edge = sa.tuple_(sa.cast(sa.literal(key), column.type), sa.cast(sa.literal(id), customer.c.id.type))
        narrowed.append(keyset < edge if descending else keyset > edge)
    order = (column.desc(), customer.c.id.desc()) if descending else (column, customer.c.id)
    rows = (
        tx.execute(
            sa.select(customer, _PORTAL, column.label("sort_key")).where(*narrowed).order_by(*order).limit(limit + 1)
        )
        .mappings()
        .all()
    )
    items = []
    for row in rows[:limit]:
        record = _record(row)
        record.pop("sort_key")
        items.append(record)
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return {
        "items": items,
        "next_cursor": _cursor(sort, last["sort_key"], last["id"]) if last is not None else None,
        "counts": counts,
    }


def _cursor(sort: str, key: Any, id: UUID) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, plain(key), str(id)]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: str) -> tuple[str, str]:
    try:
        of, key, id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if of != sort:
            raise ValueError("the cursor of another order")
        if sort.endswith("created"):
            datetime.fromisoformat(key)
        return str(key), str(UUID(id))
    except (ValueError, binascii.Error, TypeError) as error:
        raise Invalid.field("cursor", "The cursor is not one this list gave.") from error
