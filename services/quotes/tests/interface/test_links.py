"""Personal links: what they open, when they die, who is locked out."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import kontor_messages
import pytest

from kontor.database import Database
from kontor.envelope import Event
from kontor.errors import Refused
from kontor.ids import uuid7
from kontor.links import mint
from kontor.secrets import Sealer
from quotes import use_cases
from tests.support.databases import SECRET_KEY
from tests.support.harness import ServiceHarness
from tests.support.ports import eventually


def refused(code, call):
    with pytest.raises(Refused) as refusal:
        call()
    assert refusal.value.code == code
    return refusal.value


def offer(studio, **fields):
    """1000.00 fixed, an album at 200.00 × 1 to 3 (not preselected), one of two packages; all at 8.1 %."""
    lines = [
        {"id": "shoot", "description": "Reportage", "unit_price_minor": 100000, "vat_rate": "8.1"},
        {
            "id": "album",
            "description": "Album",
            "unit_price_minor": 20000,
            "vat_rate": "8.1",
            "optional": True,
            "min_quantity": "1",
            "max_quantity": "3",
        },
        {
            "id": "small",
            "description": "20 Bilder",
            "unit_price_minor": 10000,
            "vat_rate": "8.1",
            "choice_group": "Bilder",
            "selected": True,
        },
        {
            "id": "large",
            "description": "80 Bilder",
            "unit_price_minor": 30000,
            "vat_rate": "8.1",
            "choice_group": "Bilder",
        },
    ]
    sent = studio.sent(lines=lines, **fields)
    return sent, studio.token(sent["id"])


def accept(studio, token, total_minor, **more):
    return studio.rpc.public_accept(token=token, name="Anna Keller", total_minor=total_minor, **more)


def test_the_customer_picks_options_and_the_server_computes_the_total(studio):
    sent, token = offer(studio)
    assert sent["total_minor"] == 118910  # 1000.00 + 100.00 preselected, × 1.081
    priced = studio.rpc.public_price(token=token, selection={"album": "2", "large": "1"})
    # 1000.00 + 400.00 + 300.00 = 1700.00, VAT 137.70
    assert priced["totals"]["total_minor"] == 183770
    assert priced["selection"] == {"album": "2", "large": "1"}
    own = studio.harness.rpc_as({"kind": "customer", "id": studio.customer_id, "name": "Anna Keller"})
    assert own.price_selection(id=sent["id"], selection={"album": "2", "large": "1"}) == priced
    mismatch = refused("TOTAL_MISMATCH", lambda: accept(studio, token, 118910, selection={"album": "2", "large": "1"}))
    assert mismatch.extra == {"total_minor": 183770, "currency": "CHF"}
    assert studio.rpc.get_quote(id=sent["id"])["state"] == "sent"
    page = accept(studio, token, 183770, selection={"album": "2", "large": "1"})
    assert page["quote"]["total_minor"] == 183770
    record = studio.rpc.get_quote(id=sent["id"])
    assert record["answer"]["selection"] == {"album": "2", "large": "1"}
    assert [(line["id"], line["selected"], line["quantity"]) for line in record["lines"]] == [
        ("shoot", True, "1"),
        ("album", True, "2"),
        ("small", False, "1"),
        ("large", True, "1"),
    ]
    assert studio.rpc.version_snapshot(id=sent["id"], version_no=1)["totals"]["total_minor"] == 118910
    studio.rpc.convert_quote(id=sent["id"])
    data = studio.events(sent["id"], "quote_converted.v1")[0].data
    assert [line["id"] for line in data["lines"]] == ["shoot", "album", "large"]
    assert data["totals"]["line_nets"] == [100000, 40000, 30000]


@pytest.mark.parametrize(
    "selection,field",
    [
        ({"album": "4", "small": "1"}, "selection.album"),
        ({"album": "0.5", "small": "1"}, "selection.album"),
        ({"album": "-1", "small": "1"}, "selection.album"),
        ({"album": 1.5, "small": "1"}, "selection.album"),
        ({"small": "2"}, "selection.small"),
        ({"small": "1", "large": "1"}, "selection.small"),
        ({}, "selection.small"),
        ({"shoot": "1", "small": "1"}, "selection.shoot"),
        ({"other": "1", "small": "1"}, "selection.other"),
    ],
)
def test_a_selection_that_was_not_offered_is_refused(studio, selection, field):
    sent, token = offer(studio)
    refusal = refused("SELECTION_INVALID", lambda: accept(studio, token, 118910, selection=selection))
    assert refusal.errors[0].field == field
    assert studio.rpc.get_quote(id=sent["id"])["state"] == "sent"


def test_without_a_selection_the_preselection_is_accepted(studio):
    _, token = offer(studio)
    assert accept(studio, token, 118910)["quote"]["answer"]["selection"] == {"small": "1"}


@pytest.mark.parametrize("total", [None, "118910", 118910.0, True])
def test_the_total_that_was_seen_is_an_amount(studio, total):
    _, token = offer(studio)
    assert refused("INVALID", lambda: accept(studio, token, total)).errors[0].field == "total_minor"


def test_a_name_is_needed(studio):
    _, token = offer(studio)
    call = {"token": token, "total_minor": 118910}
    assert refused("INVALID", lambda: studio.rpc.public_accept(**call, name=" ")).errors[0].field == "name"


def test_a_reason_that_is_too_long_is_refused_by_its_name(studio):
    sent, token = offer(studio)
    for decline in (
        lambda: studio.rpc.public_decline(token=token, reason="x" * 5001),
        lambda: studio.rpc.decline_quote(id=sent["id"], reason="x" * 5001),
    ):
        assert refused("INVALID", decline).errors[0].field == "reason"
    page = studio.rpc.public_decline(token=token, reason="x" * 5000)
    assert page["quote"]["answer"]["message"] == "x" * 5000


@pytest.mark.parametrize("token", ["", "x", "a\0b", "ü" * 43, "\ud800", "../../etc/passwd", "%s%s" * 100])
def test_whatever_is_no_token_is_not_found(studio, token):
    refused("NOT_FOUND", lambda: studio.rpc.public_quote(token=token))


def test_one_answer_only(studio):
    sent = studio.sent()
    token = studio.token(sent["id"])
    page = studio.rpc.public_decline(token=token, reason="Zu teuer", ip="203.0.113.5")
    assert (page["state"], page["quote"]["answer"]["message"]) == ("declined", "Zu teuer")
    refused("INVALID_TRANSITION", lambda: accept(studio, token, 163029))
    refused("INVALID_TRANSITION", lambda: studio.rpc.public_decline(token=token))
    assert studio.rpc.public_quote(token=token)["quote"]["answer"]["verdict"] == "declined"


def test_editing_kills_every_link_and_sending_again_mints_a_new_one(studio):
    sent = studio.sent()
    first = studio.token(sent["id"])
    studio.rpc.update_quote(id=sent["id"], changes={"title": "Neu"})
    refused("LINK_GONE", lambda: studio.rpc.public_quote(token=first))
    studio.rpc.send_quote(id=sent["id"])
    second = studio.token(sent["id"])
    assert second != first
    assert studio.rpc.public_quote(token=second)["quote"]["title"] == "Neu"
    refused("LINK_GONE", lambda: accept(studio, first, 163029))
    refused("LINK_GONE", lambda: studio.rpc.public_decline(token=first))
    refused("LINK_GONE", lambda: studio.rpc.public_price(token=first))


@pytest.mark.parametrize(
    "last_moment,too_late",
    [
        ("2026-03-28T22:59:00+00:00", "2026-03-28T23:00:00+00:00"),  # winter time: UTC+1
        ("2026-03-29T21:59:00+00:00", "2026-03-29T22:00:00+00:00"),  # the day the clocks go forward: UTC+2
        ("2026-10-25T22:59:00+00:00", "2026-10-25T23:00:00+00:00"),  # the day they go back
    ],
)
def test_a_quote_is_valid_to_the_end_of_its_last_day_in_the_business_timezone(studio, last_moment, too_late):
    sent = studio.sent(valid_until=last_moment[:10])
    token = studio.token(sent["id"])
    studio.harness.clock.set(last_moment)
    assert studio.rpc.public_quote(token=token)["allowed"] == ["accept", "decline"]
    studio.harness.clock.set(too_late)
    page = studio.rpc.public_quote(token=token)
    assert (page["state"], page["allowed"]) == ("expired", [])
    refused("QUOTE_EXPIRED", lambda: accept(studio, token, 163029))
    refused("QUOTE_EXPIRED", lambda: studio.rpc.public_decline(token=token))
    refused("QUOTE_EXPIRED", lambda: studio.rpc.accept_quote(id=sent["id"], name="Anna"))


def test_terms_of_service_need_a_tick_and_are_kept_by_hash(studio):
    studio.settings("quotes", {"terms_text": "AGB 2026", "terms_required": True})
    sent = studio.sent()
    token = studio.token(sent["id"])
    studio.settings("quotes", {"terms_text": "AGB 2027", "terms_required": True})
    assert studio.rpc.public_quote(token=token)["quote"]["terms"] == {"text": "AGB 2026", "required": True}
    refused("TERMS_NOT_ACCEPTED", lambda: accept(studio, token, 163029))
    accept(studio, token, 163029, accept_terms=True)
    digest = hashlib.sha256(b"AGB 2026").hexdigest()
    assert studio.rpc.get_quote(id=sent["id"])["answer"]["terms_sha256"] == digest


@pytest.fixture(scope="module")
def timers(module_studio):
    """The database of the service, where a test runs the timers' work itself."""
    database = Database(module_studio.harness.settings.database_url_of("quotes"), "quotes", movable_clock=True)
    yield database
    database.close()


