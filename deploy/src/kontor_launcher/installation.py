"""Roles, schemas and migrations of an installation's database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import psycopg
from psycopg import sql

from kontor import migrations
from kontor.database import Database
from kontor.secrets import derived_password
from kontor.settings import SERVICES, MissingSetting, Settings, role_of

DATABASE = "kontor"
_LOCK = 4_711_000_001  # one preparation at a time, over all processes


def service_class(name: str) -> type[Any]:
    """The nameko class a service declares under the entry point group ``kontor.services``.

    Raises LookupError for an unknown name. Importing it imports the runtime, which makes blocking calls
    of the process cooperative.
    """
    for entry in entry_points(group="kontor.services", name=name):
        loaded: type[Any] = entry.load()
        return loaded
    raise LookupError(f"There is no service “{name}”; known: {', '.join(SERVICES)}.")


def prepare(settings: Settings, services: Iterable[str] = SERVICES) -> None:
    """Create role and schema of each service where they are missing and bring its tables up to date.

    A service with its own ``<NAME>_DATABASE_URL`` works as the role given there; the others get a role
    ``kontor_<name>`` made through ``DATABASE_URL``, whose user must be allowed to create roles. Several
    processes may do this at once.
    """
    for service in services:
        if service in settings.service_database_urls:
            _create_schema_as_own_role(settings.service_database_urls[service], service)
        else:
            _create_role_and_schema(settings, service)
        migrate(settings.database_url_of(service), service)


def migrate(url: str, service: str) -> None:
    """Run a service's Alembic migrations up to the newest."""
    database = Database(url, service, pool_size=1)
    try:
        migrations.upgrade(service, database)
    finally:
        database.close()


def metadata_of(service: str) -> Any:
    """The tables a service declares."""
    return import_module(f"{service}.adapters.tables").metadata


def create_database(url: str, name: str = DATABASE) -> None:
    """Create the database unless it is there; ``url`` connects to any other database of the server."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not found:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


@contextmanager
def _locked(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            yield connection
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _create_role_and_schema(settings: Settings, service: str) -> None:
    if settings.database_url is None:
        raise MissingSetting(f"Neither DATABASE_URL nor {service.upper()}_DATABASE_URL is set.")
    role, password = role_of(service), derived_password(settings.secret_key, f"database/{service}")
    names = {"role": sql.Identifier(role), "schema": sql.Identifier(service)}
    with _locked(settings.database_url) as connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb = sql.SQL("ALTER ROLE" if known else "CREATE ROLE")
        connection.execute(
            sql.SQL("{} {role} LOGIN PASSWORD {password}").format(verb, password=sql.Literal(password), **names)
        )
        # Needed to give the schema to the role where the user is no superuser.
        connection.execute(sql.SQL("GRANT {role} TO CURRENT_USER").format(**names))
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {role}").format(**names))
        connection.execute(sql.SQL("REVOKE ALL ON SCHEMA {schema} FROM PUBLIC").format(**names))


def _create_schema_as_own_role(url: str, service: str) -> None:
    with _locked(url) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(service)))
