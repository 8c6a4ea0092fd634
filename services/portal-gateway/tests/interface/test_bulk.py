"""Bulk actions: a result per row, each done once whatever dies in between; exports that no spreadsheet runs."""

import csv
import io
import re
import threading
from typing import Any

import pytest

from kontor.errors import InvalidTransition, NotFound, Refused, ServiceUnavailable
from kontor.ids import uuid7
from portal_gateway import bulk
from portal_gateway.app import AREAS, create_app


class Quotes:
    """The quotes service as far as bulk actions see it. ``dies`` raises after the act has taken effect, once."""

    def __init__(self, script: Any, states: list[str]) -> None:
        self.states = {str(uuid7()): state for state in states}
        self.acts: list[tuple[str, str]] = []
        self.copies: dict[str, str] = {}
        self.dies: set[str] = set()
        self.more = False
        self.lock = threading.Lock()
        script.on("quotes.get_quote", self.get)
        script.on("quotes.withdraw_quote", self.withdraw)
        script.on("quotes.delete_quote", self.delete)
        script.on("quotes.duplicate_quote", self.duplicate)
        script.on("quotes.list_quote_ids", self.list_ids)

    @property
    def ids(self) -> list[str]:
        return list(self.states)

    def get(self, id: str) -> dict[str, Any]:
        if id not in self.states:
            raise NotFound("There is no such quote.")
        return {"id": id, "state": self.states[id]}

    def _done(self, verb: str, id: str) -> dict[str, Any]:
        self.acts.append((verb, id))
        if id in self.dies:
            self.dies.discard(id)
            raise KeyboardInterrupt
        return {"id": id}

    def withdraw(self, id: str) -> dict[str, Any]:
        with self.lock:
            if self.get(id)["state"] != "sent":
                raise Refused.from_json(InvalidTransition(self.states[id], "withdraw").to_json())
            self.states[id] = "withdrawn"
            return self._done("withdraw", id)

    def delete(self, id: str) -> dict[str, Any]:
        self.get(id)
        del self.states[id]
        return self._done("delete", id)

    def duplicate(self, id: str, new_id: str) -> dict[str, Any]:
        self.copies[new_id] = id
        return self._done("duplicate", id)

    def list_ids(self, ids: list[str] | None = None, limit: int = 10_000, **filters: Any) -> dict[str, Any]:
        found = [id for id in (ids or self.states) if id in self.states]
        items = [{"id": id, "number": f"Q-{at}", "title": "x"} for at, id in enumerate(found, 1)]
        return {"items": items, "more": self.more}


@pytest.fixture
def client(gateway: Any) -> Any:
    gateway.app = create_app(gateway.kernel, AREAS)
    return gateway.signed_in()


def begin(client: Any, ids: list[str], verb: str, **more: Any) -> str:
    form = {"job_id": str(uuid7()), "verb": verb, "ids": ids, **more}
    answer = client.post("/admin/clients/quotes/bulk", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].rpartition("/")[2])


def job(client: Any, id: str) -> dict[str, Any]:
    return dict(client.get(f"/api/v1/bulk-jobs/{id}").json())


def test_every_row_gets_its_own_result(gateway: Any, script: Any, client: Any) -> None:
    quotes = Quotes(script, ["sent", "draft", "sent"])
    id = begin(client, quotes.ids, "withdraw")
    assert bulk.work(gateway.db, script, 5) == 3
    assert bulk.work(gateway.db, script, 5) == 0
    done = job(client, id)
    assert (done["state"], done["total"], done["done"], done["refused"]) == ("done", 3, 2, 1)
    assert [(row["label"], row["state"], row["code"]) for row in done["rows"]] == [
        ("Q-1", "done", None),
        ("Q-2", "refused", "INVALID_TRANSITION"),
        ("Q-3", "done", None),
    ]
    page = client.get(f"/admin/bulk/{id}").text
    assert "All 3 finished" in page
    assert "“withdraw” is not possible" in page


@pytest.mark.parametrize("verb", ["withdraw", "delete", "duplicate"])
def test_killed_in_the_middle_it_goes_on_and_does_each_row_once(
    gateway: Any, script: Any, client: Any, verb: str
) -> None:
    """The third act takes effect and its answer is lost with the process: the row is found done, not done again."""
    quotes = Quotes(script, ["sent"] * 5)
    ids = quotes.ids
    quotes.dies.add(ids[2])
    id = begin(client, ids, verb)
    with pytest.raises(KeyboardInterrupt):
        bulk.work(gateway.db, script, 5)
    stopped = job(client, id)
    assert (stopped["state"], stopped["done"], stopped["waiting"]) == ("running", 2, 3)
    bulk.work(gateway.db, script, 5)
    done = job(client, id)
    assert (done["state"], done["done"], done["refused"]) == ("done", 5, 0)
    if verb == "duplicate":
        assert sorted(quotes.copies.values()) == sorted(ids)  # the second try makes the same copy
        assert [row["result_id"] for row in done["rows"]] == [bulk.copy_id(id, one) for one in ids]
    else:
        assert quotes.acts == [(verb, one) for one in ids]


