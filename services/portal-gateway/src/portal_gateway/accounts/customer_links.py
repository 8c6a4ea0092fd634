"""Links by mail for customers with a portal account: to sign in without the password, or to set a new one.

Only the SHA-256 of a link is stored. It works once, for a quarter of an hour (sign-in) or an hour (reset). Asking
again leaves the one before alone, or anybody who knows the address could keep its owner out; using one ends the rest.
"""

import time
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from kontor import links
from kontor.database import Tx
from kontor.errors import Gone, NotFound
from portal_gateway.accounts import passwords, sessions, sign_in, throttle
from portal_gateway.accounts.identity import PortalCustomer
from portal_gateway.adapters.tables import customer, customer_link, portal_account
from portal_gateway.business import sections
from portal_gateway.settings import LINK_ANSWER_SECONDS, LINK_MINUTES, LINKS_PER_ACCOUNT, LINKS_PER_ADDRESS
from portal_gateway.web.request import Request


class Purpose(StrEnum):
    SIGN_IN = "sign_in"
    PASSWORD_RESET = "password_reset"


def ask(request: Request, purpose: Purpose, email: str) -> None:
    """Mail a link if the address has access. Answer and time are the same where it has none.

    Raises `TooManyAttempts` (429) by the address asked for and by the address asked from, known or not.
    """
    answer_at = time.monotonic() + LINK_ANSWER_SECONDS
    with request.kernel.db.transaction() as tx:
        throttle.take(tx, "customer link address", request.ip, LINKS_PER_ADDRESS)
        throttle.take(tx, "customer link account", f"{email} {request.ip}", LINKS_PER_ACCOUNT)
    with request.tx() as tx:
        _mint(tx, request, purpose, email.strip().lower())
    time.sleep(max(0.0, answer_at - time.monotonic()))


def _mint(tx: Tx, request: Request, purpose: Purpose, email: str) -> None:
    account = tx.execute(
        sa.select(
            portal_account.c.id,
            portal_account.c.email,
            portal_account.c.customer_id,
            customer.c.display_name,
            customer.c.version,
            customer.c.fields,
        )
        .join(customer, customer.c.id == portal_account.c.customer_id)
        .where(portal_account.c.email == email, customer.c.state == "active")
        .with_for_update(of=portal_account)
    ).one_or_none()
    if account is None:
        return
    token, digest = links.mint()
    expires_at = tx.now + timedelta(minutes=LINK_MINUTES[purpose])
    tx.execute(
        sa.insert(customer_link).values(
            token_sha256=digest, account_id=account.id, purpose=purpose, created_at=tx.now, expires_at=expires_at
        )
    )
    tx.record(f"customer.{purpose}_requested", record="customer", record_id=str(account.customer_id))
    tx.emit(
        "customer_link_requested.v1",
        deal_uuid=None,
        aggregate_id=str(account.customer_id),
        aggregate_version=account.version,
        data={
            "customer_id": str(account.customer_id),
            "purpose": str(purpose),
            "link_sealed": request.kernel.sealer.seal(token),
            "recipient": {"email": account.email, "name": account.display_name},
            "language": account.fields.get("language") or "de",
            "expires_at": expires_at,
            "issuer_name": sections.read(tx, "business_profile")["value"]["name"],
        },
    )


def _revoke(tx: Tx, account_id: UUID, purpose: Purpose | None = None) -> None:
    """End the account's open links: those of one purpose, or all."""
    statement = sa.update(customer_link).where(
        customer_link.c.account_id == account_id,
        customer_link.c.used_at.is_(None),
        customer_link.c.revoked_at.is_(None),
    )
    if purpose:
        statement = statement.where(customer_link.c.purpose == purpose)
    tx.execute(statement.values(revoked_at=tx.now))


def look(tx: Tx, purpose: Purpose, token: str, *, lock: bool = False) -> dict[str, Any]:
    """Whose link it is. Looking does not use it up.

    Raises `NotFound` for an unknown link, `Gone` for one that was used, replaced, is too old or whose customer is
    deactivated.
    """
    statement = (
        sa.select(customer_link, portal_account.c.email, customer.c.display_name, customer.c.state, customer.c.fields)
        .add_columns(customer.c.id.label("customer_id"))
        .join(portal_account, portal_account.c.id == customer_link.c.account_id)
        .join(customer, customer.c.id == portal_account.c.customer_id)
        .where(customer_link.c.token_sha256 == links.digest(token), customer_link.c.purpose == purpose)
    )
    if lock:
        statement = statement.with_for_update(of=customer_link)
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise NotFound("This link is unknown.")
    if row.used_at is not None or row.revoked_at is not None or row.expires_at <= tx.now or row.state != "active":
        raise Gone("This link is no longer valid. Please ask for a new one.")
    return {
        "account_id": row.account_id,
        "customer_id": str(row.customer_id),
        "email": row.email,
        "display_name": row.display_name,
        "language": row.fields.get("language") or "de",
    }


def use_to_sign_in(request: Request, token: str) -> PortalCustomer:
    """Spend the link and sign in. One of two simultaneous tries wins; the other raises `Gone`."""
    with request.tx() as tx:
        found = look(tx, Purpose.SIGN_IN, token, lock=True)
        _use(tx, token)
        _revoke(tx, found["account_id"], Purpose.SIGN_IN)
    return sign_in.begin_customer(request, found["account_id"])


def use_to_reset(request: Request, token: str, password: str) -> PortalCustomer:
    """Spend the link, keep the new password, end every session and open link of the account, sign in.

    Raises `PasswordWeak`, and then the link stays good.
    """
    with request.tx() as tx:
        found = look(tx, Purpose.PASSWORD_RESET, token)
    passwords.check(password, email=found["email"])
    hashed = passwords.hash_password(password, request.kernel.heavy)
    with request.tx() as tx:
        found = look(tx, Purpose.PASSWORD_RESET, token, lock=True)
        _use(tx, token)
        tx.execute(
            sa.update(portal_account).where(portal_account.c.id == found["account_id"]).values(password_hash=hashed)
        )
        _revoke(tx, found["account_id"])
        sessions.end_all(tx, "customer", found["account_id"])
        throttle.clear(tx, "customer account", found["email"])
        tx.actor = {
            "kind": "customer",
            "id": found["customer_id"],
            "name": found["display_name"],
            "ip": request.ip,
        }
        tx.record("customer.password_reset", record="customer", record_id=found["customer_id"])
    return sign_in.begin_customer(request, found["account_id"])


def _use(tx: Tx, token: str) -> None:
    tx.execute(
        sa.update(customer_link).where(customer_link.c.token_sha256 == links.digest(token)).values(used_at=tx.now)
    )


def purge(tx: Tx) -> None:
    """Forget links that ended more than a day ago."""
    tx.execute(sa.delete(customer_link).where(customer_link.c.expires_at < tx.now - timedelta(days=1)))