def remind(timers):
    """The timer's work; the service's own timer may be at it in the same moment."""
    with timers.transaction() as tx:
        use_cases.remind_expiring(tx, Sealer(SECRET_KEY))


def reminders(studio, quote_id):
    return studio.events(quote_id, "quote_expiring.v1")


def reminder_token(studio, quote_id):
    """The token of the reminder's own link, as documents unseals it."""
    found = eventually(lambda: reminders(studio, quote_id), what="a reminder")
    return Sealer(SECRET_KEY).unseal(found[-1].data["link_sealed"])


def test_sending_again_mails_the_same_version_and_only_the_new_link_works(studio):
    sent = studio.sent()
    first = studio.token(sent["id"])
    studio.customer(studio.customer_id, email="anna@neu.example")
    again = studio.rpc.resend_quote(id=sent["id"], version=sent["version"])
    assert (again["state"], again["sent_version"], again["number"]) == ("sent", 1, sent["number"])
    second = studio.token(sent["id"])
    assert second != first
    for call in (studio.rpc.public_quote, studio.rpc.public_price, studio.rpc.public_decline):
        refused("LINK_GONE", lambda call=call: call(token=first))
    refused("LINK_GONE", lambda: accept(studio, first, 163029))
    events = studio.events(sent["id"], "quote_sent.v1")
    assert [event.data["resent"] for event in events] == [False, True]
    assert events[1].data["recipient"]["email"] == "anna@neu.example"
    assert events[1].data["snapshot"] == events[0].data["snapshot"]
    refused("STALE_VERSION", lambda: studio.rpc.resend_quote(id=sent["id"], version=sent["version"]))
    assert accept(studio, second, 163029)["state"] == "accepted"


