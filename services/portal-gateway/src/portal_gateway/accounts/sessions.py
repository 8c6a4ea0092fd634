"""Sessions on the server: random tokens stored as digests, with an idle and an absolute end.

The times are real ones: moving the installation's clock signs nobody out.
"""

import sqlalchemy as sa

from kontor import links
from kontor.database import Tx
from kontor.ids import uuid7
from portal_gateway.accounts.identity import Admin, PortalCustomer
from portal_gateway.accounts.roles import ROLES, Role
from portal_gateway.adapters.tables import session
from portal_gateway.settings import ADMIN_ABSOLUTE, ADMIN_IDLE, CUSTOMER_ABSOLUTE, CUSTOMER_IDLE

_FRESH = 60

_LIVE = """
    s.token_sha256 = :digest AND s.kind = :kind
    AND s.last_used_at > now() - make_interval(secs => :idle)
    AND s.created_at > now() - make_interval(secs => :absolute)
"""

_ADMIN = f"""
    SELECT a.id, a.email, a.name, a.role, a.language,
           s.last_used_at < now() - make_interval(secs => {_FRESH}) AS stale
    FROM session s JOIN admin a ON a.id = s.holder_id
    WHERE {_LIVE} AND a.active
"""

_CUSTOMER = f"""
    SELECT p.id AS account_id, p.email, c.id, c.display_name, c.fields,
           s.last_used_at < now() - make_interval(secs => {_FRESH}) AS stale
    FROM session s JOIN portal_account p ON p.id = s.holder_id JOIN customer c ON c.id = p.customer_id
    WHERE {_LIVE} AND c.state = 'active'
"""

TOGGLE_FIELDS = ("feature_quotes", "feature_bills", "feature_contracts", "feature_hours")


def start(tx: Tx, kind: str, holder_id: object, *, ip: str, user_agent: str, replaces: str | None = None) -> str:
    """A new session; the one it replaces ends, so that a token known before signing in is worth nothing."""
    if replaces:
        end(tx, replaces)
    token, digest = links.mint()
    tx.execute(
        sa.insert(session).values(
            token_sha256=digest, id=uuid7(), kind=kind, holder_id=holder_id, ip=ip, user_agent=user_agent
        )
    )
    return token


def end(tx: Tx, token: str) -> None:
    tx.execute(sa.delete(session).where(session.c.token_sha256 == links.digest(token)))


def end_all(tx: Tx, kind: str, holder_id: object) -> None:
    """Sign somebody out everywhere; it counts from the next request."""
    tx.execute(sa.delete(session).where(session.c.kind == kind, session.c.holder_id == holder_id))


def _find(tx: Tx, sql: str, token: str, kind: str, idle: int, absolute: int) -> sa.RowMapping | None:
    digest = links.digest(token)
    row = tx.execute(sql, {"digest": digest, "kind": kind, "idle": idle, "absolute": absolute}).mappings().one_or_none()
    if row and row["stale"]:
        # Written at most once a minute per session, so that reading pages is reading.
        tx.execute("UPDATE session SET last_used_at = now() WHERE token_sha256 = :digest", {"digest": digest})
    return row


def admin_of(tx: Tx, token: str) -> Admin | None:
    row = _find(tx, _ADMIN, token, "admin", ADMIN_IDLE, ADMIN_ABSOLUTE)
    if row is None:
        return None
    return Admin(str(row["id"]), row["email"], row["name"], row["role"], row["language"], ROLES[Role(row["role"])])


def customer_of(tx: Tx, token: str) -> PortalCustomer | None:
    row = _find(tx, _CUSTOMER, token, "customer", CUSTOMER_IDLE, CUSTOMER_ABSOLUTE)
    if row is None:
        return None
    return PortalCustomer(
        id=str(row["id"]),
        account_id=str(row["account_id"]),
        email=row["email"],
        display_name=row["display_name"],
        language=row["fields"].get("language") or "de",
        toggles={name: bool(row["fields"].get(name)) for name in TOGGLE_FIELDS},
    )


def purge(tx: Tx) -> None:
    """Remove sessions nobody can use any more."""
    longest = max(ADMIN_ABSOLUTE, CUSTOMER_ABSOLUTE)
    tx.execute("DELETE FROM session WHERE created_at < now() - make_interval(secs => :age)", {"age": longest})
