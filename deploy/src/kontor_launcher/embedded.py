"""The database of an installation on this machine: the embedded PostgreSQL unless an address is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kontor.settings import SERVICES, Settings
from kontor_launcher import installation
from kontor_launcher.postgres import EmbeddedPostgres

FOLDER = "database"


def needs_embedded_database(settings: Settings) -> bool:
    """Whether no address is configured that every service could use."""
    return settings.database_url is None and set(settings.service_database_urls) != set(SERVICES)


@contextmanager
def database(settings: Settings, *, attach: bool = True) -> Iterator[Settings]:
    """Settings that have a database for every service, for as long as the block runs.

    Without an address the embedded server of the data folder is started for the block; ``attach`` also
    accepts one that another process (a running Kontor) has started. Raises `PostgresFailed`.
    """
    if not needs_embedded_database(settings):
        yield settings
        return
    server = EmbeddedPostgres(settings.data / FOLDER)
    if attach:
        server.start_or_attach()
    else:
        server.start()
    try:
        installation.create_database(server.url())
        yield settings.model_copy(update={"database_url": server.url(installation.DATABASE)})
    finally:
        server.stop()
