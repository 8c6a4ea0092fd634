"""One process that runs one service, or all of them."""

import os
import signal
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import eventlet
from nameko.runners import ServiceRunner

from kontor import telemetry
from kontor.runtime import broker
from kontor.runtime.core import SETTINGS_KEY, ServiceCore
from kontor.runtime.probes import serve as serve_probes
from kontor.settings import SERVICES, Settings

WORKERS = 24
REPLAY_WINDOW = timedelta(minutes=10)
EMBEDDED_REPLAY_WINDOW = timedelta(minutes=20)
BROKER_PATIENCE_SECONDS = 60
GRACE_SECONDS = 15


class Process:
    """Starts nameko containers for the given service classes and stops them in good order."""

    def __init__(self, settings: Settings, services: Sequence[type]) -> None:
        self.settings = settings
        config = {
            "AMQP_URI": settings.amqp_url,
            "serializer": "json",
            "max_workers": WORKERS,
            "heartbeat": 30,
            SETTINGS_KEY: settings,
        }
        self._stopping = False
        self._runner = ServiceRunner(config)
        for service in services:
            self._runner.add_service(service)

    @property
    def containers(self) -> Any:
        return self._runner.containers

    def start(self) -> None:
        """Declare exchanges and queues, start the services, publish again what an outage may have swallowed."""
        self._declare()
        self._runner.start()
        self._publish_again()

    def _publish_again(self) -> None:
        window = EMBEDDED_REPLAY_WINDOW if self.settings.embedded_broker else REPLAY_WINDOW
        for container in self._runner.containers:
            for dependency in container.dependencies:
                if isinstance(dependency, ServiceCore):
                    dependency.relay.forget_recent(window)
                    dependency.wake()

    def answer_probes(self) -> None:
        """Serve ``/healthz`` and ``/readyz`` of the first service on the host and probe port, if one is set."""
        if self.settings.probe_port is None:
            return
        for dependency in next(iter(self._runner.containers)).dependencies:
            if isinstance(dependency, ServiceCore):
                serve_probes(dependency, self.settings.host, self.settings.probe_port)

    def _declare(self) -> None:
        for attempt in range(BROKER_PATIENCE_SECONDS + 1):
            try:
                return broker.declare_all(self.settings.amqp_url, SERVICES)
            except broker.BROKER_AWAY as error:
                if attempt == BROKER_PATIENCE_SECONDS:
                    raise
                telemetry.logger().warning("waiting for the broker", exc_info=None, reason=str(error))
                eventlet.sleep(1)

    def run(self, *, probes: bool = False) -> None:
        """Start, then serve until SIGTERM or SIGINT; work in hand is finished before it returns.

        With ``probes`` the process answers ``/healthz`` and ``/readyz`` (see `answer_probes`).
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self.start()
        if probes:
            self.answer_probes()
        self.wait()

    def _on_signal(self, *_: Any) -> None:
        eventlet.spawn_after(0, self.stop)
        eventlet.spawn_after(GRACE_SECONDS, self._give_up)

    def _give_up(self) -> None:
        """End all the same: consumers that are waiting for a broker that is away never finish stopping.

        Nothing is lost by it, what is not done is in outbox and inbox.
        """
        telemetry.logger().error("the process did not stop in time and is ended", seconds=GRACE_SECONDS)
        os._exit(1)

    def wait(self) -> None:
        """Block until all services have stopped; raises what stopped them unasked."""
        self._runner.wait()

    def stop(self) -> None:
        """Finish the work in hand and stop. Asking again changes nothing: it is on its way."""
        if not self._stopping:
            self._stopping = True
            self._runner.stop()
