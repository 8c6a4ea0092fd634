"""Expiry and reminders under a moved clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.adapters import repository
from contracts.use_cases import timed
from kontor.database import Database
from kontor.errors import Refused
from kontor.secrets import Sealer

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def database(studio: Any) -> Any:
    """The jobs run here against the service's own database, so that a test need not wait for their interval."""
    url = studio.harness.settings.database_url_of("contracts")
    database = Database(url, "contracts", movable_clock=True)
    yield database
    database.close()


def run_jobs(studio: Any, database: Database) -> tuple[int, int]:
    """What the two jobs do in one round: how many contracts expired, how many signers were reminded."""
    with database.transaction() as tx:
        overdue = timed.overdue(tx)
    expired = 0
    for id in overdue:
        with database.transaction() as tx:
            expired += timed.expire(tx, id)
    with database.transaction() as tx:
        waiting = timed.waiting(tx)
    reminded = 0
    for id in waiting:
        with database.transaction() as tx:
            reminded += timed.remind_signers(tx, Sealer(studio.harness.settings.secret_key), id)
    return expired, reminded


def test_the_last_day_ends_at_midnight_in_the_business_timezone(studio: Any, database: Database) -> None:
    studio.harness.clock.set(START)
    record, tokens = studio.sent(valid_until="2026-03-28")
    last_moment = datetime(2026, 3, 28, 22, 59, tzinfo=UTC)  # 23:59 in Zürich, the night of the DST change
    studio.harness.clock.set(last_moment)
    assert studio.rpc.public_contract(token=tokens[0])["allowed"] == ["sign", "decline"]
    studio.harness.clock.set(last_moment + timedelta(minutes=1))
    with pytest.raises(Refused) as refused:
        studio.sign(tokens[0])
    assert (refused.value.code, refused.value.extra) == ("GONE", {"state": "expired"})
    assert studio.rpc.get_contract(id=record["id"])["state"] == "sent", "the date decides before the job has run"
    run_jobs(studio, database)
    run_jobs(studio, database)
    after = studio.rpc.get_contract(id=record["id"])
    assert (after["state"], after["allowed"]) == ("expired", ["revise"])
    assert studio.events_of(record["id"]).count("contract_expired.v1") == 1


def test_reminders_go_out_after_three_and_seven_days_with_fresh_links(studio: Any, database: Database) -> None:
    studio.harness.clock.set(START)
    record, tokens = studio.sent(signers=2, valid_until="2026-06-01")

    def reminded() -> list[Any]:
        events = studio.harness.events("contract_reminded.v1")
        return [event for event in events if event.aggregate_id == record["id"]]

    run_jobs(studio, database)
    assert reminded() == []
    studio.harness.clock.set(START + timedelta(days=3, minutes=1))
    studio.sign(tokens[0])
    run_jobs(studio, database)
    run_jobs(studio, database)
    assert [event.data["signer"]["email"] for event in reminded()] == ["p2@example.ch"]
    studio.harness.clock.set(START + timedelta(days=30))
    run_jobs(studio, database)
    run_jobs(studio, database)
    assert len(reminded()) == 2
    fresh = Sealer(studio.harness.settings.secret_key).unseal(reminded()[1].data["signer"]["link_sealed"])
    assert fresh not in tokens
    assert studio.rpc.public_contract(token=fresh)["state"] == "sent"
    assert studio.rpc.public_contract(token=tokens[1])["state"] == "sent", "the link of the first mail goes on working"
    log = [entry["type"] for entry in studio.rpc.signing_log(id=record["id"])]
    assert log.count("reminded") == 2


def test_a_signer_whose_turn_has_not_come_is_not_reminded(studio: Any, database: Database) -> None:
    studio.harness.clock.set(START)
    record, _ = studio.sent(signers=2, signing_order="sequential", valid_until="2026-06-01")
    studio.harness.clock.set(START + timedelta(days=3, minutes=1))
    run_jobs(studio, database)
    events = [e for e in studio.harness.events("contract_reminded.v1") if e.aggregate_id == record["id"]]
    assert [event.data["signer"]["email"] for event in events] == ["p1@example.ch"]


def test_a_contract_another_replica_is_working_on_is_left_alone(studio: Any, database: Database) -> None:
    studio.harness.clock.set(START)
    record, _ = studio.sent(valid_until="2026-03-11")
    studio.harness.clock.set(START + timedelta(days=5))
    with database.transaction() as other:
        repository.load(other, record["id"], lock=True)
        with database.transaction() as tx:
            assert timed.expire(tx, record["id"]) is False
    with database.transaction() as tx:
        assert timed.expire(tx, record["id"]) is True
