"""What a file from outside is, told by its content; runs in the render process, which may die of it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from ..errors import AttachmentInvalid

MAX_PAGES = 500
MAX_PIXELS = 100_000_000
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def facts_of(content: bytes) -> dict[str, Any]:
    """``{"mime", "pages"}`` of a PDF, PNG or JPEG. Raises `AttachmentInvalid` for anything else, for what is
    broken, and for a PDF with a password or restrictions."""
    if content.startswith(b"%PDF-"):
        return {"mime": "application/pdf", "pages": _pdf_pages(content)}
    if content.startswith(_PNG):
        return _picture(content, "image/png", "PNG")
    if content.startswith(_JPEG):
        return _picture(content, "image/jpeg", "JPEG")
    raise AttachmentInvalid.field("content_b64", "Please attach a PDF, PNG or JPEG.")


def _pdf_pages(content: bytes) -> int:
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise _encrypted() from None
        raise _broken("PDF") from None
    try:
        if raw.FPDF_GetSecurityHandlerRevision(document) != -1:
            raise _encrypted()
        count = len(document)
        if not 1 <= count <= MAX_PAGES:
            raise AttachmentInvalid.field("content_b64", f"The PDF must have 1 to {MAX_PAGES} pages; it has {count}.")
        for number in range(count):
            document[number].close()
        return count
    except pypdfium2.PdfiumError:
        raise _broken("PDF") from None
    finally:
        document.close()


def _picture(content: bytes, mime: str, kind: str) -> dict[str, Any]:
    from PIL import Image

    try:
        with Image.open(BytesIO(content), formats=[kind]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise AttachmentInvalid.field("content_b64", "The picture has too many pixels.")
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _broken(kind) from None
    return {"mime": mime, "pages": 1}


def _encrypted() -> AttachmentInvalid:
    return AttachmentInvalid.field("content_b64", "The PDF is protected. Please attach one without a password.")


def _broken(kind: str) -> AttachmentInvalid:
    return AttachmentInvalid.field("content_b64", f"The {kind} is broken and cannot be opened.")
