"""The whole HTTP surface put together: routes of all audiences over one kernel."""

from collections.abc import Iterable
from importlib import import_module, resources
from typing import Any

from portal_gateway.accounts import sessions
from portal_gateway.api import routes as api_routes
from portal_gateway.kernel import Kernel
from portal_gateway.projection import live
from portal_gateway.web import ANYONE, SIGNED_IN, Request, Response, Route, Routes, Stream
from portal_gateway.web.assets import Assets
from portal_gateway.web.bridge import App, Routing
from portal_gateway.web.languages import Languages
from portal_gateway.web.response import json_response
from portal_gateway.web.templates import Templates

kernel_routes = Routes("kernel")

READY_SERVICES = ("quotes", "contracts", "invoicing", "documents")


AREAS = ("admin", "portal", "public")


def all_routes(areas: Iterable[str] = AREAS) -> list[Route]:
    """Every route of the process, in the order they are tried; ``areas`` are the packages of pages."""
    routes = [*kernel_routes, *api_routes.all_routes()]
    for area in areas:
        routes += import_module(f"portal_gateway.{area}.routes").routes
    return routes


def create_app(kernel: Kernel, areas: Iterable[str] = AREAS) -> App:
    """Complete the kernel and return the ASGI application over it."""
    kernel.assets = Assets()
    kernel.languages = Languages()
    kernel.templates = Templates(kernel, str(resources.files("portal_gateway") / "templates"))
    kernel.live = live.LiveChanges(kernel.db)
    kernel.routing = Routing(all_routes(areas))
    return App(kernel)


@kernel_routes.get("/healthz", permission=ANYONE, bare=True)
def healthz(request: Request) -> Response:
    """Alive: the process answers. Says nothing about the others."""
    return json_response({"status": "alive"})


@kernel_routes.get("/readyz", permission=ANYONE, bare=True)
def readyz(request: Request) -> Response:
    """Ready: the database and every service answer. 503 names those that do not."""
    from portal_gateway.api.operations import states_of_services

    services = states_of_services(request, seconds=2.0)
    ready = all(state["ok"] for state in services.values())
    body = {"status": "ready" if ready else "not ready", "services": {name: s["ok"] for name, s in services.items()}}
    response = json_response(body, 200 if ready else 503)
    if not ready:
        response.headers["Retry-After"] = "2"
    return response


@kernel_routes.get("/", permission=ANYONE, name="root")
def root(request: Request) -> Response:
    return request.redirect_to("/admin")


@kernel_routes.get("/static/{name}", permission=ANYONE, bare=True)
def static(request: Request, name: str) -> Response:
    from kontor.errors import NotFound

    found = request.kernel.assets.answer(name, request.headers.get("accept-encoding", ""))
    if found is None:
        raise NotFound("There is no such file.")
    return found


@kernel_routes.get("/favicon.ico", permission=ANYONE, bare=True)
def favicon(request: Request) -> Response:
    response = Response(b"", 204)
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.public = True
    return response


@kernel_routes.get("/robots.txt", permission=ANYONE, bare=True)
def robots(request: Request) -> Response:
    return Response("User-agent: *\nDisallow: /\n", 200, "text/plain; charset=utf-8")


@kernel_routes.post("/preferences", permission=ANYONE, name="preferences")
def preferences(request: Request) -> Response:
    """Remember theme and language in this browser."""
    form = request.form()
    year = 365 * 24 * 3600
    if form.get("theme") in {"light", "dark", "system"}:
        request.set_cookie("kontor_theme", form["theme"], max_age=year, http_only=False)
    if form.get("language") in request.kernel.languages.catalogues:
        request.set_cookie("kontor_language", form["language"], max_age=year, http_only=False)
    return request.redirect_to(form.get("next") or "/")


def _last_id(request: Request) -> int | None:
    given = request.headers.get("last-event-id", "")
    return int(given) if given.isdigit() and len(given) < 19 else None


def _stream(request: Request, wanted: live.Wanted, still_there: Any) -> Stream:
    before: list[dict[str, Any]] = []
    last = _last_id(request)
    if last is not None:
        with request.tx() as tx:
            before = live.missed(tx, last)
    kernel = request.kernel

    def ask() -> bool:
        with kernel.db.transaction() as tx:
            return bool(still_there(tx))

    async def still_allowed() -> bool:
        return bool(await kernel.run(ask))

    return Stream(lambda: kernel.live.stream(wanted, before, still_allowed), "text/event-stream")


@kernel_routes.get("/live", permission=SIGNED_IN, name="live")
def admin_live(request: Request) -> Response:
    """Changes of records this admin may view."""
    if request.admin is None:
        from portal_gateway.web.problems import Unauthenticated

        raise Unauthenticated("Please sign in.")
    permissions = request.admin.permissions
    token = request.session_token or ""
    return _stream(request, lambda change: change["permission"] in permissions, lambda tx: sessions.admin_of(tx, token))


customer_routes = Routes("customer")


@customer_routes.get("/customer/live", name="customer.live")
def customer_live(request: Request) -> Response:
    """Changes of the signed-in customer's own records."""
    assert request.customer is not None
    id = request.customer.id
    token = request.session_token or ""
    return _stream(request, lambda change: change["customer_id"] == id, lambda tx: sessions.customer_of(tx, token))


kernel_routes.extend(customer_routes)

__all__ = ["all_routes", "create_app"]
