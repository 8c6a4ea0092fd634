"""Bookings."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from portal_gateway.api.endpoint import Api, Call
from portal_gateway.api.models import Day, Entity, Id, Page, Versioned
from portal_gateway.business import values as v

routes = Api(tag="Bookings")
VIEW: Any = {"permission": "quotes.view", "feature": "quotes"}
MANAGE: Any = {"permission": "quotes.manage", "feature": "quotes"}

Status = Literal["tentative", "confirmed", "delivered", "cancelled"]
#: ``2026-06-12T14:00`` on the clocks of the business, or with an offset; a day when ``all_day``.
Moment = Annotated[str, StringConstraints(max_length=40)]


class _Booking(v.Strict):
    type: v.Line = ""
    all_day: bool | None = None
    location: v.LongText = ""
    customer_id: Id | None = None
    deal_uuid: Id | None = None
    status: Status | None = None
    resource: v.Line = ""
    exclusive: bool = False
    reminder_opt_out: bool = False
    confirm_overlap: Annotated[
        bool, Field(description="True where the overlap with other confirmed bookings is meant.")
    ] = False


class BookingFields(_Booking):
    title: v.Line
    start: Moment
    end: Moment | None = None


class BookingChanges(_Booking, Versioned):
    title: v.Line = ""
    start: Moment | None = None
    end: Moment | None = None


class BookingQuery(BaseModel):
    """What touches the days from … to belongs; by default in the order of their beginning."""

    model_config = ConfigDict(extra="forbid")

    from_: Annotated[Day | None, Field(alias="from")] = None
    to: Day | None = None
    when: Literal["upcoming", "past"] | None = None
    status: Status | None = None
    customer_id: Id | None = None
    deal_uuid: Id | None = None
    q: Annotated[str, StringConstraints(max_length=200), AfterValidator(v._clean)] | None = None
    sort: Literal["start", "-start"] = "start"
    cursor: Annotated[str, StringConstraints(max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class Booking(Entity):
    """``start`` and ``end`` are local to ``timezone``; ``starts_at`` and ``ends_at`` are the moments in UTC."""

    title: str
    type: str
    status: Status
    start: str
    end: str
    all_day: bool
    timezone: str
    starts_at: str
    ends_at: str
    location: str
    customer_id: str | None
    deal_uuid: str | None
    quote_id: str | None
    resource: str
    exclusive: bool
    reminder_opt_out: bool
    allowed: list[str]


def _quotes(call: Call) -> Any:
    return call.request.services.quotes


@routes.get("/bookings", query=BookingQuery, answer=Page, **VIEW)
def list_bookings(call: Call) -> Any:
    """A page of bookings."""
    return _quotes(call).list_bookings(**call.query.model_dump(by_alias=True, exclude_none=True))


@routes.post("/bookings", body=BookingFields, answer=Booking, status=201, **MANAGE)
def create_booking(call: Call) -> Any:
    """Create a booking. 409 `BOOKING_OVERLAPS` names the others in ``conflicts``; 409 `RESOURCE_TAKEN` cannot be
    confirmed away."""
    return _quotes(call).create_booking(id=str(call.new_id("booking")), fields=call.sent)


@routes.get("/bookings/{id:uuid}", answer=Booking, **VIEW)
def get_booking(call: Call, id: str) -> Any:
    """One booking."""
    return _quotes(call).get_booking(id=id)


@routes.patch("/bookings/{id:uuid}", body=BookingChanges, answer=Booking, **MANAGE)
def change_booking(call: Call, id: str) -> Any:
    """Change only the fields sent; the status moves along its table."""
    return _quotes(call).update_booking(id=id, version=call.version, changes=call.sent)


@routes.post("/bookings/{id:uuid}/deliver", answer=Booking, **MANAGE)
def deliver_booking(call: Call, id: str) -> Any:
    """What was booked is done."""
    return _quotes(call).deliver_booking(id=id)


@routes.delete("/bookings/{id:uuid}", **MANAGE)
def delete_booking(call: Call, id: str) -> None:
    """Delete a booking that was neither delivered nor made by a quote."""
    _quotes(call).delete_booking(id=id, version=call.version)
