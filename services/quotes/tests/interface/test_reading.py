"""Lists: filters, search, counts, pages."""

import pytest

from kontor.errors import Refused
from kontor.ids import uuid7
from services.quotes.tests.studio import Studio


@pytest.fixture
def quotes(studio):
    """Seven quotes of a new customer: 4 drafts, 2 sent, 1 accepted; totals 1.00 to 7.00 without VAT."""
    customer_id = studio.customer(str(uuid7()), display_name="Müller & Söhne AG", email="info@mueller.example")

    def fields(number):
        lines = [{"description": "x", "unit_price_minor": number * 100, "vat_rate": "0"}]
        return {"customer_id": customer_id, "title": f"Auftrag {number % 3}", "lines": lines}

    made = [studio.draft(**fields(number)) for number in range(1, 8)]
    for quote in made[:3]:
        studio.rpc.send_quote(id=quote["id"])
    studio.rpc.accept_quote(id=made[0]["id"], name="M")
    return customer_id, made


def test_a_list_filters_and_counts_per_state(studio, quotes):
    customer_id, made = quotes
    page = studio.rpc.list_quotes(customer_id=customer_id)
    assert [item["id"] for item in page["items"]] == [quote["id"] for quote in reversed(made)]
    assert {state: count for state, count in page["counts"].items() if count} == {
        "draft": 4,
        "sent": 2,
        "accepted": 1,
    }
    drafts = studio.rpc.list_quotes(customer_id=customer_id, state="draft")
    assert (len(drafts["items"]), drafts["counts"]) == (4, page["counts"])
    assert "lines" not in drafts["items"][0]
    assert drafts["items"][0]["customer"]["display_name"] == "Müller & Söhne AG"
    one = studio.rpc.list_quotes(deal_uuid=made[4]["deal_uuid"])
    assert [item["id"] for item in one["items"]] == [made[4]["id"]]


@pytest.mark.parametrize(
    "sort", ["created", "-created", "updated", "number", "-total", "total", "valid_until", "title"]
)
def test_pages_join_up_without_gap_or_repetition(studio, quotes, sort):
    customer_id, made = quotes
    seen, cursor = [], None
    while True:
        page = studio.rpc.list_quotes(customer_id=customer_id, sort=sort, cursor=cursor, limit=2)
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(item["id"] for item in seen) == sorted(quote["id"] for quote in made)
    key = {"created": "created_at", "updated": "updated_at", "total": "total_minor"}.get(
        sort.lstrip("-"), sort.lstrip("-")
    )
    values = [item[key] or "" for item in seen]
    assert values == sorted(values, reverse=sort.startswith("-"))


@pytest.mark.parametrize(
    "q,found",
    [("müller", 7), ("söhne auftrag", 7), ("INFO@mueller", 7), ("auftrag 2", None), ("100%", 0), ("_", 0), ("zzz", 0)],
)
def test_search_finds_numbers_titles_and_customers(studio, quotes, q, found):
    customer_id, _ = quotes
    items = studio.rpc.list_quotes(customer_id=customer_id, q=q)["items"]
    assert len(items) == found if found is not None else items


def test_search_finds_a_number(studio, quotes):
    sent = studio.rpc.get_quote(id=quotes[1][1]["id"])
    assert [item["id"] for item in studio.rpc.list_quotes(q=sent["number"])["items"]] == [sent["id"]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sort": "colour"},
        {"state": "lost"},
        {"cursor": "?"},
        {"cursor": "WzEsMl0"},  # [1,2]
        {"cursor": "WyIyMDI2IiwieCJd"},  # ["2026","x"]
        {"customer_id": "x"},
        {"q": "a\0b"},
    ],
)
def test_what_a_list_does_not_know_is_refused(studio, wrong):
    with pytest.raises(Refused) as refusal:
        studio.rpc.list_quotes(**wrong)
    assert refusal.value.errors[0].field == next(iter(wrong))


def test_verifying_numbers_finds_gaps_and_foreign_numbers(service_harness):
    studio = Studio(service_harness("quotes"))
    sent = [studio.sent() for _ in range(3)]
    assert studio.rpc.verify_numbers() == {"count": 3, "problems": []}
    studio.harness.sql("UPDATE series SET last = 5 WHERE kind = 'quote'")
    assert studio.rpc.verify_numbers()["problems"] == ["quotes 2026: 2 missing, the first is 4"]
    studio.harness.sql("UPDATE series SET last = 2 WHERE kind = 'quote'")
    problem = "quotes 2026: number 3 was never claimed (the counter stands at 2)"
    assert studio.rpc.verify_numbers() == {"count": 3, "problems": [problem]}
    assert sent[2]["number"] == "Q-2026-0003"


def test_settings_supply_texts_and_price_entry_of_new_quotes(studio):
    studio.settings("quotes", {"intro": "Guten Tag", "closing": "Bis bald", "price_entry": "gross", "valid_days": 10})
    quote = studio.draft(closing="")
    assert (quote["intro"], quote["closing"], quote["price_entry"]) == ("Guten Tag", "", "gross")
    assert quote["valid_until"] == "2026-03-20"
    assert quote["total_minor"] == 151500
