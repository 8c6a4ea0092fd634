"""One service (or a few) running in a child process on the in-memory broker, with a fresh database.

The child imports the runtime, which changes the standard library's blocking calls; the test process stays
as it is and talks to the child over a unix socket.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from kontor.envelope import Event
from kontor.errors import Refused
from kontor.ids import uuid7
from kontor.settings import Settings
from tests.support.ports import eventually

ADMIN = {"kind": "admin", "id": "00000000-0000-7000-8000-000000000001", "name": "Test Admin"}


class CallFailed(Exception):
    """The service raised something it did not foresee; the message names it."""


class Rpc:
    """``harness.rpc.get_quote(id=…)``; refusals arrive as `kontor.errors.Refused`."""

    def __init__(self, harness: "ServiceHarness", service: str, actor: Mapping[str, Any] | None) -> None:
        self._harness, self._service, self._actor = harness, service, actor

    def __getattr__(self, method: str) -> Any:
        def call(**arguments: Any) -> Any:
            answer = self._harness._ask(
                op="call", service=self._service, method=method, arguments=arguments, actor=self._actor
            )
            if "refused" in answer:
                raise Refused.from_json(answer["refused"])
            if "failed" in answer:
                raise CallFailed(answer["failed"])
            return answer["result"]

        return call


class HarnessClock:
    def __init__(self, harness: "ServiceHarness") -> None:
        self._harness = harness

    def set(self, now: datetime | str | None) -> None:
        """Move the clock of every service of the harness; it goes on flowing. None: real time."""
        text = now.isoformat() if isinstance(now, datetime) else now
        for service in self._harness.services:
            self._harness.rpc_of(service).set_clock(now=text)


class ServiceHarness:
    """``.rpc``, ``.emit``, ``.events``, ``.clock``, ``.sql``; see the fixture ``service_harness``."""

    def __init__(
        self,
        services: tuple[str, ...],
        settings: Settings,
        fakes: Mapping[str, Mapping[str, Any]],
        environment: Mapping[str, str],
    ) -> None:
        self.name = services[0]
        self.services = services
        self.settings = settings
        self._fakes = fakes
        self._folder = tempfile.TemporaryDirectory(prefix="kontor-harness-", ignore_cleanup_errors=True)
        self.data = Path(self._folder.name) / "data"
        self._socket = Path(self._folder.name) / "socket"
        assert settings.database_url is not None
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("KONTOR_", "S3_", "SMTP_"))},
            "DATABASE_URL": settings.database_url,
            "KONTOR_SECRET_KEY": settings.secret_key,
            "KONTOR_DATA": str(self.data),
            "KONTOR_DEV_CLOCK": "1",
            "KONTOR_PUBLIC_URL": "https://kontor.example",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.rpc = self.rpc_of(self.name)
        self.clock = HarnessClock(self)

    # -- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        self.data.mkdir(exist_ok=True)
        self._socket.unlink(missing_ok=True)
        log = (Path(self._folder.name) / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.support.harness_child", str(self._socket)),
                    json.dumps({"services": self.services, "fakes": self._fakes}),
                ],
                cwd=Path(__file__).parents[2],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        eventually(self._alive, timeout=40, what="the service harness starts")

    def _alive(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError("the service ended:\n" + self.log()[-6000:])
        return self._socket.exists()

    def log(self) -> str:
        """What the service has logged, one JSON object a line."""
        return (Path(self._folder.name) / "log").read_text(errors="replace")

    def kill(self) -> None:
        """kill -9; what was in the in-memory broker is gone. ``start`` brings the service back."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._folder.cleanup()

    # -- what tests do ------------------------------------------------------------------------

    def rpc_of(self, service: str) -> Rpc:
        return Rpc(self, service, ADMIN)

    def rpc_as(self, actor: Mapping[str, Any]) -> Rpc:
        """The service's RPCs called in somebody else's name."""
        return Rpc(self, self.name, actor)

    def emit(
        self,
        event: Event | Mapping[str, Any] | str,
        data: Mapping[str, Any] | None = None,
        *,
        deal_uuid: UUID | str | None = None,
        aggregate_id: UUID | str | None = None,
        aggregate_version: int = 1,
        event_id: UUID | str | None = None,
        actor: Mapping[str, Any] = ADMIN,
        expect: str = "done",
    ) -> Event:
        """Deliver an event as if another service had published it, and wait until every handler had its try.

        Takes a whole event, or a type and its data. ``expect`` is the state the inbox must show for all
        handlers: "done", "waiting" (it raised) or "any"; otherwise the last error is raised as CallFailed.
        """
        if isinstance(event, str):
            event = Event(
                event_id=UUID(str(event_id)) if event_id else uuid7(),
                type=event,
                occurred_at=datetime.now(UTC),
                deal_uuid=UUID(str(deal_uuid)) if deal_uuid else None,
                aggregate_id=str(aggregate_id or uuid7()),
                aggregate_version=aggregate_version,
                actor=dict(actor),
                data=dict(data or {}),
            )
        elif not isinstance(event, Event):
            event = Event.model_validate(event)
        handlers = self._ask(op="emit", event=event.to_json())["handlers"]
        rows = eventually(lambda: self._tried(event, handlers), timeout=20, what=f"{event.type} is worked on")
        for row in rows:
            if expect != "any" and row["state"] != expect:
                raise CallFailed(f"{row['handler']}: {row['state']}: {row['last_error']}")
        return event

    def _tried(self, event: Event, handlers: list[str]) -> list[dict[str, Any]] | None:
        if not handlers:
            raise RuntimeError(f"no service of the harness handles {event.type}")
        rows: list[dict[str, Any]] = []
        for service in self.services:
            rows += self.sql("SELECT * FROM inbox WHERE event_id = %s", [event.event_id], service=service)
        return rows if len(rows) >= len(handlers) else None

    def events(self, type: str | None = None, service: str | None = None) -> list[Event]:
        """The events the service has emitted (committed to its outbox), oldest first."""
        rows = self.sql("SELECT message FROM outbox ORDER BY id", service=service)
        events = [Event.model_validate(row["message"]) for row in rows]
        return [event for event in events if type is None or event.type == type]

    def await_event(self, type: str, count: int = 1, timeout: float = 20) -> Event:
        """The ``count``-th event of the type, once it is there."""
        found = eventually(
            lambda: (events := self.events(type)) and len(events) >= count and events, timeout, what=type
        )
        assert found
        return found[count - 1]

    def sql(self, statement: str, parameters: Any = None, service: str | None = None) -> list[dict[str, Any]]:
        """Look into (or prepare) the service's tables directly, as the superuser."""
        assert self.settings.database_url is not None
        options = f"-csearch_path={service or self.name}"
        with psycopg.connect(self.settings.database_url, options=options, row_factory=dict_row) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def _ask(self, **question: Any) -> Any:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(60)
            link.connect(str(self._socket))
            link.sendall(json.dumps(question, default=str).encode() + b"\n")
            with link.makefile("rb") as answers:
                line = answers.readline()
        if not line:
            raise RuntimeError("the service harness died:\n" + self.log()[-6000:])
        return json.loads(line)
