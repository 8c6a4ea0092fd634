"""What rendering gives back; apart from the engine, so that the service need not load WeasyPrint."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished PDF. ``warnings`` are sentences for the operator (a missing font, for instance)."""

    content: bytes
    pages: int
    template_version: int
    warnings: tuple[str, ...]
