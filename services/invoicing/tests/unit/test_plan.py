"""The slices of a converted quote are the quote, to the minor unit, in every VAT rate."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain import plan
from invoicing.domain.errors import PlanInconsistent
from invoicing.domain.invoice import Invoice, Party
from invoicing.domain.states import State
from kontor.pricing import parse_lines, price, slices

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LINES = [
    {"description": "Fotografie", "quantity": "2", "unit": "day", "unit_price_minor": 50000, "vat_rate": "8.1"},
    {"description": "Bildband", "quantity": "3", "unit": "piece", "unit_price_minor": 4000, "vat_rate": "2.6"},
]


def converted(
    lines: Sequence[dict[str, Any]], percents: Sequence[str], price_entry: str = "net", **changes: Any
) -> dict[str, Any]:
    """The data of quote_converted.v1."""
    totals = price(parse_lines(lines), "CHF", price_entry)  # type: ignore[arg-type]
    parts = slices(totals, [Decimal(percent) for percent in percents]) if percents else []
    triggers = ["on_acceptance", *["on_delivery"] * len(percents)]
    return {
        "quote_id": str(UUID(int=7)),
        "number": "Q-2026-0003",
        "customer_id": str(UUID(int=8)),
        "title": "Hochzeit",
        "currency": "CHF",
        "language": "de",
        "contract": True,
        "contract_id": str(UUID(int=6)),
        "invoice": True,
        "invoice_ids": [str(UUID(int=100 + index)) for index in range(max(len(parts), 1))],
        "installment_plan_id": str(UUID(int=9)),
        "lines": list(lines),
        "price_entry": price_entry,
        "totals": totals.to_json(),
        "slices": [
            {
                "label": f"Rate {index + 1}",
                "percent": percent,
                "trigger": triggers[index],
                "date": None,
                "days": None,
                "totals": part.to_json(),
            }
            for index, (percent, part) in enumerate(zip(percents, parts, strict=True))
        ],
        "payment": {"net_days": 14, "from": "issue", "skonto_percent": None, "skonto_days": None},
        "bank_account_id": None,
        "intro": "",
        "closing": "",
    } | changes


def spawn(data: dict[str, Any], locale: str = "de-CH") -> list[Invoice]:
    conversion = plan.Conversion.read(UUID(int=5), data, Party("Petra Hofer", "petra@hofer.example"))
    return plan.spawn(conversion, locale, NOW)


def test_thirty_and_seventy_percent_by_hand() -> None:
    """1000.00 + 81.00 and 120.00 + 3.12: 30 % is 300.00 + 24.30 and 36.00 + 0.94."""
    first, second = spawn(converted(LINES, ["30", "70"]))
    assert [(g.net_minor, g.vat_minor) for g in first.totals.vat_groups] == [(30000, 2430), (3600, 94)]
    assert [(g.net_minor, g.vat_minor) for g in second.totals.vat_groups] == [(70000, 5670), (8400, 218)]
    assert (first.totals.total_minor, second.totals.total_minor) == (36124, 84288)
    assert (first.state, second.state) == (State.DRAFT, State.PENDING_DELIVERY)


def test_siblings_share_the_plan_and_know_their_place() -> None:
    made = spawn(converted(LINES, ["30", "30", "40"]))
    parts = [one.origin.installment for one in made]
    assert [(p.plan_id, p.index, p.count, p.label) for p in parts if p] == [
        (UUID(int=9), 1, 3, "Rate 1"),
        (UUID(int=9), 2, 3, "Rate 2"),
        (UUID(int=9), 3, 3, "Rate 3"),
    ]
    assert {one.deal_uuid for one in made} == {UUID(int=5)}
    assert [one.id for one in made] == [UUID(int=100), UUID(int=101), UUID(int=102)]
    assert all(one.origin.contract_id == UUID(int=6) for one in made)


def test_a_slice_shows_one_line_per_rate_in_the_words_of_the_country() -> None:
    data = converted(LINES, ["33.333", "66.667"])
    assert [line.description for line in spawn(data)[0].content.lines] == [
        "33.333 % der Offerte Q-2026-0003, Hochzeit",
        "33.333 % der Offerte Q-2026-0003, Hochzeit",
    ]
    assert spawn(data, "de-DE")[0].content.lines[0].description == "33,333 % des Angebots Q-2026-0003, Hochzeit"
    assert spawn(data, "en")[0].content.lines[0].description == "33.333 % of quote Q-2026-0003, Hochzeit"


def test_without_a_plan_the_invoice_has_the_lines_of_the_quote() -> None:
    (one,) = spawn(converted(LINES, []))
    assert [line.description for line in one.content.lines] == ["Fotografie", "Bildband"]
    assert one.origin.installment is None
    assert one.totals.total_minor == 120412


def test_only_what_was_chosen_is_billed() -> None:
    extra = {"description": "Drohne", "unit_price_minor": 30000, "vat_rate": "8.1", "optional": True}
    chosen = [LINES[0], extra | {"selected": True}, extra | {"description": "Album", "selected": False}]
    (one,) = spawn(converted(chosen, []))
    assert [(line.description, line.optional) for line in one.content.lines] == [
        ("Fotografie", False),
        ("Drohne", False),
    ]


def test_slices_that_do_not_sum_to_the_quote_are_refused() -> None:
    data = converted(LINES, ["30", "70"])
    data["slices"][1]["totals"]["vat_groups"][0]["net_minor"] += 1
    with pytest.raises(PlanInconsistent):
        spawn(data)


def test_ids_and_slices_belong_together() -> None:
    with pytest.raises(PlanInconsistent):
        spawn(converted(LINES, ["30", "70"], invoice_ids=[str(UUID(int=1))]))


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    lines = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "description": st.just("Arbeit"),
                    "quantity": st.decimals("0.01", "99", places=2).map(str),
                    "unit_price_minor": st.integers(1, 10_000_000),
                    "vat_rate": st.sampled_from(["8.1", "2.6", "3.8", "0", "19"]),
                }
            ),
            min_size=1,
            max_size=6,
        )
    )
    cuts = sorted(draw(st.sets(st.integers(1, 99_999), max_size=5)))
    edges = [0, *cuts, 100_000]
    percents = [str(Decimal(b - a) / 1000) for a, b in pairwise(edges)]
    return converted(lines, percents, draw(st.sampled_from(["net", "gross"])))


@given(plans())
def test_the_siblings_sum_to_the_quote_in_every_rate(data: dict[str, Any]) -> None:
    made = spawn(data)
    assert sum(one.totals.total_minor for one in made) == data["totals"]["total_minor"]
    for group in data["totals"]["vat_groups"]:
        same = [g for one in made for g in one.totals.vat_groups if g.vat_rate == Decimal(group["vat_rate"])]
        assert sum(g.net_minor for g in same) == group["net_minor"]
        assert sum(g.vat_minor for g in same) == group["vat_minor"]
    for one in made:
        assert one.totals.net_minor + one.totals.vat_minor == one.totals.total_minor
        entered = one.totals.total_minor if data["price_entry"] == "gross" else one.totals.net_minor
        assert sum(one.totals.line_nets) == entered
