"""The messages between services: the table of events, a JSON schema and a recorded example for each type."""

import json
from functools import cache
from importlib import resources
from typing import Any, NamedTuple


class Route(NamedTuple):
    """Who publishes an event type, who consumes it, and what it means."""

    producer: str
    consumers: tuple[str, ...]
    meaning: str


def _load(name: str) -> Any:
    return json.loads((resources.files(__name__) / name).read_text(encoding="utf-8"))


@cache
def catalogue() -> dict[str, Route]:
    """The table of events by type; the broker's exchanges, queues and bindings follow from it."""
    rows = _load("catalogue.json")
    return {type: Route(row["producer"], tuple(row["consumers"]), row["meaning"]) for type, row in sorted(rows.items())}


@cache
def schema(type: str) -> dict[str, Any]:
    """The JSON schema of an event type's ``data``."""
    loaded: dict[str, Any] = _load(f"{type}.schema.json")
    return loaded


def example(type: str) -> dict[str, Any]:
    """A recorded event of that type, the whole envelope."""
    loaded: dict[str, Any] = _load(f"{type}.example.json")
    return loaded
