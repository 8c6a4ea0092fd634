"""Reading a customer's own records. Whatever belongs to somebody else does not exist (404)."""

from collections.abc import Callable
from typing import Any

from kontor.errors import NotFound
from portal_gateway.accounts.identity import PortalCustomer
from portal_gateway.web import Request
from portal_gateway.web.guard import TOGGLES

Record = dict[str, Any]

#: States in which the studio is still working on a record: the customer does not see it.
UNSEEN_QUOTES = frozenset({"draft"})
UNSEEN_CONTRACTS = frozenset({"draft"})
UNSEEN_BILLS = frozenset({"draft", "pending_delivery", "scheduled", "issuing"})
OPEN_BILLS = frozenset({"sent", "partially_paid", "overdue"})

#: Pages of a list are read until this many records have been seen; a customer of a small studio has fewer.
MOST = 500


def signed_in(request: Request) -> PortalCustomer:
    """The customer behind the request; routes of this audience let nobody else in."""
    if request.customer is None:
        raise NotFound("There is nothing at this address.")
    return request.customer


def sees(request: Request, feature: str) -> bool:
    """The installation has the feature switched on, and so has this customer."""
    return bool(request.features.get(feature)) and bool(signed_in(request).toggles.get(TOGGLES[feature]))


def own(request: Request, record: Record, unseen: frozenset[str]) -> Record:
    """The record if it is this customer's and not a draft; `NotFound` otherwise, without telling which."""
    if record["customer_id"] != signed_in(request).id or record["state"] in unseen:
        raise NotFound("There is nothing at this address.")
    return record


def _all(read: Callable[..., Record], customer_id: str, unseen: frozenset[str]) -> list[Record]:
    found: list[Record] = []
    cursor: str | None = None
    while len(found) < MOST:
        page = read(customer_id=customer_id, sort="-created", cursor=cursor, limit=100)
        found += [
            record for record in page["items"] if record["state"] not in unseen and record["customer_id"] == customer_id
        ]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    return found


def quotes(request: Request) -> list[Record]:
    return _all(request.services.quotes.list_quotes, signed_in(request).id, UNSEEN_QUOTES)


def quote(request: Request, id: str) -> Record:
    return own(request, request.services.quotes.get_quote(id=id), UNSEEN_QUOTES)


def contracts(request: Request) -> list[Record]:
    return _all(request.services.contracts.list_contracts, signed_in(request).id, UNSEEN_CONTRACTS)


def contract(request: Request, id: str) -> Record:
    return own(request, request.services.contracts.get_contract(id=id), UNSEEN_CONTRACTS)


def bills(request: Request) -> list[Record]:
    return _all(request.services.invoicing.list_invoices, signed_in(request).id, UNSEEN_BILLS)


def bill(request: Request, id: str) -> Record:
    return own(request, request.services.invoicing.get_invoice(id=id), UNSEEN_BILLS)