def test_replicas_share_the_rows(gateway: Any, script: Any, client: Any) -> None:
    quotes = Quotes(script, ["sent"] * 40)
    id = begin(client, quotes.ids, "withdraw")
    threads = [threading.Thread(target=bulk.work, args=(gateway.db, script, 20)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bulk.work(gateway.db, script, 5)
    assert sorted(one for _, one in quotes.acts) == sorted(quotes.ids)
    assert (job(client, id)["state"], job(client, id)["done"]) == ("done", 40)


def test_a_service_that_is_away_delays_and_refuses_nothing(gateway: Any, script: Any, client: Any) -> None:
    quotes = Quotes(script, ["sent", "sent"])
    id = begin(client, quotes.ids, "withdraw")
    script.on("quotes.withdraw_quote", ServiceUnavailable("quotes"))
    assert bulk.work(gateway.db, script, 5) == 0
    assert job(client, id)["waiting"] == 2
    script.on("quotes.withdraw_quote", quotes.withdraw)
    bulk.work(gateway.db, script, 5)
    assert job(client, id)["done"] == 2


def test_a_row_that_fails_in_an_unforeseen_way_is_given_up_and_holds_up_nobody(
    gateway: Any, script: Any, client: Any
) -> None:
    quotes = Quotes(script, ["sent", "sent"])
    broken = quotes.ids[0]

    def withdraw(id: str) -> dict[str, Any]:
        if id == broken:
            raise ZeroDivisionError
        return quotes.withdraw(id)

    id = begin(client, quotes.ids, "withdraw")
    script.on("quotes.withdraw_quote", withdraw)
    for _ in range(3):
        bulk.work(gateway.db, script, 5)
    found = job(client, id)
    assert (found["done"], found["refused"], found["state"]) == (1, 1, "done")
    assert [row["code"] for row in found["rows"]] == ["INTERNAL", None]


def test_stopping_leaves_the_rest_and_so_does_losing_the_right(gateway: Any, script: Any, client: Any) -> None:
    quotes = Quotes(script, ["sent", "sent"])
    id = begin(client, quotes.ids, "withdraw")
    client.post(f"/admin/bulk/{id}/stop")
    assert bulk.work(gateway.db, script, 5) == 0
    assert job(client, id)["state"] == "stopped"
    other = begin(client, quotes.ids, "withdraw")
    with gateway.db.transaction() as tx:
        tx.execute("UPDATE admin SET role = 'viewer'")
    assert bulk.work(gateway.db, script, 5) == 0
    with gateway.db.transaction() as tx:
        assert bulk.job(tx, other)["state"] == "stopped"
    assert quotes.acts == []


def test_everything_that_matches_is_fixed_when_it_begins(gateway: Any, script: Any, client: Any) -> None:
    quotes = Quotes(script, ["sent"] * 3)
    id = begin(client, [], "withdraw", scope="all", query="state=sent&currency=CHF")
    quotes.states[str(uuid7())] = "sent"
    bulk.work(gateway.db, script, 5)
    assert job(client, id)["done"] == 3
    assert script.called("quotes.list_quote_ids")[-1]["state"] == ["sent"]
    assert script.called("quotes.list_quote_ids")[-1]["currency"] == "CHF"


def test_more_than_one_action_may_take_is_refused_and_not_cut(script: Any, client: Any) -> None:
    quotes = Quotes(script, ["sent"])
    quotes.more = True
    answer = client.post("/api/v1/quotes/bulk", json={"verb": "withdraw", "matching": {}})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "matching")


def test_a_repeated_form_begins_one_action(script: Any, client: Any) -> None:
    quotes = Quotes(script, ["sent"])
    once = str(uuid7())
    assert begin(client, quotes.ids, "withdraw", job_id=once) == begin(client, quotes.ids, "withdraw", job_id=once)


def test_nothing_selected_and_unknown_acts_are_refused(script: Any, gateway: Any) -> None:
    quotes = Quotes(script, ["sent"])
    program = gateway.bearer("team")
    path = "/api/v1/quotes/bulk"

    def refused(body: dict[str, Any]) -> str:
        answer = program.post(path, json=body, headers={"Idempotency-Key": str(uuid7())})
        assert answer.status_code == 422
        return str(answer.json()["errors"][0]["field"])

    assert refused({"verb": "frame", "ids": quotes.ids}) == "verb"
    assert refused({"verb": "delete"}) == "ids"
    assert refused({"verb": "delete", "ids": [str(uuid7())]}) == "ids"
    key = {"Idempotency-Key": "one-and-the-same"}
    first = program.post(path, json={"verb": "delete", "ids": quotes.ids}, headers=key)
    again = program.post(path, json={"verb": "delete", "ids": quotes.ids}, headers=key)
    assert first.status_code == 201
    assert first.json()["id"] == again.json()["id"]


# -- lists and exports ------------------------------------------------------------------------------

HOSTILE = [
    '=HYPERLINK("http://evil.example";"x")',
    "+41 44 555",
    "-2+3",
    "@SUM(A1)",
    "\tcmd",
    "＝1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "a;b",
    'say "hi"',
    "two\nlines",
    "שלום 🎉",
]


def _item(at: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "number": f"Q-2026-{at:05}",
        "title": "Ernte",
        "state": "sent",
        "currency": "CHF",
        "customer_id": str(uuid7()),
        "customer": {"display_name": "Zoë", "email": "zoe@example.ch"},
        "net_minor": -120050,
        "vat_minor": 0,
        "total_minor": -120050,
        "valid_until": "2026-04-30",
        "created_at": "2026-03-28T23:30:00+00:00",
        "sent_at": None,
        "answered_at": None,
    } | more


def _pages(items: list[dict[str, Any]]) -> Any:
    def listed(cursor: str | None = None, limit: int = 50, **filters: Any) -> dict[str, Any]:
        start = int(cursor or 0)
        more = start + limit < len(items)
        sums = [{"currency": "CHF", "total_minor": sum(one["total_minor"] for one in items), "count": len(items)}]
        return {
            "items": items[start : start + limit],
            "next_cursor": str(start + limit) if more else None,
            "counts": {"sent": len(items)},
            "sums": sums,
        }

    return listed


def _read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))


