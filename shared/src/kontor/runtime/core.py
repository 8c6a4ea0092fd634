"""What the runtime gives every service: database, clock, settings, inbox, relay."""

import os
import platform
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import eventlet
from eventlet.semaphore import Semaphore
from nameko.extensions import DependencyProvider

from kontor import telemetry
from kontor.clock import Clock
from kontor.database import SYSTEM, Database, Tx
from kontor.inbox import Inbox
from kontor.outbox import Relay
from kontor.runtime import broker
from kontor.secrets import Sealer
from kontor.settings import Settings

SETTINGS_KEY = "kontor.settings"
POLL_SECONDS = 5.0  # what is left over by replicas that died; own work wakes its loop at once
RETRY_SECONDS = 1.0
TROUBLE_PAUSE_SECONDS = 1.0


class ServiceCore(DependencyProvider):  # type: ignore[misc]
    """One per service and process. Workers get a `WorkerCore` of it that knows who is asking."""

    settings: Settings
    db: Database
    inbox: Inbox
    relay: Relay

    def setup(self) -> None:
        service = self.container.service_cls
        self.settings = self.container.config[SETTINGS_KEY]
        self.name: str = service.name
        self.db = Database(self.settings.database_url_of(self.name), self.name, movable_clock=self.settings.dev_clock)
        self.sealer = Sealer(self.settings.secret_key)
        self._publisher = broker.EventPublisher(self.settings.amqp_url)
        self.relay = Relay(self.db, self._publisher.publish)
        self._wake = Semaphore(0)
        self._stopping = False
        self.db.on_events = self.wake
        self.inbox = Inbox(self.db, service.bound_handlers(self))
        self.log = telemetry.logger(service=self.name)

    def start(self) -> None:
        self._publishing = self.container.spawn_managed_thread(self._publish_events, "relay")
        self._retrying = self.container.spawn_managed_thread(self._retry_messages, "inbox")

    def stop(self) -> None:
        self._stopping = True
        self.wake()
        self._publishing.wait()
        self._retrying.kill()
        self._publisher.close()
        self.db.close()

    def kill(self) -> None:
        self._stopping = True
        self.db.close()

    def wake(self) -> None:
        """Let the relay look at the outbox now."""
        if self._wake.counter == 0:
            self._wake.release()

    def _publish_events(self) -> None:
        while not self._stopping:
            try:
                self.relay.run_once()
            except Exception as error:  # broker or database away: the events stay in the outbox
                self.log.warning("events could not be published, trying again", exc_info=error)
                eventlet.sleep(TROUBLE_PAUSE_SECONDS)
            else:
                self._wake.acquire(timeout=POLL_SECONDS)

    def _retry_messages(self) -> None:
        while True:
            eventlet.sleep(RETRY_SECONDS if self.inbox.attentive else POLL_SECONDS)
            try:
                self.inbox.retry_due()
            except Exception as error:  # database away: the messages stay in the inbox
                self.log.warning("the inbox could not be read, trying again", exc_info=error)
                eventlet.sleep(TROUBLE_PAUSE_SECONDS)

    def get_dependency(self, worker_ctx: Any) -> "WorkerCore":
        return WorkerCore(self, worker_ctx.data)

    def health(self) -> dict[str, Any]:
        """The facts the System page shows about this replica."""
        return {
            "service": self.name,
            "host": platform.node(),
            "pid": os.getpid(),
            "outbox": self.relay.lag(),
            "inbox": self.inbox.counts(),
        }


class Resource(DependencyProvider):  # type: ignore[misc]
    """Base for what a service keeps once per process: subclasses implement ``setup``, ``stop``, ``get_dependency``."""

    @property
    def settings(self) -> Settings:
        settings: Settings = self.container.config[SETTINGS_KEY]
        return settings


class WorkerCore:
    """A `ServiceCore` seen from one call: the same resources, and who is calling."""

    def __init__(self, core: ServiceCore, context: Mapping[str, Any]) -> None:
        self.service = core
        self.actor: Mapping[str, Any] = context.get("actor") or SYSTEM
        self.request_id: str | None = context.get("request_id")
        self.deadline: float | None = context.get("deadline")

    @property
    def db(self) -> Database:
        return self.service.db

    @property
    def clock(self) -> Clock:
        return self.service.db.clock

    @property
    def settings(self) -> Settings:
        return self.service.settings

    @property
    def sealer(self) -> Sealer:
        return self.service.sealer

    @property
    def log(self) -> Any:
        return self.service.log

    def transaction(self, *, causation_id: UUID | None = None) -> AbstractContextManager[Tx]:
        """A transaction in the name of whoever is calling."""
        return self.db.transaction(actor=self.actor, request_id=self.request_id, causation_id=causation_id)
