"""Previews: the record's snapshot from its service, rendered by documents."""

from portal_gateway.api.endpoint import Call, content_of
from portal_gateway.web import Response


def preview(call: Call, service: str, id: str) -> Response:
    """The PDF of a record as it stands, with a watermark while it is a draft."""
    snapshot = call.request.services.named(service).snapshot(id=id)
    answer = call.request.services.documents.preview(kind=snapshot["kind"], snapshot=snapshot)
    name = snapshot.get("number") or snapshot["kind"]
    return call.request.pdf(content_of(answer), f"{name}.pdf")
