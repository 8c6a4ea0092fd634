"""Dates are those of the business and never fall; what is past due falls due once."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from invoicing import queries
from invoicing.adapters import repository
from invoicing.domain.errors import IssueDateBeforeLast
from invoicing.domain.invoice import Invoice, Issued
from invoicing.use_cases import drafting, issuing, settling
from kontor.database import Database
from kontor.ids import uuid7

ZURICH = "Europe/Zurich"


def at(database: Database, moment: str) -> None:
    database.clock.set(datetime.fromisoformat(moment))  # type: ignore[attr-defined]


def drafted(database: Database, net_days: int = 30) -> str:
    line = {"description": "Arbeit", "unit_price_minor": 10000, "vat_rate": "0"}
    fields = {
        "customer_id": str(UUID(int=8)),
        "lines": [line],
        "payment": {"net_days": net_days},
        "payment_slip": "none",
    }
    id = uuid7()
    with database.transaction() as tx:
        drafting.create(tx, id, fields)
    return str(id)


def issue(database: Database, id: str) -> Issued:
    with database.transaction() as tx:
        issued = issuing.issue(tx, database.clock, id, None, None).issued
    assert issued is not None
    return issued


def issued(database: Database, net_days: int = 30) -> Issued:
    return issue(database, drafted(database, net_days))


def load(database: Database, id: str) -> Invoice:
    with database.transaction() as tx:
        return repository.get(tx, id)


def problems(database: Database) -> list[str]:
    with database.transaction() as tx:
        found: list[str] = queries.verify_numbers(tx)["problems"]
    return found


def test_the_year_of_the_number_is_that_of_the_business(database: Database) -> None:
    """Zurich is an hour ahead of UTC in winter: 23:30 UTC on New Year's Eve is New Year's Day there."""
    at(database, "2027-12-31T22:59:00+00:00")
    old = issued(database)
    at(database, "2027-12-31T23:30:00+00:00")
    new = issued(database)
    assert (old.number, old.issue_date.isoformat()) == ("INV-2027-0001", "2027-12-31")
    assert (new.number, new.issue_date.isoformat()) == ("INV-2028-0001", "2028-01-01")
    assert problems(database) == []


@pytest.mark.parametrize(
    "moment, net_days, issue_date, due_date",
    [
        ("2028-02-29T12:00:00+00:00", 0, "2028-02-29", "2028-02-29"),
        ("2028-02-29T12:00:00+00:00", 1, "2028-02-29", "2028-03-01"),
        ("2027-03-28T00:59:59+00:00", 30, "2027-03-28", "2027-04-27"),
        ("2027-03-27T23:00:00+00:00", 30, "2027-03-28", "2027-04-27"),
        ("2027-10-30T21:59:00+00:00", 10, "2027-10-30", "2027-11-09"),
        ("2027-10-30T22:00:00+00:00", 10, "2027-10-31", "2027-11-10"),
        ("2027-10-31T22:59:00+00:00", 10, "2027-10-31", "2027-11-10"),
    ],
)
def test_dates_at_midnight_both_clock_changes_and_leap_day(
    database: Database, moment: str, net_days: int, issue_date: str, due_date: str
) -> None:
    at(database, moment)
    one = issued(database, net_days)
    assert (one.issue_date.isoformat(), one.due_date.isoformat()) == (issue_date, due_date)


def test_a_clock_set_back_issues_nothing(database: Database) -> None:
    at(database, "2027-06-02T12:00:00+00:00")
    issued(database)
    at(database, "2027-06-01T12:00:00+00:00")
    id = drafted(database)
    with pytest.raises(IssueDateBeforeLast) as refused:
        issue(database, id)
    assert refused.value.extra == {"today": "2027-06-01", "last": "2027-06-02"}
    assert load(database, id).issued is None
    at(database, "2027-06-02T12:00:00+00:00")
    assert issue(database, id).seq == 2
    assert problems(database) == []


def test_a_clock_set_back_over_new_year_keeps_the_order_of_numbers_and_dates(database: Database) -> None:
    at(database, "2028-01-01T12:00:00+00:00")
    issued(database)
    at(database, "2027-12-31T12:00:00+00:00")
    assert issued(database).number == "INV-2027-0001"
    assert problems(database) == []


def test_midnight_while_waiting_for_the_counter_gives_the_new_year(database: Database) -> None:
    class Midnight:
        """The old year at the first look, the new one from the second."""

        looks = 0

        def now(self, connection: Any = None) -> datetime:
            self.looks += 1
            text = "2027-12-31T22:59:59+00:00" if self.looks == 1 else "2027-12-31T23:00:01+00:00"
            return datetime.fromisoformat(text)

    at(database, "2027-12-31T22:00:00+00:00")
    issued(database)
    id = drafted(database)
    with database.transaction() as tx:
        after = issuing.issue(tx, Midnight(), id, None, None)
    assert after.issued is not None
    assert after.issued.number == "INV-2028-0001"
    assert issued_count(database) == {2027: 1, 2028: 1}
    assert problems(database) == []


def issued_count(database: Database) -> dict[int, int]:
    with database.transaction() as tx:
        return {row["year"]: row["counter"] for row in queries.verify_numbers(tx)["years"]}


def test_a_gap_made_by_hand_is_found(database: Database) -> None:
    at(database, "2027-06-02T12:00:00+00:00")
    issued(database)
    with database.transaction() as tx:
        tx.execute("UPDATE series SET last = last + 1")
    assert problems(database) == ["2027: the counter says 2, the last number is 1."]
    issued(database)
    assert problems(database) == ["2027: number 2 is missing."]


def test_the_day_after_the_due_date_it_is_overdue_once(database: Database) -> None:
    """Due on 12 January in Zurich, which is over at 23:00 UTC."""
    at(database, "2027-01-02T10:00:00+00:00")
    late, part, paid, later, undelivered = (drafted(database, days) for days in (10, 10, 10, 11, 10))
    for id in (late, part, paid, later, undelivered):
        issue(database, id)
    with database.transaction() as tx:
        for id in (late, part, paid, later):
            settling.deliver(tx, id, "mail")
        settling.record_payment(tx, part, uuid7(), {"amount_minor": 1}, tx.today(ZURICH))
        settling.record_payment(tx, paid, uuid7(), {"amount_minor": 10000}, tx.today(ZURICH))

    def fall_due(moment: str) -> int:
        at(database, moment)
        with database.transaction() as tx:
            return settling.fall_due(tx, ZURICH)

    assert fall_due("2027-01-12T22:59:00+00:00") == 0
    assert fall_due("2027-01-12T23:00:05+00:00") == 2
    assert fall_due("2027-01-12T23:10:00+00:00") == 0
    states = [str(load(database, id).state) for id in (late, part, paid, later, undelivered)]
    assert states == ["overdue", "overdue", "paid", "sent", "issuing"]
    assert load(database, part).payment_state == "partially_paid"
    with database.transaction() as tx:
        told = tx.execute("SELECT count(*) FROM outbox WHERE type = 'invoice_overdue.v1'").scalar_one()
        after = settling.record_payment(tx, late, uuid7(), {"amount_minor": 10000}, tx.today(ZURICH))
    assert (told, after.state) == (2, "paid")


def test_condensed_counts_are_the_counts(database: Database) -> None:
    at(database, "2027-01-02T10:00:00+00:00")
    for _ in range(3):
        issued(database)
    drafted(database)
    with database.transaction() as tx:
        queries.condense_tally(tx)
        rows = tx.execute("SELECT state, count FROM tally ORDER BY state").all()
    assert [tuple(row) for row in rows] == [("draft", 1), ("issuing", 3)]
