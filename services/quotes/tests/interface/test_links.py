"""Personal links: what they open, when they die, who is locked out."""

import hashlib

import pytest

from kontor.envelope import Event
from kontor.errors import Refused
from kontor.ids import uuid7
from kontor.links import mint


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


def test_only_hashes_of_links_are_stored(studio):
    token = studio.token(studio.sent()["id"])
    tables = studio.harness.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'quotes'")
    for table in tables:
        name = table["table_name"]
        found = studio.harness.sql(f'SELECT count(*) FROM "{name}" AS r WHERE r::text LIKE %s', [f"%{token}%"])
        assert found[0]["count"] == 0, name
    assert token not in studio.harness.log()


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


def test_simultaneous_wrong_look_ups_are_all_counted(studio):
    studio.harness.sql("DELETE FROM wrong_look_up")
    token = mint()[0]
    _, refusals = studio.at_once(24, lambda: studio.rpc.public_quote(token=token, ip="203.0.113.11"))
    assert sorted(refusal.code for refusal in refusals) == ["NOT_FOUND"] * 20 + ["TOO_MANY_ATTEMPTS"] * 4
