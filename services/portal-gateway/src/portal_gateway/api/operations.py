"""For operators: parked messages, health, and the clock of test installations."""

import threading
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints

from kontor.errors import Invalid, NotFound, Refusal
from portal_gateway.api.endpoint import Api, Call
from portal_gateway.api.models import Answer
from portal_gateway.business import values as v
from portal_gateway.web import Request

routes = Api(tag="Operations")

SERVICES = ("portal_gateway", "quotes", "contracts", "invoicing", "documents")


class Discard(v.Strict):
    reason: v.Name


class ClockBody(v.Strict):
    """The moment it shall be now, with offset; null: real time."""

    now: Annotated[str, StringConstraints(max_length=40)] | None


def ask_all(request: Request, method: str, arguments: dict[str, Any], *, seconds: float) -> dict[str, Any]:
    """Ask every service at once. The values are answers, or the refusal that came instead."""
    answers: dict[str, Any] = {}

    def ask(service: str) -> None:
        try:
            answers[service] = request.kernel.rpc.call(
                service, method, arguments, actor=request.actor, request_id=request.id, seconds=seconds
            )
        except Refusal as refusal:
            answers[service] = refusal

    threads = [threading.Thread(target=ask, args=(service,)) for service in SERVICES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for service in SERVICES:
        answers.setdefault(service, Refusal("The service failed."))
    return answers


def states_of_services(request: Request, *, seconds: float = 2.0) -> dict[str, dict[str, Any]]:
    """``{service: {"ok": bool, …}}`` for every service, asked at once."""
    states = {}
    for service, answer in ask_all(request, "health", {}, seconds=seconds).items():
        if isinstance(answer, Refusal):
            states[service] = {"ok": False, "code": answer.code, "detail": answer.detail}
        else:
            states[service] = {"ok": True, **answer}
    return states


@routes.get("/operations/health", permission="operations.manage", answer=Answer)
def health(call: Call) -> Any:
    """Every service: whether it answers, its outbox and inbox."""
    states = states_of_services(call.request)
    return {"ok": all(state["ok"] for state in states.values()), "services": states}


@routes.get("/operations/parked-messages", permission="operations.manage", answer=Answer)
def parked_messages(call: Call) -> Any:
    """Messages given up after the last try, of every service, with reason and payload."""
    return parked(call.request)


def parked(request: Request) -> dict[str, Any]:
    items, unavailable = [], []
    for service, answer in ask_all(request, "list_parked", {"limit": 200}, seconds=3.0).items():
        if isinstance(answer, Refusal):
            unavailable.append(service)
        else:
            items += [{**item, "service": service} for item in answer]
    items.sort(key=lambda item: str(item.get("received_at", "")), reverse=True)
    return {"items": items, "next_cursor": None, "unavailable": unavailable}


def _known(service: str, event_id: str) -> None:
    if service not in SERVICES:
        raise NotFound("There is no such service.")
    try:
        UUID(event_id)
    except ValueError as error:
        raise NotFound("There is no such message.") from error


_MESSAGE = "/operations/parked-messages/{service}/{event_id}/{handler}"


@routes.post(_MESSAGE + "/retry", permission="operations.manage", answer=Answer)
def retry(call: Call, service: str, event_id: str, handler: str) -> Any:
    """Try a parked message again, now."""
    _known(service, event_id)
    return call.request.kernel.rpc.call(
        service,
        "retry_parked",
        {"event_id": event_id, "handler": handler},
        actor=call.request.actor,
        request_id=call.request.id,
    )


@routes.post(_MESSAGE + "/discard", permission="operations.manage", body=Discard, answer=Answer)
def discard(call: Call, service: str, event_id: str, handler: str) -> Any:
    """Give a parked message up for good, with a reason."""
    _known(service, event_id)
    return call.request.kernel.rpc.call(
        service,
        "discard_parked",
        {"event_id": event_id, "handler": handler, "reason": call.body.reason},
        actor=call.request.actor,
        request_id=call.request.id,
    )


@routes.put("/developer/clock", permission="operations.manage", body=ClockBody, answer=Answer)
def set_clock(call: Call) -> Any:
    """Move the clock of every service (test installations only)."""
    if not call.request.kernel.settings.dev_clock:
        raise NotFound("There is nothing at this address.")
    now = call.body.now
    if now is not None:
        try:
            moment = datetime.fromisoformat(now)
        except ValueError as error:
            raise Invalid.field("now", "now must be a moment such as 2026-03-29T01:30:00+00:00.") from error
        if moment.tzinfo is None:
            raise Invalid.field("now", "now must carry an offset such as +00:00.")
    answers = ask_all(call.request, "set_clock", {"now": now}, seconds=8.0)
    for answer in answers.values():
        if isinstance(answer, Refusal):
            raise answer
    return {"now": answers["portal_gateway"], "services": answers}
