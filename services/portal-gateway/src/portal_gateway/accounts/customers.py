"""Customers: the record every service keeps a replica of."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor.clock import calendar_date
from kontor.database import Tx, plain
from kontor.errors import FieldError, InvalidTransition, NotFound, Refusal, StaleVersion
from kontor.series import next_numbers
from portal_gateway.accounts import sessions
from portal_gateway.accounts.customer_fields import DEFAULTS, NAMES, display_name, search_text, spelled, validated
from portal_gateway.adapters.tables import customer, customer_link, deal, invitation, portal_account
from portal_gateway.business import sections

_OWN_COLUMNS = ("email", "display_name", "customer_number", "tags")


class NumberInUse(Refusal):
    code = "CONFLICT"

    def __init__(self) -> None:
        message = "Another customer has this number."
        super().__init__(message, errors=[FieldError("customer_number", message)])


#: Whether the customer can sign in: has an account, has an invitation that waits, or neither.
PORTAL = sa.case(
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
)


def as_record(row: Any) -> dict[str, Any]:
    """A row of the table as the record it is everywhere else."""
    record: dict[str, Any] = plain(dict(row))
    record.pop("search_text")
    return {**DEFAULTS, **record.pop("fields"), **record, "active": record["state"] == "active"}


def find(tx: Tx, id: object, *, lock: bool = False) -> dict[str, Any]:
    """The whole record; raises `NotFound`."""
    statement = sa.select(customer, PORTAL.label("portal")).where(customer.c.id == id)
    if lock:
        statement = statement.with_for_update(of=customer)
    row = tx.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such customer.")
    return as_record(row)


def create(tx: Tx, id: UUID, fields: dict[str, Any]) -> dict[str, Any]:
    """Add a customer with the installation's defaults for what is not sent, and a number of its own.

    Creating the same id again gives the record as it is.
    """
    if tx.conn.scalar(sa.select(customer.c.id).where(customer.c.id == id)):
        return find(tx, id)
    value = validated({**defaults(tx), **fields})
    value["tags"] = spelled(tx, value["tags"])
    if not value["customer_number"]:
        [value["customer_number"]] = free_numbers(tx, 1)
    if not add(tx, {id: value}):
        if tx.conn.scalar(sa.select(customer.c.id).where(customer.c.id == id)):
            return find(tx, id)
        raise NumberInUse()
    return find(tx, id)


def add(tx: Tx, values: Mapping[UUID, dict[str, Any]]) -> set[UUID]:
    """Store checked records, note and tell each; gives those whose id and number nobody had."""
    if not values:
        return set()
    admin_id = tx.actor.get("id") if tx.actor.get("kind") == "admin" else None
    rows = [
        {
            "id": id,
            "version": 1,
            "state": "active",
            **{name: value[name] for name in _OWN_COLUMNS},
            "search_text": search_text(value),
            "fields": {name: item for name, item in value.items() if name not in _OWN_COLUMNS},
            "created_by_admin_id": UUID(admin_id) if admin_id else None,
            "created_at": tx.now,
            "updated_at": tx.now,
        }
        for id, value in values.items()
    ]
    statement = insert(customer).on_conflict_do_nothing().returning(customer.c.id)
    made = set(tx.conn.execute(statement, rows).scalars())
    for row in rows:
        if row["id"] in made:
            tx.record("customer.created", record="customer", record_id=row["id"], after=values[row["id"]])
            _emit(tx, as_record({**row, "portal": "passive"}))
    return made


def defaults(tx: Tx) -> dict[str, Any]:
    """What a new customer starts with: the setting, and the country of the business."""
    value = dict(sections.read(tx, "customer_defaults")["value"])
    value["country"] = sections.read(tx, "business_profile")["value"]["country"]
    return value


def free_numbers(tx: Tx, count: int) -> list[str]:
    """The next numbers of the series nobody has yet.

    A number somebody typed in is skipped; customer numbers are names, not a series the tax office counts.
    """
    if not count:
        return []
    pattern = sections.read(tx, "numbering")["value"]["customer"]
    timezone = sections.read(tx, "business_profile")["value"]["timezone"]
    today = calendar_date(tx.now, timezone)
    free: list[str] = []
    while len(free) < count:
        claimed = next_numbers(tx, "customer", pattern, today, count - len(free))
        known = sa.select(customer.c.customer_number).where(customer.c.customer_number.in_(claimed))
        taken = set(tx.execute(known).scalars())
        free += [number for number in claimed if number not in taken]
    return free


def change(tx: Tx, id: object, version: int | None, changes: dict[str, Any]) -> dict[str, Any]:
    """Change only the fields sent. A display name that was made from the names follows them."""
    before = find(tx, id, lock=True)
    if version is not None and version != before["version"]:
        raise StaleVersion(version, before["version"])
    fields = {name: before[name] for name in NAMES}
    if "display_name" not in changes and before["display_name"] == display_name(before):
        fields["display_name"] = ""
    value = validated({**fields, **changes})
    value["customer_number"] = value["customer_number"] or before["customer_number"]
    if value["tags"] != before["tags"]:
        value["tags"] = spelled(tx, value["tags"])
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
            search_text=search_text(value),
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
        tx.execute(sa.delete(customer_link).where(customer_link.c.account_id == account))
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
        tx.execute(sa.delete(customer_link).where(customer_link.c.account_id == account))
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
