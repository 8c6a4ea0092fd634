"""The service's end of the render process: starts it, asks it, stops it when it takes too long."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from kontor.errors import Refused

from ..errors import AttachmentInvalid
from ..rendering.errors import RenderingFailed
from ..rendering.result import Rendered
from .framing import receive, send

log = logging.getLogger(__name__)

TIME_LIMIT_SECONDS = 20.0
START_LIMIT_SECONDS = 40.0


class RenderProcess:
    """One render process, started on first use and again after it had to be killed.

    Waiting happens on a socket, so other green threads go on. Requests queue for the process;
    the time limit counts from the moment a request has it.
    """

    def __init__(self, cache_folder: Path, time_limit: float = TIME_LIMIT_SECONDS) -> None:
        self._cache_folder = cache_folder
        self._time_limit = time_limit
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._fresh = True

    def start(self) -> None:
        """Have the process load its fonts and templates before the first document needs it."""
        with self._lock:
            self._running()

    def render(self, kind: str, snapshot: Mapping[str, Any], *, draft: bool = False) -> Rendered:
        """As `Renderer.render`; over the limits raises `RenderingFailed`, other mistakes arrive as
        `kontor.errors.Refused` with their code.
        """
        answer = self._ask({"do": "render", "kind": kind, "snapshot": snapshot, "draft": draft})
        return Rendered(
            b64decode(answer["content_b64"]),
            answer["pages"],
            answer["template_version"],
            tuple(answer["warnings"]),
        )

    def page_png(self, content: bytes, page: int, width: int) -> bytes:
        """Page ``page`` (from 1) of a PDF as a PNG ``width`` pixels wide."""
        request = {"do": "page", "content_b64": b64encode(content).decode(), "page": page, "width": width}
        return b64decode(self._ask(request)["content_b64"])

    def inspect(self, content: bytes) -> dict[str, Any]:
        """``{"mime", "pages"}`` of a file from outside. Refused with ``ATTACHMENT_INVALID`` when it is none of ours,
        also when looking at it ends the process.
        """
        try:
            return self._ask({"do": "inspect", "content_b64": b64encode(content).decode()})
        except RenderingFailed:
            sentence = "The file could not be read. It may be broken."
            raise AttachmentInvalid.field("content_b64", sentence) from None

    def stop(self) -> None:
        """End the process. A request under way fails."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._socket is not None:
            self._socket.close()
        self._process = self._socket = None

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            connection = self._running()
            limit = self._time_limit + (START_LIMIT_SECONDS if self._fresh else 0)
            began = time.monotonic()
            connection.settimeout(limit)
            try:
                send(connection, request)
                answer = receive(connection)
            except TimeoutError:
                self.stop()
                raise RenderingFailed(f"The document took longer than {limit:.0f} seconds.") from None
            except OSError as error:
                self.stop()
                raise RenderingFailed("The render process ended while it made the document.") from error
            if answer is None:
                self.stop()
                raise RenderingFailed("The render process ended while it made the document.")
            self._fresh = False
        log.debug("%s took %.0f ms", request["do"], (time.monotonic() - began) * 1000)
        if "refused" in answer:
            raise Refused.from_json(answer["refused"])
        if "failed" in answer:
            log.error("rendering failed: %s", answer["trace"])
            raise RenderingFailed(f"The document could not be made: {answer['failed']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _running(self) -> socket.socket:
        if self._process is not None and self._process.poll() is not None:
            self.stop()
        if self._socket is None:
            ours, theirs = socket.socketpair()
            command = [sys.executable, "-m", "documents.adapters.render_worker", str(theirs.fileno())]
            self._process = subprocess.Popen(
                [*command, str(self._cache_folder)],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONHASHSEED": "0"},
            )
            theirs.close()
            self._socket, self._fresh = ours, True
        return self._socket
