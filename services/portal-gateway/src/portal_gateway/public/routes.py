"""Every route behind a personal link."""

from portal_gateway.public import contracts, quote_code, quotes
from portal_gateway.public.issuer import issuer_view
from portal_gateway.web import Request, Routes


def public_context(request: Request) -> dict[str, object]:
    """The frame shows who writes; pages of a record replace it with the issuer frozen in the record."""
    return {"issuer": issuer_view(request.business)}


routes = Routes("public", context=public_context)
routes.extend(quotes.routes)
routes.extend(quote_code.routes)
routes.extend(contracts.routes)
