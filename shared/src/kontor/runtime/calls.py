"""Calling other services: with a deadline, in the name of whoever started the request."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import eventlet
from nameko.extensions import DependencyProvider
from nameko.rpc import ReplyListener, get_rpc_exchange

from kontor.errors import Refused, ServiceUnavailable
from kontor.runtime.broker import BROKER_AWAY
from kontor.runtime.core import SETTINGS_KEY
from kontor.runtime.wire import TransientPublisher, WireRefusal

DEADLINE_SECONDS = 10.0


class RemoteFailure(Exception):
    """The other service failed in a way it did not foresee; its log has the details under the request id."""


class Calls(DependencyProvider):  # type: ignore[misc]
    """The way to other services: ``self.call.documents.check_qrbill(bill=…)``."""

    replies = ReplyListener()

    def setup(self) -> None:
        url = self.container.config[SETTINGS_KEY].amqp_url
        self._publisher = TransientPublisher(url, serializer="json")
        self._exchange = get_rpc_exchange(self.container.config)

    def get_dependency(self, worker_ctx: Any) -> "Caller":
        return Caller(
            self,
            {name: worker_ctx.data[name] for name in ("actor", "request_id") if worker_ctx.data.get(name)},
        )

    def caller(self, *, actor: Mapping[str, Any] | None = None, request_id: str | None = None) -> "Caller":
        """A caller outside any nameko worker, such as an HTTP request."""
        context = {"actor": dict(actor) if actor else None, "request_id": request_id}
        return Caller(self, {name: value for name, value in context.items() if value})

    def perform(
        self,
        service: str,
        method: str,
        arguments: Mapping[str, Any],
        context: Mapping[str, Any],
        seconds: float,
    ) -> Any:
        """Call and wait. Raises `Refused`, `ServiceUnavailable` after ``seconds``, or `RemoteFailure`."""
        correlation_id = str(uuid4())
        event = self.replies.get_reply_event(correlation_id)
        headers = {f"nameko.{name}": value for name, value in context.items()}
        headers["nameko.deadline"] = time.time() + seconds
        try:
            with eventlet.Timeout(seconds, ServiceUnavailable(service)):
                self._publisher.publish(
                    {"args": (), "kwargs": dict(arguments)},
                    exchange=self._exchange,
                    routing_key=f"{service}.{method}",
                    reply_to=self.replies.routing_key,
                    correlation_id=correlation_id,
                    expiration=seconds,
                    extra_headers=headers,
                )
                body = event.wait()
        except BROKER_AWAY as error:
            raise ServiceUnavailable(service) from error
        finally:
            self.replies._reply_events.pop(correlation_id, None)
        failure = body.get("error")
        if failure is None:
            return body["result"]
        if failure["exc_type"] == WireRefusal.__name__:
            raise Refused.from_json(WireRefusal.read(failure["exc_args"]))
        raise RemoteFailure(f"{service}.{method}: {failure['exc_type']}: {failure['value']}")


class Caller:
    """Services by name."""

    def __init__(self, calls: Calls, context: Mapping[str, Any], seconds: float = DEADLINE_SECONDS) -> None:
        self._calls, self._context, self._seconds = calls, context, seconds

    def caller(self, *, actor: Mapping[str, Any] | None = None, request_id: str | None = None) -> "Caller":
        """The same services, called in somebody else's name."""
        return self._calls.caller(actor=actor, request_id=request_id)

    def within(self, seconds: float) -> "Caller":
        """The same caller with another deadline."""
        return Caller(self._calls, self._context, seconds)

    def __getattr__(self, service: str) -> "RemoteService":
        return RemoteService(self._calls, service, self._context, self._seconds)


class RemoteService:
    """Methods by name; each takes keyword arguments only."""

    def __init__(self, calls: Calls, service: str, context: Mapping[str, Any], seconds: float) -> None:
        self._calls, self._service, self._context, self._seconds = calls, service, context, seconds

    def __getattr__(self, method: str) -> Any:
        def call(**arguments: Any) -> Any:
            return self._calls.perform(self._service, method, arguments, self._context, self._seconds)

        return call
