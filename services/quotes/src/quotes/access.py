"""Who may touch which quote, and the customer behind it."""

from typing import Any

from kontor import links, replica
from kontor.database import Tx
from kontor.errors import FieldError, Invalid, NotFound, StaleVersion
from quotes.adapters import repository
from quotes.domain.errors import CustomerFeatureDisabled, CustomerUnknown, LinkDead
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


def for_answer(tx: Tx, quote_id: str) -> Quote:
    """The quote, locked to be answered by an admin or by the signed-in customer it was sent to."""
    quote = repository.find(tx, quote_id, lock=True)
    check_visible(tx, quote.content.customer_id, quote.state)
    if not is_customer(tx):
        replica.require_feature(tx, FLAG)
    return quote


def by_link(tx: Tx, token: str, *, lock: bool = False) -> Quote:
    """The quote a link leads to. Raises `NotFound` for a token that never was, `LinkDead` for a revoked one."""
    link = repository.link(tx, links.digest(token)) if isinstance(token, str) and token.isascii() else None
    if link is None:
        raise NotFound("There is no such link.")
    quote = repository.find(tx, link.quote_id, lock=lock)
    # Read again under the quote's lock: an edit may have revoked the link while this waited for it.
    link = repository.link(tx, links.digest(token)) if lock else link
    if link is None or link.revoked_at is not None or quote.state == State.DRAFT:
        raise LinkDead("This link is no longer valid. A newer quote may be on its way to you.")
    return quote


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
