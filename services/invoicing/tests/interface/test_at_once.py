"""What happens at the same moment happens once, or adds up, and never loses a number."""

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from invoicing import queries
from invoicing.use_cases import drafting, issuing
from kontor.database import Database
from kontor.errors import Refused
from kontor.ids import uuid7


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Each one's answer, or the refusal it got."""

    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_four_simultaneous_issues_have_one_effect(studio: Any) -> None:
    for _ in range(5):
        one = studio.draft()
        answers = at_once([lambda id=one["id"]: studio.rpc.send_invoice(id=id)] * 4)
        issued = [answer for answer in answers if not isinstance(answer, Refused)]
        others = [answer for answer in answers if isinstance(answer, Refused)]
        assert len(issued) == 1
        assert {answer.code for answer in others} == {"INVALID_TRANSITION"}
        assert len(studio.told("invoice_issued.v1", one["id"])) == 1
    assert studio.rpc.verify_numbers()["problems"] == []


def test_four_simultaneous_payments_add_up(studio: Any) -> None:
    for _ in range(5):
        one = studio.sent()
        answers = at_once([lambda id=one["id"]: studio.pay(id, 30103)] * 4)
        assert not [answer for answer in answers if isinstance(answer, Refused)]
        after = studio.get(one["id"])
        assert (after["paid_minor"], after["open_minor"], after["state"]) == (120412, 0, "paid")
        assert len(after["payments"]) == 4
        assert len(studio.told("invoice_paid.v1", one["id"])) == 1


def test_the_same_payment_four_times_at_once_counts_once(studio: Any) -> None:
    one, payment = studio.sent(), str(uuid4())
    at_once([lambda: studio.pay(one["id"], 412, payment_id=payment)] * 4)
    assert studio.get(one["id"])["paid_minor"] == 412


def test_edit_and_issue_at_once_never_mix(studio: Any) -> None:
    for _ in range(5):
        one = studio.draft()
        at_once(
            [
                lambda id=one["id"]: studio.rpc.update_invoice(id=id, changes={"title": "Neu"}),
                lambda id=one["id"]: studio.rpc.send_invoice(id=id),
            ]
        )
        after = studio.get(one["id"])
        if after["number"] is None:
            after = studio.rpc.send_invoice(id=one["id"])
        assert studio.rpc.snapshot(id=one["id"])["title"] == after["title"]


def test_a_service_killed_while_it_issues_loses_no_number(make_studio: Callable[..., Any]) -> None:
    """Four issuers share forty drafts; the service is killed with -9 twice in the midst and started again."""
    studio = make_studio()
    drafts = [studio.draft(payment_slip="none")["id"] for _ in range(40)]

    def issue(share: Sequence[str]) -> None:
        for id in share:
            deadline = time.monotonic() + 60
            while True:
                try:
                    studio.rpc.send_invoice(id=id)
                    break
                except Refused as refusal:
                    if refusal.code != "INVALID_TRANSITION":
                        raise
                    break  # it went through before the kill
                except (OSError, RuntimeError):
                    assert time.monotonic() < deadline
                    time.sleep(0.2)

    with ThreadPoolExecutor(4) as pool:
        issuers = [pool.submit(issue, drafts[start::4]) for start in range(4)]
        for _ in range(2):
            time.sleep(0.3)
            studio.harness.kill()
            studio.harness.start()
        for issuer in issuers:
            issuer.result()
    proof = studio.rpc.verify_numbers()
    assert (proof["count"], proof["problems"]) == (40, [])
    announced = [event.data["number"] for event in studio.harness.events("invoice_issued.v1")]
    assert announced == [f"INV-2026-{seq:04d}" for seq in range(1, 41)]


class _Aborted(Exception):
    pass


def test_eight_issuers_with_random_aborts_give_exactly_one_to_n(database: Database) -> None:
    """8 × 50 invoices; one in four tries dies after it claimed its number, as the days go by."""
    line = {"description": "Arbeit", "unit_price_minor": 10000, "vat_rate": "8.1"}
    fields = {"customer_id": str(UUID(int=8)), "lines": [line], "payment_slip": "none"}

    def issue_fifty(seed: int) -> int:
        luck, aborted = random.Random(seed), 0
        for _ in range(50):
            id = uuid7()
            with database.transaction() as tx:
                drafting.create(tx, id, fields)
            while True:
                try:
                    with database.transaction() as tx:
                        issuing.issue(tx, database.clock, str(id), None, None)
                        if luck.random() < 0.25:
                            raise _Aborted
                    break
                except _Aborted:
                    aborted += 1
            if seed == 0:
                day = date(2026, 12, 1) + timedelta(days=_)
                database.clock.set(_morning(day))  # type: ignore[attr-defined]
        return aborted

    database.clock.set(_morning(date(2026, 11, 30)))  # type: ignore[attr-defined]
    with ThreadPoolExecutor(8) as pool:
        aborted = sum(pool.map(issue_fifty, range(8)))
    assert aborted > 50
    with database.transaction() as tx:
        proof = queries.verify_numbers(tx)
        rows = tx.execute(
            "SELECT series_year, series_seq, number, issue_date, reference, total_minor,"
            " snapshot->>'number' AS printed, snapshot->>'issue_date' AS dated,"
            " (SELECT count(*) FROM line WHERE invoice_id = invoice.id) AS lines"
            " FROM invoice ORDER BY series_year, series_seq"
        ).all()
        announced = tx.execute("SELECT count(*) FROM outbox WHERE type = 'invoice_issued.v1'").scalar_one()
    assert proof["problems"] == []
    assert proof["count"] == announced == len(rows) == 400
    for year in (2026, 2027):
        seqs = [row.series_seq for row in rows if row.series_year == year]
        assert seqs == list(range(1, len(seqs) + 1))
    assert [row.issue_date for row in rows] == sorted(row.issue_date for row in rows)
    assert len({row.reference for row in rows}) == 400
    assert all((row.printed, row.dated, row.lines) == (row.number, row.issue_date.isoformat(), 1) for row in rows)


def _morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