def test_four_simultaneous_resends_leave_one_live_link(studio):
    sent = studio.sent()
    done, refusals = studio.at_once(4, lambda: studio.rpc.resend_quote(id=sent["id"]))
    assert (len(done), refusals) == (4, [])
    alive = studio.harness.sql(
        "SELECT count(*) FROM quote_link WHERE quote_id = %s AND revoked_at IS NULL", [sent["id"]]
    )
    assert alive[0]["count"] == 1
    assert studio.rpc.public_quote(token=studio.token(sent["id"]))["state"] == "sent"


def test_a_quote_that_is_over_or_whose_customer_has_no_address_is_not_sent_again(studio):
    sent = studio.sent(valid_until="2026-03-11")
    studio.customer(studio.customer_id, email=None)
    assert refused("INVALID", lambda: studio.rpc.resend_quote(id=sent["id"])).errors[0].field == "customer_id"
    studio.customer(studio.customer_id)
    studio.harness.clock.set("2026-03-11T23:00:00+00:00")  # midnight in Zurich
    refused("QUOTE_EXPIRED", lambda: studio.rpc.resend_quote(id=sent["id"]))


def test_the_customer_is_reminded_once_per_version_three_days_before_the_end(studio, timers):
    sent = studio.sent(valid_until="2026-03-20")
    token = studio.token(sent["id"])
    studio.harness.clock.set("2026-03-16T22:59:00+00:00")  # still the 16th in Zurich
    remind(timers)
    assert reminders(studio, sent["id"]) == []
    studio.harness.clock.set("2026-03-16T23:00:00+00:00")
    for _ in range(2):
        remind(timers)
    (event,) = reminders(studio, sent["id"])
    jsonschema.validate(event.data, kontor_messages.schema(event.type), jsonschema.Draft202012Validator)
    assert (event.data["valid_until"], event.data["days_left"]) == ("2026-03-20", 3)
    extra = reminder_token(studio, sent["id"])
    assert extra != token
    for link in (token, extra):
        assert studio.rpc.public_quote(token=link)["state"] == "sent"
    studio.rpc.resend_quote(id=sent["id"])
    for link in (token, extra):
        refused("LINK_GONE", lambda link=link: studio.rpc.public_quote(token=link))
    remind(timers)
    assert len(reminders(studio, sent["id"])) == 1
    # Changed and sent again with a longer validity, the new version gets a reminder of its own.
    studio.rpc.update_quote(id=sent["id"], changes={"valid_until": "2026-03-30"})
    studio.rpc.send_quote(id=sent["id"])
    studio.harness.clock.set("2026-03-28T09:00:00+00:00")
    remind(timers)
    assert len(reminders(studio, sent["id"])) == 2
    assert accept(studio, reminder_token(studio, sent["id"]), 163029)["state"] == "accepted"


