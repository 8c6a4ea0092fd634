"""Routes are data: path, method, who may call it. One list of them serves dispatch, tests and OpenAPI."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from portal_gateway.accounts.roles import PERMISSIONS

Audience = Literal["admin", "customer", "public", "api", "public_api", "kernel"]
Handler = Callable[..., Any]
Context = Callable[[Any], dict[str, Any]]

#: Any signed-in person of the route's audience.
SIGNED_IN = "signed_in"
#: Nobody needs to be signed in.
ANYONE = "anyone"

DEFAULT_MAX_BODY = 1024 * 1024


@dataclass(frozen=True)
class Route:
    """One path and method. ``permission`` and ``feature`` are checked before the handler runs."""

    audience: Audience
    method: str
    path: str
    handler: Handler
    name: str
    permission: str
    feature: str | None = None
    max_body: int = DEFAULT_MAX_BODY
    context: Context | None = None
    options: dict[str, Any] = field(default_factory=dict)


class Routes:
    """The routes of one audience, in the order they are tried."""

    def __init__(self, audience: Audience, *, context: Context | None = None) -> None:
        self.audience = audience
        self.context = context
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def __len__(self) -> int:
        return len(self._routes)

    def extend(self, more: "Routes | Iterable[Route]") -> None:
        """Take over the routes of another list; they keep their own context function or get this one's."""
        for route in more:
            context = route.context or self.context
            self._routes.append(Route(**{**route.__dict__, "context": context}))

    def add(
        self,
        method: str,
        path: str,
        *,
        name: str | None = None,
        permission: str | None = None,
        feature: str | None = None,
        max_body: int = DEFAULT_MAX_BODY,
        **options: Any,
    ) -> Callable[[Handler], Handler]:
        """Register a handler; admin and API routes must say which permission they need."""
        if permission is None:
            if self.audience in {"admin", "api"}:
                raise TypeError(f"{method} {path}: a route of the {self.audience} needs permission=")
            permission = SIGNED_IN if self.audience == "customer" else ANYONE
        if permission not in PERMISSIONS and permission not in {SIGNED_IN, ANYONE}:
            raise TypeError(f"{method} {path}: unknown permission {permission!r}")

        def register(handler: Handler) -> Handler:
            self._routes.append(
                Route(
                    audience=self.audience,
                    method=method,
                    path=path,
                    handler=handler,
                    name=name or f"{self.audience}.{handler.__name__}",
                    permission=permission,
                    feature=feature,
                    max_body=max_body,
                    context=self.context,
                    options=options,
                )
            )
            return handler

        return register

    def get(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        return self.add("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        return self.add("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        return self.add("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        return self.add("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        return self.add("DELETE", path, **options)
