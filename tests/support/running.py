"""Kontor as an operator runs it: processes of the `kontor` command, embedded or distributed."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path

import httpx

from kontor.settings import SERVICES, Settings
from kontor_launcher import embedded, installation
from kontor_launcher.postgres import EmbeddedPostgres
from kontor_launcher.story.api import Api
from kontor_launcher.story.mails import in_folder
from tests.support.broker import Broker
from tests.support.mailbox import Mailbox
from tests.support.objectstore import ObjectStore
from tests.support.ports import eventually, free_port

ROOT = Path(__file__).parents[2]
ADMIN_EMAIL = "admin@atelier-lindenhof.example"
ADMIN_PASSWORD = "Lindenhof-und-Limmat-8001"
_FOREIGN = ("KONTOR_", "S3_", "SMTP_", "AMQP_", "MAIL_", "DATABASE_", "TSA_")


def environment_of(extra: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without settings of Kontor, plus the given ones."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return ours | dict(extra)


class KontorProcess:
    """One process of the `kontor` command, with its log."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.arguments, self.environment, self.log_file = list(arguments), dict(environment), log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kontor_launcher", *self.arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self, timeout: float = 20) -> int:
        """SIGTERM; the exit status. kill -9 when it does not end in time (status -9)."""
        assert self._process is not None
        if self.running:
            self._process.terminate()
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
        return int(self._process.returncode)

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""


class Kontor:
    """What tests want of a running installation, however it runs."""

    url: str
    admin_email = ADMIN_EMAIL
    admin_password = ADMIN_PASSWORD

    def mails(self) -> Sequence[EmailMessage]:
        """All mails sent so far, oldest first."""
        raise NotImplementedError

    def database_url(self) -> str:
        """The database of all services, as the superuser."""
        raise NotImplementedError

    def signed_in(self, patience: float = 0.0) -> Api:
        """A new API client with the admin's session."""
        api = Api(self.url, patience=patience)
        api.sign_in(self.admin_email, self.admin_password)
        return api

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200
        except httpx.TransportError:
            return False


class EmbeddedKontor(Kontor):
    """`kontor run` on a temporary data folder."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="kontor-app-", ignore_cleanup_errors=True)
        os.chmod(self._folder.name, 0o755)
        self.data = Path(self._folder.name) / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment_of(
            {
                "KONTOR_DATA": str(self.data),
                "KONTOR_PORT": str(self.port),
                "KONTOR_ADMIN_EMAIL": ADMIN_EMAIL,
                "KONTOR_ADMIN_PASSWORD": ADMIN_PASSWORD,
                "KONTOR_DEV_CLOCK": "1",
                **(environment or {}),
            }
        )
        self.process = KontorProcess(["run"], self.environment, Path(self._folder.name) / "log")
        self._token: str | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        self.process.start()
        self.await_ready()

    def await_ready(self) -> None:
        def ready() -> bool:
            if not self.process.running:
                raise RuntimeError("kontor run ended:\n" + self.process.log()[-8000:])
            return self.ready()

        eventually(ready, timeout=180, every=0.1, what="Kontor is ready")

    def restart(self, kill: bool = False) -> None:
        """Stop (or kill -9) and start again on the same data and port."""
        if kill:
            self.process.kill()
        else:
            self.process.stop()
        self.start()

    def stop(self) -> None:
        if self.process.running:
            self.process.stop()
        self._folder.cleanup()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `kontor` command on this installation."""
        return subprocess.run(
            [sys.executable, "-m", "kontor_launcher", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def database_url(self) -> str:
        server = EmbeddedPostgres(self.data / embedded.FOLDER)
        server.start_or_attach()
        return server.url(installation.DATABASE)

    @property
    def token(self) -> str:
        """A bearer token with all permissions, made by `kontor token create`."""
        with self._lock:
            if self._token is None:
                result = self.command("token", "create", "--admin", ADMIN_EMAIL, "--name", "tests")
                assert result.returncode == 0, result.stderr
                self._token = result.stdout.strip().splitlines()[-1]
        return self._token

    @property
    def api(self) -> httpx.Client:
        """An httpx client with bearer token; paths as `/api/v1/…`."""
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=30, follow_redirects=False
        )

    def mails(self) -> Sequence[EmailMessage]:
        return in_folder(self.data / "mail")()

    def log(self) -> str:
        return self.process.log()


class DistributedKontor(Kontor):
    """Every service as processes of its own, around real servers."""

    def __init__(
        self,
        settings: Settings,
        broker: Broker,
        store: ObjectStore,
        mailbox: Mailbox,
        replicas: Mapping[str, int] | None = None,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="kontor-cluster-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        self.settings, self.broker, self.mailbox = settings, broker, mailbox
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        assert settings.database_url is not None
        self.environment = environment_of(
            {
                "KONTOR_DATA": str(folder / "data"),
                "KONTOR_SECRET_KEY": settings.secret_key,
                "KONTOR_PUBLIC_URL": self.url,
                "KONTOR_ADMIN_EMAIL": ADMIN_EMAIL,
                "KONTOR_ADMIN_PASSWORD": ADMIN_PASSWORD,
                "KONTOR_DEV_CLOCK": "1",
                "DATABASE_URL": settings.database_url,
                "AMQP_URL": broker.url,
                "SMTP_URL": mailbox.url,
                "MAIL_FROM": "Atelier Lindenhof <rechnung@atelier-lindenhof.example>",
                **store.environment,
            }
        )
        self.processes: dict[str, list[KontorProcess]] = {}
        for service in SERVICES:
            own = {"KONTOR_PORT": str(self.port)} if service == "portal_gateway" else {}
            arguments = ["service", service.replace("_", "-")]
            self.processes[service] = [
                KontorProcess(arguments, self.environment | own, folder / f"{service}-{number}.log")
                for number in range((replicas or {}).get(service, 1))
            ]

    def start(self) -> None:
        for replicas in self.processes.values():
            for process in replicas:
                process.start()
        self.await_ready()

    def await_ready(self) -> None:
        def ready() -> bool:
            for name, replicas in self.processes.items():
                for process in replicas:
                    if not process.running:
                        raise RuntimeError(f"{name} ended:\n" + process.log()[-8000:])
            return self.ready()

        eventually(ready, timeout=180, every=0.2, what="all services are ready")

    def stop(self) -> None:
        everyone = [process for replicas in self.processes.values() for process in replicas if process.running]
        for process in everyone:
            os.kill(process.pid, signal.SIGTERM)
        for process in everyone:
            process.stop()  # asks once more, as impatient operators do
        self._folder.cleanup()

    def mails(self) -> Sequence[EmailMessage]:
        return list(self.mailbox.messages)

    def database_url(self) -> str:
        return str(self.settings.database_url)

    def log(self) -> str:
        """What all processes have logged, one after the other."""
        return "\n".join(process.log() for replicas in self.processes.values() for process in replicas)