@pytest.mark.parametrize("change", ["edit", "answer", "withdraw", "deactivate", "switch off", "short"])
def test_nobody_is_reminded_of_what_is_done_or_was_to_be_short(studio, timers, change):
    sent = studio.sent(valid_until="2026-03-12" if change == "short" else "2026-03-20")
    if change == "edit":
        studio.rpc.update_quote(id=sent["id"], changes={"title": "neu"})
    elif change == "answer":
        studio.rpc.public_decline(token=studio.token(sent["id"]))
    elif change == "withdraw":
        studio.rpc.withdraw_quote(id=sent["id"])
    elif change == "deactivate":
        studio.customer(studio.customer_id, active=False)
    elif change == "switch off":
        studio.settings("quotes", {"expiring_days": 0})
    studio.harness.clock.set("2026-03-10T10:00:00+00:00" if change == "short" else "2026-03-19T09:00:00+00:00")
    remind(timers)
    assert reminders(studio, sent["id"]) == []


def test_editing_ends_the_reminders_link_and_withdrawing_leaves_a_page_to_read(studio, timers):
    edited, withdrawn = studio.sent(valid_until="2026-03-20"), studio.sent(valid_until="2026-03-20")
    studio.harness.clock.set("2026-03-18T09:00:00+00:00")
    remind(timers)
    studio.rpc.update_quote(id=edited["id"], changes={"title": "neu"})
    refused("LINK_GONE", lambda: studio.rpc.public_quote(token=reminder_token(studio, edited["id"])))
    studio.rpc.withdraw_quote(id=withdrawn["id"])
    page = studio.rpc.public_quote(token=reminder_token(studio, withdrawn["id"]))
    assert (page["state"], page["allowed"]) == ("withdrawn", [])


def test_four_timers_remind_once(studio, timers):
    quotes = [studio.sent(valid_until="2026-03-20")["id"] for _ in range(5)]
    studio.harness.clock.set("2026-03-18T09:00:00+00:00")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: remind(timers), range(8)))
    for quote_id in quotes:
        assert len(reminders(studio, quote_id)) == 1


def test_the_acceptance_keeps_what_was_accepted(studio):
    studio.settings("quotes", {"terms_text": "AGB 2026", "terms_required": True})
    sent, token = offer(studio)
    stored = {"document_id": str(uuid7()), "kind": "quote", "record_id": sent["id"], "record_version": 1}
    studio.harness.emit("document_stored.v1", stored | {"sha256": "ab" * 32})
    accept(
        studio,
        token,
        183770,
        selection={"album": "2", "large": "1"},
        accept_terms=True,
        message="Wir freuen uns",
        ip="203.0.113.5",
        user_agent="Browser",
    )
    row = studio.harness.sql("SELECT * FROM quote_answer WHERE quote_id = %s", [sent["id"]])[0]
    assert row["at"].isoformat().startswith("2026-03-10T09:0")
    kept = {name: row[name] for name in ("version_no", "verdict", "by", "name", "message", "ip", "user_agent")}
    assert kept == {
        "version_no": 1,
        "verdict": "accepted",
        "by": "customer",
        "name": "Anna Keller",
        "message": "Wir freuen uns",
        "ip": "203.0.113.5",
        "user_agent": "Browser",
    }
    assert (row["selection"], row["total_minor"], row["currency"]) == ({"album": "2", "large": "1"}, 183770, "CHF")
    assert row["document_sha256"] == "ab" * 32
    assert row["terms_sha256"] == hashlib.sha256(b"AGB 2026").hexdigest()


