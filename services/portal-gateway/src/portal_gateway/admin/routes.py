"""Every admin page, in the order its paths are tried."""

from portal_gateway.admin import contracts, customers, documents, home, invoices, library, operations, quotes, settings
from portal_gateway.admin.frame import context
from portal_gateway.web import Routes

routes = Routes("admin", context=context)
for area in (home, customers, quotes, contracts, library, invoices, documents, settings, operations):
    routes.extend(area.routes)
