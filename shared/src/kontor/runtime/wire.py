"""How calls between processes behave: transient, unconfirmed, with a deadline, refusals as data."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import nameko.rpc
from kombu import Connection, pools
from nameko.amqp.publish import Publisher
from nameko.exceptions import deserialize_to_instance
from nameko.messaging import QueueConsumer
from nameko.rpc import Rpc, RpcConsumer
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kontor import telemetry
from kontor.database import plain, to_json
from kontor.errors import Refusal, ServiceUnavailable
from kontor.runtime.broker import BROKER_AWAY

pools.set_limit(100)


class TransientPublisher(Publisher):  # type: ignore[misc]
    """Publishes without persistence and confirmation: measured, about twice as fast.

    A lost call runs into its deadline and is answered with 503; nothing depends on calls arriving.
    """

    use_confirms = False
    delivery_mode = 1

    def publish(self, payload: Any, **options: Any) -> None:
        super().publish(payload, **options | {"mandatory": False})


nameko.rpc.Responder.publisher_cls = TransientPublisher


@contextmanager
def _reconnecting(self: QueueConsumer) -> Iterator[Connection]:
    with self.create_connection() as connection:
        connection.ensure_connection(self.on_connection_error, None, 0.5, 0.5, 3)
        yield connection


# kombu's own pauses between attempts to reach a lost broker grow to 30 seconds.
QueueConsumer.establish_connection = _reconnecting


@deserialize_to_instance
class WireRefusal(Exception):
    """A refusal on its way to another process, as JSON text: nameko turns every number in an exception's
    arguments into a string."""

    def __init__(self, body: Mapping[str, Any] | str) -> None:
        super().__init__(body if isinstance(body, str) else to_json(body))

    @staticmethod
    def read(arguments: Sequence[Any]) -> dict[str, Any]:
        """The refusal's facts from the arguments that arrived."""
        body: dict[str, Any] = json.loads(arguments[0])
        return body


class DeadlinePassed(Refusal):
    """The caller has stopped waiting; doing the work now would surprise everybody."""

    code = "DEADLINE_PASSED"


class CallConsumer(RpcConsumer):  # type: ignore[misc]
    """Answers calls; an answer that cannot be delivered because the broker died must not kill the service."""

    def handle_result(self, message: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        try:
            answered: tuple[Any, Any] = super().handle_result(message, result, exc_info)
            return answered
        except BROKER_AWAY as error:
            telemetry.logger().warning("an answer could not be delivered", exc_info=error)
            return result, exc_info


class Call(Rpc):  # type: ignore[misc]
    """The entrypoint behind `rpc`."""

    rpc_consumer = CallConsumer()


def rpc(method: Callable[..., Any]) -> Any:
    """Make a service's method callable by the gateway: keyword arguments in, plain JSON out.

    Refusals reach the caller as `kontor.errors.Refused` with their code and fields. A call whose deadline
    has passed is not carried out.
    """

    @wraps(method)
    def answer(self: Any, *args: Any, **kwargs: Any) -> Any:
        core = self.core
        telemetry.bind(service=core.service.name, request_id=core.request_id, call=method.__name__)
        try:
            deadline = core.deadline
            if deadline is not None and time.time() > deadline:
                raise DeadlinePassed("The caller has stopped waiting for this.")
            return plain(method(self, *args, **kwargs))
        except Refusal as refusal:
            raise WireRefusal(plain(refusal.to_json())) from None
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            core.log.warning("the database does not answer", call=method.__name__, exc_info=error)
            raise WireRefusal(ServiceUnavailable(core.service.name).to_json()) from error
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            raise WireRefusal(ServiceUnavailable(core.service.name).to_json()) from error

    return Call.decorator(expected_exceptions=(WireRefusal,))(answer)
