"""``/healthz`` and ``/readyz`` of a service that runs on its own and has no HTTP side otherwise."""

import io
import json
from collections.abc import Callable, Iterable
from typing import Any

import eventlet
import eventlet.wsgi
import sqlalchemy as sa
from kombu import Connection

from kontor.runtime.broker import BROKER_AWAY
from kontor.runtime.core import ServiceCore

PATIENCE_SECONDS = 3


def _problems(core: ServiceCore) -> dict[str, str]:
    """What keeps the service from working, by resource; empty when it can serve."""
    found: dict[str, str] = {}
    try:
        with core.db.engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError as error:
        found["database"] = type(error).__name__
    try:
        with Connection(core.settings.amqp_url, connect_timeout=PATIENCE_SECONDS) as connection:
            connection.connect()
    except BROKER_AWAY as error:
        found["broker"] = type(error).__name__
    return found


def serve(core: ServiceCore, host: str, port: int) -> None:
    """Answer probes on a port, in green threads of this process, until the process ends."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/healthz":
            status, body = "200 OK", {"status": "alive", "service": core.name}
        elif path == "/readyz":
            problems = _problems(core)
            status = "503 Service Unavailable" if problems else "200 OK"
            body = {"status": "not ready" if problems else "ready", "service": core.name, **problems}
        else:
            status, body = "404 Not Found", {"status": "unknown path"}
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    eventlet.spawn(eventlet.wsgi.server, eventlet.listen((host, port)), answer, io.StringIO(), log_output=False)
