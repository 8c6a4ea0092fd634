"""Every admin page, in the order its paths are tried."""

from portal_gateway.admin import (
    bookings,
    bulk,
    contracts,
    customer_editor,
    customer_import,
    customers,
    dev_mails,
    documents,
    home,
    invoices,
    library,
    operations,
    presets,
    quote_acts,
    quote_attachments,
    quote_library,
    quote_settings,
    quote_templates,
    quote_versions,
    quotes,
    record_lists,
    settings,
    themes,
)
from portal_gateway.admin.frame import context
from portal_gateway.web import Routes

routes = Routes("admin", context=context)
for area in (
    home,
    customer_editor,
    customer_import,
    customers,
    record_lists,
    bulk,
    quotes,
    quote_acts,
    quote_attachments,
    quote_library,
    quote_templates,
    quote_versions,
    presets,
    bookings,
    contracts,
    library,
    invoices,
    documents,
    settings,
    quote_settings,
    themes,
    operations,
    dev_mails,
):
    routes.extend(area.routes)
