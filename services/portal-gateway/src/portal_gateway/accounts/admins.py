"""Admins of the studio, and how the first one comes to be."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor import links
from kontor.database import Tx, plain
from kontor.errors import FieldError, Gone, NotFound, Refusal, StaleVersion
from kontor.ids import uuid7
from portal_gateway.accounts import passwords, sessions
from portal_gateway.accounts.roles import Role
from portal_gateway.adapters.rows import inserted
from portal_gateway.adapters.tables import admin, setup_link


class EmailInUse(Refusal):
    """Somebody else already signs in with this address."""

    code = "EMAIL_IN_USE"

    def __init__(self) -> None:
        message = "Somebody already signs in with this address."
        super().__init__(message, errors=[FieldError("email", message)])


class LastSuperAdmin(Refusal):
    """Without this person nobody could manage admins any more."""

    code = "LAST_SUPER_ADMIN"

    def __init__(self) -> None:
        super().__init__("At least one active super admin has to remain.")


class SetUpDone(Refusal):
    """The installation has an admin already."""

    code = "SET_UP_DONE"

    def __init__(self) -> None:
        super().__init__("The installation has been set up already. Please sign in.")


_PUBLIC = [column for column in admin.c if column.name != "password_hash"]


def _lock(tx: Tx) -> None:
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('portal_gateway.admins'))")


def find(tx: Tx, id: object) -> dict[str, Any]:
    row = tx.execute(sa.select(*_PUBLIC).where(admin.c.id == id)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such admin.")
    return plain(dict(row))  # type: ignore[no-any-return]


def by_email(tx: Tx, email: str) -> dict[str, Any]:
    """The admin with that address; raises `NotFound`."""
    id = tx.conn.scalar(sa.select(admin.c.id).where(admin.c.email == email.strip().lower()))
    if id is None:
        raise NotFound("There is no admin with this address.")
    return find(tx, id)


def all_admins(tx: Tx) -> list[dict[str, Any]]:
    rows = tx.execute(sa.select(*_PUBLIC).order_by(admin.c.created_at)).mappings()
    return [plain(dict(row)) for row in rows]


def create(
    tx: Tx, *, email: str, name: str, password: str, role: str = Role.SUPER_ADMIN, language: str = "de"
) -> dict[str, Any]:
    """Add an admin from the command line; raises `EmailInUse` or `passwords.PasswordWeak`."""
    passwords.check(password, email=email)
    hashed = passwords.hash_password(password, lambda function: function())
    return add(tx, uuid7(), email=email, name=name, role=role, language=language, password_hash=hashed)


def add(tx: Tx, id: UUID, *, email: str, name: str, role: str, language: str, password_hash: str) -> dict[str, Any]:
    """Add an admin. Creating the same id again changes nothing; another one's address is refused."""
    email = email.strip().lower()
    holder = tx.conn.scalar(sa.select(admin.c.id).where(admin.c.email == email))
    if holder is not None and holder != id:
        raise EmailInUse()
    made = inserted(
        tx,
        insert(admin)
        .values(
            id=id,
            email=email,
            name=name or email.partition("@")[0],
            role=Role(role).value,
            language=language,
            password_hash=password_hash,
        )
        .on_conflict_do_nothing(),
    )
    created = find(tx, id) if made or holder == id else None
    if created is None:
        raise EmailInUse()
    if made:
        tx.record("admin.created", record="admin", record_id=id, after={"email": email, "role": role})
    return created


def change(tx: Tx, id: object, version: int | None, changes: dict[str, Any]) -> dict[str, Any]:
    """Change name, role, language, active or password_hash; what narrows access ends the sessions."""
    _lock(tx)
    before = find(tx, id)
    if version is not None and version != before["version"]:
        raise StaleVersion(version, before["version"])
    values = {key: value for key, value in changes.items() if key == "password_hash" or before.get(key) != value}
    if not values:
        return before
    loses = before["role"] == Role.SUPER_ADMIN and (
        values.get("role", Role.SUPER_ADMIN) != Role.SUPER_ADMIN or values.get("active") is False
    )
    if loses:
        others = tx.conn.scalar(
            sa.select(sa.func.count()).where(
                admin.c.role == Role.SUPER_ADMIN.value, admin.c.active, admin.c.id != UUID(str(id))
            )
        )
        if not others:
            raise LastSuperAdmin()
    tx.execute(
        sa.update(admin).where(admin.c.id == id).values(**values, version=admin.c.version + 1, updated_at=sa.func.now())
    )
    if values.keys() & {"active", "role", "password_hash"}:
        sessions.end_all(tx, "admin", id)
    shown = {key: value for key, value in values.items() if key != "password_hash"}
    if "password_hash" in values:
        shown["password"] = "changed"
    tx.record(
        "admin.changed",
        record="admin",
        record_id=str(id),
        before={key: before[key] for key in shown if key in before},
        after=shown,
    )
    return find(tx, id)


def any_admin(tx: Tx) -> bool:
    return bool(tx.conn.scalar(sa.select(sa.exists(sa.select(admin.c.id)))))


def first(tx: Tx, id: UUID, *, email: str, name: str, language: str, password_hash: str) -> dict[str, Any] | None:
    """Create the first admin, unless there is one: safe in several replicas at once."""
    _lock(tx)
    if any_admin(tx):
        return None
    return add(tx, id, email=email, name=name, role=Role.SUPER_ADMIN, language=language, password_hash=password_hash)


def mint_setup_link(tx: Tx) -> str | None:
    """A one-time token for the set-up page, or None when there is an admin. Older unused ones end."""
    _lock(tx)
    if any_admin(tx):
        return None
    token, digest = links.mint()
    tx.execute(sa.delete(setup_link).where(setup_link.c.used_at.is_(None)))
    tx.execute(sa.insert(setup_link).values(token_sha256=digest))
    return token


def use_setup_link(tx: Tx, token: str) -> None:
    """Spend the set-up token; raises `NotFound`, `Gone` or `SetUpDone`."""
    _lock(tx)
    row = tx.execute(
        sa.select(setup_link.c.used_at).where(setup_link.c.token_sha256 == links.digest(token)).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("This set-up link is unknown.")
    if any_admin(tx):
        raise SetUpDone()
    if row.used_at is not None:
        raise Gone("This set-up link was used already.")
    tx.execute(
        sa.update(setup_link).where(setup_link.c.token_sha256 == links.digest(token)).values(used_at=sa.func.now())
    )
