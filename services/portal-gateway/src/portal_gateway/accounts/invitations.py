"""Invitations to the customer portal: a link by mail, seven days, single use, stored as a digest."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from kontor import links
from kontor.database import Tx
from kontor.errors import Gone, InvalidTransition, NotFound
from kontor.ids import uuid7
from kontor.secrets import Sealer
from portal_gateway.accounts import customers, passwords, sign_in
from portal_gateway.accounts.admins import EmailInUse
from portal_gateway.accounts.identity import PortalCustomer
from portal_gateway.adapters.tables import invitation, portal_account
from portal_gateway.business import sections
from portal_gateway.settings import INVITATION_DAYS
from portal_gateway.web.request import Request


def invite(tx: Tx, customer_id: object, sealer: Sealer) -> dict[str, Any]:
    """Mail the customer an invitation. A new one ends the one before; whoever has an account needs none."""
    record = customers.find(tx, customer_id, lock=True)
    if record["state"] != "active":
        raise InvalidTransition(record["state"], "invite")
    if record["portal"] == "active":
        raise InvalidTransition("active", "invite", "This customer has a portal account already.")
    email = record["email"].lower()
    if tx.conn.scalar(sa.select(portal_account.c.id).where(portal_account.c.email == email)):
        raise EmailInUse()
    _revoke(tx, customer_id)
    token, digest = links.mint()
    expires_at = tx.now + timedelta(days=INVITATION_DAYS)
    tx.execute(
        sa.insert(invitation).values(
            token_sha256=digest, customer_id=customer_id, email=email, created_at=tx.now, expires_at=expires_at
        )
    )
    tx.record("customer.invited", record="customer", record_id=str(customer_id), after={"email": email})
    tx.emit(
        "customer_invited.v1",
        deal_uuid=None,
        aggregate_id=str(customer_id),
        aggregate_version=record["version"],
        data={
            "customer_id": str(customer_id),
            "recipient": {"email": record["email"], "name": record["display_name"]},
            "language": record["language"],
            "link_sealed": sealer.seal(token),
            "expires_at": expires_at,
            "issuer_name": sections.read(tx, "business_profile")["value"]["name"],
        },
    )
    return customers.find(tx, customer_id)


def withdraw(tx: Tx, customer_id: object) -> dict[str, Any]:
    """End the open invitation; raises `InvalidTransition` where none is open."""
    record = customers.find(tx, customer_id, lock=True)
    if not _revoke(tx, customer_id):
        raise InvalidTransition(record["portal"], "withdraw-invitation", "There is no open invitation to withdraw.")
    tx.record("customer.invitation_withdrawn", record="customer", record_id=str(customer_id))
    return customers.find(tx, customer_id)


def _revoke(tx: Tx, customer_id: object) -> int:
    ended = tx.execute(sa.update(invitation).where(*_open(customer_id)).values(revoked_at=tx.now))
    return ended.rowcount


def _open(customer_id: object) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        invitation.c.customer_id == customer_id,
        invitation.c.used_at.is_(None),
        invitation.c.revoked_at.is_(None),
    )


def access(tx: Tx, customer_id: object) -> dict[str, Any]:
    """How the customer gets into the portal: the account, or the invitation that waits for an answer.

    ``account`` is None or ``{email, created_at}``, ``invitation`` None or ``{email, created_at, expires_at, expired}``.
    """
    account = tx.execute(
        sa.select(portal_account.c.email, portal_account.c.created_at).where(
            portal_account.c.customer_id == customer_id
        )
    ).one_or_none()
    waiting = tx.execute(
        sa.select(invitation.c.email, invitation.c.created_at, invitation.c.expires_at).where(*_open(customer_id))
    ).one_or_none()
    return {
        "account": account._asdict() if account else None,
        "invitation": {**waiting._asdict(), "expired": waiting.expires_at <= tx.now} if waiting else None,
    }


def look(tx: Tx, token: str, *, lock: bool = False) -> dict[str, Any]:
    """Whom the link invites. Raises `NotFound` for an unknown link, `Gone` for one that is over."""
    statement = sa.select(invitation).where(invitation.c.token_sha256 == links.digest(token))
    if lock:
        statement = statement.with_for_update()
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise NotFound("This invitation is unknown.")
    if row.used_at is not None:
        raise Gone("This invitation was used already. Please sign in.")
    if row.revoked_at is not None or row.expires_at <= tx.now:
        raise Gone("This invitation is no longer valid. Please ask for a new one.")
    record = customers.find(tx, row.customer_id)
    return {
        "customer_id": record["id"],
        "email": row.email,
        "display_name": record["display_name"],
        "language": record["language"],
    }


def accept(request: Request, token: str, password: str) -> PortalCustomer:
    """Spend the invitation: set the password, open the account, sign in. One of two simultaneous tries wins."""
    with request.tx() as tx:
        found = look(tx, token)
    passwords.check(password, email=found["email"])
    hashed = passwords.hash_password(password, request.kernel.heavy)
    account_id = uuid7()
    with request.tx() as tx:
        found = look(tx, token, lock=True)
        if tx.conn.scalar(sa.select(portal_account.c.id).where(portal_account.c.email == found["email"])):
            raise EmailInUse()
        tx.execute(
            sa.insert(portal_account).values(
                id=account_id, customer_id=found["customer_id"], email=found["email"], password_hash=hashed
            )
        )
        tx.execute(sa.update(invitation).where(invitation.c.token_sha256 == links.digest(token)).values(used_at=tx.now))
        tx.record("customer.joined_portal", record="customer", record_id=found["customer_id"])
    return sign_in.begin_customer(request, account_id)
