"""The service runtime on nameko and eventlet; the only place in Kontor that touches either.

Import it before anything that opens sockets: it turns the standard library's blocking calls into
cooperative ones.
"""

from kontor.runtime import patching  # isort: skip  (must come first)

from kontor.runtime.asgi import AsgiServer, in_green_thread, in_real_thread
from kontor.runtime.calls import Caller, Calls
from kontor.runtime.core import Resource, ServiceCore
from kontor.runtime.process import Process
from kontor.runtime.service import Replicated, Service, every, handles, rpc

__all__ = [
    "AsgiServer",
    "Caller",
    "Calls",
    "Process",
    "Replicated",
    "Resource",
    "Service",
    "ServiceCore",
    "every",
    "handles",
    "in_green_thread",
    "in_real_thread",
    "patching",
    "rpc",
]