def test_csv_neutralises_formulas_and_keeps_everything_else(script: Any, client: Any) -> None:
    items = [_item(at, title=text, customer={"display_name": text, "email": None}) for at, text in enumerate(HOSTILE)]
    script.on("quotes.list_quotes", _pages(items))
    answer = client.get("/admin/clients/quotes.csv?state=sent&sort=-total")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = _read(answer.content.decode())
    assert rows[0][:3] == ["Number", "State", "Title"]
    guarded = ["'" + text if text[0] in "=+-@\t＝＋－＠" else text for text in HOSTILE]
    assert [row[2] for row in rows[1:]] == guarded
    assert [row[3] for row in rows[1:]] == guarded
    # 23:30 UTC on the 28th is the 29th in Zurich; amounts are numbers, not texts
    assert rows[1][5:10] == ["CHF", "-1200.50", "0.00", "-1200.50", "2026-03-29"]
    asked = script.called("quotes.list_quotes")[-1]
    assert (asked["state"], asked["sort"]) == (["sent"], "-total")


def test_ten_thousand_rows_stream_page_by_page(script: Any, gateway: Any) -> None:
    script.on("quotes.list_quotes", _pages([_item(at) for at in range(10_000)]))
    answer = gateway.bearer("viewer").get("/api/v1/quotes.csv?currency=CHF")
    rows = _read(answer.content.decode())
    assert len(rows) == 10_001
    assert rows[0][-1] == "id"
    assert len({row[0] for row in rows}) == 10_001
    assert len(script.called("quotes.list_quotes")) == 50


def test_a_list_keeps_its_filters_in_every_link(script: Any, client: Any) -> None:
    script.on("quotes.list_quotes", _pages([_item(at) for at in range(60)]))
    page = client.get("/admin/clients/quotes?state=sent&q=zoe&currency=EUR&total_from=1%27200&created_from=2026-03-01")
    asked = script.called("quotes.list_quotes")[-1]
    assert asked["total_from_minor"] == 120000
    assert (asked["state"], asked["q"], asked["currency"]) == (["sent"], "zoe", "EUR")
    assert asked["created_from"] == "2026-03-01"
    following = re.search(r'href="([^"]+)" rel="next"', page.text)
    assert following
    for part in ("state=sent", "q=zoe", "currency=EUR", "created_from=2026-03-01", "cursor=50"):
        assert part in following[1]
    assert "60 records match" in page.text
    assert 'aria-sort="' not in page.text
    sorted_page = client.get("/admin/clients/quotes?sort=-total").text
    assert 'aria-sort="descending"' in sorted_page
    assert 'href="/admin/clients/quotes?sort=total"' in sorted_page


def test_what_is_typed_wrong_is_said_beside_the_field(script: Any, client: Any) -> None:
    script.on("quotes.list_quotes", _pages([]))
    page = client.get("/admin/clients/quotes?total_from=much&created_to=soon&sort=colour").text
    assert "Please type an amount." in page
    assert "Please type a date." in page
    assert "No results" in page
    assert "Reset filters" in page
    assert script.called("quotes.list_quotes")[-1]["sort"] == "-created"


def test_nothing_yet_offers_the_first_step(script: Any, client: Any) -> None:
    script.on("quotes.list_quotes", lambda **_: {"items": [], "next_cursor": None, "counts": {}, "sums": []})
    page = client.get("/admin/clients/quotes").text
    assert "No quote yet" in page
    assert "No results" not in page
    assert page.count("/admin/clients/quotes/new") >= 2
