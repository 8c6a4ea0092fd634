"""kombu's ``memory://`` transport, made fit to carry a whole installation in one process.

Three differences to kombu's own: a consumer is woken when a message is put instead of polling, messages
carry their content type where nameko looks for it, and what nobody listens for is dropped instead of piling up.
"""

from queue import Empty
from time import monotonic
from typing import Any, ClassVar
from weakref import WeakSet

from eventlet.semaphore import Semaphore
from kombu.transport import TRANSPORT_ALIASES, memory, virtual


class Message(virtual.Message):  # type: ignore[misc]
    def __init__(self, payload: Any, channel: Any = None, **options: Any) -> None:
        super().__init__(payload, channel=channel, **options)
        self.properties.setdefault("content_type", self.content_type)


class Channel(memory.Channel):  # type: ignore[misc]
    Message = Message
    deadletter_queue = None

    def _put(self, queue: str, message: Any, **options: Any) -> None:
        super()._put(queue, message, **options)
        Transport.wake(queue)

    def basic_consume(self, queue: str, *arguments: Any, **options: Any) -> Any:
        result = super().basic_consume(queue, *arguments, **options)
        Transport.wake(queue)
        return result

    def basic_ack(self, *arguments: Any, **options: Any) -> None:
        super().basic_ack(*arguments, **options)
        if self.connection is not None:
            self.connection.woken()  # the prefetch window moved

    def close(self) -> None:
        virtual.Channel.close(self)  # kombu's memory channel empties the queues, which are everybody's


class Transport(memory.Transport):  # type: ignore[misc]
    Channel = Channel
    global_state = virtual.BrokerState()
    _all: ClassVar[WeakSet["Transport"]] = WeakSet()

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        self._signal = Semaphore(0)
        Transport._all.add(self)

    @classmethod
    def wake(cls, queue: str) -> None:
        for transport in list(cls._all):
            if queue in transport._callbacks:
                transport.woken()

    def woken(self) -> None:
        if self._signal.counter == 0:
            self._signal.release()

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Deliver one message, waiting up to ``timeout`` seconds for it; raises `socket.timeout`."""
        deadline = None if timeout is None else monotonic() + timeout
        while True:
            try:
                self.cycle.get(self._deliver, timeout=timeout)
            except Empty:
                left = None if deadline is None else deadline - monotonic()
                if left is not None and left <= 0:
                    raise TimeoutError from None
                self._signal.acquire(timeout=left)
            else:
                return


def register() -> None:
    """Let ``memory://`` mean this transport."""
    TRANSPORT_ALIASES["memory"] = f"{__name__}:Transport"


def reset() -> None:
    """Forget every queue and binding, for a new process life in the same interpreter."""
    Channel.queues.clear()
    Transport.global_state.clear()
