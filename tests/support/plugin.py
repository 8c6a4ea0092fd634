"""Fixtures and markers for every test of the repository (see CONTRIBUTING.md, "Tests")."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kontor.settings import SERVICES
from kontor_launcher.postgres import EmbeddedPostgres
from tests.support.broker import Broker
from tests.support.databases import Databases
from tests.support.harness import ServiceHarness
from tests.support.mailbox import Mailbox
from tests.support.objectstore import ObjectStore
from tests.support.running import DistributedKontor, EmbeddedKontor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MARKER_OF_FOLDER = {
    "unit": "unit",
    "interface": "interface",
    "scenarios": "scenario",
    "conformance": "scenario",
    "faults": "fault",
    "browser": "browser",
    "architecture": "architecture",
}


ORDER = ("architecture", "unit", "interface", "scenario", "fault", "browser")


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test's kind is the folder it lies in."""
    for folder in item.path.parts:
        if marker := MARKER_OF_FOLDER.get(folder.split("_")[0]):
            item.add_marker(marker)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The quick kinds run first, the browser last.

    Playwright keeps an event loop running in the test thread: nothing that starts one may come after it.
    """

    def rank(item: pytest.Item) -> int:
        kinds = [ORDER.index(mark.name) for mark in item.iter_markers() if mark.name in ORDER]
        return kinds[0] if kinds else ORDER.index("interface")

    items.sort(key=rank)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test shows what the processes it ran had to complain about."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if not report.failed:
        return
    for name, value in getattr(item, "funcargs", {}).items():
        if isinstance(value, EmbeddedKontor | DistributedKontor | ServiceHarness):
            report.sections.append((f"log of {name}", complaints(value.log())))


def complaints(log: str, limit: int = 20_000) -> str:
    """The lines of a log that are no plain information, the newest ``limit`` characters of them."""
    lines = [line for line in log.splitlines() if '"level": "info"' not in line and "No hostname" not in line]
    return "\n".join(lines)[-limit:]


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A temporary folder that other system users may enter (PostgreSQL does not run as root)."""
    with tempfile.TemporaryDirectory(prefix="kontor-test-", ignore_cleanup_errors=True) as path:
        os.chmod(path, 0o755)
        yield Path(path)


@pytest.fixture(scope="session")
def postgres(server_folder: Path) -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL for the test run; `postgres.url("name")` connects as the superuser."""
    server = EmbeddedPostgres(server_folder / "postgres", {"fsync": "off", "max_connections": "400"})
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def database_url(postgres: EmbeddedPostgres) -> str:
    return postgres.url()


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> Databases:
    """Factory of databases on the test server: `.empty()`, `.migrated("quotes")`."""
    return Databases(postgres)


@pytest.fixture(scope="session")
def service_db(databases: Databases) -> Callable[[str], str]:
    """Factory: a new migrated database of one service; returns the URL the service itself would use."""
    return lambda name: databases.migrated(name).database_url_of(name)


@pytest.fixture
def service_harness(databases: Databases) -> Iterator[Callable[..., ServiceHarness]]:
    """Factory: starts a service in a child process on the in-memory broker with a fresh database.

    `service_harness("invoicing", "documents")` runs both, `.rpc` speaks to the first.
    `fakes={"documents": {"check_qrbill": {"problems": []}}}` answers in the place of documents.
    `environment={"SMTP_URL": smtp.url}` adds settings.
    """
    with _started_harnesses(databases) as start:
        yield start


@pytest.fixture(scope="module")
def module_harness(databases: Databases) -> Iterator[Callable[..., ServiceHarness]]:
    """As `service_harness`, kept for all tests of a module (starting one takes about two seconds)."""
    with _started_harnesses(databases) as start:
        yield start


@contextmanager
def _started_harnesses(databases: Databases) -> Iterator[Callable[..., ServiceHarness]]:
    with ExitStack() as stack:

        def start(
            *services: str,
            fakes: Mapping[str, Mapping[str, Any]] | None = None,
            environment: Mapping[str, str] | None = None,
        ) -> ServiceHarness:
            everyone = (*services, *(fakes or {}))
            settings = databases.migrated(*everyone)
            harness = ServiceHarness(services, settings, fakes or {}, environment or {})
            stack.callback(harness.stop)
            harness.start()
            return harness

        yield start


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[Broker]:
    """One RabbitMQ for the test run: `.url`, `.kill()`, `.start()`."""
    broker = Broker()
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def s3() -> Iterator[ObjectStore]:
    """An S3 server; `.environment` are the variables that point a service at it."""
    store = ObjectStore()
    store.start()
    yield store
    store.stop()


@pytest.fixture
def smtp() -> Iterator[Mailbox]:
    """An SMTP server; `.messages` are the mails it got, `.url` goes into SMTP_URL."""
    mailbox = Mailbox()
    mailbox.start()
    yield mailbox
    mailbox.stop()


@pytest.fixture(scope="session")
def kontor_app() -> Iterator[EmbeddedKontor]:
    """Embedded Kontor for the whole test run: `.url`, `.api`, `.signed_in()`, `.mails()`, `.restart(kill=True)`."""
    app = EmbeddedKontor()
    app.start()
    yield app
    app.stop()


@pytest.fixture
def fresh_kontor() -> Iterator[EmbeddedKontor]:
    """Embedded Kontor of the test's own, started."""
    app = EmbeddedKontor()
    app.start()
    yield app
    app.stop()


@pytest.fixture
def distributed_kontor(databases: Databases, s3: ObjectStore, smtp: Mailbox) -> Iterator[DistributedKontor]:
    """Every service as a process, two replicas of invoicing and documents, on real servers; started.

    The broker is the cluster's own: durable queues would hand the next cluster what this one left.
    """
    broker = Broker()
    broker.start()
    cluster = DistributedKontor(
        databases.migrated(*SERVICES), broker, s3, smtp, replicas={"invoicing": 2, "documents": 2}
    )
    cluster.start()
    yield cluster
    cluster.stop()
    broker.stop()


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """The one browser of the test run (Playwright's sync API can be started once per thread).

    `CHROMIUM` names another program than the installed `chromium`.
    """
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        raise RuntimeError("chromium is not installed; `make test` installs it")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()
