"""The embedded PostgreSQL survives stops and kills and never runs twice on one folder."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kontor_launcher.postgres import EmbeddedPostgres, FolderInUse


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kontor-pg-", ignore_cleanup_errors=True) as path:
        os.chmod(path, 0o755)
        yield Path(path) / "database"


def test_data_survives_a_stop(folder: Path) -> None:
    first = EmbeddedPostgres(folder)
    first.start()
    with psycopg.connect(first.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    first.stop()
    second = EmbeddedPostgres(folder)
    second.start()
    with psycopg.connect(second.url()) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)
    second.stop()


def test_the_folder_has_one_server_and_a_second_process_may_only_attach(folder: Path) -> None:
    first = EmbeddedPostgres(folder)
    first.start()
    with pytest.raises(FolderInUse):
        EmbeddedPostgres(folder).start(patience=0)
    second = EmbeddedPostgres(folder)
    second.start_or_attach()
    with psycopg.connect(second.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    second.stop()
    with psycopg.connect(first.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,), "attaching must not stop it"
    first.stop()


def test_data_survives_a_kill_of_the_process_that_runs_the_server(folder: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; import psycopg\n"
        "from kontor_launcher.postgres import EmbeddedPostgres\n"
        f"server = EmbeddedPostgres(Path({str(folder)!r})); server.start()\n"
        "psycopg.connect(server.url(), autocommit=True).execute('CREATE TABLE kept AS SELECT 7 AS n')\n"
        "print(server.pid, flush=True); time.sleep(60)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    server_pid = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    child.wait()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{server_pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{server_pid}").exists(), "the server must end with the process that started it"
    again = EmbeddedPostgres(folder)
    again.start()
    with psycopg.connect(again.url()) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    again.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another place")
def test_as_root_in_a_closed_folder_the_database_lives_elsewhere_and_says_so(folder: Path) -> None:
    folder.parent.chmod(0o700)
    server = EmbeddedPostgres(folder)
    server.start()
    assert server.moved
    assert str(server.folder) in (folder / "MOVED.txt").read_text()
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.stop()
    subprocess.run(["rm", "-rf", str(server.folder)], check=True)
