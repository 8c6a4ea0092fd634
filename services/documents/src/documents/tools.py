"""What the use cases work with; made once per process by the workshop."""

from __future__ import annotations

from dataclasses import dataclass

from kontor.settings import Settings

from .adapters.render_process import RenderProcess
from .adapters.storage import Storage
from .adapters.transport import Transport


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools a call works with."""

    settings: Settings
    storage: Storage
    renderer: RenderProcess
    transport: Transport
