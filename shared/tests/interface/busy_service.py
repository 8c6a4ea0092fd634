"""Child process of test_runtime.py: a service whose handlers wait for a file, and a caller beside it."""

import sys
from pathlib import Path

from kontor.runtime import Calls, Process, Service, handles, rpc  # isort: skip

import eventlet

from kontor.database import Tx
from kontor.envelope import Event
from kontor.settings import Settings, load

EVENTS = 60


class Documents(Service):
    name = "documents"

    @rpc
    def ping(self) -> str:
        return "pong"

    @handles("quote_sent.v1")
    def wait_for_file(self, tx: Tx, event: Event) -> None:
        while not GO.exists():
            eventlet.sleep(0.05)


class Quotes(Service):
    name = "quotes"
    call = Calls()

    @rpc
    def send(self, *, count: int) -> None:
        with self.transaction() as tx:
            for n in range(count):
                tx.emit("quote_sent.v1", deal_uuid=None, aggregate_id="q", aggregate_version=n, data={})


def main(settings: Settings) -> None:
    process = Process(settings, [Documents, Quotes])
    process.start()
    container = next(one for one in process.containers if one.service_name == "quotes")
    caller = next(one for one in container.dependencies if isinstance(one, Calls)).caller().within(10)
    caller.quotes.send(count=EVENTS)
    eventlet.sleep(1)  # let the events fill what they may fill
    print("while busy:", caller.documents.ping())
    GO.touch()
    with eventlet.Timeout(60):
        while done(process) < EVENTS:
            eventlet.sleep(0.1)
    print("done:", done(process))
    process.stop()


def done(process: Process) -> int:
    container = next(one for one in process.containers if one.service_name == "documents")
    core = next(one for one in container.dependencies if hasattr(one, "inbox"))
    with core.db.transaction() as tx:
        return int(tx.execute("SELECT count(*) FROM inbox WHERE state = 'done'").scalar_one())


GO = Path(sys.argv[1]) / "go"
main(load(data=Path(sys.argv[1])))
