"""The entrypoint that feeds a service's inbox from its queue."""

from functools import partial
from typing import Any

import eventlet
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint
from nameko.messaging import QueueConsumer

from kontor import telemetry
from kontor.runtime import broker
from kontor.runtime.core import SETTINGS_KEY

REQUEUE_PAUSE_SECONDS = 1.0
EVENTS_AT_ONCE = 8
EVENTS_AT_ONCE_EMBEDDED = 2


class EventConsumer(QueueConsumer):  # type: ignore[misc]
    """A connection of its own for events, with few of them in hand at once.

    Events that take long (rendering) must neither occupy all workers, which answer calls too, nor be
    hoarded by one replica while another is idle. In one process all services share one thread: the fewer
    events take turns with the people waiting for an answer, the sooner these get it.
    """

    @property
    def prefetch_count(self) -> int:
        embedded: bool = self.container.config[SETTINGS_KEY].embedded_broker
        return EVENTS_AT_ONCE_EMBEDDED if embedded else EVENTS_AT_ONCE


class EventQueue(Entrypoint):  # type: ignore[misc]
    """One durable queue per service; a message is acknowledged once the inbox has it, otherwise requeued."""

    queue_consumer = EventConsumer()

    def setup(self) -> None:
        self.queue = broker.queue_of(self.container.service_name, self.container.config[SETTINGS_KEY].amqp_url)
        if self.queue is not None:
            self.queue_consumer.register_provider(self)

    def stop(self) -> None:
        if self.queue is not None:
            self.queue_consumer.unregister_provider(self)

    def handle_message(self, body: Any, message: Any) -> None:
        try:
            self.container.spawn_worker(self, (body,), {}, handle_result=partial(self._settle, message))
        except ContainerBeingKilled:
            self.queue_consumer.requeue_message(message)

    def _settle(self, message: Any, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        try:
            if exc_info is None:
                self.queue_consumer.ack_message(message)
            else:  # not even the inbox could take it: the database is away
                eventlet.sleep(REQUEUE_PAUSE_SECONDS)
                self.queue_consumer.requeue_message(message)
        except broker.BROKER_AWAY as error:  # it is away and will deliver the message again
            telemetry.logger().warning("a message could not be acknowledged", exc_info=error)
        return result, exc_info


event_queue = EventQueue.decorator
