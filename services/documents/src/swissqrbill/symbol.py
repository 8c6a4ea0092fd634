"""The QR symbol: level M, byte mode, no ECI, version chosen by size, 46 × 46 mm with the cross.

libqrencode (Debian package ``libqrencode4``) is used through ctypes when present: about
1 ms against 19 ms for segno. Both make valid symbols; the mask may differ between them.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from io import BytesIO

import segno

Modules = tuple[bytes, ...]
"""Rows of the symbol from top to bottom, one byte per module, 1 = dark; no quiet zone."""

_LEVEL_M = 1


class _QrCode(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int),
        ("width", ctypes.c_int),
        ("data", ctypes.POINTER(ctypes.c_ubyte)),
    )


@cache
def _libqrencode() -> ctypes.CDLL | None:
    for name in ("libqrencode.so.4", ctypes.util.find_library("qrencode")):
        if name is None:
            continue
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.QRcode_encodeData.restype = ctypes.POINTER(_QrCode)
        library.QRcode_encodeData.argtypes = (
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.c_int,
        )
        library.QRcode_free.argtypes = (ctypes.POINTER(_QrCode),)
        library.QRcode_free.restype = None
        return library
    return None


def encoder() -> str:
    """Which encoder makes the symbols: ``libqrencode`` or ``segno``."""
    return "segno" if _libqrencode() is None else "libqrencode"


def modules(text: str) -> Modules:
    """The symbol of the text in UTF-8, error correction level M.

    Raises ValueError when the text does not fit a QR symbol; a valid payload always fits.
    """
    library = _libqrencode()
    return _by_segno(text) if library is None else _by_libqrencode(library, text)


def png(text: str, scale: int = 8) -> bytes:
    """The symbol as a 1-bit PNG without quiet zone and cross, ``scale`` pixels per module."""
    from PIL import Image

    rows = modules(text)
    side = len(rows)
    image = Image.frombytes("L", (side, side), bytes(255 * (1 - m) for row in rows for m in row))
    out = BytesIO()
    enlarged = image.resize((side * scale, side * scale), Image.Resampling.NEAREST)
    enlarged.convert("1").save(out, "PNG")
    return out.getvalue()


def _by_libqrencode(library: ctypes.CDLL, text: str) -> Modules:
    data = text.encode()
    code = library.QRcode_encodeData(len(data), data, 0, _LEVEL_M)
    if not code:
        raise ValueError("The text does not fit a QR symbol at level M.")
    try:
        width = code.contents.width
        flat = ctypes.string_at(code.contents.data, width * width)
    finally:
        library.QRcode_free(code)
    # libqrencode keeps working notes in the upper bits; bit 0 is the colour.
    dark = bytes(module & 1 for module in flat)
    return tuple(dark[row * width : (row + 1) * width] for row in range(width))


def _by_segno(text: str) -> Modules:
    code = segno.make(text.encode(), error="m", boost_error=False, micro=False, mode="byte", encoding=None)
    return tuple(bytes(row) for row in code.matrix)
