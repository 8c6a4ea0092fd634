"""The process that renders: reads requests from a socket, answers with PDFs or pictures.

Kept apart from the service so that a document can be stopped hard at its time limit, cannot eat the
service's memory, and does not hold up its other work. Run by `adapters.render_process`.
"""

from __future__ import annotations

import resource
import socket
import sys
import traceback
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

from documents.adapters.file_facts import facts_of
from documents.adapters.framing import receive, send
from documents.errors import PageOutOfRange, QrBillRefused
from documents.rendering.engine import Renderer
from kontor.errors import FieldError, Refusal
from swissqrbill import QrBillInvalid

MEMORY_LIMIT_BYTES = 2 * 1024**3
"""Address space of the render process; WeasyPrint with fonts takes about 0.5 GB of it."""


_PARTY = {"name": "Kontor", "display_name": "Kontor", "postcode": "8000", "town": "Zürich", "country": "CH"}
WARM_UP: dict[str, Any] = {
    "number": "0",
    "language": "de",
    "locale": "de-CH",
    "currency": "CHF",
    "issuer": _PARTY,
    "customer": _PARTY,
    "bank": {"iban": "CH5800791123000889012", "reference_type": "NON"},
    "lines": [],
    "totals": {"net_minor": 100, "vat_minor": 0, "total_minor": 100, "vat_groups": []},
    "payment_slip": "swiss",
}
"""A document nobody sees: making it loads fonts, style sheet and templates before the first real one."""


def serve(connection: socket.socket, cache_folder: Path) -> None:
    """Answer requests one after the other until the other end closes the socket."""
    connection.setblocking(True)  # a service with green threads hands over a non-blocking one
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    renderer = Renderer(cache_folder)
    renderer.render("invoice", WARM_UP)
    while (request := receive(connection)) is not None:
        try:
            answer: dict[str, Any] = {"result": _answer(renderer, request)}
        except QrBillInvalid as mistake:
            answer = {"refused": QrBillRefused(mistake).to_json()}
        except Refusal as refusal:
            answer = {"refused": refusal.to_json()}
        except BaseException as fault:  # told to the service, which refuses the document
            answer = {"failed": f"{type(fault).__name__}: {fault}", "trace": traceback.format_exc()}
        send(connection, answer)


def _answer(renderer: Renderer, request: dict[str, Any]) -> dict[str, Any]:
    if request["do"] == "page":
        picture = page_png(b64decode(request["content_b64"]), request["page"], request["width"])
        return {"content_b64": b64encode(picture).decode()}
    if request["do"] == "inspect":
        return facts_of(b64decode(request["content_b64"]))
    rendered = renderer.render(request["kind"], request["snapshot"], draft=request["draft"])
    return {
        "content_b64": b64encode(rendered.content).decode(),
        "pages": rendered.pages,
        "template_version": rendered.template_version,
        "warnings": list(rendered.warnings),
    }


def page_png(content: bytes, page: int, width: int) -> bytes:
    """Page ``page`` (from 1) as a PNG ``width`` pixels wide (64 to 2400). Raises `PageOutOfRange`."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        if not 1 <= page <= len(document):
            raise PageOutOfRange(
                f"The document has {len(document)} pages.", errors=[FieldError("page", "is out of range")]
            )
        sheet = document[page - 1]
        wide = min(max(width, 64), 2400)
        out = BytesIO()
        sheet.render(scale=wide / sheet.get_width()).to_pil().save(out, "PNG")
        return out.getvalue()
    finally:
        document.close()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]))
