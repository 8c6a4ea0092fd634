"""OpenAPI 3.1, generated from the routes and their models, and a page that shows it without a network."""

import re
from functools import cache
from html import escape
from importlib import metadata, resources
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import models_json_schema

from portal_gateway.api.endpoint import PREFIX
from portal_gateway.api.models import Problem
from portal_gateway.web.problems import STATUS
from portal_gateway.web.request import Request
from portal_gateway.web.response import HTML, Response, json_response
from portal_gateway.web.routing import ANYONE, SIGNED_IN, Route, Routes

if TYPE_CHECKING:
    from portal_gateway.web.bridge import Routing

routes = Routes("kernel")

_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_REF = "#/components/schemas/{model}"


@routes.get(f"{PREFIX}/openapi.json", permission=ANYONE, bare=True)
def openapi(request: Request) -> Response:
    return json_response(describe(request.kernel.routing))


@routes.get(f"{PREFIX}/docs", permission=ANYONE, name="api.docs")
def docs(request: Request) -> Response:
    return Response(_page(describe(request.kernel.routing)), 200, HTML)


@routes.get(f"{PREFIX}/docs.css", permission=ANYONE, bare=True)
def docs_style(request: Request) -> Response:
    response = Response(
        (resources.files("portal_gateway") / "api" / "docs.css").read_bytes(), 200, "text/css; charset=utf-8"
    )
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.public = True
    return response


@cache
def describe(routing: "Routing") -> dict[str, Any]:
    """The document; every API route is in it."""
    listed = [route for route in routing.routes if route.audience in {"api", "public_api"}]
    inputs = {route.options[key] for route in listed for key in ("body", "query") if route.options.get(key)}
    outputs = {route.options["answer"] for route in listed if route.options.get("answer")} | {Problem}
    wanted: list[tuple[Any, Any]] = [(model, "validation") for model in sorted(inputs, key=_name)]
    wanted += [(model, "serialization") for model in sorted(outputs, key=_name)]
    references, definitions = models_json_schema(wanted, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in listed:
        path = _PARAMETER.sub(lambda match: "{" + match[1] + "}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kontor",
            "version": metadata.version("kontor-portal-gateway"),
            "description": (
                "Quotes, contracts and invoices. Money is in minor units (`*_minor`) beside an ISO 4217 code; "
                "decimals are text; dates are ISO 8601. Errors are RFC 9457 problem details with `code` and "
                "`errors`. Every POST takes an `Idempotency-Key`."
            ),
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.options["tag"] for route in listed)],
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "kontor_admin"},
            },
        },
    }


def _name(model: Any) -> str:
    return f"{model.__module__}.{model.__qualname__}"


def _identifier(route: Route) -> str:
    path = _PARAMETER.sub(lambda match: f"by_{match[1]}", route.path.removeprefix(PREFIX))
    return re.sub(r"\W+", "_", f"{route.method.lower()} {path}")


def _operation(route: Route, references: dict[Any, Any]) -> dict[str, Any]:
    options = route.options
    lines = (route.handler.__doc__ or route.name).strip().split("\n")
    operation: dict[str, Any] = {
        "operationId": route.handler.__module__.rpartition(".")[2] + "_" + _identifier(route),
        "summary": lines[0].rstrip("."),
        "tags": [options["tag"]],
        "parameters": _parameters(route, references),
        "responses": _responses(route, references),
    }
    needs = []
    if route.permission not in {ANYONE, SIGNED_IN}:
        needs.append(f"Permission: `{route.permission}`.")
    if route.feature:
        needs.append(f"Feature: `{route.feature}`.")
    if needs:
        operation["description"] = " ".join(needs)
    body = options.get("body")
    if body is not None:
        operation["requestBody"] = {
            "required": any(field.is_required() for field in body.model_fields.values()),
            "content": {"application/json": {"schema": references[(body, "validation")]}},
        }
    operation["security"] = [] if route.permission == ANYONE else [{"bearer": []}, {"session": []}]
    return operation


def _parameters(route: Route, references: dict[Any, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name, kind in _PARAMETER.findall(route.path):
        schema = {"type": "string", "format": "uuid"} if kind == "uuid" else {"type": "string"}
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    query = route.options.get("query")
    if query is not None:
        schema = query.model_json_schema(ref_template=_REF)
        for name, field in schema.get("properties", {}).items():
            found.append({"name": name, "in": "query", "required": False, "schema": field})
    if route.method == "POST" and not route.options.get("unrecorded"):
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "Repeating the request with the same key has one effect and one answer.",
                "schema": {"type": "string", "maxLength": 200},
            }
        )
    if route.method in {"PATCH", "DELETE"} and "{id" in route.path:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": False,
                "description": "The ETag that was read; another version answers 409 STALE_VERSION.",
                "schema": {"type": "string"},
            }
        )
    return found


def _responses(route: Route, references: dict[Any, Any]) -> dict[str, Any]:
    options = route.options
    problem = {"application/problem+json": {"schema": references[(Problem, "serialization")]}}
    answer = options.get("answer")
    status = str(options.get("status", 200 if answer or options.get("produces") else 204))
    success: dict[str, Any] = {"description": "Done."}
    if options.get("produces"):
        success["content"] = {options["produces"]: {"schema": {"type": "string", "format": "binary"}}}
    elif answer is not None:
        success["content"] = {"application/json": {"schema": references[(answer, "serialization")]}}
    codes = {"422": "Not accepted."}
    if route.permission != ANYONE:
        codes |= {"401": "Not signed in.", "403": "Not allowed, or the feature is off."}
    if "{" in route.path:
        codes["404"] = "Not found."
    if route.method != "GET":
        codes |= {"409": "Conflict.", "413": "Too large."}
    codes |= {"429": "Too many attempts.", "503": "Temporarily unavailable."}
    failures = {code: {"description": text, "content": problem} for code, text in sorted(codes.items())}
    return {status: success, **failures}


def _page(document: dict[str, Any]) -> str:
    """A plain page: no scripts, one style sheet from here."""
    rows: dict[str, list[str]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            rows[operation["tags"][0]].append(_row(method, path, operation))
    sections = "".join(
        f"<section><h2>{escape(tag)}</h2>{''.join(operations)}</section>" for tag, operations in rows.items()
    )
    codes = "".join(f"<tr><td><code>{code}</code><td>{status}" for code, status in sorted(STATUS.items()))
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>Kontor API</title>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f'<link rel=stylesheet href="{PREFIX}/docs.css"></head><body><main><h1>Kontor API</h1>'
        f"<p>{escape(document['info']['description'])}</p>"
        f'<p>As a file: <a href="{PREFIX}/openapi.json">openapi.json</a> (OpenAPI 3.1)</p>'
        f"{sections}<section><h2>Codes</h2><table><tr><th>Code<th>Status{codes}</table></section></main></body></html>"
    )


def _row(method: str, path: str, operation: dict[str, Any]) -> str:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    model = body.get("$ref", "").rpartition("/")[2]
    details = [escape(operation.get("description", "")), f"Body: <code>{escape(model)}</code>" if model else ""]
    return (
        f"<article><h3><b class={method}>{method.upper()}</b> <code>{escape(path)}</code></h3>"
        f"<p>{escape(operation['summary'])}. {' '.join(part for part in details if part)}</p></article>"
    )
