"""Running services: all of them in this process, or one.

Imported only by the commands that serve: the runtime makes the process's blocking calls cooperative.
"""

from kontor.runtime import Process  # isort: skip  (must come before anything that opens sockets)

from collections.abc import Callable

from kontor import telemetry
from kontor.settings import SERVICES, Settings
from kontor_launcher import embedded, installation

Announce = Callable[[str], None]


def run_all(settings: Settings, announce: Announce) -> None:
    """Serve everything from this process until SIGTERM or SIGINT. Brings the database up to date first."""
    telemetry.configure("kontor")
    with embedded.database(settings, attach=False) as ready:
        installation.prepare(ready)
        process = Process(ready, [installation.service_class(name) for name in SERVICES])
        start = process.start

        def start_and_announce() -> None:
            start()
            announce(f"Kontor is ready at {ready.public_url}")

        process.start = start_and_announce  # type: ignore[method-assign]
        process.run()


def run_one(settings: Settings, name: str) -> None:
    """Serve one service until SIGTERM or SIGINT; its database must have been migrated."""
    telemetry.configure(name)
    process = Process(settings, [installation.service_class(name)])
    process.run(probes=name != "portal_gateway")
