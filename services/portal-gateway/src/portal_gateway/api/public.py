"""What a person with a link may do: answer a quote, sign a contract. No sign-in, no cookies."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from portal_gateway.api import documents_models as m
from portal_gateway.api.endpoint import Api, Call
from portal_gateway.api.models import Answer
from portal_gateway.web import links

routes = Api("public_api", tag="Public links")


class SessionQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    session: Annotated[str, StringConstraints(max_length=200)] | None = None


def _by_link(call: Call, service: str, method: str, /, **arguments: Any) -> Any:
    remote = getattr(call.request.services.named(service), method)
    return links.look_up(call.request, lambda: remote(**arguments))


def _trace(call: Call) -> dict[str, str]:
    return {"ip": call.request.ip, "user_agent": call.request.user_agent}


@routes.get("/public/quotes/{token}", query=SessionQuery, answer=Answer)
def get_quote(call: Call, token: str) -> Any:
    """The quote behind the link, and whether it can be answered; or that a code is needed first."""
    return _by_link(call, "quotes", "public_quote", token=token, session=call.query.session, ip=call.request.ip)


@routes.post("/public/quotes/{token}/code", answer=Answer, unrecorded=True)
def send_quote_code(call: Call, token: str) -> Any:
    """Mail the six-digit code to the customer."""
    return _by_link(call, "quotes", "public_request_code", token=token, ip=call.request.ip)


@routes.post("/public/quotes/{token}/verify-code", body=m.Code, answer=Answer, unrecorded=True)
def verify_quote_code(call: Call, token: str) -> Any:
    """Exchange the code for a session."""
    return _by_link(call, "quotes", "public_verify_code", token=token, code=call.body.code, ip=call.request.ip)


@routes.post("/public/quotes/{token}/accept", body=m.PublicAccept, answer=Answer)
def accept_quote(call: Call, token: str) -> Any:
    """Accept with the selection and the total that was seen."""
    body = call.body.model_dump()
    return _by_link(call, "quotes", "public_accept", token=token, **body, **_trace(call))


@routes.post("/public/quotes/{token}/decline", body=m.PublicDecline, answer=Answer)
def decline_quote(call: Call, token: str) -> Any:
    """Decline, with a reason if you like."""
    body = call.body.model_dump()
    return _by_link(call, "quotes", "public_decline", token=token, **body, **_trace(call))


@routes.get("/public/contracts/{token}", query=SessionQuery, answer=Answer)
def get_contract(call: Call, token: str) -> Any:
    """The contract behind a signer's link."""
    return _by_link(call, "contracts", "public_contract", token=token, session=call.query.session, ip=call.request.ip)


@routes.post("/public/contracts/{token}/code", answer=Answer, unrecorded=True)
def send_code(call: Call, token: str) -> Any:
    """Mail the six-digit code."""
    return _by_link(call, "contracts", "public_code", token=token)


@routes.post("/public/contracts/{token}/verify-code", body=m.Code, answer=Answer, unrecorded=True)
def verify_code(call: Call, token: str) -> Any:
    """Exchange the code for a session."""
    return _by_link(call, "contracts", "public_verify_code", token=token, code=call.body.code)


@routes.post("/public/contracts/{token}/sign", body=m.Sign, answer=Answer)
def sign_contract(call: Call, token: str) -> Any:
    """Sign. Twice is the same as once."""
    body = call.body.model_dump()
    return _by_link(call, "contracts", "public_sign", token=token, **body, **_trace(call))


@routes.post("/public/contracts/{token}/decline", body=m.SignDecline, answer=Answer)
def decline_contract(call: Call, token: str) -> Any:
    """Decline to sign; that ends it for all."""
    body = call.body.model_dump()
    return _by_link(call, "contracts", "public_sign_decline", token=token, **body, **_trace(call))
