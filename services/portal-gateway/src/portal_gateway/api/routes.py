"""All routes under /api/v1."""

from portal_gateway.api import (
    attachments,
    bookings,
    bulk,
    contracts,
    customers,
    deals,
    description,
    invoices,
    library,
    mail_templates,
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
        attachments,
        bookings,
        library,
        mail_templates,
        contracts,
        invoices,
        deals,
        operations,
        public,
        description,
    )
    return [route for module in modules for route in module.routes]
