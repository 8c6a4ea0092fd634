"""A gateway with a real database; the other services are scripted per test."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import structlog
from starlette.testclient import TestClient

from kontor.database import Database
from kontor.errors import ServiceUnavailable
from kontor.ids import uuid7
from kontor.secrets import Sealer
from portal_gateway.accounts import admins, passwords
from portal_gateway.accounts.roles import PERMISSIONS, Role
from portal_gateway.app import create_app
from portal_gateway.business import flags, seed
from portal_gateway.kernel import Kernel
from portal_gateway.settings import GatewaySettings

PASSWORD = "a long enough phrase"
ADDRESS = "http://127.0.0.1:8080"


structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["event"]),
    ]
)


class Script:
    """Other services, as a test wants them to answer: ``script.on("quotes.get_quote", {...})``."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.calls: list[tuple[str, dict[str, Any], dict[str, Any]]] = []

    def on(self, method: str, answer: Any) -> None:
        """``answer`` is a value, an exception to raise, or a function of the arguments."""
        self.answers[method] = answer

    def call(
        self,
        service: str,
        method: str,
        arguments: Mapping[str, Any],
        *,
        actor: Mapping[str, Any],
        request_id: str,
        seconds: float | None = None,
    ) -> Any:
        name = f"{service}.{method}"
        self.calls.append((name, dict(arguments), dict(actor)))
        if name not in self.answers:
            raise ServiceUnavailable(service)
        answer = self.answers[name]
        if isinstance(answer, BaseException):
            raise answer
        return answer(**arguments) if callable(answer) else answer

    def called(self, name: str) -> list[dict[str, Any]]:
        return [arguments for called, arguments, _ in self.calls if called == name]


class Gateway:
    """One replica: ``client`` is a browser; ``bearer(role)`` a client with an API token."""

    def __init__(self, db: Database, script: Script, *, dev_clock: bool = False, areas: Any = ()) -> None:
        self.db, self.script = db, script
        self.settings = GatewaySettings(ADDRESS, secure_cookies=False, trusted_proxies="", dev_clock=dev_clock)

        async def run(function: Callable[[], Any]) -> Any:
            return await asyncio.to_thread(function)

        self.sealer = Sealer("a secret for tests")
        self.kernel = Kernel(db=db, settings=self.settings, sealer=self.sealer, rpc=script, run=run)
        self.app = create_app(self.kernel, areas)

    def browser(self, **options: Any) -> TestClient:
        return TestClient(self.app, base_url=ADDRESS, follow_redirects=False, raise_server_exceptions=True, **options)

    def admin(self, role: str = "super_admin", email: str | None = None) -> dict[str, Any]:
        with self.db.transaction() as tx:
            return admins.add(
                tx,
                uuid7(),
                email=email or f"{role}-{uuid7().hex[-8:]}@studio.example",
                name=f"The {role}",
                role=Role(role),
                language="en",
                password_hash=_hashed(),
            )

    def bearer(self, role: str = "super_admin", scopes: list[str] | None = None) -> TestClient:
        from uuid import UUID

        from portal_gateway.accounts import tokens

        admin = self.admin(role)
        token = tokens.mint()
        with self.db.transaction() as tx:
            tokens.add(tx, uuid7(), UUID(admin["id"]), "test", list(PERMISSIONS) if scopes is None else scopes, token)
        return self.browser(headers={"Authorization": f"Bearer {token}"})

    def signed_in(self, role: str = "super_admin") -> TestClient:
        """A browser with an admin's session; its CSRF header is set."""
        admin = self.admin(role)
        client = self.browser()
        answer = client.post("/api/v1/session", json={"email": admin["email"], "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client

    def features(self, **switches: bool) -> None:
        with self.db.transaction() as tx:
            flags.change(tx, switches)

    def events(self, type: str) -> list[dict[str, Any]]:
        with self.db.transaction() as tx:
            rows = tx.execute("SELECT message FROM outbox WHERE type = :type ORDER BY id", {"type": type})
            return [row.message for row in rows]

    def count(self, table: str) -> int:
        with self.db.transaction() as tx:
            return tx.execute(f'SELECT count(*) FROM "{table}"').scalar_one()


_HASH: list[str] = []


def _hashed() -> str:
    if not _HASH:
        _HASH.append(passwords.hash_password(PASSWORD, lambda function: function()))
    return _HASH[0]


ALL_ON = {"clients": True, "quotes": True, "contracts": True, "bills": True}


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def gateway(service_db: Any, script: Script) -> Iterator[Gateway]:
    """A seeded installation with the core features on."""
    db = Database(service_db("portal_gateway"), "portal_gateway", movable_clock=True)
    with db.transaction() as tx:
        seed.seed(tx, {})
        flags.change(tx, ALL_ON)
    made = Gateway(db, script)
    yield made
    made.app.close()
    db.close()


@pytest.fixture
def listening(gateway: Gateway) -> Iterator[Gateway]:
    """The gateway with its listener for live changes running."""
    thread = threading.Thread(target=gateway.kernel.live.listen, daemon=True)
    thread.start()
    yield gateway
    gateway.app.close()
    thread.join(timeout=5)


CUSTOMER = {
    "email": "lena@example.ch",
    "first_name": "Lena",
    "last_name": "Müller",
    "street": "Bahnhofstrasse",
    "house_number": "1",
    "postcode": "8001",
    "town": "Zürich",
    "country": "CH",
    "language": "de",
    "currency": "CHF",
}