def test_an_option_of_another_quote_is_none_of_this_one(studio):
    sent, token = offer(studio)
    option = {"description": "Drohne", "unit_price_minor": 5000, "vat_rate": "8.1", "optional": True}
    fixed = {"description": "Reportage", "unit_price_minor": 1000, "vat_rate": "8.1"}
    other = studio.sent(lines=[fixed, option])
    foreign = other["lines"][1]["id"]
    selection = {"small": "1", foreign: "1"}
    refusal = refused("SELECTION_INVALID", lambda: accept(studio, token, 118910, selection=selection))
    assert refusal.errors[0].field == f"selection.{foreign}"
    assert studio.rpc.get_quote(id=sent["id"])["state"] == "sent"


def test_a_pdf_that_is_stored_after_the_answer_still_finds_its_way(studio):
    sent = studio.sent()
    studio.rpc.public_accept(token=studio.token(sent["id"]), name="Anna", total_minor=163029)
    stored = {"document_id": "0198c000-0000-7000-8000-0000000000d1", "kind": "quote", "record_id": sent["id"]}
    studio.harness.emit("document_stored.v1", stored | {"record_version": 1, "sha256": "cd" * 32})
    late = stored | {"record_version": 1, "sha256": "ef" * 32, "document_id": "0198c000-0000-7000-8000-0000000000d2"}
    studio.harness.emit("document_stored.v1", late)
    record = studio.rpc.get_quote(id=sent["id"])
    assert (record["answer"]["document_sha256"], record["document_sha256"]) == ("cd" * 32, "cd" * 32)
    accepted = {"document_id": "0198c000-0000-7000-8000-0000000000d3", "kind": "quote_accepted", "sha256": "01" * 32}
    studio.harness.emit("document_stored.v1", accepted | {"record_id": sent["id"], "record_version": 1})
    assert studio.rpc.get_quote(id=sent["id"])["accepted_document_id"] == accepted["document_id"]
    assert studio.rpc.public_quote(token=studio.token(sent["id"]))["document_id"] == accepted["document_id"]


@pytest.mark.parametrize("told", ["by the event it answers", "in the data"])
def test_a_late_pdf_of_the_first_version_is_not_taken_for_the_second(studio, told):
    sent = studio.sent()
    first = studio.events(sent["id"], "quote_sent.v1")[0]
    studio.rpc.update_quote(id=sent["id"], changes={"title": "Neu"})
    studio.rpc.send_quote(id=sent["id"])
    stored = {"document_id": "0198c000-0000-7000-8000-0000000000e1", "kind": "quote", "record_id": sent["id"]}
    stored |= {"sha256": "cd" * 32} | ({"record_version": 1} if told == "in the data" else {})
    event = Event(
        event_id=uuid7(),
        type="document_stored.v1",
        occurred_at=first.occurred_at,
        deal_uuid=first.deal_uuid,
        aggregate_id=stored["document_id"],
        aggregate_version=1,
        causation_id=first.event_id if told == "by the event it answers" else None,
        actor={"kind": "system", "id": None, "name": "Kontor"},
        data=stored,
    )
    studio.harness.emit(event)
    record = studio.rpc.get_quote(id=sent["id"])
    assert record["document_id"] is None
    assert record["versions"][0]["document_id"] == stored["document_id"]


def tokens_nowhere(studio, *secrets):
    """No column of any table of the service holds one of them in clear, nor does the log."""
    columns = studio.harness.sql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'quotes'"
    )
    assert len(columns) > 100
    for column in columns:
        table, name = column["table_name"], column["column_name"]
        for secret in secrets:
            statement = f'SELECT count(*) FROM "{table}" WHERE strpos("{name}"::text, %s) > 0'
            assert studio.harness.sql(statement, [secret])[0]["count"] == 0, f"{table}.{name}"
    assert all(secret not in studio.harness.log() for secret in secrets)


