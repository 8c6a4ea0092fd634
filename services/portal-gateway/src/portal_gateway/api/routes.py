"""All routes under /api/v1."""

from portal_gateway.api import (
    bulk,
    contracts,
    customers,
    deals,
    description,
    invoices,
    operations,
    public,
    quotes,
    session,
    settings,
)
from portal_gateway.web import Route


def all_routes() -> list[Route]:
    """In the order of the documentation."""
    modules = (
        session,
        settings,
        customers,
        bulk,
        quotes,
        contracts,
        invoices,
        deals,
        operations,
        public,
        description,
    )
    return [route for module in modules for route in module.routes]
