"""Bulk actions on quotes, and quotes as CSV."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kontor.errors import Invalid
from portal_gateway import bulk
from portal_gateway.api import export
from portal_gateway.api.endpoint import Api, Call
from portal_gateway.api.export import Column
from portal_gateway.api.models import Answer, Id, QuoteQuery
from portal_gateway.business import values as v

routes = Api(tag="Quotes")

_COLUMNS = (
    Column("number", "number"),
    Column("state", "state"),
    Column("title", "title"),
    Column("customer", "customer.display_name"),
    Column("customer_email", "customer.email"),
    Column("currency", "currency"),
    Column("net", "net_minor", "amount"),
    Column("vat", "vat_minor", "amount"),
    Column("total", "total_minor", "amount"),
    Column("created", "created_at", "moment"),
    Column("sent", "sent_at", "moment"),
    Column("valid_until", "valid_until"),
    Column("answered", "answered_at", "moment"),
    Column("id", "id"),
)


class BulkOnQuotes(v.Strict):
    """``ids``, or ``matching`` with the filters of the list: what matches when the request arrives."""

    verb: Literal["send", "withdraw", "duplicate", "delete"]
    ids: Annotated[list[Id], Field(min_length=1, max_length=bulk.MOST_ROWS)] | None = None
    matching: "Matching | None" = None


class Matching(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: list[str] | None = None
    customer_id: Id | None = None
    q: Annotated[str, Field(max_length=200)] | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    created_from: str | None = None
    created_to: str | None = None
    valid_until_from: str | None = None
    valid_until_to: str | None = None
    total_from_minor: int | None = None
    total_to_minor: int | None = None


class RowsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["waiting", "done", "refused"] | None = None
    after: Annotated[int, Field(ge=0, le=bulk.MOST_ROWS)] = 0


class BulkJob(Answer):
    id: str
    state: str
    total: int
    waiting: int
    done: int
    refused: int


@routes.get("/quotes.csv", query=QuoteQuery, produces="text/csv", permission="quotes.view", feature="quotes")
def quotes_csv(call: Call) -> Any:
    """Everything that matches, as CSV; ``limit`` and ``cursor`` play no part."""
    filters = call.query.model_dump(exclude={"limit", "cursor"})
    fetch = call.request.services.quotes.list_quotes
    return export.stream(call.request, "quotes", _COLUMNS, [column.header for column in _COLUMNS], fetch, filters)


@routes.post(
    "/quotes/bulk", body=BulkOnQuotes, answer=BulkJob, status=201, permission="quotes.manage", feature="quotes"
)
def bulk_on_quotes(call: Call) -> Any:
    """Carry out one act on many quotes, in the background and in the caller's name."""
    sent = call.sent
    if (sent.get("ids") is None) == (sent.get("matching") is None):
        raise Invalid.field("ids", "Please send either ids or matching.")
    filters = {"ids": sent["ids"]} if sent.get("ids") else sent["matching"]
    listed = call.request.services.quotes.list_quote_ids(**filters, limit=bulk.MOST_ROWS)
    if listed["more"]:
        raise Invalid.field("matching", "More quotes match than one action may take. Please narrow the filters.")
    found = listed["items"]
    with call.request.tx() as tx:
        return bulk.start(tx, call.new_id("bulk"), kind="quote", verb=sent["verb"], records=found)


@routes.get("/bulk-jobs/{id:uuid}", query=RowsQuery, answer=BulkJob, permission="quotes.view", feature="quotes")
def bulk_job(call: Call, id: str) -> Any:
    """A bulk action with its counts, and up to 100 of its ``rows`` behind position ``after``."""
    with call.request.tx() as tx:
        job = bulk.job(tx, UUID(id))
        call.request.require(bulk.VERBS[job["kind"], job["verb"]].permission)
        return job | {"rows": bulk.rows(tx, UUID(id), state=call.query.state, after=call.query.after)}
