"""Every event has a producer, consumers, a schema and a recorded example, and stands in ARCHITECTURE.md."""

import re
from pathlib import Path

import jsonschema
import pytest
from kontor_messages import catalogue, example, schema

from kontor.envelope import Event
from kontor.settings import SERVICES
from tests.support.services import declared_handlers

REPOSITORY = Path(__file__).parents[2]
SOURCES = {
    "quotes": "services/quotes/src/quotes",
    "contracts": "services/contracts/src/contracts",
    "invoicing": "services/invoicing/src/invoicing",
    "documents": "services/documents/src/documents",
    "portal_gateway": "services/portal-gateway/src/portal_gateway",
}
TYPES = sorted(catalogue())


def emitted_types(service: str) -> set[str]:
    """The event types that stand as literals in the code of a service, other than in handler declarations."""
    found: set[str] = set()
    for path in (REPOSITORY / SOURCES[service]).rglob("*.py"):
        text = re.sub(r"@handles\([^)]*\)", "", path.read_text(encoding="utf-8"))
        found |= set(re.findall(r'"([a-z_]+\.v\d+)"', text))
    return found


@pytest.mark.parametrize("type", TYPES)
def test_the_schema_describes_the_recorded_example(type: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(type))
    event = Event.model_validate(example(type))
    assert event.type == type
    jsonschema.Draft202012Validator(schema(type)).validate(event.data)


@pytest.mark.parametrize("type", TYPES)
def test_producer_and_consumers_are_services(type: str) -> None:
    route = catalogue()[type]
    assert {route.producer, *route.consumers} <= set(SERVICES)
    assert route.consumers, "an event nobody consumes would be returned by the broker"
    assert route.meaning


@pytest.mark.parametrize("type", TYPES)
def test_the_producer_emits_it(type: str) -> None:
    assert type in emitted_types(catalogue()[type].producer)


def test_no_service_emits_what_the_table_does_not_know() -> None:
    for service in SERVICES:
        own = {type for type, route in catalogue().items() if route.producer == service}
        known_elsewhere = set(catalogue()) - own
        assert emitted_types(service) - own - known_elsewhere == set(), service


def test_each_service_handles_exactly_what_the_table_says() -> None:
    handled = {service: set(handlers) for service, handlers in declared_handlers().items()}
    said = {
        service: {type for type, route in catalogue().items() if service in route.consumers} for service in SERVICES
    }
    assert handled == said


def test_every_message_file_belongs_to_an_event_of_the_table() -> None:
    files = {path.name for path in (REPOSITORY / "shared/messages").glob("*.v*.json")}
    assert files == {f"{type}.{kind}.json" for type in catalogue() for kind in ("schema", "example")}


def test_architecture_md_holds_the_table() -> None:
    text = (REPOSITORY / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_]+\.v\d+)` \| (.+?) \|$", text, flags=re.MULTILINE))
    assert rows == {
        type: f"{route.producer} | {', '.join(route.consumers)} | {route.meaning}"
        for type, route in catalogue().items()
    }
