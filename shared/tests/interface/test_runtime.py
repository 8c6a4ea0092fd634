"""The runtime itself: what services may rely on whatever they do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.broker import Broker
from tests.support.databases import Databases


@pytest.mark.parametrize("kind", ["embedded", "distributed"])
def test_calls_are_answered_while_events_keep_a_service_busy(
    kind: str, databases: Databases, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings = databases.migrated("documents", "quotes")
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": str(settings.database_url),
        "KONTOR_SECRET_KEY": settings.secret_key,
    }
    if kind == "distributed":
        broker: Broker = request.getfixturevalue("rabbitmq")
        environment["AMQP_URL"] = broker.url
    child = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("busy_service.py")), str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.stdout.splitlines() == ["while busy: pong", "done: 60"], child.stderr[-3000:]


def test_work_in_a_real_thread_leaves_the_event_loop_free() -> None:
    """The work waits for the loop: it would never end if it held the loop up."""
    child = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("thread_and_loop.py"))],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert child.stdout == "the loop went on: True\n", child.stderr[-3000:]
