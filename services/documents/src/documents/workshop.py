"""What one process of the documents service keeps between calls: storage, render process, way out for mails."""

from __future__ import annotations

import logging
from typing import Any

from kontor.runtime import Resource

from .adapters.render_process import RenderProcess
from .adapters.storage import storage_of
from .adapters.transport import transport_of
from .tools import Tools

logging.getLogger("weasyprint").setLevel(logging.ERROR)


class Workshop(Resource):
    """Makes the tools once per process; the render process starts with the service."""

    def setup(self) -> None:
        settings = self.settings
        self.tools = Tools(
            settings,
            storage_of(settings),
            RenderProcess(settings.data / "cache" / "fonts"),
            transport_of(settings),
        )

    def start(self) -> None:
        self.tools.renderer.start()

    def stop(self) -> None:
        self.tools.renderer.stop()

    def kill(self) -> None:
        self.tools.renderer.stop()

    def get_dependency(self, worker_ctx: Any) -> Tools:
        return self.tools
