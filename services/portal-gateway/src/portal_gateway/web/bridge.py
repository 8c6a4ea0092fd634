"""From ASGI to a plain function in a green thread, and back.

The coroutine reads the body (bounded in size and time) and waits; everything that may block — sessions,
permissions, the handler itself — runs in one green thread per request.
"""

import asyncio
import re
from collections.abc import AsyncIterator, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import structlog.contextvars
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.routing import Route as PathRoute
from starlette.routing import Router

from kontor import telemetry
from kontor.errors import Invalid, NotFound, Refusal, ServiceUnavailable
from kontor.ids import uuid7
from portal_gateway.kernel import Kernel
from portal_gateway.settings import BODY_TIMEOUT
from portal_gateway.web import guard, security
from portal_gateway.web.problems import BodyTooLarge, MethodNotAllowed, RequestTimeout, problem_of
from portal_gateway.web.request import CONTROL, Query, Request
from portal_gateway.web.response import PROBLEM, Response, Stream, json_response
from portal_gateway.web.routing import ANYONE, Route

Scope = MutableMapping[str, Any]
log = telemetry.logger()

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")


class Routing:
    """All routes of the process: by path for dispatch, by name for links."""

    def __init__(self, routes: list[Route]) -> None:
        self.routes = routes
        self._paths: dict[str, str] = {}
        for route in routes:
            if self._paths.setdefault(route.name, route.path) != route.path:
                raise TypeError(f"The route name {route.name!r} stands for two paths.")

    def path_of(self, name: str, parameters: dict[str, Any]) -> tuple[str, set[str]]:
        """The path with its parameters filled in, and which parameters that used."""
        used: set[str] = set()

        def fill(match: re.Match[str]) -> str:
            used.add(match[1])
            return str(parameters[match[1]])

        return _PARAMETER.sub(fill, self._paths[name]), used

    def by_path(self) -> dict[str, dict[str, Route]]:
        """Methods by path; two routes for the same pair are a mistake."""
        found: dict[str, dict[str, Route]] = {}
        for route in self.routes:
            methods = found.setdefault(route.path, {})
            if route.method in methods:
                raise TypeError(f"{route.method} {route.path} is registered twice.")
            methods[route.method] = route
        return found


