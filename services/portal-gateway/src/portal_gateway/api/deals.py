"""Deals, stored documents, mails, activity: what belongs to several services at once."""

import base64
import binascii
import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kontor.errors import Invalid, NotFound
from portal_gateway.api.endpoint import Api, Call, content_of
from portal_gateway.api.models import Answer, Id, Page
from portal_gateway.projection import deals
from portal_gateway.projection.fold import PERMISSION
from portal_gateway.web import SIGNED_IN

routes = Api(tag="Deals and documents")

#: Which permission a stored document needs, by the first word of its kind.
_KINDS = {"quote": "quotes.view", "contract": "contracts.view"}


class MailQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")] | None = None
    record_id: Id | None = None
    cursor: Annotated[str, StringConstraints(max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ActivityQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    record_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    deal_uuid: Id | None = None
    cursor: Annotated[str, StringConstraints(max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@routes.get("/deals/{deal_uuid:uuid}", permission=SIGNED_IN, feature="clients", answer=Answer)
def get_deal(call: Call, deal_uuid: str) -> Any:
    """Lineage and timeline of a deal, as far as your role may see its documents."""
    with call.request.tx() as tx:
        deal = deals.read(tx, deal_uuid)
    visible = {kind for kind, permission in PERMISSION.items() if call.request.may(permission)}
    deal["records"] = [record for record in deal["records"] if record["kind"] in visible]
    deal["timeline"] = [step for step in deal["timeline"] if step["record"] in visible]
    if not deal["records"] and not deal["timeline"]:
        raise NotFound("There is no such deal.")
    return deal


def _document(call: Call, id: str) -> Any:
    row = call.request.services.documents.get_document(id=id)
    call.request.require(_KINDS.get(str(row["kind"]).partition("_")[0], "bills.view"))
    return row


@routes.get("/documents/{id:uuid}", permission=SIGNED_IN, answer=Answer)
def get_document(call: Call, id: str) -> Any:
    """Facts of a stored document: kind, number, SHA-256, size, pages."""
    return _document(call, id)


@routes.get("/documents/{id:uuid}/content", permission=SIGNED_IN, produces="application/pdf")
def get_content(call: Call, id: str) -> Any:
    """The stored bytes, after their hash was checked."""
    _document(call, id)
    answer = call.request.services.documents.get_content(id=id)
    response = call.request.pdf(content_of(answer), answer["name"])
    response.headers["ETag"] = f'"{answer["sha256"]}"'
    return response


@routes.get("/mails", permission="customers.view", query=MailQuery, answer=Page)
def list_mails(call: Call) -> Any:
    """The mail queue, newest first."""
    found = call.request.services.documents.list_mails(**call.query.model_dump(exclude_none=True))
    return found if isinstance(found, dict) else {"items": found, "next_cursor": None}


@routes.get("/mails/{id:uuid}", permission="customers.view", answer=Answer)
def get_mail(call: Call, id: str) -> Any:
    """One mail with its tries."""
    return call.request.services.documents.get_mail(id=id)


@routes.post("/mails/{id:uuid}/retry", permission="bills.manage", answer=Answer)
def retry_mail(call: Call, id: str) -> Any:
    """Try a failed mail again, now."""
    return call.request.services.documents.retry_mail(id=id)


SERVICES = ("portal_gateway", "quotes", "contracts", "invoicing", "documents")


@routes.get("/activity", permission="customers.view", query=ActivityQuery, answer=Page)
def list_activity(call: Call) -> Any:
    """Who changed what, when: of one record, of one deal, or of everything (operators)."""
    query: ActivityQuery = call.query
    if query.record_id is None and query.deal_uuid is None:
        call.request.require("operations.manage")
    return activity(call.request, query.record_id, query.deal_uuid, query.cursor, query.limit)


def activity(
    request: Any, record_id: str | None, deal_uuid: str | None, cursor: str | None = None, limit: int = 50
) -> dict[str, Any]:
    """One page over all services' logs. ``unavailable`` names services that did not answer."""
    positions = _read_cursor(cursor)
    entries: list[dict[str, Any]] = []
    unavailable = []
    for service in SERVICES:

        def read(service: str = service) -> Any:
            return request.kernel.rpc.call(
                service,
                "list_activity",
                {
                    "record_id": record_id,
                    "deal_uuid": deal_uuid,
                    "cursor": positions.get(service),
                    "limit": limit + 1,
                },
                actor=request.actor,
                request_id=request.id,
                seconds=3.0,
            )

        found, away = request.unavailable(read)
        if away:
            unavailable.append(service)
        else:
            entries += [{**item, "service": service} for item in found["items"]]
    entries.sort(key=lambda item: (item["at"], item["service"], item["seq"]), reverse=True)
    page = entries[:limit]
    following = dict(positions)
    for entry in page:
        following[entry["service"]] = entry["seq"]
    return {
        "items": page,
        "next_cursor": _cursor(following) if len(entries) > limit else None,
        "counts": {},
        "unavailable": unavailable,
    }


def _cursor(positions: dict[str, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(positions).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> dict[str, int]:
    if not cursor:
        return {}
    try:
        read = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return {str(name): int(seq) for name, seq in read.items() if name in SERVICES}
    except (ValueError, binascii.Error, AttributeError, TypeError) as error:
        raise Invalid.field("cursor", "The cursor is not one this list gave.") from error
