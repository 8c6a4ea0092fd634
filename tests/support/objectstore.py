"""An S3 server (moto) as a process of its own."""

import os
import subprocess
import sys

from tests.support.ports import accepts_connections, eventually, free_port


class ObjectStore:
    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a service needs to use this server."""
        return {
            "S3_ENDPOINT": f"127.0.0.1:{self.port}",
            "S3_BUCKET": "kontor",
            "S3_ACCESS_KEY": "test-access-key",
            "S3_SECRET_KEY": "test-secret-key",
            "S3_REGION": "us-east-1",
            "S3_SECURE": "0",
        }

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"MOTO_S3_CUSTOM_ENDPOINTS": f"http://127.0.0.1:{self.port}"},
        )
        eventually(lambda: accepts_connections(self.port), timeout=30, what="the S3 server answers")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
