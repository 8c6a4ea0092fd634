"""Every route of the customer portal."""

from typing import Any

from portal_gateway.portal import account, bills, contracts, home, links, profile, quotes, records
from portal_gateway.public.issuer import issuer_view
from portal_gateway.web import Request, Routes


def portal_context(request: Request) -> dict[str, Any]:
    """The frame: who writes, and the tabs this customer has."""
    tabs: list[str] = []
    if request.customer:
        tabs = ["home", *(tab for tab in ("quotes", "contracts", "bills") if records.sees(request, tab)), "profile"]
    return {"issuer": issuer_view(request.business), "tabs": tabs, "here": ""}


routes = Routes("customer", context=portal_context)
for part in (home, quotes, contracts, bills, account, links, profile):
    routes.extend(part.routes)
