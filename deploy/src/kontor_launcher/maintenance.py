"""What an operator does to an installation from the command line, running or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from typing import Any

from kontor.database import Database
from kontor.outbox import Relay
from kontor.settings import SERVICES, Settings
from kontor_launcher import embedded, installation

OPERATOR = {"kind": "system", "id": None, "name": "kontor command"}
NUMBERED = ("quotes", "contracts", "invoicing")


@contextmanager
def _database(settings: Settings, service: str) -> Iterator[Database]:
    with embedded.database(settings) as ready:
        installation.prepare(ready, [service])
        database = Database(ready.database_url_of(service), service, movable_clock=settings.dev_clock, pool_size=1)
        try:
            yield database
        finally:
            database.close()


def create_admin(settings: Settings, *, email: str, name: str, password: str, role: str) -> dict[str, Any]:
    """Create an admin who can sign in at once. Raises a `Refusal` for a taken address or a weak password."""
    from portal_gateway.accounts import admins

    with _database(settings, "portal_gateway") as database, database.transaction(actor=OPERATOR) as tx:
        created: dict[str, Any] = admins.create(tx, email=email, name=name, password=password, role=role)
        return created


def create_token(settings: Settings, *, admin_email: str, name: str) -> str:
    """Create an API token with the admin's permissions and return it; only its hash is stored."""
    from portal_gateway.accounts import tokens

    with _database(settings, "portal_gateway") as database, database.transaction(actor=OPERATOR) as tx:
        token: str = tokens.create(tx, admin_email=admin_email, name=name)
        return token


def verify_numbers(settings: Settings) -> dict[str, dict[str, Any]]:
    """Per service: how many numbers there are and what is wrong with them."""
    reports: dict[str, dict[str, Any]] = {}
    with embedded.database(settings) as ready:
        for service in NUMBERED:
            with _database(ready, service) as database, database.transaction(actor=OPERATOR) as tx:
                reports[service] = import_module(f"{service}.queries").verify_numbers(tx)
    return reports


def replay(settings: Settings, since: datetime) -> dict[str, int]:
    """Mark the events published since then as unpublished; the running services publish them again."""

    def nowhere(batch: object) -> None:
        raise AssertionError("the command marks events only; the services publish them")

    counts: dict[str, int] = {}
    with embedded.database(settings) as ready:
        for service in SERVICES:
            with _database(ready, service) as database:
                counts[service] = Relay(database, nowhere).forget_since(since)
    return counts
