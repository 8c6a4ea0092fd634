"""What must be settled before eventlet, psycopg and kombu are used."""

import os
import warnings

os.environ.setdefault("EVENTLET_HUB", "asyncio")
# Without it psycopg waits in C and every query stops all green threads of the process.
os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # eventlet announces its own retirement; nameko needs it
    import eventlet

    eventlet.monkey_patch()

from kontor.runtime import memory_broker

memory_broker.register()
