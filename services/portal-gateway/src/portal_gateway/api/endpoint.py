"""How an API handler is declared and run: body and query checked against models, answers as JSON."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from kontor.errors import Invalid
from kontor.ids import derived_id, uuid7
from portal_gateway.api import idempotency
from portal_gateway.business.refusals import invalid
from portal_gateway.web.problems import MalformedJson, UnsupportedMediaType
from portal_gateway.web.request import Request
from portal_gateway.web.response import Response, json_response
from portal_gateway.web.routing import Handler, Routes

PREFIX = "/api/v1"
MAX_DEPTH = 20

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"|(\d{1,18})')


@dataclass
class Call:
    """What an API handler works with beside its path parameters."""

    request: Request
    body: Any
    query: Any

    @property
    def sent(self) -> dict[str, Any]:
        """The fields that were sent, as plain JSON; fields not sent are absent."""
        fields: dict[str, Any] = self.body.model_dump(mode="json", exclude_unset=True, by_alias=True)
        fields.pop("version", None)
        return fields

    @property
    def version(self) -> int | None:
        """The version the caller has read: from the body, else from ``If-Match``."""
        given = getattr(self.body, "version", None)
        if given is not None:
            return int(given)
        header = self.request.headers.get("if-match", "").strip()
        if header in {"", "*"}:
            return None
        match = _ETAG.fullmatch(header)
        if match is None:
            raise Invalid.field("If-Match", 'If-Match must be the ETag of the record, such as "3".')
        return int(match[1] or match[2])

    def new_id(self, *parts: str) -> UUID:
        """The id of what this request creates: the same for every repetition of it."""
        key = idempotency.key_of(self.request)
        if key is None:
            return uuid7()
        return derived_id(idempotency.principal_of(self.request), key, self.request.path, *parts)


class Api(Routes):
    """Routes under ``/api/v1``. Options: body, query, answer (models), status, tag, produces."""

    def __init__(self, audience: Any = "api", *, tag: str) -> None:
        super().__init__(audience)
        self.tag = tag

    def add(self, method: str, path: str, **options: Any) -> Callable[[Handler], Handler]:
        options.setdefault("tag", self.tag)
        if options.get("name") is None:
            options["name"] = f"api {method} {path}"
        return super().add(method, PREFIX + path, wrap=run, **options)


def run(request: Request) -> Response:
    """Check what was sent, run the handler (a POST with a key only once), encode what it gives."""
    if request.method == "POST":
        return idempotency.once(request, lambda: _run(request))
    return _run(request)


def _run(request: Request) -> Response:
    options = request.route.options
    call = Call(request, _body(request, options.get("body")), _query(request, options.get("query")))
    result = request.route.handler(call, **request.path_params)
    if isinstance(result, Response):
        return result
    status = options.get("status", 200)
    if result is None:
        return Response(b"", 204)
    response = json_response(result, status)
    if isinstance(result, dict) and isinstance(result.get("version"), int):
        response.headers["ETag"] = f'"{result["version"]}"'
    if status == 201 and isinstance(result, dict) and "id" in result:
        response.headers["Location"] = f"{request.path}/{result['id']}"
    return response


def _body(request: Request, model: type[BaseModel] | None) -> Any:
    if model is None:
        if request.body.strip() not in {b"", b"{}", b"null"}:
            raise Invalid("This action takes no body.")
        return None
    if request.body.strip():
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/json":
            raise UnsupportedMediaType("Please send application/json.")
    content = request.body.strip() or b"{}"
    _check_depth(content)
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        if any(item["type"] == "json_invalid" for item in error.errors(include_url=False)):
            raise MalformedJson("The body is no valid JSON.") from error
        raise invalid(error) from error


def _check_depth(content: bytes) -> None:
    """Refuse deep nesting before anything walks it; brackets inside texts do not count."""
    depth, in_text, escaped = 0, False, False
    if content.count(b"[") + content.count(b"{") <= MAX_DEPTH:
        return
    for byte in content:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise MalformedJson(f"The body is nested deeper than {MAX_DEPTH} levels.")
        elif byte in b"]}":
            depth -= 1


def _query(request: Request, model: type[BaseModel] | None) -> Any:
    given = {name: request.query[name] for name in request.query}
    if model is None:
        if given:
            raise Invalid.field(next(iter(given)), "There is no such parameter here.")
        return None
    try:
        return model.model_validate_strings(given)
    except ValidationError as error:
        raise invalid(error) from error


def content_of(answer: dict[str, Any]) -> bytes:
    """The bytes of a file that came over RPC."""
    return base64.b64decode(answer["content_b64"])
