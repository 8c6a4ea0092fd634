"""Reading PDFs the way a person or a bank does."""

import pypdfium2
import zxingcpp


def qr_payload(pdf: bytes) -> list[str]:
    """The lines of the one QR-bill in the document, decoded from the rasterised last page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[len(document) - 1].render(scale=4).to_pil()
    finally:
        document.close()
    codes = [code.text for code in zxingcpp.read_barcodes(picture) if code.text.startswith("SPC")]
    assert len(codes) == 1, f"expected one QR-bill, found {len(codes)}"
    return codes[0].splitlines()


def text_of(pdf: bytes) -> str:
    """The text of all pages in reading order."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()
