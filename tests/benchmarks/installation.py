"""A whole installation in a child process, with everything it starts counted together."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.support.ports import eventually, free_port

ADMIN = "bench@example.test"
_TICKS = os.sysconf("SC_CLK_TCK")


class Installation:
    """`kontor run` on embedded defaults in an empty folder; ``start_seconds`` is the time to the first ready answer."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kontor-bench-"))
        self.folder.chmod(0o755)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("KONTOR_", "S3_", "SMTP_"))},
            "KONTOR_DATA": str(self.folder / "data"),
            "KONTOR_PORT": str(port),
            "KONTOR_ADMIN_EMAIL": ADMIN,
            "KONTOR_ADMIN_PASSWORD": "a long password for benches",
        }
        for name in ("DATABASE_URL", "AMQP_URL"):
            self.environment.pop(name, None)

    def start(self) -> float:
        """Start and wait until ready; returns the seconds that took."""
        started = time.perf_counter()
        self._log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [str(Path(sys.executable).parent / "kontor"), "run"],
            env=self.environment,
            stdout=self._log,
            stderr=self._log,
        )
        eventually(self._ready, timeout=90, every=0.05, what="Kontor is ready")
        return time.perf_counter() - started

    def _ready(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError((self.folder / "log").read_text()[-3000:])
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def token(self) -> str:
        answer = subprocess.run(
            [str(Path(sys.executable).parent / "kontor"), "token", "create", "--admin", ADMIN],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return answer.stdout.strip().splitlines()[-1]

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {self.token()}"},
            timeout=60,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=64),
        )

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()

    def _family(self) -> list[int]:
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    continue
                children.setdefault(parent, []).append(int(entry.name))
        found, queue = [], [self._process.pid]
        while queue:
            found.append(queue[-1])
            queue.extend(children.get(queue.pop(), []))
        return found

    def cpu_seconds(self) -> float:
        """Processor time used so far by the process and what it started, the database included."""
        total = 0
        for pid in self._family():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            total += int(fields[11]) + int(fields[12])
        return total / _TICKS

    def memory_mb(self) -> tuple[float, float]:
        """Resident memory of the Kontor process, and the proportional share of it with its database, in MB."""
        own = whole = 0.0
        for pid in self._family():
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            facts: dict[str, Any] = {
                line.split(":")[0]: float(line.split()[1]) for line in text.splitlines()[1:] if line.endswith("kB")
            }
            whole += facts["Pss"] / 1024
            if pid == self._process.pid:
                own = facts["Rss"] / 1024
        return own, whole
