"""One frozen settings object, read from the environment (names fixed by docs/configuration.md)."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field

from kontor.secrets import derived_password

SERVICES = ("quotes", "contracts", "invoicing", "documents", "portal_gateway")

Port = Annotated[int, Field(ge=0, le=65535)]


class MissingSetting(Exception):
    """The environment lacks a value without which the process cannot start."""


class Settings(BaseModel):
    """Everything a process is told from outside. Secrets never appear in its repr.

    ``probe_port`` is set when ``KONTOR_PORT`` was given: a service without an HTTP side answers
    ``/healthz`` and ``/readyz`` there.
    """

    model_config = ConfigDict(frozen=True)

    data: Path
    host: str = "127.0.0.1"
    port: Port = 8080
    probe_port: Port | None = None
    public_url: str
    secret_key: str = Field(repr=False)
    admin_email: str | None = None
    admin_password: str | None = Field(default=None, repr=False)
    database_url: str | None = Field(default=None, repr=False)
    service_database_urls: dict[str, str] = Field(default_factory=dict, repr=False)
    amqp_url: str = Field(default="memory://localhost/", repr=False)
    s3_endpoint: str | None = None
    s3_bucket: str = "kontor"
    s3_access_key: str | None = Field(default=None, repr=False)
    s3_secret_key: str | None = Field(default=None, repr=False)
    s3_region: str | None = None
    s3_secure: bool = True
    smtp_url: str | None = Field(default=None, repr=False)
    mail_from: str | None = None
    tsa_url: str | None = None
    dev_clock: bool = False

    @property
    def embedded_broker(self) -> bool:
        return self.amqp_url.startswith("memory:")

    def database_url_of(self, service: str) -> str:
        """The URL a service connects with, as its own role.

        An explicit ``QUOTES_DATABASE_URL`` wins. Otherwise it is ``DATABASE_URL`` with the role
        ``kontor_quotes`` and a password derived from the secret key; `kontor migrate` creates that role.
        """
        if service in self.service_database_urls:
            return self.service_database_urls[service]
        if self.database_url is None:
            raise MissingSetting(f"Neither DATABASE_URL nor {service.upper()}_DATABASE_URL is set.")
        parts = urlsplit(self.database_url)
        role, password = role_of(service), derived_password(self.secret_key, f"database/{service}")
        location = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{location}"))


def role_of(service: str) -> str:
    """The database role a service works as."""
    return f"kontor_{service}"


def _value(environ: dict[str, str], name: str) -> str | None:
    """The variable, or the content of the file that ``<name>_FILE`` points to; empty counts as unset."""
    if environ.get(name):
        return environ[name]
    path = environ.get(f"{name}_FILE")
    return Path(path).read_text().strip() if path else None


def _secret_key(environ: dict[str, str], data: Path) -> str:
    given = _value(environ, "KONTOR_SECRET_KEY")
    if given:
        return given
    path = data / "secret.key"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=data, prefix=".secret-", delete=False) as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first: its key is the installation's
            os.link(file.name, path)
        os.unlink(file.name)
    return path.read_text().strip()


def _broker_url(environ: dict[str, str]) -> str:
    given = _value(environ, "AMQP_URL")
    return "memory://localhost/" if given in (None, "memory://") else str(given)  # kombu warns of a missing host


def load(environ: dict[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the environment. A missing secret key is generated once into the data folder (mode 600)."""
    environ = dict(os.environ) if environ is None else environ
    data = Path(overrides.pop("data", None) or environ.get("KONTOR_DATA") or "./data").absolute()
    host = environ.get("KONTOR_HOST") or "127.0.0.1"
    port = int(environ.get("KONTOR_PORT") or 8080)
    values: dict[str, Any] = {
        "data": data,
        "host": host,
        "port": port,
        "probe_port": int(environ["KONTOR_PORT"]) if environ.get("KONTOR_PORT") else None,
        "public_url": (environ.get("KONTOR_PUBLIC_URL") or f"http://{host}:{port}").rstrip("/"),
        "secret_key": _secret_key(environ, data),
        "admin_email": _value(environ, "KONTOR_ADMIN_EMAIL"),
        "admin_password": _value(environ, "KONTOR_ADMIN_PASSWORD"),
        "database_url": _value(environ, "DATABASE_URL"),
        "service_database_urls": {
            service: url for service in SERVICES if (url := _value(environ, f"{service.upper()}_DATABASE_URL"))
        },
        "amqp_url": _broker_url(environ),
        "s3_endpoint": _value(environ, "S3_ENDPOINT"),
        "s3_bucket": environ.get("S3_BUCKET") or "kontor",
        "s3_access_key": _value(environ, "S3_ACCESS_KEY"),
        "s3_secret_key": _value(environ, "S3_SECRET_KEY"),
        "s3_region": environ.get("S3_REGION") or None,
        "s3_secure": (environ.get("S3_SECURE") or "1").lower() not in {"0", "false", "no", "off"},
        "smtp_url": _value(environ, "SMTP_URL"),
        "mail_from": environ.get("MAIL_FROM") or None,
        "tsa_url": environ.get("TSA_URL") or None,
        "dev_clock": environ.get("KONTOR_DEV_CLOCK") == "1",
    }
    return Settings(**(values | overrides))
