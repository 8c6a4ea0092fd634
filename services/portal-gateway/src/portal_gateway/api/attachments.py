"""Files that go out with a quote."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from kontor.errors import NotFound
from portal_gateway.api.endpoint import Api, Call, content_of
from portal_gateway.api.models import Answer
from portal_gateway.business import values as v
from portal_gateway.web import Response
from portal_gateway.web.response import file_response

routes = Api(tag="Quotes")
#: 5 MB as base64, and room for the name.
MAX_BODY = 7_100_000


class AttachmentFields(v.Strict):
    """A PDF, PNG or JPEG of at most 5 MB; what it is follows from its content."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    content_b64: Annotated[str, Field(min_length=1)]


class AttachmentAnswer(Answer):
    id: str
    name: str
    mime: str
    size: int
    sha256: str
    pages: int


@routes.post(
    "/quotes/{id:uuid}/attachments",
    body=AttachmentFields,
    answer=AttachmentAnswer,
    status=201,
    max_body=MAX_BODY,
    permission="quotes.manage",
    feature="quotes",
)
def store_attachment(call: Call, id: str) -> Any:
    """Store a file for this quote. It goes out with it once the quote's `attachments` name it."""
    services = call.request.services
    quote = services.quotes.get_quote(id=id)
    row = services.documents.store_attachment(
        id=str(call.new_id("attachment")),
        name=call.body.name,
        content_b64=call.body.content_b64,
        deal_uuid=quote.get("deal_uuid"),
        record_id=id,
        beside=[part["document_id"] for part in quote.get("attachments") or ()],
    )
    return {name: row[name] for name in AttachmentAnswer.model_fields}


@routes.get(
    "/quotes/{id:uuid}/attachments/{document_id:uuid}",
    produces="application/octet-stream",
    permission="quotes.view",
    feature="quotes",
)
def get_attachment(call: Call, id: str, document_id: str) -> Response:
    """The stored file; only what the quote's `attachments` name."""
    services = call.request.services
    quote = services.quotes.get_quote(id=id)
    if document_id not in {str(part["document_id"]) for part in quote.get("attachments") or ()}:
        raise NotFound("This quote has no such attachment.")
    answer = services.documents.get_content(id=document_id)
    return file_response(content_of(answer), answer["name"], answer["mime"], inline=False)
