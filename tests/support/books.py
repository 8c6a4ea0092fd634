"""Looking over the database of a whole installation after the fact."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jsonschema
import psycopg
from kontor_messages import catalogue, schema
from psycopg.rows import dict_row

from kontor.settings import SERVICES
from tests.support.ports import eventually


class Books:
    """Read access to every schema, as the superuser."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[dict[str, Any]]]:
        with psycopg.connect(self._url, row_factory=dict_row) as connection:
            yield connection

    def rows(self, statement: str, parameters: Any = None) -> list[dict[str, Any]]:
        with self._connection() as connection:
            return connection.execute(statement, parameters).fetchall()

    def emitted(self) -> list[dict[str, Any]]:
        """Every event any service has committed to its outbox."""
        found: list[dict[str, Any]] = []
        for service in SERVICES:
            found += self.rows(
                f"SELECT event_id, type, published_at, message, '{service}' AS producer FROM {service}.outbox"
            )
        return found

    def unlike_their_schema(self) -> list[str]:
        """What the committed events say that their published schemas do not allow."""
        return [
            f"{event['producer']} {event['type']}: {error.message}"
            for event in self.emitted()
            for error in jsonschema.Draft202012Validator(schema(event["type"])).iter_errors(event["message"]["data"])
        ]

    def unfinished(self) -> list[str]:
        """What is still under way or lost: unpublished events, and consumers that have not worked on one."""
        problems: list[str] = []
        inboxes = {
            service: {
                row["event_id"]: row["state"] for row in self.rows(f"SELECT event_id, state FROM {service}.inbox")
            }
            for service in SERVICES
        }
        for event in self.emitted():
            name = f"{event['type']} {event['event_id']}"
            if event["published_at"] is None:
                problems.append(f"{name} was not published")
            for consumer in catalogue()[event["type"]].consumers:
                state = inboxes[consumer].get(event["event_id"])
                if state != "done":
                    problems.append(f"{name} is {state or 'unknown'} at {consumer}")
        for service in SERVICES:
            for row in self.rows(f"SELECT * FROM {service}.inbox WHERE state <> 'done'"):
                problems.append(f"{service}.{row['handler']} {row['type']} {row['state']}: {row['last_error']}")
        return problems

    def await_finished(self, timeout: float = 60) -> None:
        """Wait until every event has reached every consumer; AssertionError naming what has not."""

        def finished() -> bool:
            problems = self.unfinished()
            assert not problems, f"{len(problems)} unfinished, such as {problems[:5]}"
            return True

        eventually(finished, timeout=timeout, every=0.3, what="every event has reached every consumer")


def numbers_in(values: list[str]) -> list[int]:
    """The running numbers of `INV-2026-0007`, …, sorted."""
    return sorted(int(re.search(r"(\d+)$", value).group(1)) for value in values)  # type: ignore[union-attr]
