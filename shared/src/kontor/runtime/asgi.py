"""An HTTP server inside a service's process, and the bridges between coroutines, green and real threads."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

import eventlet
import uvicorn
from eventlet import tpool
from eventlet.asyncio import spawn_for_awaitable
from nameko.extensions import DependencyProvider

from kontor.runtime.calls import Calls
from kontor.runtime.core import ServiceCore

P = ParamSpec("P")
T = TypeVar("T")


async def in_green_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that may wait (database, calls) without holding up the event loop it is awaited on."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = function(*args, **kwargs)
        except BaseException as error:  # handed to the awaiting coroutine
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(result)

    eventlet.spawn(run)
    return await future


def in_real_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run work that burns the processor (hashing, rendering) in a thread of the operating system."""
    result: T = tpool.execute(function, *args, **kwargs)
    return result


class AsgiServer(DependencyProvider):  # type: ignore[misc]
    """Serves the ASGI application that ``factory(core, calls)`` makes, at the settings' host and port.

    Before waiting for open requests at the end, the application's ``close()`` is called if it has one:
    the place to end event streams, which would otherwise hold up the stop.
    """

    def __init__(self, core: ServiceCore, calls: Calls, factory: Callable[[ServiceCore, Calls], Any]) -> None:
        self.core_declaration, self.calls_declaration, self.factory = core, calls, factory

    def _bound(self, kind: type) -> Any:
        return next(dependency for dependency in self.container.dependencies if isinstance(dependency, kind))

    def start(self) -> None:
        core, calls = self._bound(ServiceCore), self._bound(Calls)
        settings = core.settings
        self.app = self.factory(core, calls)
        config = uvicorn.Config(
            self.app,
            host=settings.host,
            port=settings.port,
            loop="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # whom to believe about addresses is the application's business
            timeout_graceful_shutdown=10,
            timeout_keep_alive=30,
            h11_max_incomplete_event_size=64 * 1024,
        )
        self.server = uvicorn.Server(config)
        self.server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._serving = spawn_for_awaitable(self.server._serve())
        self._serving.link(self._ended)

    def _ended(self, green_thread: Any) -> None:
        try:
            green_thread.wait()
        except BaseException as error:  # for instance: the port is taken; the process must not go on without HTTP
            self.container.spawn_managed_thread(partial(_raise, error), "http server")

    def stop(self) -> None:
        close = getattr(self.app, "close", None)
        if close is not None:
            close()
        self.server.should_exit = True
        self._serving.wait()

    def get_dependency(self, worker_ctx: Any) -> "AsgiServer":
        return self


def _raise(error: BaseException) -> None:
    raise RuntimeError("the HTTP server stopped") from error
