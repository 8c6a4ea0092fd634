"""Migrated databases for tests: each service is migrated once per run, then copied."""

import os
import threading
from itertools import count

import psycopg

from kontor.settings import Settings, load
from kontor_launcher import installation
from kontor_launcher.postgres import EmbeddedPostgres

SECRET_KEY = "a secret key that only tests know"


class Databases:
    def __init__(self, server: EmbeddedPostgres) -> None:
        self._server = server
        self._numbers = count(1)
        self._templates: dict[tuple[str, ...], str] = {}
        self._lock = threading.Lock()

    def empty(self, hint: str = "test") -> str:
        """URL of a new empty database, as the superuser."""
        return self._create(hint, "")

    def migrated(self, *services: str) -> Settings:
        """Settings that point at a new database with the given services' schemas, roles and tables."""
        services = tuple(sorted(services))
        with self._lock:
            if services not in self._templates:
                url = self.empty("template_" + "_".join(services))
                installation.prepare(self.settings(url), services)
                self._templates[services] = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        return self.settings(self._create("_".join(services), f' TEMPLATE "{self._templates[services]}"'))

    def settings(self, url: str) -> Settings:
        return load({"DATABASE_URL": url, "KONTOR_SECRET_KEY": SECRET_KEY, "KONTOR_DEV_CLOCK": "1"})

    def _create(self, hint: str, clause: str) -> str:
        name = f"{hint}_{os.getpid()}_{next(self._numbers)}"[-60:]
        with psycopg.connect(self._server.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"{clause}')
        return self._server.url(name)
