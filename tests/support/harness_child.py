"""The child process of the service harness: ``python -m tests.support.harness_child SOCKET JSON``."""

from kontor.runtime import Process, Service, patching, rpc  # isort: skip  (the runtime must be first)

import json
import os
import socket
import sys
from typing import Any

import eventlet
from kombu import Connection, Producer
from kontor_messages import catalogue

from kontor import settings as settings_module
from kontor import telemetry
from kontor.errors import Refusal
from kontor.runtime import Calls
from kontor.runtime.broker import exchange_of
from kontor_launcher.installation import service_class

__all__ = ["patching"]


class Caller:
    """A nameko service that does nothing but call the others."""

    name = "test_caller"
    call: Any = Calls()


def fake(name: str, answers: dict[str, Any]) -> type:
    """A service that answers the given methods with fixed values."""

    def method(answer: Any) -> Any:
        def respond(self: Any, **arguments: Any) -> Any:
            return answer

        return respond

    members: dict[str, Any] = {"name": name}
    for method_name, answer in answers.items():
        function = method(answer)
        function.__name__ = method_name
        members[method_name] = rpc(function)
    return type(f"Fake{name.title()}", (Service,), members)


def serve(listener: socket.socket, process: Process, settings: settings_module.Settings, names: list[str]) -> None:
    container = next(c for c in process.containers if c.service_name == Caller.name)
    calls = next(d for d in container.dependencies if isinstance(d, Calls))
    classes = {c.service_name: c.service_cls for c in process.containers if c.service_name in names}

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        if question["op"] == "call":
            caller = calls.caller(actor=question["actor"], request_id="test").within(30)
            try:
                result = getattr(getattr(caller, question["service"]), question["method"])(**question["arguments"])
            except Refusal as refusal:
                return {"refused": refusal.to_json()}
            except Exception as error:
                return {"failed": f"{type(error).__name__}: {error}"}
            return {"result": result}
        event = question["event"]
        route = catalogue().get(event["type"])
        if route is None:
            raise LookupError(f"{event['type']} is not in the catalogue of events")
        with Connection(settings.amqp_url) as connection:
            producer = Producer(connection.default_channel, serializer="json", auto_declare=False)
            producer.publish(event, exchange=exchange_of(route.producer), routing_key=event["type"])
        handlers = [
            handler
            for name, cls in classes.items()
            if name in route.consumers
            for handler in cls.handlers().get(event["type"], [])
        ]
        return {"handlers": handlers}

    def converse(link: socket.socket) -> None:
        with link, link.makefile("rb") as questions:
            for line in questions:
                try:
                    reply = answer(json.loads(line))
                except Exception as error:
                    telemetry.logger().error("harness", exc_info=error)
                    reply = {"failed": f"{type(error).__name__}: {error}", "handlers": []}
                link.sendall(json.dumps(reply).encode() + b"\n")

    while True:
        link, _ = listener.accept()
        eventlet.spawn(converse, link)


def main() -> None:
    path, instructions = sys.argv[1], json.loads(sys.argv[2])
    names: list[str] = instructions["services"]
    telemetry.configure("+".join(names))
    settings = settings_module.load()
    classes = [service_class(name) for name in names]
    fakes = [fake(name, answers) for name, answers in instructions["fakes"].items()]
    process = Process(settings, [*classes, *fakes, Caller])
    started = process.start

    def start_then_listen() -> None:
        started()
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path + ".new")
        listener.listen(50)
        eventlet.spawn(serve, listener, process, settings, names)
        os.rename(path + ".new", path)  # visible only once it accepts

    process.start = start_then_listen  # type: ignore[method-assign]
    process.run()


if __name__ == "__main__":
    main()
