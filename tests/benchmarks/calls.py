"""RPC latency, run as a child process: prints the median of `quotes.price` in milliseconds.

``calls.py`` serves and calls in one process; with ``--remote`` the service runs elsewhere.
"""

import statistics
import sys
import time

from kontor.runtime import Calls, Process, Service  # isort: skip

from kontor.settings import load
from kontor_launcher.installation import service_class

LINES = [{"description": "Reportage", "quantity": "1", "unit": "flat", "unit_price_minor": 120000, "vat_rate": "8.1"}]


class Probe(Service):
    """Takes the gateway's place as the caller."""

    name = "portal_gateway"
    call = Calls()


def main() -> None:
    remote = "--remote" in sys.argv
    process = Process(load(), [Probe] if remote else [Probe, service_class("quotes")])
    process.start()
    container = next(one for one in process.containers if one.service_name == "portal_gateway")
    calls = next(one for one in container.dependencies if isinstance(one, Calls))
    quotes = calls.caller(actor={"kind": "admin", "id": "bench", "name": "Bench"}).quotes
    taken = []
    for _ in range(320):
        started = time.perf_counter()
        quotes.price(lines=LINES, currency="CHF", price_entry="net")
        taken.append((time.perf_counter() - started) * 1000)
    print(statistics.median(taken[20:]))
    process.stop()


main()
