"""Events in any order become one deal; open pages hear of it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from kontor.envelope import Event
from kontor.ids import uuid7
from portal_gateway.projection import deals, fold, live
from tests.support.loops import run_alone

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
DEAL = uuid7()
CUSTOMER = str(uuid7())
QUOTE, CONTRACT, FIRST, SECOND = (str(uuid7()) for _ in range(4))


def event(type: str, minute: int, version: int, aggregate: str, **data: Any) -> Event:
    return Event(
        event_id=uuid7(),
        type=type,
        occurred_at=START + timedelta(minutes=minute),
        deal_uuid=DEAL,
        aggregate_id=aggregate,
        aggregate_version=version,
        actor={"kind": "admin", "id": "1", "name": "Ana", "ip": "203.0.113.7"},
        data=data,
    )


def quote(type: str, minute: int, version: int, **data: Any) -> Event:
    facts = {"quote_id": QUOTE, "customer_id": CUSTOMER, "title": "Wedding", "currency": "CHF", **data}
    return event(type, minute, version, QUOTE, **facts)


def invoice(type: str, minute: int, version: int, id: str, **data: Any) -> Event:
    return event(type, minute, version, id, invoice_id=id, customer_id=CUSTOMER, **data)


STORY = [
    quote("quote_drafted.v1", 0, 1, total_minor=100_000),
    quote("quote_sent.v1", 1, 2, number="Q-2026-0001", link_sealed="secret", snapshot={"totals": {}}),
    quote("quote_accepted.v1", 2, 3, number="Q-2026-0001", by="customer", total_minor=110_000),
    quote("quote_converted.v1", 3, 4, number="Q-2026-0001", contract_id=CONTRACT),
    event(
        "contract_drafted.v1", 4, 1, CONTRACT, contract_id=CONTRACT, quote_id=QUOTE, title="C", customer_id=CUSTOMER
    ),
    invoice("invoice_drafted.v1", 4, 1, FIRST, quote_id=QUOTE, contract_id=CONTRACT, state="draft",
            total_minor=40_000, currency="CHF", installment_index=1, installment_label="Deposit"),
    invoice("invoice_drafted.v1", 4, 1, SECOND, quote_id=QUOTE, contract_id=CONTRACT, state="pending_delivery",
            total_minor=70_000, currency="CHF", installment_index=2, installment_label="Rest"),
    invoice("invoice_issued.v1", 5, 2, FIRST, number="INV-2026-0001", snapshot={"totals": {"total_minor": 40_000}}),
    event("mail_sent.v1", 6, 1, str(uuid7()), mail_id="m", template="invoice_sent", record_id=FIRST, to="a@b.ch"),
    invoice("invoice_sent.v1", 6, 3, FIRST, number="INV-2026-0001", mail_id="m"),
    event("payment_recorded.v1", 7, 4, FIRST, invoice_id=FIRST, amount_minor=40_000, currency="CHF",
          paid_minor=40_000, open_minor=0, state="paid"),
    invoice("invoice_paid.v1", 7, 4, FIRST, number="INV-2026-0001", total_minor=40_000, currency="CHF"),
]  # fmt: skip


def tell(gateway: Any, story: list[Event]) -> dict[str, Any]:
    for one in story:
        with gateway.db.transaction() as tx:
            fold.fold(tx, one)
    with gateway.db.transaction() as tx:
        return deals.read(tx, DEAL)


def check(deal: dict[str, Any]) -> None:
    assert (deal["title"], deal["customer_id"]) == ("Wedding", CUSTOMER)
    assert [(r["kind"], r["number"], r["state"], r["total_minor"], r["open_minor"]) for r in deal["records"]] == [
        ("quote", "Q-2026-0001", "converted", 110_000, None),
        ("contract", None, "draft", None, None),
        ("invoice", "INV-2026-0001", "paid", 40_000, 0),
        ("invoice", None, "pending_delivery", 70_000, None),
    ]
    assert [r["label"] for r in deal["records"]] == [None, None, "Deposit", "Rest"]
    assert [r["parent_id"] for r in deal["records"]] == [None, QUOTE, CONTRACT, CONTRACT]
    assert len(deal["timeline"]) == len(STORY)
    assert deal["timeline"][0]["type"] == "quote_drafted.v1"
    assert "secret" not in json.dumps(deal)


def test_a_story_in_order(gateway: Any) -> None:
    check(tell(gateway, STORY))


@pytest.mark.parametrize("turn", [1, 3, 6, 9, 11])
def test_a_story_in_another_order_and_twice(gateway: Any, turn: int) -> None:
    check(tell(gateway, [*reversed(STORY[turn:]), *STORY[:turn], *STORY]))


def test_three_events_of_a_quote_in_every_order(gateway: Any) -> None:
    for order in permutations([STORY[0], STORY[1], STORY[2]]):
        with gateway.db.transaction() as tx:
            tx.execute("DELETE FROM deal_step")
            tx.execute("DELETE FROM deal_record")
            tx.execute("DELETE FROM deal")
        [record] = tell(gateway, list(order))["records"]
        assert (record["state"], record["number"], record["total_minor"]) == ("accepted", "Q-2026-0001", 110_000)


def test_a_deleted_draft_leaves_the_lineage_and_stays_in_the_timeline(gateway: Any) -> None:
    gone = invoice("invoice_deleted.v1", 8, 2, SECOND, number=None)
    deal = tell(gateway, [*STORY[:7], gone])
    assert [record["id"] for record in deal["records"]] == [QUOTE, CONTRACT, FIRST]
    assert deal["timeline"][-1]["type"] == "invoice_deleted.v1"


def test_news_of_a_deleted_draft_that_comes_late_does_not_bring_it_back(gateway: Any) -> None:
    gone = invoice("invoice_deleted.v1", 8, 2, SECOND, number=None)
    deal = tell(gateway, [*STORY[:6], gone, STORY[6]])
    assert [record["id"] for record in deal["records"]] == [QUOTE, CONTRACT, FIRST]


def test_a_deal_shows_what_the_role_may_see(gateway: Any) -> None:
    tell(gateway, STORY)
    seen = gateway.bearer("accountant").get(f"/api/v1/deals/{DEAL}").json()
    assert {record["kind"] for record in seen["records"]} == {"invoice"}
    assert {step["record"] for step in seen["timeline"]} == {"invoice"}
    assert len(gateway.bearer("viewer").get(f"/api/v1/deals/{DEAL}").json()["records"]) == 4


def test_open_pages_of_every_replica_hear_of_a_change(listening: Any) -> None:
    """The listener gets the notice after the commit; a page sees only what its role may see."""

    async def page(permissions: set[str], wanted: int) -> list[dict[str, Any]]:
        async def allowed() -> bool:
            return True

        found = []
        stream = listening.kernel.live.stream(lambda change: change["permission"] in permissions, [], allowed)
        async for chunk in stream:
            if chunk.startswith(b"event: changed"):
                found.append(json.loads(chunk.decode().split("data: ")[1]))
                if len(found) == wanted:
                    break
        return found

    async def scene() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        all_seen = asyncio.create_task(page({"quotes.view", "contracts.view", "bills.view"}, len(STORY)))
        bills_only = asyncio.create_task(page({"bills.view"}, 7))
        await asyncio.sleep(1.0)
        await asyncio.to_thread(tell, listening, STORY)
        return await asyncio.wait_for(all_seen, 10), await asyncio.wait_for(bills_only, 10)

    everything, bills = run_alone(scene())
    assert [change["type"] for change in everything] == [one.type for one in STORY]
    assert everything[2] == {
        "type": "quote_accepted.v1",
        "record": "quote",
        "record_id": QUOTE,
        "deal_uuid": str(DEAL),
        "number": "Q-2026-0001",
        "state": "accepted",
        "at": "2026-03-01T09:02:00+00:00",
    }
    assert {change["record"] for change in bills} == {"invoice"}


def test_a_page_that_was_away_gets_what_it_missed(gateway: Any) -> None:
    tell(gateway, STORY)
    with gateway.db.transaction() as tx:
        ids = [change["id"] for change in live.missed(tx, 0)]
        assert len(ids) == len(STORY)
        assert [change["id"] for change in live.missed(tx, ids[-1] + 20)] == []
