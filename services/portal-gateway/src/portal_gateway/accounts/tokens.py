"""API tokens: shown once, stored as digests, narrowed to scopes, never wider than their admin's role."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor import links
from kontor.database import Tx, plain
from kontor.errors import FieldError, Invalid, NotFound
from kontor.ids import uuid7
from portal_gateway.accounts import admins
from portal_gateway.accounts.identity import Admin
from portal_gateway.accounts.roles import PERMISSIONS, ROLES, Role
from portal_gateway.adapters.rows import inserted
from portal_gateway.adapters.tables import admin, api_token

PREFIX = "kontor_"


def mint() -> str:
    """A new token; the prefix lets secret scanners recognise it."""
    return PREFIX + links.mint()[0]


def create(tx: Tx, *, admin_email: str, name: str, permissions: list[str] | None = None) -> str:
    """A token for the admin with that address, for the command line; all permissions of the role by default."""
    holder = admins.by_email(tx, admin_email)
    token = mint()
    scopes = list(PERMISSIONS) if permissions is None else permissions
    add(tx, uuid7(), UUID(holder["id"]), name, scopes, token)
    return token


def add(
    tx: Tx, id: UUID, admin_id: UUID, name: str, scopes: list[str], token: str, expires_at: Any = None
) -> dict[str, Any]:
    """Store the digest of ``token``. Creating the same id again changes nothing."""
    unknown = [index for index, scope in enumerate(scopes) if scope not in PERMISSIONS]
    if unknown:
        raise Invalid(
            "There is no such permission.",
            errors=[FieldError(f"scopes[{index}]", f"{scopes[index]} is no permission.") for index in unknown],
        )
    made = inserted(
        tx,
        insert(api_token)
        .values(
            id=id,
            admin_id=admin_id,
            name=name,
            token_sha256=links.digest(token),
            scopes=sorted(set(scopes)),
            expires_at=expires_at,
        )
        .on_conflict_do_nothing(index_elements=[api_token.c.id]),
    )
    if made:
        tx.record("api_token.created", record="api_token", record_id=id, after={"name": name, "scopes": sorted(scopes)})
    return find(tx, id)


def _columns() -> list[sa.ColumnElement[Any]]:
    return [column for column in api_token.c if column.name != "token_sha256"]


def find(tx: Tx, id: object) -> dict[str, Any]:
    row = tx.execute(sa.select(*_columns()).where(api_token.c.id == id)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such token.")
    return plain(dict(row))  # type: ignore[no-any-return]


def all_tokens(tx: Tx) -> list[dict[str, Any]]:
    rows = tx.execute(
        sa.select(*_columns(), admin.c.email.label("admin_email"))
        .join(admin, admin.c.id == api_token.c.admin_id)
        .order_by(api_token.c.created_at.desc())
    )
    return [plain(dict(row)) for row in rows.mappings()]


def revoke(tx: Tx, id: object) -> dict[str, Any]:
    """End the token at once; revoking twice is the same as once."""
    ended = tx.execute(
        sa.update(api_token)
        .where(api_token.c.id == id, api_token.c.revoked_at.is_(None))
        .values(revoked_at=sa.func.now())
    )
    token = find(tx, id)
    if ended.rowcount:
        tx.record("api_token.revoked", record="api_token", record_id=str(id), before={"name": token["name"]})
    return token


def admin_of(tx: Tx, token: str) -> Admin | None:
    """The admin behind the token, with the permissions both the role and the scopes give."""
    row = (
        tx.execute(
            sa.text(
                """
                SELECT a.id, a.email, a.name, a.role, a.language, t.id AS token_id, t.scopes,
                       coalesce(t.last_used_at < now() - interval '1 minute', true) AS stale
                FROM api_token t JOIN admin a ON a.id = t.admin_id
                WHERE t.token_sha256 = :digest AND a.active AND t.revoked_at IS NULL
                  AND (t.expires_at IS NULL OR t.expires_at > now())
                """
            ),
            {"digest": links.digest(token)},
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    if row["stale"]:
        tx.execute("UPDATE api_token SET last_used_at = now() WHERE id = :id", {"id": row["token_id"]})
    permissions = ROLES[Role(row["role"])] & frozenset(row["scopes"])
    return Admin(str(row["id"]), row["email"], row["name"], row["role"], row["language"], permissions)
