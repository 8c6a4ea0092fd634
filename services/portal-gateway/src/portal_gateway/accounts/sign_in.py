"""Signing in and out, for admins and for customers of the portal."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from kontor.database import Tx
from kontor.errors import Refusal
from kontor.ids import derived_id
from portal_gateway.accounts import admins, passwords, sessions, throttle
from portal_gateway.accounts.identity import Admin, PortalCustomer
from portal_gateway.adapters.tables import admin as admin_table
from portal_gateway.adapters.tables import customer as customer_table
from portal_gateway.adapters.tables import portal_account
from portal_gateway.settings import ATTEMPTS_PER_ACCOUNT, ATTEMPTS_PER_ADDRESS
from portal_gateway.web import security
from portal_gateway.web.request import Request


class SignInRefused(Refusal):
    """Wrong address or password: the answer and its time do not tell which."""

    code = "SIGN_IN_REFUSED"

    def __init__(self) -> None:
        super().__init__("E-mail address or password is not right.")


def _judge(
    request: Request, kind: str, email: str, password: str, stored: Callable[[Tx], tuple[UUID, str] | None]
) -> UUID:
    """Throttle, compare, and give the account's id; every path does the same work."""
    with request.kernel.db.transaction() as tx:
        throttle.take(tx, f"{kind} address", request.ip, ATTEMPTS_PER_ADDRESS)
        throttle.take(tx, f"{kind} account", email, ATTEMPTS_PER_ACCOUNT)
        found = stored(tx)
    hashed = found[1] if found else None
    if not passwords.matches(password, hashed, request.kernel.heavy) or found is None:
        raise SignInRefused()
    with request.kernel.db.transaction() as tx:
        throttle.give_back(tx, f"{kind} address", request.ip)
    return found[0]


def _begin(request: Request, tx: Tx, kind: str, holder_id: UUID) -> str:
    cookie = f"kontor_{kind}"
    token = sessions.start(
        tx,
        kind,
        holder_id,
        ip=request.ip,
        user_agent=request.user_agent,
        replaces=request.cookies.get(cookie),
    )
    request.set_cookie(cookie, token)
    request.session_token = token
    request.csrf_token = security.csrf_of(token)
    return token


def admin(request: Request, email: str, password: str) -> Admin:
    """Sign an admin in: sets the cookie, starts a new session, ends the one before.

    Raises `SignInRefused` (401) or `TooManyAttempts` (429).
    """

    def stored(tx: Tx) -> tuple[UUID, str] | None:
        row = tx.execute(
            sa.select(admin_table.c.id, admin_table.c.password_hash).where(
                admin_table.c.email == email.strip().lower(), admin_table.c.active
            )
        ).one_or_none()
        return (row.id, row.password_hash) if row else None

    holder = _judge(request, "admin", email, password, stored)
    return _sign_in_admin(request, holder, email)


def _sign_in_admin(request: Request, holder: UUID, email: str) -> Admin:
    with request.kernel.db.transaction() as tx:
        throttle.clear(tx, "admin account", email)
        token = _begin(request, tx, "admin", holder)
        found = sessions.admin_of(tx, token)
        if found is None:
            raise SignInRefused()
        tx.actor = {"kind": "admin", "id": found.id, "name": found.name, "ip": request.ip}
        tx.record("admin.signed_in", record="admin", record_id=found.id)
    request.admin = found
    return found


def customer(request: Request, email: str, password: str) -> PortalCustomer:
    """Sign a customer in to the portal; raises as `admin` does."""

    def stored(tx: Tx) -> tuple[UUID, str] | None:
        row = tx.execute(
            sa.select(portal_account.c.id, portal_account.c.password_hash)
            .join(customer_table, customer_table.c.id == portal_account.c.customer_id)
            .where(portal_account.c.email == email.strip().lower(), customer_table.c.state == "active")
        ).one_or_none()
        return (row.id, row.password_hash) if row else None

    holder = _judge(request, "customer", email, password, stored)
    with request.kernel.db.transaction() as tx:
        throttle.clear(tx, "customer account", email)
    return begin_customer(request, holder)


def begin_customer(request: Request, account_id: UUID) -> PortalCustomer:
    """Start a portal session for an account that has proven itself."""
    with request.kernel.db.transaction() as tx:
        token = _begin(request, tx, "customer", account_id)
        found = sessions.customer_of(tx, token)
        if found is None:
            raise SignInRefused()
        tx.actor = {"kind": "customer", "id": found.id, "name": found.display_name, "ip": request.ip}
        tx.record("customer.signed_in", record="customer", record_id=found.id)
    request.customer = found
    return found


def leave(request: Request) -> None:
    """Sign out: the session ends on the server, the cookie goes."""
    kind = "customer" if request.route.audience == "customer" else "admin"
    token = request.cookies.get(f"kontor_{kind}")
    if token:
        with request.tx() as tx:
            sessions.end(tx, token)
    request.set_cookie(f"kontor_{kind}", "", max_age=0)
    request.admin, request.customer, request.session_token = None, None, None


def setup_needed(tx: Tx) -> bool:
    """Whether the installation waits for its first admin."""
    return not admins.any_admin(tx)


def first_admin(request: Request, token: str, email: str, name: str, password: str) -> Admin:
    """Create the first admin with the one-time token of the set-up link, and sign them in."""
    with request.kernel.db.transaction() as tx:
        throttle.take(tx, "setup address", request.ip, ATTEMPTS_PER_ADDRESS)
    passwords.check(password, email=email)
    hashed = passwords.hash_password(password, request.kernel.heavy)
    id = derived_id("first admin", email.strip().lower())
    with request.kernel.db.transaction() as tx:
        admins.use_setup_link(tx, token)
        made: dict[str, Any] | None = admins.first(
            tx, id, email=email, name=name, language=request.language, password_hash=hashed
        )
        if made is None:
            raise admins.SetUpDone()
    return _sign_in_admin(request, id, email)
