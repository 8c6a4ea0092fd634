"""Stopping in good order, also when the surroundings are in none."""

import time
from pathlib import Path

from tests.support.broker import Broker
from tests.support.databases import Databases
from tests.support.ports import accepts_connections, eventually, free_port
from tests.support.running import KontorProcess, environment_of


def test_a_service_ends_on_sigterm_while_the_broker_is_away(databases: Databases, tmp_path: Path) -> None:
    settings = databases.migrated("quotes")
    assert settings.database_url is not None
    port = free_port()
    broker = Broker()
    broker.start()
    try:
        environment = {
            "DATABASE_URL": settings.database_url,
            "KONTOR_SECRET_KEY": settings.secret_key,
            "AMQP_URL": broker.url,
            "KONTOR_DATA": str(tmp_path / "data"),
            "KONTOR_PORT": str(port),
        }
        process = KontorProcess(["service", "quotes"], environment_of(environment), tmp_path / "log")
        process.start()
        eventually(lambda: accepts_connections(port), timeout=60, what="the service runs")
        broker.kill()
        time.sleep(1)
        started = time.monotonic()
        process.stop(timeout=30)
        assert time.monotonic() - started < 25, process.log()[-3000:]
    finally:
        broker.stop()
