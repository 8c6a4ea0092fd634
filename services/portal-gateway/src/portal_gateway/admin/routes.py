"""Every admin page, in the order its paths are tried."""

from portal_gateway.admin import (
    bulk,
    contracts,
    customers,
    documents,
    home,
    invoices,
    library,
    operations,
    quotes,
    record_lists,
    settings,
)
from portal_gateway.admin.frame import context
from portal_gateway.web import Routes

routes = Routes("admin", context=context)
for area in (
    home,
    customers,
    record_lists,
    bulk,
    quotes,
    contracts,
    library,
    invoices,
    documents,
    settings,
    operations,
):
    routes.extend(area.routes)
