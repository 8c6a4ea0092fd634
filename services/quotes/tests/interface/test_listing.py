"""Lists of many quotes: every filter, sums per currency, everything that matches, search without accents."""

from datetime import date, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kontor.errors import Refused
from kontor.ids import uuid7
from services.quotes.tests.studio import Studio

ZURICH = ZoneInfo("Europe/Zurich")


@pytest.fixture(scope="module")
def archive(module_harness):
    """Twelve quotes of two customers in two currencies, made on the days before and after midnight in Zurich."""
    studio = Studio(module_harness("quotes"))
    account = {"holder": "Atelier", "iban": "DE89370400440532013000", "bic": None, "currency": "EUR"}
    more = {"is_default": True, "reference_type": "NON", "qr_bill_enabled": False}
    euros = account | more | {"id": str(uuid7())}
    francs = euros | {"id": str(uuid7()), "currency": "CHF", "iban": "CH9300762011623852957"}
    studio.settings("bank_accounts", {"accounts": [euros, francs]})
    people = [
        studio.customer(str(uuid7()), display_name="Zoë Ångström", email="zoe@angstrom.example"),
        studio.customer(str(uuid7()), display_name="Größl & Cie", company="Größl & Cie", email="post@groessl.example"),
    ]
    moments = ["2026-03-28T22:30:00+00:00", "2026-03-28T23:30:00+00:00", "2026-06-30T21:59:00+00:00"]
    for number, (moment, person, currency) in enumerate(product(moments, people, ["CHF", "EUR"]), 1):
        studio.harness.clock.set(moment)
        lines = [{"description": "x", "unit_price_minor": number * 100, "vat_rate": "0"}]
        fields = {"customer_id": person, "currency": currency, "title": f"Führung {number:02}", "lines": lines}
        made = studio.draft(**fields, valid_until=f"2026-08-{number:02}")
        if number % 3 == 0:
            studio.rpc.withdraw_quote(id=studio.rpc.send_quote(id=made["id"])["id"])
    studio.harness.clock.set("2026-07-01T10:00:00+00:00")
    return studio, people, studio.rpc.list_quotes(limit=200)["items"]


def _made(quote):
    return datetime.fromisoformat(quote["created_at"]).astimezone(ZURICH).date()


def _fits(quote, wanted):
    tests = {
        "state": lambda value: quote["state"] in value,
        "customer_id": lambda value: quote["customer_id"] == value,
        "currency": lambda value: quote["currency"] == value,
        "created_from": lambda value: _made(quote) >= date.fromisoformat(value),
        "created_to": lambda value: _made(quote) <= date.fromisoformat(value),
        "valid_until_from": lambda value: quote["valid_until"] >= value,
        "valid_until_to": lambda value: quote["valid_until"] <= value,
        "total_from_minor": lambda value: quote["total_minor"] >= value,
        "total_to_minor": lambda value: quote["total_minor"] <= value,
    }
    return all(tests[name](value) for name, value in wanted.items())


def _in_days(month):
    return st.integers(1, 30).map(lambda day: f"2026-{month:02}-{day:02}")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_filters_sums_and_pages_agree_with_a_reading_of_every_row(archive, data):
    studio, people, every = archive
    wanted = data.draw(
        st.fixed_dictionaries(
            {},
            optional={
                "state": st.lists(st.sampled_from(["draft", "withdrawn", "sent"]), min_size=1, unique=True),
                "customer_id": st.sampled_from(people),
                "currency": st.sampled_from(["CHF", "EUR", "USD"]),
                "created_from": _in_days(3),
                "created_to": _in_days(3) | _in_days(6),
                "valid_until_from": _in_days(8),
                "valid_until_to": _in_days(8),
                "total_from_minor": st.integers(0, 1300),
                "total_to_minor": st.integers(0, 1300),
            },
        )
    )
    sort = data.draw(st.sampled_from(["created", "-total", "customer", "-customer", "title", "-number", "valid_until"]))
    expected = [quote for quote in every if _fits(quote, wanted)]
    seen, cursor = [], None
    while True:
        page = studio.rpc.list_quotes(**wanted, sort=sort, cursor=cursor, limit=3)
        seen += [item["id"] for item in page["items"]]
        sums = {one["currency"]: (one["total_minor"], one["count"]) for one in page["sums"]}
        assert sums == {
            currency: (sum(q["total_minor"] for q in expected if q["currency"] == currency), n)
            for currency in ("CHF", "EUR")
            if (n := sum(q["currency"] == currency for q in expected))
        }
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(quote["id"] for quote in expected)
    matching = studio.rpc.list_quote_ids(**wanted, sort=sort)
    assert ([one["id"] for one in matching["items"]], matching["more"]) == (seen, False)


def test_a_day_is_a_day_in_zurich(archive):
    """22:30 UTC is 23:30 on the 28th, 23:30 UTC is 00:30 on the 29th; 21:59 UTC in June is 23:59 on the 30th."""
    studio, _, _ = archive
    assert len(studio.rpc.list_quotes(created_from="2026-03-28", created_to="2026-03-28")["items"]) == 4
    assert len(studio.rpc.list_quotes(created_from="2026-03-29", created_to="2026-03-29")["items"]) == 4
    assert len(studio.rpc.list_quotes(created_from="2026-06-30", created_to="2026-06-30")["items"]) == 4


@pytest.mark.parametrize(
    "q,count",
    [
        ("zoe angstrom", 6),
        ("ZOË ÅNGSTRÖM", 6),
        ("groessl.example", 6),
        ("grossl", 6),
        ("größl", 6),
        ("fuhrung", 12),
        ("FÜHRUNG 07", 1),
        ("zoe führung 01", 1),
        ("zoe größl", 0),
        ("%", 0),
    ],
)
def test_search_does_not_mind_accents_and_case(archive, q, count):
    studio, _, _ = archive
    assert len(studio.rpc.list_quotes(q=q, limit=200)["items"]) == count


def test_ids_of_chosen_quotes_and_no_more_than_asked_for(archive):
    studio, _, every = archive
    chosen = [every[3]["id"], every[7]["id"]]
    found = studio.rpc.list_quote_ids(ids=[*chosen, str(uuid7())])
    assert sorted(one["id"] for one in found["items"]) == sorted(chosen)
    assert studio.rpc.list_quote_ids(ids=[])["items"] == []
    some = studio.rpc.list_quote_ids(limit=5)
    assert (len(some["items"]), some["more"]) == (5, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"created_from": "yesterday"},
        {"valid_until_to": "2026-02-30"},
        {"total_from_minor": "12"},
        {"total_to_minor": 2**64},
        {"colour": "red"},
        {"ids": ["x"]},
        {"state": ["draft", "lost"]},
    ],
)
def test_unknown_filters_are_refused(archive, wrong):
    with pytest.raises(Refused) as refusal:
        archive[0].rpc.list_quotes(**wrong)
    assert refusal.value.errors[0].field == next(iter(wrong))
