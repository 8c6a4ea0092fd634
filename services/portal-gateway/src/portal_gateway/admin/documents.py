"""Stored PDFs for the admin: the file, and its pages as images."""

import base64

from portal_gateway.web import SIGNED_IN, Request, Response, Routes

routes = Routes("admin")

_PERMISSION = {
    "quote": "quotes.view",
    "quote_accepted": "quotes.view",
    "contract": "contracts.view",
    "contract_final": "contracts.view",
    "invoice": "bills.view",
}
WIDTH = 1190


@routes.get("/admin/documents/{id:uuid}/content", name="admin.document", permission=SIGNED_IN)
def content(request: Request, id: str) -> Response:
    """The stored bytes, as they were sent."""
    _require(request, id)
    found = request.services.documents.get_content(id=id)
    return request.pdf(base64.b64decode(found["content_b64"]), found["name"], inline=False)


@routes.get("/admin/documents/{id:uuid}/page", name="admin.document.page", permission=SIGNED_IN)
def page(request: Request, id: str) -> Response:
    """One page as a PNG, about two device pixels per CSS pixel of the pane."""
    _require(request, id)
    number = request.query.int("page", 1, least=1)
    found = request.services.documents.get_page_png(id=id, page=number, width=WIDTH)
    return request.image(base64.b64decode(found["content_b64"]))


def _require(request: Request, id: str) -> None:
    document = request.services.documents.get_document(id=id)
    request.require(_PERMISSION.get(document["kind"], "operations.manage"))