def test_only_hashes_of_links_are_stored(studio, timers):
    sent = studio.sent(valid_until="2026-03-20")
    tokens = [studio.token(sent["id"])]
    studio.rpc.public_quote(token=tokens[0], ip="203.0.113.5")
    studio.rpc.resend_quote(id=sent["id"])
    tokens.append(studio.token(sent["id"]))
    studio.harness.clock.set("2026-03-18T09:00:00+00:00")
    remind(timers)
    tokens.append(reminder_token(studio, sent["id"]))
    accept(studio, tokens[1], 163029)
    refused("LINK_GONE", lambda: studio.rpc.public_quote(token=tokens[0]))
    refused("NOT_FOUND", lambda: studio.rpc.public_quote(token=tokens[0] + "x", ip="203.0.113.6"))
    assert len(set(tokens)) == 3
    tokens_nowhere(studio, *tokens)


def test_the_21st_wrong_look_up_locks_the_address_out_and_good_links_keep_working(studio):
    studio.harness.sql("DELETE FROM wrong_look_up")
    good = studio.token(studio.sent()["id"])
    bad = [mint()[0] for _ in range(24)]
    for token in bad[:20]:
        refused("NOT_FOUND", lambda token=token: studio.rpc.public_quote(token=token, ip="203.0.113.9"))
    locked = refused("TOO_MANY_ATTEMPTS", lambda: studio.rpc.public_quote(token=bad[20], ip="203.0.113.9"))
    assert 890 <= locked.extra["retry_after"] <= 900
    refused("TOO_MANY_ATTEMPTS", lambda: accept(studio, bad[21], 1, ip="203.0.113.9"))
    refused("NOT_FOUND", lambda: studio.rpc.public_quote(token=bad[22], ip="203.0.113.10"))
    assert studio.rpc.public_quote(token=good, ip="203.0.113.9")["state"] == "sent"
    studio.harness.clock.set("2026-03-10T09:16:00+00:00")
    refused("NOT_FOUND", lambda: studio.rpc.public_quote(token=bad[23], ip="203.0.113.9"))


def test_wrong_look_ups_count_on_every_replica(studio):
    studio.harness.sql("DELETE FROM wrong_look_up")
    good = studio.token(studio.sent()["id"])
    replica = ServiceHarness(("quotes",), studio.harness.settings, {}, {})
    try:
        replica.start()
        for turn in range(20):
            rpc = (studio.rpc, replica.rpc)[turn % 2]
            refused("NOT_FOUND", lambda rpc=rpc: rpc.public_quote(token=mint()[0], ip="203.0.113.20"))
        for rpc in (replica.rpc, studio.rpc):
            locked = refused("TOO_MANY_ATTEMPTS", lambda rpc=rpc: rpc.public_quote(token=mint()[0], ip="203.0.113.20"))
            assert 880 <= locked.extra["retry_after"] <= 900
            assert rpc.public_quote(token=good, ip="203.0.113.20")["state"] == "sent"
    finally:
        replica.stop()


def test_simultaneous_wrong_look_ups_are_all_counted(studio):
    studio.harness.sql("DELETE FROM wrong_look_up")
    token = mint()[0]
    _, refusals = studio.at_once(24, lambda: studio.rpc.public_quote(token=token, ip="203.0.113.11"))
    assert sorted(refusal.code for refusal in refusals) == ["NOT_FOUND"] * 20 + ["TOO_MANY_ATTEMPTS"] * 4


def test_opening_the_page_is_told_once_per_version(studio):
    sent, token = offer(studio)
    assert studio.events(sent["id"], "quote_opened.v1") == []
    studio.at_once(4, lambda: studio.rpc.public_quote(token=token, ip="203.0.113.12"))
    studio.rpc.public_quote(token=token, ip="203.0.113.12")
    assert [event.data["quote_version"] for event in studio.events(sent["id"], "quote_opened.v1")] == [1]
    studio.rpc.update_quote(id=sent["id"], changes={"title": "Neu"})
    studio.rpc.send_quote(id=sent["id"])
    studio.rpc.public_quote(token=studio.token(sent["id"]), ip="203.0.113.12")
    assert [event.data["quote_version"] for event in studio.events(sent["id"], "quote_opened.v1")] == [1, 2]
