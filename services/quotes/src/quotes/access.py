"""Who may touch which quote, and the customer behind it."""

from typing import Any

from sqlalchemy import Row

from kontor import links, replica
from kontor.database import Tx
from kontor.errors import FieldError, Invalid, NotFound, StaleVersion
from quotes.adapters import repository
from quotes.domain.errors import CodeRequired, CustomerFeatureDisabled, CustomerUnknown, LinkDead
from quotes.domain.quote import Quote
from quotes.domain.state import State

FLAG = "quotes"


def is_customer(tx: Tx) -> bool:
    """The caller is a customer, signed in or with a link; everybody else works for the studio."""
    return tx.actor.get("kind") in ("customer", "link")


def for_admin(tx: Tx, quote_id: str, version: int | None = None) -> Quote:
    """The quote, locked for a change by the studio.

    Raises `NotFound` (for customers too, who have no such verbs) and `StaleVersion` when ``version`` is given
    and is not the current one.
    """
    replica.require_feature(tx, FLAG)
    if is_customer(tx):
        raise NotFound("There is no such quote.")
    quote = repository.find(tx, quote_id, lock=True)
    check_version(quote, version)
    return quote


def studio_only(tx: Tx) -> None:
    """Bookings, presets and templates are the studio's own: for customers they do not exist."""
    replica.require_feature(tx, FLAG)
    if is_customer(tx):
        raise NotFound("There is no such record.")


def for_answer(tx: Tx, quote_id: str) -> Quote:
    """The quote, locked to be answered by an admin or by the signed-in customer it was sent to."""
    quote = repository.find(tx, quote_id, lock=True)
    tx.read_clock_again()
    check_visible(tx, quote.content.customer_id, quote.state)
    if not is_customer(tx):
        replica.require_feature(tx, FLAG)
    return quote


def by_link(tx: Tx, token: str, session: str | None = None, *, lock: bool = False) -> Quote:
    """The quote a link leads to, as `follow`; raises `CodeRequired` as long as the code was not typed."""
    quote, link = follow(tx, token, lock=lock)
    if not is_open(tx, link, session):
        raise CodeRequired
    return quote


def follow(tx: Tx, token: str, *, lock: bool = False) -> tuple[Quote, Row[Any]]:
    """Quote and link behind a token, whatever may be shown of them.

    Raises `NotFound` for a token that never was, `LinkDead` for a revoked one. With ``lock`` the clock is read
    again once it is this one's turn, so that answers follow each other in time.
    """
    link = repository.link(tx, links.digest(token)) if isinstance(token, str) and token.isascii() else None
    if link is None:
        raise NotFound("There is no such link.")
    quote = repository.find(tx, link.quote_id, lock=lock)
    if lock:
        # An edit may have revoked the link while this waited for the quote's lock.
        link = repository.link(tx, links.digest(token)) or link
        tx.read_clock_again()
    if link.revoked_at is not None or quote.state == State.DRAFT:
        raise LinkDead("This link is no longer valid. A newer quote may be on its way to you.")
    return quote, link


def is_open(tx: Tx, link: Row[Any], session: str | None) -> bool:
    """The quote was sent without asking for a code, or ``session`` is what the right code was exchanged for."""
    if not repository.version(tx, link.quote_id, link.version_no)["code_required"]:
        return True
    return isinstance(session, str) and repository.has_session(tx, link.token_sha256, links.digest(session))


def check_visible(tx: Tx, customer_id: str, state: str) -> None:
    """Customers see their own quotes, and no drafts; anything else does not exist for them."""
    if is_customer(tx) and (customer_id != tx.actor.get("id") or state == State.DRAFT):
        raise NotFound("There is no such quote.")


def check_version(quote: Quote, version: int | None) -> None:
    """Refuses work on a version of the record that is no longer the current one."""
    if version is not None and version != quote.version:
        raise StaleVersion(version, quote.version)


def customer(tx: Tx, customer_id: str, *toggles: str) -> dict[str, Any]:
    """The customer's record, checked for the toggles (``feature_quotes`` …) that what comes next needs.

    Raises `CustomerUnknown`, `CustomerFeatureDisabled`, and `Invalid` for a deactivated customer.
    """
    try:
        record = replica.customer(tx, customer_id)
    except NotFound:
        message = "There is no such customer."
        raise CustomerUnknown(message, errors=[FieldError("customer_id", message)]) from None
    if record.get("active") is False:
        raise Invalid.field("customer_id", "This customer is deactivated.")
    for toggle in toggles:
        if record.get(toggle) is False:
            raise CustomerFeatureDisabled(toggle)
    return record
