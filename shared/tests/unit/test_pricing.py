"""Totals worked out by hand, then the properties that hold for all of them."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontor.errors import Invalid
from kontor.money import CurrencyUnknown, MoneyRange
from kontor.pricing import Line, PercentagesNot100, TotalNegative, Totals, parse_lines, price, slices


def item(price_minor, rate="8.1", quantity="1", **fields):
    return {
        "description": "Arbeit",
        "quantity": quantity,
        "unit_price_minor": price_minor,
        "vat_rate": rate,
        **fields,
    }


def off(**fields):
    return {"kind": "discount", "description": "Rabatt", **fields}


def totals(*bodies, currency="CHF", **how):
    return price(parse_lines(list(bodies)), currency, **how)


def categories(result):
    return [(group.vat_category, str(group.vat_rate), group.net_minor, group.vat_minor) for group in result.vat_groups]


def groups(result):
    return [(str(group.vat_rate), group.net_minor, group.vat_minor) for group in result.vat_groups]


def test_two_vat_rates():
    # 7.5 × 120.00 = 900.00; 3 × 45.00 = 135.00; VAT 72.90 and 3.51
    result = totals(item(12000, quantity="7.5"), item(4500, "2.6", "3"))
    assert groups(result) == [("8.1", 90000, 7290), ("2.6", 13500, 351)]
    assert (result.net_minor, result.vat_minor, result.total_minor) == (103500, 7641, 111141)
    assert result.line_nets == (90000, 13500)


def test_vat_is_rounded_once_per_rate_not_per_line():
    # three lines of 0.05 at 8.1 %: 0.15 × 8.1 % = 0.01215 → 0.01; per line it would be 0.00 each
    assert groups(totals(item(5), item(5), item(5))) == [("8.1", 15, 1)]


@pytest.mark.parametrize(
    "price_minor,quantity,discount,net",
    [
        (1, "0.5", "0", 1),  # 0.005 → 0.01
        (-1, "0.5", "0", -1),  # −0.005 → −0.01
        (1, "1.5", "0", 2),
        (9999, "0.3333", "0", 3333),  # 33.326667 → 33.33
        (10000, "1", "33.333", 6667),  # 66.667
        (12345, "2.25", "12.5", 24304),  # 277.7625 less 12.5 % = 243.0421875
        (100, "0.0001", "0", 0),
    ],
)
def test_a_line_is_computed_exactly_and_rounded_once(price_minor, quantity, discount, net):
    line = Line.from_json(item(price_minor, "0", quantity, discount_percent=discount), 0)
    assert price([line, Line("Ausgleich", unit_price_minor=100)], "CHF").line_nets[0] == net


def test_priced_sub_lines_replace_the_price_of_their_line():
    subs = [
        {"description": "Aufnahme", "quantity": "2", "unit_price_minor": 15000},
        {"description": "Auswahl mit Ihnen"},
        {"description": "Retusche", "quantity": "1.5", "unit_price_minor": 9000, "discount_percent": "10"},
    ]
    # 300.00 + 1.5 × 90.00 × 0.9 = 121.50 → 421.50
    assert totals(item(99999, sub_lines=subs)).line_nets == (42150,)
    assert totals(item(99999, sub_lines=subs[1:2])).line_nets == (99999,)


def test_a_percentage_discount_is_spread_over_the_rates_in_proportion():
    # subtotal 1500.00; 10 % = 150.00 → 100.00 and 50.00
    result = totals(item(100000), item(50000, "2.6"), off(discount_percent="10"))
    assert groups(result) == [("8.1", 90000, 7290), ("2.6", 45000, 1170)]
    assert result.line_nets == (100000, 50000, -15000)
    assert result.total_minor == 143460


def test_percentages_do_not_compound_and_fixed_amounts_come_after_them():
    # subtotal 100.00 + 50.00 = 150.00; 20.00 fixed → 13.33 and 6.67
    # 10 % and 5 % of 150.00: 15.00 → 10.00, 5.00; 7.50 → 5.00, 2.50
    result = totals(
        off(unit_price_minor=2000),
        item(10000),
        item(5000, "2.6"),
        off(discount_percent="10"),
        off(discount_percent="5"),
    )
    assert result.line_nets == (-2000, 10000, 5000, -1500, -750)
    # 100.00 − 13.33 − 10.00 − 5.00 = 71.67 → VAT 5.80527; 50.00 − 6.67 − 5.00 − 2.50 = 35.83 → VAT 0.93158
    assert groups(result) == [("8.1", 7167, 581), ("2.6", 3583, 93)]
    assert result.total_minor == 11424


def test_discounts_take_off_no_more_than_the_subtotal():
    result = totals(item(1000), item(500, "2.6"), off(discount_percent="60"), off(unit_price_minor=99999))
    assert result.line_nets == (1000, 500, -900, -600)
    assert groups(result) == [("8.1", 0, 0), ("2.6", 0, 0)]


def test_several_small_discounts_never_turn_a_rate_negative():
    # three rates of 0.01: 34 % of 0.03 is 0.01; both discounts would fall on the first rate
    result = totals(item(1, "19"), item(1, "7"), item(1, "0"), off(discount_percent="34"), off(discount_percent="34"))
    assert [group.net_minor for group in result.vat_groups] == [0, 0, 1]


def test_a_negative_line_lowers_its_own_rate():
    # 500.00 − 50.00 = 450.00, VAT 36.45
    result = totals(item(50000), item(-5000, description="Treuerabatt"))
    assert groups(result) == [("8.1", 45000, 3645)]
    assert totals(item(5000, quantity="-1"), item(50000)).net_minor == 45000


def test_a_total_below_zero_is_refused():
    with pytest.raises(TotalNegative) as refusal:
        totals(item(1000), item(-2000))
    assert refusal.value.code == "TOTAL_NEGATIVE"
    assert refusal.value.extra == {"total_minor": -1081}
    assert totals(item(1000), item(-1000)).total_minor == 0


def test_gross_entry_keeps_the_entered_amount_to_the_rappen():
    # 108.10 / 1.081 = 100.00; 99.95 / 1.026 = 97.4171… → 97.42, VAT 2.53
    result = totals(item(10810), item(9995, "2.6"), price_entry="gross")
    assert groups(result) == [("8.1", 10000, 810), ("2.6", 9742, 253)]
    assert result.total_minor == 20805


def test_gross_entry_with_a_discount():
    # 100.00 gross at 19 % less 10 % = 90.00; / 1.19 = 75.6303 → 75.63, VAT 14.37
    result = totals(item(10000, "19"), off(discount_percent="10"), currency="EUR", price_entry="gross")
    assert groups(result) == [("19", 7563, 1437)]


def test_yen_has_no_minor_unit():
    # 3 × 333 = 999; 10 % = 99.9 → 100
    assert groups(totals(item(333, "10", "3"), currency="JPY")) == [("10", 999, 100)]


def test_dinars_have_three_places():
    # 1.5 × 12.345 = 18.5175 → 18.518; 5 % = 0.9259 → 0.926
    result = totals(item(12345, "5", "1.5"), currency="KWD")
    assert groups(result) == [("5", 18518, 926)]
    assert result.total_minor == 19444


@pytest.mark.parametrize("mode", ["small_business", "reverse_charge", "exempt", "outside_scope"])
@pytest.mark.parametrize("entry", ["net", "gross"])
def test_without_vat_the_rates_count_as_zero(mode, entry):
    result = totals(item(10000, "19"), item(5000, "7"), currency="EUR", price_entry=entry, vat_mode=mode)
    assert groups(result) == [("0", 15000, 0)]


@pytest.mark.parametrize(
    "mode,category",
    [
        ("small_business", "exempt"),
        ("exempt", "exempt"),
        ("reverse_charge", "reverse_charge"),
        ("outside_scope", "outside_scope"),
    ],
)
def test_a_document_without_vat_has_one_group(mode, category):
    lines = [item(10000, "19"), item(5000, "0", vat_category="outside_scope"), off(discount_percent="10")]
    assert categories(totals(*lines, vat_mode=mode)) == [(category, "0", 13500, 0)]


def test_every_category_has_its_own_group():
    # 10 % of 1000.00 + 300.00 + 200.00 + 100.00 + 50.00 + 50.00 = 170.00, taken off in proportion
    result = totals(
        item(5000, "0", vat_category="outside_scope"),
        item(30000, "0"),
        item(20000, "0", vat_category="exempt"),
        item(10000, "0", vat_category="reverse_charge"),
        item(5000, "2.6", vat_category="standard"),
        item(100000),
        off(discount_percent="10"),
    )
    assert categories(result) == [
        ("standard", "8.1", 90000, 7290),
        ("standard", "2.6", 4500, 117),
        ("zero", "0", 27000, 0),
        ("exempt", "0", 18000, 0),
        ("reverse_charge", "0", 9000, 0),
        ("outside_scope", "0", 4500, 0),
    ]
    # VAT of 1.17 is split 0.59 and 0.58
    first, second = slices(result, [Decimal(50), Decimal(50)])
    assert categories(first)[1:4] == [
        ("standard", "2.6", 2250, 59),
        ("zero", "0", 13500, 0),
        ("exempt", "0", 9000, 0),
    ]
    assert categories(second)[1] == ("standard", "2.6", 2250, 58)


@pytest.mark.parametrize(
    "rate,sent,category",
    [
        ("8.1", None, "standard"),
        ("0", None, "zero"),
        ("8.1", "standard", "standard"),
        ("0", "standard", "zero"),
        ("0", "zero", "zero"),
        ("0", "exempt", "exempt"),
        ("0", "reverse_charge", "reverse_charge"),
        ("0", "outside_scope", "outside_scope"),
    ],
)
def test_a_line_without_category_has_that_of_its_rate(rate, sent, category):
    line = Line.from_json(item(100, rate, vat_category=sent), 0)
    assert line.vat_category == category
    assert Line.from_json(line.to_json(), 0) == line


def test_a_discount_line_has_no_category():
    line = Line.from_json(off(discount_percent="10"), 0)
    assert line.to_json()["vat_category"] is None
    assert Line.from_json(line.to_json(), 0) == line


@pytest.mark.parametrize("category,rate", [("standard", "0"), ("exempt", "8.1")])
def test_a_category_and_a_rate_that_do_not_go_together_are_no_line(category, rate):
    with pytest.raises(ValueError):
        Line("x", vat_category=category, vat_rate=Decimal(rate))


def test_totals_of_an_older_record_have_the_categories_of_their_rates():
    body = {
        "net_minor": 30000,
        "vat_minor": 810,
        "total_minor": 30810,
        "vat_groups": [
            {"vat_rate": "8.1", "net_minor": 10000, "vat_minor": 810},
            {"vat_rate": "0", "net_minor": 20000, "vat_minor": 0},
        ],
    }
    assert categories(Totals.from_json(body)) == [("standard", "8.1", 10000, 810), ("zero", "0", 20000, 0)]


def test_an_optional_line_counts_only_while_selected():
    result = totals(item(10000), item(5000, optional=True), item(3000, optional=True, selected=True))
    assert result.net_minor == 13000
    assert result.line_nets == (10000, 5000, 3000)


def test_a_choice_has_exactly_one_preselected_line():
    small, large = item(10000, choice_group="Paket", selected=True), item(20000, choice_group="Paket")
    assert totals(small, large).net_minor == 10000
    for wrong in ([small, {**large, "selected": True}], [large, large]):
        with pytest.raises(Invalid) as refusal:
            parse_lines(wrong)
        assert refusal.value.errors[0].field == "lines[0].selected"


def test_a_discount_does_not_touch_what_nobody_chose():
    result = totals(item(10000), item(90000, optional=True), off(discount_percent="10"))
    assert result.net_minor == 9000


def test_no_lines_are_nothing():
    assert totals().to_json() == {
        "net_minor": 0,
        "vat_minor": 0,
        "total_minor": 0,
        "vat_groups": [],
        "line_nets": [],
    }


def test_amounts_beyond_64_bits_are_refused():
    with pytest.raises(MoneyRange):
        totals(item(2**63 - 1, quantity="2"))
    with pytest.raises(MoneyRange):
        totals(item(2**62, "0"), item(2**62, "0"))


def test_an_unknown_currency_is_refused():
    with pytest.raises(CurrencyUnknown):
        totals(item(1), currency="ABC")


@pytest.mark.parametrize(
    "change,field",
    [
        ({"quantity": "1.23456"}, "lines[1].quantity"),
        ({"quantity": 1.5}, "lines[1].quantity"),
        ({"quantity": "0"}, "lines[1].quantity"),
        ({"quantity": "1000000000"}, "lines[1].quantity"),
        ({"quantity": "NaN"}, "lines[1].quantity"),
        ({"unit_price_minor": 10.0}, "lines[1].unit_price_minor"),
        ({"unit_price_minor": "10"}, "lines[1].unit_price_minor"),
        ({"unit_price_minor": True}, "lines[1].unit_price_minor"),
        ({"unit_price_minor": None}, "lines[1].unit_price_minor"),
        ({"unit_price_minor": 2**63}, "lines[1].unit_price_minor"),
        ({"discount_percent": "100.1"}, "lines[1].discount_percent"),
        ({"discount_percent": "-1"}, "lines[1].discount_percent"),
        ({"vat_rate": None}, "lines[1].vat_rate"),
        ({"vat_rate": "8.1234"}, "lines[1].vat_rate"),
        ({"vat_category": "exempt"}, "lines[1].vat_rate"),
        ({"vat_category": "luxury"}, "lines[1].vat_category"),
        ({"description": "  "}, "lines[1].description"),
        ({"description": "a\0b"}, "lines[1].description"),
        ({"description": "x" * 5001}, "lines[1].description"),
        ({"unit": "parsec"}, "lines[1].unit"),
        ({"colour": "red"}, "lines[1].colour"),
        ({"selected": False}, "lines[1].selected"),
        ({"optional": "yes"}, "lines[1].optional"),
        ({"max_quantity": "3"}, "lines[1].max_quantity"),
        ({"optional": True, "min_quantity": "2", "max_quantity": "3"}, "lines[1].quantity"),
        (
            {"optional": True, "min_quantity": "3", "max_quantity": "2", "quantity": "3"},
            "lines[1].max_quantity",
        ),
        ({"sub_lines": [{"description": ""}]}, "lines[1].sub_lines[0].description"),
        ({"sub_lines": [{"description": "a", "vat_rate": "8.1"}]}, "lines[1].sub_lines[0].vat_rate"),
        ({"sub_lines": ["a"]}, "lines[1].sub_lines[0]"),
        ({"sub_lines": "a"}, "lines[1].sub_lines"),
        ({"kind": "gift"}, "lines[1].kind"),
        ({"kind": "discount", "unit_price_minor": -5}, "lines[1].unit_price_minor"),
        ({"kind": "discount", "unit_price_minor": 5, "discount_percent": "5"}, "lines[1].discount_percent"),
        ({"kind": "discount", "unit_price_minor": 0}, "lines[1].discount_percent"),
        ({"id": "a b"}, "lines[1].id"),
        ({"id": "first"}, "lines[1].id"),
    ],
)
def test_a_wrong_field_is_named(change, field):
    with pytest.raises(Invalid) as refusal:
        parse_lines([item(1, id="first"), {**item(1), **change}])
    assert refusal.value.errors[0].field == field
    assert refusal.value.code == "INVALID"


def test_all_wrong_fields_are_named_at_once():
    with pytest.raises(Invalid) as refusal:
        parse_lines([item(1.5, quantity="x"), item(1, description="")])
    assert [error.field for error in refusal.value.errors] == [
        "lines[0].quantity",
        "lines[0].unit_price_minor",
        "lines[1].description",
    ]


def test_totals_can_be_had_before_lines_are_described():
    body = item(10000, description="", sub_lines=[{"description": ""}])
    assert parse_lines([body], described=False)[0].unit_price_minor == 10000
    with pytest.raises(Invalid):
        parse_lines([body])


@pytest.mark.parametrize("body", [None, "lines", {"a": 1}, 3])
def test_lines_are_a_list(body):
    with pytest.raises(Invalid):
        parse_lines(body)


def test_a_line_survives_the_way_through_json():
    body = item(
        12000,
        id="a1",
        unit="hour",
        discount_percent="5.5",
        optional=True,
        selected=True,
        min_quantity="1",
        max_quantity="10",
        sub_lines=[{"description": "Teil", "unit_price_minor": None}],
    )
    line = Line.from_json(body, 0)
    assert Line.from_json({**line.to_json(), "net_minor": 1, "position": 4}, 0) == line


def test_totals_survive_the_way_through_json():
    result = totals(item(12345), item(500, "2.6"))
    assert Totals.from_json(result.to_json()) == result


def test_three_instalments_of_two_rates():
    # net 1000.01 and 0.02, VAT 81.00 (81.00081) and 0.00: split 30/30/40
    whole = totals(item(100001), item(2, "2.6"))
    parts = slices(whole, [Decimal(30), Decimal(30), Decimal(40)])
    assert [groups(part) for part in parts] == [
        [("8.1", 30000, 2430), ("2.6", 1, 0)],
        [("8.1", 30000, 2430), ("2.6", 0, 0)],
        [("8.1", 40001, 3240), ("2.6", 1, 0)],
    ]
    assert [part.total_minor for part in parts] == [32431, 32430, 43242]


@pytest.mark.parametrize(
    "percents", [[], ["50"], ["50", "49.999"], ["100", "0"], ["150", "-50"], ["33.333", "33.333", "33.333"]]
)
def test_percentages_must_make_up_the_whole(percents):
    with pytest.raises(PercentagesNot100) as refusal:
        slices(totals(item(100)), [Decimal(percent) for percent in percents])
    assert refusal.value.code == "PERCENTAGES_NOT_100"


rates = st.sampled_from(["0", "2.6", "3.8", "7", "8.1", "10", "13", "19", "20"])
reasons = st.sampled_from(["standard", "zero", "exempt", "reverse_charge", "outside_scope"])
quantities = (
    st.decimals("0.0001", "1000", places=4).map(lambda value: format(value, "f")).filter(lambda q: Decimal(q) != 0)
)
items = st.builds(
    item,
    st.integers(-500_000, 5_000_000),
    rates,
    quantities,
    discount_percent=st.decimals("0", "100", places=3).map(lambda value: format(value, "f")),
)
untaxed = st.builds(item, st.integers(0, 5_000_000), st.just("0"), quantities, vat_category=reasons)
discounts = st.one_of(
    st.builds(lambda p: off(discount_percent=format(p, "f")), st.decimals("0.001", "100", places=3)),
    st.builds(lambda a: off(unit_price_minor=a), st.integers(1, 10_000_000)),
)
small_discounts = st.integers(1, 99).map(lambda percent: off(discount_percent=str(percent)))
documents = st.tuples(
    st.lists(st.one_of(items, untaxed, discounts), min_size=1, max_size=12),
    st.sampled_from(["CHF", "JPY", "KWD"]),
    st.sampled_from(["net", "gross"]),
)


def priced(document):
    bodies, currency, entry = document
    try:
        return price(parse_lines(bodies), currency, entry)
    except TotalNegative:
        return None


@given(documents)
def test_totals_reconcile_per_rate(document):
    result = priced(document)
    if result is None:
        return
    assert result.net_minor + result.vat_minor == result.total_minor
    assert result.net_minor == sum(group.net_minor for group in result.vat_groups)
    assert result.vat_minor == sum(group.vat_minor for group in result.vat_groups)
    entered = result.total_minor if document[2] == "gross" else result.net_minor
    assert entered == sum(result.line_nets)


@given(documents)
def test_every_category_and_rate_is_one_group(document):
    result = priced(document)
    if result is None:
        return
    keys = [(group.vat_category, group.vat_rate) for group in result.vat_groups]
    lines = [line for line in parse_lines(document[0]) if line.kind == "item"]
    assert len(keys) == len(set(keys))
    assert set(keys) == {(line.vat_category, line.vat_rate) for line in lines}
    assert [rate for _, rate in keys] == sorted((rate for _, rate in keys), reverse=True)
    assert all(group.vat_minor == 0 for group in result.vat_groups if group.vat_category != "standard")
    assert Totals.from_json(result.to_json()) == result


@given(st.lists(st.builds(item, st.integers(0, 5), rates), min_size=1), st.lists(discounts | small_discounts))
def test_discounts_leave_no_rate_below_zero(lines, discounts):
    result = totals(*lines, *discounts)
    assert all(group.net_minor >= 0 and group.vat_minor >= 0 for group in result.vat_groups)


@st.composite
def plans(draw):
    cuts = draw(st.sets(st.integers(1, 99_999), max_size=11))
    edges = [0, *sorted(cuts), 100_000]
    return [Decimal(high - low) / 1000 for low, high in pairwise(edges)]


@given(documents, plans())
def test_slices_sum_to_the_whole_per_rate_in_net_vat_and_total(document, percents):
    whole = priced(document)
    if whole is None:
        return
    parts = slices(whole, percents)
    assert len(parts) == len(percents)
    for part in parts:
        assert part.net_minor + part.vat_minor == part.total_minor
    for index, group in enumerate(whole.vat_groups):
        assert sum(part.vat_groups[index].net_minor for part in parts) == group.net_minor
        assert sum(part.vat_groups[index].vat_minor for part in parts) == group.vat_minor
    assert sum(part.total_minor for part in parts) == whole.total_minor
