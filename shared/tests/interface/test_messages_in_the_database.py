"""Outbox, inbox, activity log, replicas and numbers on a real PostgreSQL."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kontor import activity, replica, series
from kontor.core_tables import activity as activity_table
from kontor.core_tables import create, inbox, outbox
from kontor.database import Database, Tx
from kontor.envelope import Event
from kontor.errors import FeatureDisabled, InvalidTransition, NotFound
from kontor.ids import uuid7
from kontor.inbox import MAX_ATTEMPTS, Inbox
from kontor.outbox import Relay
from tests.support.databases import Databases

ACTOR = {"kind": "admin", "id": "1", "name": "Lea"}


class _Op:
    """The two methods of alembic's ``op`` that `create` uses."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get_bind(self) -> sa.Connection:
        return self._connection

    def execute(self, statement: str) -> None:
        self._connection.execute(sa.text(statement))


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    db = Database(databases.empty("shared"), "public", movable_clock=True)
    with db.engine.begin() as connection:
        create(_Op(connection))
        connection.execute(sa.text("CREATE TABLE work (note text)"))
    yield db
    db.close()


def an_event(type: str = "quote_sent.v1", **data: Any) -> Event:
    return Event(
        event_id=uuid7(),
        type=type,
        occurred_at=datetime.now(UTC),
        deal_uuid=uuid7(),
        aggregate_id="q1",
        aggregate_version=1,
        actor=ACTOR,
        data=data,
    )


def notes(database: Database) -> list[str]:
    with database.transaction() as tx:
        return list(tx.execute("SELECT note FROM work ORDER BY note").scalars())


def emit(tx: Tx, n: int = 1) -> Event:
    return tx.emit("quote_sent.v1", deal_uuid=uuid7(), aggregate_id="q1", aggregate_version=n, data={"n": n})


def move(database: Database, delta: timedelta) -> None:
    database.clock.set(database.clock.now() + delta)  # type: ignore[attr-defined]


def test_an_event_exists_exactly_if_its_change_was_committed(database: Database) -> None:
    told: list[int] = []
    database.on_events = lambda: told.append(1)
    with suppress(ZeroDivisionError), database.transaction() as tx:
        emit(tx)
        raise ZeroDivisionError
    with database.transaction(actor=ACTOR) as tx:
        tx.execute("INSERT INTO work VALUES ('done')")
        event = emit(tx)
    with database.transaction() as tx:
        rows = tx.execute(sa.select(outbox)).all()
    assert [row.event_id for row in rows] == [event.event_id]
    assert rows[0].message["actor"] == ACTOR
    assert told == [1]


def test_a_batch_the_broker_refused_stays_and_is_published_later(database: Database) -> None:
    published: list[str] = []
    refuse = True

    def publish(batch: Any) -> None:
        if refuse:
            raise ConnectionRefusedError("no broker")
        published.extend(message["event_id"] for _, message in batch)

    relay = Relay(database, publish)
    with database.transaction() as tx:
        events = [emit(tx, n) for n in range(450)]
    with pytest.raises(ConnectionRefusedError):
        relay.run_once()
    assert relay.lag()["waiting"] == 450
    refuse = False
    assert relay.run_once() == 450
    assert published == [str(event.event_id) for event in events]
    assert relay.run_once() == 0


def test_replay_publishes_recent_events_again(database: Database) -> None:
    published: list[str] = []
    relay = Relay(database, lambda batch: published.extend(type for type, _ in batch))
    with database.transaction() as tx:
        emit(tx)
    relay.run_once()
    assert relay.forget_recent(timedelta(minutes=1)) == 1
    relay.run_once()
    assert len(published) == 2
    assert relay.forget_since(datetime.now(UTC) + timedelta(hours=1)) == 0


