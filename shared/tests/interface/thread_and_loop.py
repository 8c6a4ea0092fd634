"""Child process of test_runtime.py: work in a real thread that ends only once the event loop has gone on."""

from kontor.runtime import in_real_thread  # isort: skip

import eventlet
from eventlet.patcher import original

threading = original("threading")
begun, answered = threading.Event(), threading.Event()


def burn() -> bool:
    begun.set()
    return bool(answered.wait(30))


def serve() -> None:
    while not begun.is_set():
        eventlet.sleep(0.005)
    answered.set()


eventlet.spawn(serve)
print("the loop went on:", in_real_thread(burn), flush=True)
