"""What can go wrong between a snapshot and a PDF."""

from __future__ import annotations

from kontor.errors import FieldError, Refusal


class SnapshotIncomplete(Refusal):
    """A snapshot lacks a fact its document prints; the field is named, nothing is rendered."""

    code = "SNAPSHOT_INCOMPLETE"

    def __init__(self, field: str) -> None:
        sentence = f"The document cannot be made: “{field}” is missing from its snapshot."
        super().__init__(sentence, errors=[FieldError(field, "is required")])


class UnknownKind(Refusal):
    """A document kind there is no template for."""

    code = "DOCUMENT_KIND_UNKNOWN"


class FontMissing(Refusal):
    """A font without which no document may be made is not installed."""

    code = "FONT_MISSING"


class RenderingFailed(Refusal):
    """Rendering ended without a PDF: over the time or memory limit, or by a fault in the template."""

    code = "RENDERING_FAILED"