def test_two_relays_at_once_publish_each_event_once(database: Database) -> None:
    published: list[str] = []
    with database.transaction() as tx:
        events = [emit(tx, n) for n in range(600)]
    relays = [
        Relay(database, lambda batch: published.extend(message["event_id"] for _, message in batch)) for _ in range(3)
    ]
    threads = [threading.Thread(target=relay.run_once) for relay in relays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for relay in relays:
        relay.run_once()
    assert sorted(published) == sorted(str(event.event_id) for event in events)


def test_the_same_message_twice_and_at_once_does_the_work_once(database: Database) -> None:
    def work(tx: Tx, event: Event) -> None:
        tx.execute("INSERT INTO work VALUES (:note)", {"note": event.data["note"]})

    box = Inbox(database, {"quote_sent.v1": {"work": work}})
    event = an_event(note="once")
    threads = [threading.Thread(target=box.receive, args=(event,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    box.receive(event)
    assert notes(database) == ["once"]


def test_a_failing_handler_is_tried_with_growing_pauses_then_parked_and_completes_on_retry(database: Database) -> None:
    broken = True

    def work(tx: Tx, event: Event) -> None:
        tx.execute("INSERT INTO work VALUES ('half')")
        if broken:
            raise ValueError("the printer is on fire")

    box = Inbox(database, {"quote_sent.v1": {"work": work}})
    event = an_event()
    box.receive(event)
    box.receive(event)  # delivered twice meanwhile
    assert notes(database) == []
    assert box.counts() == {"waiting": 1, "parked": 0}
    assert box.retry_due() == 0, "the first pause is not over"
    for attempt in range(2, MAX_ATTEMPTS + 1):
        move(database, timedelta(minutes=6))
        assert box.retry_due() == 1, f"attempt {attempt}"
    move(database, timedelta(days=1))
    assert box.retry_due() == 0, "a parked message is left alone"
    (parked,) = box.parked()
    assert parked["last_error"] == "ValueError: the printer is on fire"
    assert parked["attempts"] == MAX_ATTEMPTS
    assert parked["message"]["event_id"] == str(event.event_id)
    broken = False
    assert box.retry_parked(str(event.event_id), "work")["state"] == "done"
    assert notes(database) == ["half"]
    assert box.parked() == []
    with pytest.raises(InvalidTransition):
        box.retry_parked(str(event.event_id), "work")
    with pytest.raises(NotFound):
        box.retry_parked(str(uuid7()), "work")


def test_a_handler_that_loses_its_connection_is_parked_too_and_holds_nobody_up(database: Database) -> None:
    seen: list[Event] = []

    def work(tx: Tx, event: Event) -> None:
        if event.data.get("deadly"):
            tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        if not seen:
            seen.append(event)
            raise ValueError("not yet")
        tx.execute("INSERT INTO work VALUES ('other')")

    box = Inbox(database, {"quote_sent.v1": {"work": work}})
    deadly = an_event(deadly=True)
    box.receive(deadly)
    box.receive(an_event())
    for _ in range(2, MAX_ATTEMPTS + 1):
        move(database, timedelta(minutes=6))
        box.retry_due()
    (parked,) = box.parked()
    assert (parked["event_id"], parked["attempts"]) == (str(deadly.event_id), MAX_ATTEMPTS)
    assert "terminating connection" in parked["last_error"]
    assert box.counts() == {"waiting": 0, "parked": 1}
    assert notes(database) == ["other"]


def test_a_parked_message_is_discarded_with_a_reason_on_record(database: Database) -> None:
    def work(tx: Tx, event: Event) -> None:
        raise ValueError("never")

    box = Inbox(database, {"quote_sent.v1": {"work": work}})
    event = an_event()
    box.receive(event)
    for _ in range(MAX_ATTEMPTS):
        move(database, timedelta(minutes=6))
        box.retry_due()
    answer = box.discard_parked(str(event.event_id), "work", "test data", ACTOR)
    assert (answer["state"], answer["discard_reason"]) == ("discarded", "test data")
    with database.transaction() as tx:
        entry = tx.execute(sa.select(activity_table)).one()
    assert (entry.action, entry.after["reason"], entry.actor) == ("message.discarded", "test data", ACTOR)


def test_one_handler_failing_does_not_hold_up_the_other(database: Database) -> None:
    def fails(tx: Tx, event: Event) -> None:
        raise ValueError("no")

    def works(tx: Tx, event: Event) -> None:
        tx.execute("INSERT INTO work VALUES ('worked')")

    box = Inbox(database, {"quote_sent.v1": {"fails": fails, "works": works}})
    box.receive(an_event())
    assert notes(database) == ["worked"]
    with database.transaction() as tx:
        states = dict(tx.execute(sa.select(inbox.c.handler, inbox.c.state)).tuples().all())
    assert states == {"fails": "waiting", "works": "done"}


def test_the_activity_log_names_what_was_altered_removed_or_reordered(database: Database) -> None:
    for n in range(4):
        with database.transaction(actor=ACTOR) as tx:
            tx.record("quote.sent", record="quote", record_id=f"q{n}", after={"n": n, "when": date(2026, 1, n + 1)})
    with database.transaction() as tx:
        rows = [
            dict(row) for row in tx.execute(sa.select(activity_table).order_by(activity_table.c.seq)).mappings().all()
        ]
    assert activity.breaks(rows) == []
    altered = [row | {"after": {"n": 99}} if row["seq"] == 2 else row for row in rows]
    assert activity.breaks(altered) == ["entry 2 was altered"]
    assert "entries 2 to 2 are missing" in activity.breaks([rows[0], *rows[2:]])
    assert activity.breaks([rows[1], rows[0], *rows[2:]]) != []


@pytest.mark.parametrize("statement", ["UPDATE activity SET action = 'x'", "DELETE FROM activity", "TRUNCATE activity"])
def test_the_database_refuses_changes_to_the_activity_log(database: Database, statement: str) -> None:
    with database.transaction() as tx:
        tx.record("quote.sent", record="quote", record_id="q")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.transaction() as tx:
        tx.execute(statement)


def test_replicas_keep_the_newest_version_in_whatever_order_events_come(database: Database) -> None:
    with database.transaction() as tx:
        for version, name in [(2, "new"), (1, "old"), (2, "again")]:
            replica.keep_customer(tx, an_event(customer={"id": "c1", "name": name}, version=version))
        replica.keep_features(tx, an_event(flags={"quotes": True}, version=1))
        replica.keep_settings(tx, an_event(section="bank_accounts", value={"accounts": [{"iban": "CH93"}]}, version=1))
        assert replica.customer(tx, "c1")["name"] == "new"
        assert replica.bank_accounts(tx) == [{"iban": "CH93"}]
        replica.require_feature(tx, "quotes")
        with pytest.raises(FeatureDisabled) as refusal:
            replica.require_feature(tx, "bills")
        assert refusal.value.extra == {"flag": "bills"}
        with pytest.raises(NotFound):
            replica.customer(tx, "c2")


def test_numbers_are_gap_free_under_rollbacks_and_threads(database: Database) -> None:
    given: list[str] = []

    def issue(thread: int) -> None:
        for n in range(20):
            try:
                with database.transaction() as tx:
                    series.queue_up(tx, "invoice")
                    number, _ = series.next_number(tx, "invoice", "INV-{YEAR}-{SEQ:04d}", date(2026, 5, 1))
                    if (n + thread) % 3 == 0:
                        raise KeyboardInterrupt  # not even an Exception
                    given.append(number)
            except KeyboardInterrupt:
                continue

    threads = [threading.Thread(target=issue, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [f"INV-2026-{n:04d}" for n in range(1, len(given) + 1)]
    with database.transaction() as tx:
        assert series.last_number(tx, "invoice", 2026) == len(given)
        assert series.next_number(tx, "invoice", "INV-{YEAR}-{SEQ}", date(2027, 1, 1)) == ("INV-2027-1", 1)


def test_a_number_is_claimed_after_the_clock_was_read_again(database: Database) -> None:
    with database.transaction() as tx:
        begun = tx.now
        series.queue_up(tx, "invoice")
        assert tx.now > begun
