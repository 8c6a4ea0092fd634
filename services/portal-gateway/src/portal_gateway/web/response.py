"""What a handler gives back."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID

HTML = "text/html; charset=utf-8"
JSON = "application/json"
PROBLEM = "application/problem+json"


class Response:
    """Status, headers and the whole body. Cookies are added with `set_cookie` of the request."""

    def __init__(
        self, body: bytes | str = b"", status: int = 200, media_type: str | None = None, **headers: str
    ) -> None:
        self.status = status
        self.body = body.encode() if isinstance(body, str) else body
        self.headers: dict[str, str] = {name.replace("_", "-"): value for name, value in headers.items()}
        if media_type:
            self.headers["Content-Type"] = media_type
        #: Set where the answer is the same for everybody and may be kept by caches.
        self.public = False
        #: ``self`` lets our own pages show the answer in a frame.
        self.frame_ancestors = "'none'"


class Stream(Response):
    """An answer that goes on: ``chunks`` is called on the loop and yields bytes until the client leaves."""

    def __init__(self, chunks: Callable[[], AsyncIterator[bytes]], media_type: str) -> None:
        super().__init__(b"", 200, media_type)
        self.chunks = chunks


def plain(value: Any) -> Any:
    """JSON for the value types records contain: ISO dates, decimals and ids as text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def json_response(body: Any, status: int = 200, media_type: str = JSON) -> Response:
    return Response(json.dumps(body, default=plain, ensure_ascii=False, allow_nan=False), status, media_type)


def file_response(content: bytes, name: str, media_type: str, *, inline: bool, embed: bool = False) -> Response:
    """A file. Shown in the browser it is sandboxed, so that active content in it can do nothing."""
    ascii_name = name.encode("ascii", "replace").decode().replace('"', "_").replace("\\", "_").replace("?", "_")
    disposition = "inline" if inline else "attachment"
    response = Response(content, 200, media_type)
    response.headers["Content-Disposition"] = (
        f"{disposition}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    if embed:
        response.frame_ancestors = "'self'"
    return response
