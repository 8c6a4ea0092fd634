"""Drawn signatures: what arrives as base64 becomes a clean PNG, or is refused with the reason.

The picture is judged by its bytes: the magic number, the size in its header before anything is decoded, then
the ink. It is written anew, so that nothing but pixels is kept (no metadata, no data behind the image).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image

from contracts.domain.errors import SignatureRefused

MAGIC = b"\x89PNG\r\n\x1a\n"
MOST_BYTES = 1_000_000
LARGEST = (4000, 2000)
SMALLEST = (40, 20)
_DARK = 128  # of 255, on white: pencil-thin grey strokes count, antialiasing haze does not
_LEAST_INK = 60  # dark pixels
_LEAST_EXTENT = 24  # pixels in width or height; a dot made by a click stays below


@dataclass(frozen=True)
class Drawing:
    """A usable drawing: the clean PNG, its SHA-256, and the SHA-256 of the bytes as received."""

    png: bytes
    sha256: str
    received_sha256: str


def read(encoded: object) -> Drawing:
    """The drawing in a base64 text (with or without a ``data:`` prefix); `SignatureRefused` otherwise."""
    data = _bytes_of(encoded)
    if len(data) > MOST_BYTES:
        raise SignatureRefused("The drawing is larger than 1 MB.")
    if not data.startswith(MAGIC) or data[12:16] != b"IHDR" or len(data) < 33:
        raise SignatureRefused("The drawing is not a PNG picture.")
    width, height = struct.unpack(">II", data[16:24])
    if width > LARGEST[0] or height > LARGEST[1]:
        raise SignatureRefused(f"The drawing is larger than {LARGEST[0]} × {LARGEST[1]} pixels.")
    if width < SMALLEST[0] or height < SMALLEST[1]:
        raise SignatureRefused(f"The drawing is smaller than {SMALLEST[0]} × {SMALLEST[1]} pixels.")
    _refuse_incomplete(data)
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            picture.load()
            flat = _on_white(picture)
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError) as error:
        raise SignatureRefused("The PNG picture is damaged.") from error
    _refuse_without_ink(flat)
    clean = io.BytesIO()
    flat.save(clean, format="PNG", optimize=True)
    png = clean.getvalue()
    return Drawing(png, hashlib.sha256(png).hexdigest(), hashlib.sha256(data).hexdigest())


def _bytes_of(encoded: object) -> bytes:
    if not isinstance(encoded, str) or not encoded.strip():
        raise SignatureRefused("Please draw your signature.")
    if len(encoded) > MOST_BYTES * 4 // 3 + 200:
        raise SignatureRefused("The drawing is larger than 1 MB.")
    text = encoded.strip()
    if text.startswith("data:"):
        prefix, _, text = text.partition(",")
        if prefix != "data:image/png;base64":
            raise SignatureRefused("The drawing is not a PNG picture.")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureRefused("The drawing is not valid base64.") from error


def _refuse_incomplete(data: bytes) -> None:
    """Walk the chunks to the closing one (PNG 3rd edition § 5.3).

    Pillow alone is not enough: other libraries in the process may have told it to take truncated pictures.
    """
    position = len(MAGIC)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        body = data[position + 4 : position + 8 + length]
        check = data[position + 8 + length : position + 12 + length]
        if len(check) < 4 or zlib.crc32(body) != int.from_bytes(check, "big"):
            break
        if kind == b"IEND":
            return
        position += 12 + length
    raise SignatureRefused("The PNG picture is damaged.")


def _on_white(picture: Image.Image) -> Image.Image:
    """The picture as grey on white; transparent means white."""
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, layer).convert("L")


def _refuse_without_ink(flat: Image.Image) -> None:
    """Refuse an empty sheet, a dot, and a sheet that is all ink."""
    ink = flat.point(lambda grey: 255 if grey < _DARK else 0)
    box = ink.getbbox()
    if box is None:
        raise SignatureRefused("The drawing is empty. Please draw your signature.")
    dark = ink.histogram()[255]
    extent = max(box[2] - box[0], box[3] - box[1])
    if extent < _LEAST_EXTENT or dark < _LEAST_INK:
        raise SignatureRefused("A dot is no signature. Please draw your signature.")
    if dark > flat.width * flat.height // 2:
        raise SignatureRefused("The drawing is one dark area. Please draw your signature.")
