"""Exchanges, queues and the confirmed publication of events."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from amqp import Connection as AmqpConnection
from amqp.exceptions import AMQPError
from kombu import Connection, Exchange, Producer, Queue, binding
from kombu.exceptions import KombuError
from kontor_messages import catalogue

CONFIRM_SECONDS = 15

BROKER_AWAY = (OSError, KombuError, AMQPError)
"""What talking to a broker that is down, starting or dying may raise; each library has its own kind."""


class NotConfirmed(Exception):
    """The broker did not take all messages of a batch; they stay in the outbox."""


def exchange_of(service: str) -> Exchange:
    """The topic exchange a service publishes its events to."""
    return Exchange(f"{service}.events", type="topic", durable=True)


def queue_of(service: str, amqp_url: str) -> Queue | None:
    """The one durable queue that feeds a service's inbox, bound to every event type it consumes."""
    bindings = [
        binding(exchange_of(route.producer), routing_key=type)
        for type, route in catalogue().items()
        if service in route.consumers
    ]
    if not bindings:
        return None
    arguments = None if amqp_url.startswith("memory:") else {"x-queue-type": "quorum"}
    return Queue(f"events.{service}", bindings=bindings, durable=True, queue_arguments=arguments)


def declare_all(amqp_url: str, services: Sequence[str]) -> None:
    """Declare every exchange and every service's queue, so that no event is published before its queue exists."""
    with Connection(amqp_url) as connection:
        channel = connection.default_channel
        for service in services:
            exchange_of(service)(channel).declare()
        for service in services:
            queue = queue_of(service, amqp_url)
            if queue is not None:
                queue(channel).declare()


class EventPublisher:
    """Publishes batches of events over one connection and waits for the broker's confirmation of the whole batch.

    Persistent messages confirmed one by one reach about 540 a second; a batch waits once.
    """

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url
        self._connection: Connection | None = None
        self._unconfirmed: set[int] = set()
        self._refused: list[str] = []
        self._tag = 0

    def publish(self, batch: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Publish (type, message) pairs, or raise and leave it to the caller to try again later."""
        try:
            self._publish(batch)
        except BaseException:
            self.close()
            raise

    def _publish(self, batch: Sequence[tuple[str, dict[str, Any]]]) -> None:
        connection = self._connection or self._connect()
        producer = Producer(connection.default_channel, serializer="json", auto_declare=False)
        confirms = isinstance(connection.connection, AmqpConnection)
        for type, message in batch:
            self._tag += 1
            if confirms:
                self._unconfirmed.add(self._tag)
            producer.publish(
                message,
                exchange=exchange_of(catalogue()[type].producer),
                routing_key=type,
                mandatory=True,
                delivery_mode=2,
                retry=False,
                message_id=message["event_id"],
            )
        while self._unconfirmed:
            connection.drain_events(timeout=CONFIRM_SECONDS)
        if self._refused:
            raise NotConfirmed(", ".join(self._refused))

    def _connect(self) -> Connection:
        connection = Connection(self._url, connect_timeout=5, transport_options={"confirm_publish": False})
        connection.connect()
        self._connection, self._tag, self._unconfirmed, self._refused = connection, 0, set(), []
        if isinstance(connection.connection, AmqpConnection):
            channel = connection.default_channel
            channel.confirm_select()
            channel.events["basic_ack"].add(self._on_ack)
            channel.events["basic_nack"].add(self._on_nack)
            channel.events["basic_return"].add(self._on_return)
        return connection

    def _settle(self, tag: int, multiple: bool) -> None:
        self._unconfirmed = (
            {open for open in self._unconfirmed if open > tag} if multiple else self._unconfirmed - {tag}
        )

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._refused.append(f"message {tag} was refused")
        self._settle(tag, multiple)

    def _on_return(self, *arguments: Any) -> None:
        self._refused.append("a message was returned: its queue is missing")

    def close(self) -> None:
        """Drop the connection; the next batch opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*BROKER_AWAY):  # it may be broken already, which is why it is being dropped
                connection.release()
