"""The verbs of a quote, without any input or output."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontor.errors import Invalid, InvalidTransition
from kontor.pricing import TotalNegative
from quotes.domain import content as contents
from quotes.domain import quote as quotes
from quotes.domain.content import Defaults
from quotes.domain.errors import AnswerNotFinal, QuoteExpired, SelectionInvalid, TotalMismatch
from quotes.domain.quote import Number, Quote
from quotes.domain.selection import choose, selection_of
from quotes.domain.snapshot import accepted, chosen_lines, conversion_slices, snapshot
from quotes.domain.state import State

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)
DEFAULTS = Defaults("CHF", "de", date(2026, 4, 9))
CUSTOMER = "0198c000-0000-7000-8000-000000000001"


def line(price_minor, line_id, **fields):
    return {"id": line_id, "description": "Arbeit", "unit_price_minor": price_minor, "vat_rate": "8.1", **fields}


def content(*lines, **fields):
    body = {"customer_id": CUSTOMER, "lines": list(lines) or [line(10000, "a")], **fields}
    return contents.read(body, DEFAULTS, iter("xyz").__next__)


def draft(*lines, **fields):
    written = content(*lines, **fields)
    return Quote(
        id="0198c000-0000-7000-8000-000000000002",
        deal_uuid="0198c000-0000-7000-8000-000000000003",
        version=1,
        state=State.DRAFT,
        number=None,
        content=written,
        vat_mode="standard",
        totals=quotes.priced(written, "standard"),
        created_at=NOW,
        updated_at=NOW,
    )


def sent(*lines, **fields):
    return quotes.send(draft(*lines, **fields), Number("Q-2026-0001", 2026, 1), "standard", TODAY, NOW)


def accept(quote, **how):
    how = {"selection": None, "total_seen": None, "today": TODAY, "customer": True} | how
    return quotes.accept(quote, answer_id="answer", now=NOW, **how)


def test_sending_numbers_once_and_counts_versions():
    first = sent()
    assert (first.state, first.number, first.sent_version, first.version) == ("sent", "Q-2026-0001", 1, 2)
    edited = quotes.edit(first, content(line(20000, "a")), "standard", NOW)
    assert (edited.state, edited.number, edited.sent_at, edited.totals.total_minor) == (
        "draft",
        "Q-2026-0001",
        None,
        21620,
    )
    again = quotes.send(edited, None, "standard", TODAY, NOW)
    assert (again.number, again.sent_version) == ("Q-2026-0001", 2)


def test_the_last_day_of_validity_counts():
    quote = sent(valid_until="2026-03-29")
    assert not quote.is_over(date(2026, 3, 29))
    assert quote.is_over(date(2026, 3, 30))
    assert accept(quote, today=date(2026, 3, 29)).state == "accepted"
    with pytest.raises(QuoteExpired):
        accept(quote, today=date(2026, 3, 30))
    with pytest.raises(QuoteExpired):
        accept(quotes.expire(quote, NOW), today=date(2026, 3, 30))


def test_29_february_is_a_day_of_validity():
    assert content(valid_until="2028-02-29").valid_until == date(2028, 2, 29)
    with pytest.raises(Invalid):
        content(valid_until="2027-02-29")


def test_a_day_that_is_over_cannot_be_sent():
    with pytest.raises(Invalid) as refusal:
        sent(valid_until="2026-03-09")
    assert refusal.value.errors[0].field == "valid_until"


def test_accepting_for_another_total_accepts_nothing():
    with pytest.raises(TotalMismatch) as refusal:
        accept(sent(), total_seen=10809)
    assert refusal.value.extra == {"total_minor": 10810, "currency": "CHF"}
    assert accept(sent(), total_seen=10810).totals.total_minor == 10810


def test_a_second_answer_is_refused():
    answered = accept(sent())
    for again in (
        lambda: accept(answered),
        lambda: decline(answered),
    ):
        with pytest.raises(InvalidTransition):
            again()


def decline(quote, **how):
    how = {"answer_id": "b", "reason": "", "today": TODAY, "now": NOW, "customer": True} | how
    return quotes.decline(quote, offered=sent().content.lines, **how)


def test_within_the_window_the_customer_turns_the_answer_around_and_the_window_stays():
    hour = timedelta(minutes=60)
    first = accept(sent(), window=hour)
    assert first.pending_until == NOW + hour
    later = NOW + timedelta(minutes=59)
    second = decline(first, now=later, window=hour)
    assert (second.state, second.answer_id, second.pending_until) == (State.DECLINED, "b", NOW + hour)
    third = quotes.accept(
        second, answer_id="c", selection=None, total_seen=None, today=TODAY, now=later, customer=True, window=hour
    )
    assert (third.state, third.pending_until) == (State.ACCEPTED, NOW + hour)
    for over in (NOW + hour, NOW + 2 * hour):
        with pytest.raises(InvalidTransition):
            decline(third, now=over, window=hour)
    done = quotes.finish(third, NOW + hour)
    assert (done.state, done.pending_until, done.version) == (State.ACCEPTED, None, third.version + 1)


def test_after_the_last_day_an_open_window_lets_the_customer_decline_but_not_accept():
    hour, tomorrow = timedelta(minutes=60), date(2026, 4, 10)
    first = accept(sent(), window=hour)
    declined = decline(first, today=tomorrow, window=hour)
    assert declined.state == State.DECLINED
    with pytest.raises(QuoteExpired):
        accept(declined, today=tomorrow, window=hour)


def test_nothing_is_built_on_an_answer_that_is_not_final():
    pending = accept(sent(), window=timedelta(minutes=60))
    with pytest.raises(AnswerNotFinal) as refusal:
        quotes.convert(pending, NOW)
    assert refusal.value.extra == {"final_at": "2026-03-10T10:00:00+00:00"}
    declined = decline(pending)
    with pytest.raises(AnswerNotFinal):
        quotes.edit(declined, declined.content, "standard", NOW)


def test_what_an_admin_answers_is_final_at_once():
    hour = timedelta(minutes=60)
    assert accept(sent(), customer=False, window=hour).pending_until is None
    taken_back = decline(accept(sent(), window=hour), customer=False, reason="Irrtum", window=hour)
    assert (taken_back.state, taken_back.pending_until) == (State.DECLINED, None)


def test_declining_gives_the_lines_back_as_they_were_offered():
    option = line(5000, "o", optional=True)
    offered = sent(line(10000, "a"), option)
    chosen = accept(offered, selection={"o": "1"})
    assert chosen.totals.total_minor == 16215  # 150.00 × 1.081
    taken_back = quotes.decline(
        chosen,
        answer_id="b",
        reason="Irrtum",
        offered=offered.content.lines,
        today=TODAY,
        now=NOW,
        customer=False,
    )
    assert (taken_back.content.lines, taken_back.totals) == (offered.content.lines, offered.totals)


def test_only_a_draft_without_a_number_is_deleted():
    quotes.check_delete(draft())
    reopened = quotes.edit(sent(), content(line(1, "a")), "standard", NOW)
    for quote in (sent(), reopened):
        with pytest.raises(InvalidTransition):
            quotes.check_delete(quote)


def test_a_negative_total_is_refused():
    with pytest.raises(TotalNegative):
        draft(line(100, "a"), line(-200, "b"))


def test_changes_replace_what_is_sent_and_nothing_else():
    before = content(line(10000, "a"), intro="Hallo", payment={"net_days": 14, "from": "delivery"})
    after = before.changed({"title": "Neu"}, DEFAULTS, str)
    assert after.title == "Neu"
    assert (after.lines, after.intro, after.payment) == (before.lines, before.intro, before.payment)
    assert before.changed({"lines": [line(5, "q")]}, DEFAULTS, str).lines[0].id == "q"
    assert before.changed({"bank_account_id": None}, DEFAULTS, str) == before


def test_lines_get_ids_and_keep_them():
    written = content({**line(1, None), "sub_lines": [{"description": "Teil"}]})
    assert (written.lines[0].id, written.lines[0].sub_lines[0].id) == ("x", "y")
    assert written.changed({"title": "T"}, DEFAULTS, str).lines == written.lines


def test_content_survives_the_way_through_json():
    written = content(
        line(10000, "a", optional=True, selected=True, min_quantity="0", max_quantity="5"),
        {"kind": "discount", "description": "Treue", "discount_percent": "5"},
        title="T",
        installments=[
            {"label": "A", "percent": "30"},
            {"label": "B", "percent": "70", "trigger": "scheduled", "date": "2026-05-01"},
        ],
        payment={"net_days": 30, "skonto_percent": "2", "skonto_days": 10},
    )
    assert contents.read(written.to_json(), DEFAULTS, str) == written


@pytest.mark.parametrize(
    "fields,field",
    [
        ({"customer_id": None}, "customer_id"),
        ({"customer_id": "1"}, "customer_id"),
        ({"language": "fr"}, "language"),
        ({"price_entry": "both"}, "price_entry"),
        ({"lines": "all"}, "lines"),
        ({"lines": [{"kind": "discount", "description": "d", "unit_price_minor": 5}]}, "lines"),
        ({"valid_until": "2026-03-10T00:00:00Z"}, "valid_until"),
        ({"valid_until": 20260310}, "valid_until"),
        ({"payment": "net 30"}, "payment"),
        ({"payment": {"net_days": 366}}, "payment.net_days"),
        ({"payment": {"net_days": "30"}}, "payment.net_days"),
        ({"payment": {"net_days": 10, "skonto_percent": "2", "skonto_days": 14}}, "payment.skonto_days"),
        ({"installments": [{"percent": "0"}]}, "installments[0].percent"),
        ({"installments": [{"label": "x"}]}, "installments[0].percent"),
        ({"installments": [{"percent": "100", "trigger": "scheduled"}]}, "installments[0].date"),
        ({"installments": [{"percent": "100", "trigger": "after_event"}]}, "installments[0].days"),
        ({"installments": [{"percent": "100", "trigger": "someday"}]}, "installments[0].trigger"),
        ({"installments": [{"percent": "33.3333"}]}, "installments[0].percent"),
    ],
)
def test_a_wrong_field_is_named(fields, field):
    with pytest.raises(Invalid) as refusal:
        content(**fields)
    assert refusal.value.errors[0].field == field


OPTIONS = (
    line(10000, "fix"),
    line(500, "extra", optional=True, min_quantity="1", max_quantity="10"),
    line(100, "s", choice_group="g", selected=True),
    line(200, "l", choice_group="g"),
)


def test_a_selection_sets_quantities_and_choices():
    lines = choose(content(*OPTIONS).lines, {"extra": "2.5", "l": "1"})
    assert selection_of(lines) == {"extra": "2.5", "l": "1"}
    assert quotes.priced(content(*OPTIONS), "standard").net_minor == 10100


@given(st.dictionaries(st.sampled_from(["fix", "extra", "s", "l", "zz"]), st.sampled_from(["0", "1", "2", "11", "x"])))
def test_a_selection_is_applied_exactly_or_refused(selection):
    lines = content(*OPTIONS).lines
    wanted = {line_id: quantity for line_id, quantity in selection.items() if quantity != "0"}
    offered = set(wanted) <= {"extra", "s", "l"} and set(selection) <= {"extra", "s", "l"}
    fitting = wanted.get("extra", "1") in ("1", "2") and all(wanted.get(c, "1") == "1" for c in "sl")
    one_choice = ("s" in wanted) != ("l" in wanted)
    if offered and fitting and one_choice:
        assert selection_of(choose(lines, selection)) == wanted
    else:
        with pytest.raises(SelectionInvalid):
            choose(lines, selection)


def test_the_snapshot_of_an_acceptance_shows_the_selection():
    quote = sent(*OPTIONS, installments=[{"percent": "50"}, {"percent": "50"}])
    frozen = snapshot(quote, profile={"name": "A", "country": "DE"}, bank=None, customer={}, terms={}, theme={})
    assert (frozen["locale"], frozen["number"], frozen["totals"]["total_minor"]) == ("de-DE", "Q-2026-0001", 10918)
    answered = accept(quote, selection={"extra": "2", "l": "1"})
    # 100.00 + 10.00 + 2.00 = 112.00, VAT 9.07 (9.072)
    shown = accepted(frozen, answered, {"name": "Anna"})
    assert shown["kind"] == "quote_accepted"
    assert shown["totals"]["total_minor"] == 12107
    assert [part["total_minor"] for part in shown["installments"]] == [6054, 6053]
    assert [entry["selected"] for entry in shown["lines"]] == [True, True, False, True]
    assert frozen["totals"]["total_minor"] == 10918
    taken = chosen_lines(answered.content, answered.totals)
    assert [(entry["id"], entry["net_minor"], entry["optional"]) for entry in taken] == [
        ("fix", 10000, False),
        ("extra", 1000, False),
        ("l", 200, False),
    ]


def test_without_a_plan_the_whole_is_one_slice():
    quote = draft()
    assert [part["totals"]["total_minor"] for part in conversion_slices(quote.content, quote.totals)] == [10810]
    assert quote.content.payment.to_json()["net_days"] == 30
    assert Decimal("100") == Decimal(conversion_slices(quote.content, quote.totals)[0]["percent"])
