"""Reading PDFs back with tools that share no code with ours: pdfium, zxing-cpp, pikepdf."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import zxingcpp
from PIL import Image


def page_image(pdf: bytes, page: int = -1, dots_per_inch: int = 200) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[page % len(document)].render(scale=dots_per_inch / 72).to_pil()
    finally:
        document.close()


def symbol_lines(image: Image.Image) -> list[str]:
    """The lines of the only QR symbol in the picture, decoded as UTF-8."""
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    assert len(found) == 1, f"{len(found)} symbols"
    return found[0].bytes.decode().split("\n")


def texts(pdf: bytes) -> list[str]:
    """The text of each page in the order it was painted."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]
    finally:
        document.close()


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))
