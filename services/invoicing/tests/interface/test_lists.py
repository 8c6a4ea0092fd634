from collections.abc import Callable
from typing import Any

import pytest

from kontor.errors import Refused


@pytest.fixture(scope="module")
def studio(make_studio: Callable[..., Any]) -> Any:
    """Seven invoices: four drafts with rising totals, three issued, the first of them paid."""
    made = make_studio()
    for price in (100, 200, 300, 400):
        made.draft(title=f"Entwurf {price}", lines=[{"description": "x", "unit_price_minor": price, "vat_rate": "0"}])
    anna = made.customer(display_name="Anna Müller-Lüdenscheid")
    sent = [made.sent(customer_id=anna, payment={"net_days": days}) for days in (30, 10, 20)]
    made.pay(sent[0]["id"], 120412)
    made.anna = anna
    return made


def titles(page: dict[str, Any]) -> list[str]:
    return [item["title"] for item in page["items"]]


def test_a_page_has_summaries_and_counts(studio: Any) -> None:
    page = studio.rpc.list_invoices()
    assert page["counts"] == {"draft": 4, "sent": 2, "paid": 1}
    assert len(page["items"]) == 7
    assert page["next_cursor"] is None
    assert "lines" not in page["items"][0]
    assert page["items"][0]["open_minor"] == 120412


@pytest.mark.parametrize("sort", ["created", "-created", "number", "-number", "due", "-due", "total", "-customer"])
def test_pages_of_two_give_the_whole_in_order(studio: Any, sort: str) -> None:
    whole = [item["id"] for item in studio.rpc.list_invoices(sort=sort)["items"]]
    found: list[str] = []
    cursor = None
    while True:
        page = studio.rpc.list_invoices(sort=sort, limit=2, cursor=cursor)
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == whole
    assert len(set(found)) == 7


def test_sorted_by_total_and_by_due_date(studio: Any) -> None:
    assert titles(studio.rpc.list_invoices(sort="total", limit=4)) == [f"Entwurf {n}" for n in (100, 200, 300, 400)]
    due = [item["due_date"] for item in studio.rpc.list_invoices(sort="due", limit=3)["items"]]
    assert due == sorted(due)


def test_filtered_by_state_customer_and_deal(studio: Any) -> None:
    assert len(studio.rpc.list_invoices(state="draft")["items"]) == 4
    assert len(studio.rpc.list_invoices(state=["sent", "paid"])["items"]) == 3
    of_anna = studio.rpc.list_invoices(customer_id=studio.anna, state="paid")
    assert (len(of_anna["items"]), of_anna["counts"]) == (1, {"sent": 2, "paid": 1})
    deal = of_anna["items"][0]["deal_uuid"]
    assert len(studio.rpc.list_invoices(deal_uuid=deal)["items"]) == 1


@pytest.mark.parametrize(
    "q, count",
    [("entwurf", 4), ("Entwurf 30", 1), ("müller", 3), ("lüden", 3), ("INV-20", 3), ("anna hoch", 3), ("nichts", 0),
     ("'; DROP", 0), ("&|!", 7), ("", 7)],
)  # fmt: skip
def test_searched_by_number_title_and_customer(studio: Any, q: str, count: int) -> None:
    assert len(studio.rpc.list_invoices(q=q)["items"]) == count


@pytest.mark.parametrize(
    "arguments, field",
    [
        ({"sort": "colour"}, "sort"),
        ({"state": "lost"}, "state"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"customer_id": "42"}, "customer_id"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "WzEsIDJd"}, "cursor"),
        ({"cursor": "e30="}, "cursor"),
    ],
)
def test_what_cannot_be_asked_is_refused(studio: Any, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as answer:
        studio.rpc.list_invoices(**arguments)
    assert answer.value.errors[0].field == field


def test_counts_stay_right_when_condensed(studio: Any) -> None:
    before = studio.rpc.list_invoices()["counts"]
    rows = studio.harness.sql("SELECT state, count(*) AS n FROM invoice GROUP BY state")
    assert before == {row["state"]: row["n"] for row in rows}