class App:
    """The ASGI application over the kernel's routes. ``close`` ends the streams, so that a stop is quick."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._router = _router(kernel)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._router(scope, receive, send)

    def close(self) -> None:
        self.kernel.live.stop()


def _router(kernel: Kernel) -> Router:
    paths = [
        PathRoute(path, endpoint=_Endpoint(kernel, methods), include_in_schema=False)
        for path, methods in kernel.routing.by_path().items()
    ]
    return Router(paths, redirect_slashes=False, default=_Endpoint(kernel, {}))


class _Endpoint:
    """One path: picks the route by method and answers."""

    def __init__(self, kernel: Kernel, methods: dict[str, Route]) -> None:
        self._kernel = kernel
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        method = scope["method"]
        route = self._methods.get("GET" if method == "HEAD" else method)
        refusal: Refusal | None = None
        body = b""
        if route is None:
            refusal = (
                MethodNotAllowed(sorted(self._methods))
                if self._methods
                else NotFound("There is nothing at this address.")
            )
            route = _nowhere(scope["path"])
        else:
            try:
                async with asyncio.timeout(BODY_TIMEOUT):
                    body = await _read_body(scope, receive, route.max_body)
            except TimeoutError:
                refusal = RequestTimeout()
            except (BodyTooLarge, RequestTimeout) as early:
                refusal = early
        request = _request(self._kernel, route, scope, body)
        try:
            request.query = _query(scope)
        except ValueError:
            refusal = Invalid("The address carries too many parameters or unreadable ones.")
        response = await self._kernel.run(lambda: answer(request, refusal))
        headers = security.finish(request, response)
        if isinstance(response, Stream):
            await _stream(response, headers, receive, send)
            return
        if refusal is not None:
            headers.append((b"connection", b"close"))
        headers.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else response.body})


def _nowhere(path: str) -> Route:
    audience: Any = "api" if path.startswith("/api/") else "public"
    if path.startswith("/admin"):
        audience = "kernel"
    if path.startswith("/customer"):
        audience = "customer"
    return Route(audience, "GET", path, lambda request: Response(), "nowhere", ANYONE)


async def _read_body(scope: Scope, receive: Any, limit: int) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > limit):
            raise BodyTooLarge(limit)
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestTimeout()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(limit)
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


def _request(kernel: Kernel, route: Route, scope: Scope, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        joined = value.decode("latin-1")
        headers[key] = f"{headers[key]}; {joined}" if key == "cookie" and key in headers else joined
    given = headers.get("x-request-id", "")
    return Request(
        kernel=kernel,
        route=route,
        id=given if _REQUEST_ID.fullmatch(given) else str(uuid7()),
        method="GET" if scope["method"] == "HEAD" else scope["method"],
        path=scope["path"],
        path_params={name: str(value) for name, value in scope.get("path_params", {}).items()},
        query=Query([]),
        headers=headers,
        cookies=security.read_cookies(headers.get("cookie", ""), secure=kernel.settings.secure_cookies),
        ip=kernel.settings.client_address((scope.get("client") or ("", 0))[0], headers.get("x-forwarded-for", "")),
        body=body,
    )


def _query(scope: Scope) -> Query:
    text = scope.get("query_string", b"").decode("latin-1")
    pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=200, errors="strict")
    if any(CONTROL.search(part) for pair in pairs for part in pair):
        raise ValueError("control characters, which no database takes")
    return Query(pairs)


async def _stream(response: Stream, headers: list[tuple[bytes, bytes]], receive: Any, send: Any) -> None:
    """Send chunks until they end or the client leaves."""
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    chunks: AsyncIterator[bytes] = response.chunks()

    async def pour() -> None:
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    tasks = [asyncio.ensure_future(pour()), asyncio.ensure_future(gone())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, OSError):
            raise error


# -- in the green thread ---------------------------------------------------------------------------


def answer(request: Request, refusal: Refusal | None = None) -> Response:
    """Identify, authorise, run the handler; every refusal and every failure becomes an answer."""
    structlog.contextvars.clear_contextvars()
    telemetry.bind(service="portal_gateway", request_id=request.id)
    try:
        if refusal is not None:
            raise refusal
        return guard.pass_through(request)
    except Refusal as refused:
        return refuse(request, refused)
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        log.warning("the database does not answer", path=_where(request), exc_info=error)
        return refuse(request, ServiceUnavailable("portal_gateway"))
    except DBAPIError as error:
        if error.connection_invalidated:
            log.warning("the database went away", path=_where(request), exc_info=error)
            return refuse(request, ServiceUnavailable("portal_gateway"))
        return _failed(request, error)
    except Exception as error:
        return _failed(request, error)


class InternalFailure(Refusal):
    """Something we did not foresee; the log has it under the request id."""

    code = "INTERNAL"


def _where(request: Request) -> str:
    """The path as the log may know it: without the token of a personal link."""
    token = request.path_params.get("token")
    return request.path.replace(token, "…") if token else request.path


def _failed(request: Request, error: Exception) -> Response:
    log.error("request failed", path=_where(request), method=request.method, exc_info=error)
    detail = "Something went wrong on our side. It has been logged under the number of this request."
    return refuse(request, InternalFailure(detail, request_id=request.id))


def refuse(request: Request, refusal: Refusal) -> Response:
    """The refusal for this audience: problem+json, a page, or a way to sign in."""
    problem = problem_of(refusal)
    api = request.route.audience in {"api", "public_api"} or request.path in {"/live", "/customer/live"}
    if api:
        body = problem.to_json(instance=f"urn:uuid:{request.id}" if len(request.id) == 36 else None)
        response = json_response(body, problem.status, PROBLEM)
    elif problem.code == "UNAUTHENTICATED":
        response = guard.to_sign_in(request)
    else:
        response = _error_page(request, problem)
    if problem.status in {429, 503}:
        response.headers["Retry-After"] = str(problem.retry_after or 5)
    if problem.status == 405:
        response.headers["Allow"] = ", ".join(problem.extra["allowed"])
    if problem.status == 401 and api:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Kontor"'
    return response


_ERROR_PAGES = {"public": "public/problem.html", "customer": "portal/problem.html"}


def _error_page(request: Request, problem: Any) -> Response:
    context = {
        "problem": problem,
        "code": problem.code,
        "detail": problem.detail,
        "errors": problem.errors,
        "extra": problem.extra,
        "retry_after": problem.retry_after,
        "issuer": request.business or None,
    }
    template = _ERROR_PAGES.get(request.route.audience, "error.html")
    if not request.kernel.templates.has(template):
        template = "error.html"
    if request.kernel.templates.has(template):
        try:
            if not request.csrf_token:
                request.csrf_token = security.csrf_token_for(request)
            block = "problem" if request.htmx and template == "error.html" else None
            return request.render(template, block=block, status=problem.status, **context)
        except Exception as error:
            # The page that tells about an error must not hide it behind another one.
            log.error("the error page failed", path=_where(request), exc_info=error)
    return _bare_page(problem)


def _bare_page(problem: Any) -> Response:
    from html import escape

    return Response(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{problem.title}</title>"
        f"<main><h1>{problem.title}</h1><p>{escape(problem.detail)}</p><p>{escape(problem.code)}</p></main>",
        problem.status,
        "text/html; charset=utf-8",
    )
