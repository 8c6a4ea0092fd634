"""`make bench`: the figures of docs/benchmarks.md, all services counted together."""

import gzip
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from kontor_launcher.postgres import EmbeddedPostgres
from tests.benchmarks import quotes_10000, rendering, work
from tests.benchmarks.installation import Installation
from tests.benchmarks.measuring import Figure, as_json, latency, show, timed
from tests.support.broker import Broker
from tests.support.databases import Databases

RESULTS = Path(__file__).parent / "results" / "latest.json"


def installation_figures(installation: Installation) -> list[Figure]:
    first = installation.start()
    installation.stop()
    again = installation.start()
    time.sleep(5)
    before, started = installation.cpu_seconds(), time.perf_counter()
    time.sleep(15)
    idle = (installation.cpu_seconds() - before) / (time.perf_counter() - started) * 100
    own, whole = installation.memory_mb()
    return [
        Figure("embedded: first start to ready", first, "s", "< 15", "2.2 s", "creates the database"),
        Figure("embedded: start to ready", again, "s", "< 15", "2.2 s"),
        Figure("embedded: idle CPU", idle, "%", "< 2", None, "of one core, database included"),
        Figure("embedded: resident memory", own, "MB", "< 450", "191 MB", f"with its database {whole:.0f} MB (PSS)"),
    ]


def api_figures(installation: Installation) -> list[Figure]:
    client = installation.client()
    work.set_up_studio(client)
    customer = work.create_customer(client)
    figures = [
        latency(
            "create quote, 12 lines", lambda: work.create_quote(client, customer), times=60, goal="< 32", peer="32 ms"
        ),
        latency(
            "create invoice, 12 lines",
            lambda: work.create_invoice(client, customer),
            times=60,
            goal="< 30",
            peer="47 ms",
        ),
        *_sending(client, customer, "quotes", work.create_quote, "63 ms"),
        *_sending(client, customer, "invoices", work.create_invoice, "62 ms"),
    ]
    figures += _reading(client)
    figures += [_deal(installation, client, customer), *_issuing(client, customer)]
    figures.append(_public_page(installation, client, customer))
    figures += quotes_10000.figures(installation, client)
    return figures


def _sending(client: httpx.Client, customer: str, kind: str, create: Any, peer: str) -> list[Figure]:
    answers, stored = [], []
    for _ in range(25):
        record = create(client, customer)
        started = time.perf_counter()
        answers.append(timed(lambda id=record["id"]: work.post(client, f"{kind}/{id}/send")))
        work.until(client, f"{kind}/{record['id']}", "document_id")
        stored.append((time.perf_counter() - started) * 1000)
    noun = kind.removesuffix("s")
    return [
        Figure(f"send {noun}: answer", statistics.median(answers[5:]), "ms", "< 50", peer),
        Figure(f"send {noun}: PDF stored", statistics.median(stored[5:]), "ms", "< 400", peer, "from the click"),
    ]


def _reading(client: httpx.Client) -> list[Figure]:
    invoice = next(one for one in work.get(client, "invoices", state="sent")["items"] if one["document_id"])
    content = f"documents/{invoice['document_id']}/content"

    def many(path: str, connections: int, seconds: float) -> float:
        deadline = time.perf_counter() + seconds

        def loop(_: int) -> int:
            count = 0
            while time.perf_counter() < deadline:
                client.get(path).raise_for_status()
                count += 1
            return count

        with ThreadPoolExecutor(connections) as pool:
            return sum(pool.map(loop, range(connections))) / seconds

    return [
        latency("invoice list, first page", lambda: work.get(client, "invoices"), times=80, goal="< 20", peer="22 ms"),
        Figure("invoice list, 16 connections", many("invoices", 16, 5), "req/s", "> 150", "53–93 req/s"),
        latency(
            "invoice detail", lambda: work.get(client, f"invoices/{invoice['id']}"), times=80, goal="< 17", peer="17 ms"
        ),
        Figure(
            "invoice detail, 16 connections", many(f"invoices/{invoice['id']}", 16, 5), "req/s", "> 123", "123 req/s"
        ),
        latency(
            "fetch an issued PDF", lambda: client.get(content).raise_for_status(), times=80, goal="< 10", peer="56 ms"
        ),
        Figure("fetch an issued PDF, 16 connections", many(content, 16, 5), "req/s", "> 200", "15.7 req/s"),
    ]


