"""Everything a request needs, put together once at start."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kontor.database import Database
from kontor.secrets import Sealer
from portal_gateway.settings import GatewaySettings

if TYPE_CHECKING:
    from portal_gateway.projection.live import LiveChanges
    from portal_gateway.web.assets import Assets
    from portal_gateway.web.bridge import Routing
    from portal_gateway.web.languages import Languages
    from portal_gateway.web.templates import Templates

T = TypeVar("T")

#: Runs a blocking function away from the loop: in a green thread when served, in a thread in tests.
Runner = Callable[[Callable[[], Any]], Awaitable[Any]]


class Rpc(Protocol):
    """Calls another service; raises `kontor.errors.Refused` and `kontor.errors.ServiceUnavailable`."""

    def call(
        self,
        service: str,
        method: str,
        arguments: Mapping[str, Any],
        *,
        actor: Mapping[str, Any],
        request_id: str,
        seconds: float | None = None,
    ) -> Any: ...


def directly(function: Callable[[], T]) -> T:
    return function()


@dataclass
class Kernel:
    """One per process. ``heavy`` runs CPU work in a real thread, so that the loop stays free."""

    db: Database
    settings: GatewaySettings
    sealer: Sealer
    rpc: Rpc
    run: Runner
    heavy: Callable[[Callable[[], Any]], Any] = directly
    routing: "Routing" = field(init=False)
    templates: "Templates" = field(init=False)
    languages: "Languages" = field(init=False)
    assets: "Assets" = field(init=False)
    live: "LiveChanges" = field(init=False)