def _deal(installation: Installation, client: httpx.Client, customer: str) -> Figure:
    """From the customer's click on Accept to both invoices mailed, clicked through without a pause."""
    quote = work.create_quote(client, customer)
    sent = work.post(client, f"quotes/{quote['id']}/send")
    work.until(client, f"quotes/{quote['id']}", "document_id")
    folder = installation.folder / "data" / "mail"
    token = work.eventually(
        lambda: work.mailed_link(folder, "/quotes/respond", sent["number"]), timeout=20, what="the mailed link"
    )
    started = time.perf_counter()
    total = {"name": "Anna Meier", "total_minor": sent["total_minor"]}
    work.post(client, f"public/quotes/{token}/accept", total)
    work.post(client, f"quotes/{quote['id']}/convert", {"booking": False, "contract": True, "invoice": True})
    conversion = work.eventually(
        lambda: (done := work.get(client, f"quotes/{quote['id']}")["conversion"])["complete"] and done,
        timeout=20,
        what="the conversion",
    )
    for id in conversion["invoice_ids"]:
        work.post(client, f"invoices/{id}/send")
    for id in conversion["invoice_ids"]:
        work.eventually(
            lambda id=id: work.get(client, f"invoices/{id}")["state"] == "sent", timeout=30, every=0.005, what="sent"
        )
    return Figure("quote accepted → both invoices mailed", (time.perf_counter() - started) * 1000, "ms")


def _issuing(client: httpx.Client, customer: str) -> list[Figure]:
    drafts = [work.create_invoice(client, customer)["id"] for _ in range(200)]
    mails = len(list(_mails(client)))
    started = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        issued = list(pool.map(lambda id: work.post(client, f"invoices/{id}/send")["number"], drafts))
    rate = 200 / (time.perf_counter() - started)
    work.eventually(lambda: len(_mails(client)) - mails >= 200, timeout=300, every=0.1, what="all mails")
    mailed = 200 / (time.perf_counter() - started)
    return [
        Figure("200 invoices issued by 8 clients", rate, "/s", "> 60", "24–47 /s", f"{len(set(issued))} numbers"),
        Figure("their PDFs rendered, stored and mailed", mailed, "/s", "> 20", "0.17 /s"),
    ]


def _mails(client: httpx.Client) -> list[str]:
    found, cursor = [], None
    while True:
        query = {"limit": 200} | ({"cursor": cursor} if cursor else {})
        page = work.get(client, "mails", **query)
        found += [mail["id"] for mail in page["items"] if mail["state"] == "sent"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def _public_page(installation: Installation, client: httpx.Client, customer: str) -> Figure:
    quote = work.create_quote(client, customer)
    number = work.post(client, f"quotes/{quote['id']}/send")["number"]
    folder = installation.folder / "data" / "mail"
    token = work.eventually(lambda: work.mailed_link(folder, "/quotes/respond", number), timeout=20, what="the link")
    page = httpx.get(f"{installation.url}/quotes/respond/{token}").text
    assets = re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"', page)
    size = sum(len(gzip.compress(httpx.get(installation.url + path).content)) for path in assets)
    return Figure(
        "public page: scripts and styles", size / 1000, "kB", "< 60", "1,280 kB", f"{len(assets)} files, gzipped"
    )


def call_figures() -> list[Figure]:
    """RPC over the in-memory broker, and over RabbitMQ to a process of its own."""
    server = EmbeddedPostgres(Path(work.temporary_folder()) / "postgres", {"max_connections": "200"})
    server.start()
    broker = Broker()
    broker.start()
    try:
        settings = Databases(server).migrated("quotes", "portal_gateway")
        base = {
            "PATH": os.environ["PATH"],
            "KONTOR_DATA": work.temporary_folder(),
            "DATABASE_URL": settings.database_url or "",
            "KONTOR_SECRET_KEY": settings.secret_key,
        }
        program = [sys.executable, "-m", "tests.benchmarks.calls"]
        embedded = _printed(program, base)
        remote_environment = base | {"AMQP_URL": broker.url}
        service = subprocess.Popen(
            [str(Path(sys.executable).parent / "kontor"), "service", "quotes"],
            env=remote_environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            remote = _printed([*program, "--remote"], remote_environment)
        finally:
            service.kill()
            service.wait()
    finally:
        broker.stop()
        server.stop()
    return [
        Figure("RPC p50, embedded", embedded, "ms", "< 5"),
        Figure("RPC p50, RabbitMQ, two processes", remote, "ms", "< 5", None, "4.9 ms with confirms"),
    ]


def _printed(program: list[str], environment: dict[str, str]) -> float:
    answer = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=120, check=True)
    return float(answer.stdout.strip().splitlines()[-1])


def main() -> None:
    figures = rendering.figures()
    figures += call_figures()
    installation = Installation()
    try:
        figures += installation_figures(installation)
        figures += api_figures(installation)
    finally:
        installation.stop()
    show(figures)
    RESULTS.parent.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    report = {"taken_at": datetime.now(UTC).isoformat(), "machine": machine, "figures": as_json(figures)}
    RESULTS.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


main()
