"""A quote from draft to conversion, through the service's calls."""

import jsonschema
import kontor_messages
import pytest

from kontor.errors import Refused
from kontor.ids import uuid7


def refused(code, call):
    with pytest.raises(Refused) as refusal:
        call()
    assert refusal.value.code == code
    return refusal.value


def test_a_deal_from_draft_to_conversion(studio):
    draft = studio.draft(
        installments=[
            {"label": "Anzahlung", "percent": "30", "trigger": "on_acceptance"},
            {"label": "Rest", "percent": "70", "trigger": "on_delivery"},
        ]
    )
    # 11.5 × 120.00 = 1380.00, VAT 111.78; 3 × 45.00 = 135.00, VAT 3.51
    assert draft["state"] == "draft"
    assert draft["number"] is None
    assert (draft["net_minor"], draft["vat_minor"], draft["total_minor"]) == (151500, 11529, 163029)
    assert draft["vat_groups"] == [
        {"vat_rate": "8.1", "vat_category": "standard", "net_minor": 138000, "vat_minor": 11178},
        {"vat_rate": "2.6", "vat_category": "standard", "net_minor": 13500, "vat_minor": 351},
    ]
    assert [line["net_minor"] for line in draft["lines"]] == [138000, 13500]
    assert draft["valid_until"] == "2026-04-09"
    assert draft["customer"] == {
        "id": studio.customer_id,
        "display_name": "Anna Keller",
        "email": "anna@keller.example",
    }
    assert draft["payment"] == {"net_days": 30, "from": "issue", "skonto_percent": None, "skonto_days": None}

    sent = studio.rpc.send_quote(id=draft["id"], version=draft["version"])
    assert sent["state"] == "sent"
    assert sent["number"].startswith("Q-2026-")
    assert sent["issue_date"] == "2026-03-10"
    assert sent["allowed"] == ["edit", "resend", "accept", "decline", "withdraw"]
    event = studio.events(draft["id"], "quote_sent.v1")[0]
    assert event.data["recipient"] == {"email": "anna@keller.example", "name": "Anna Keller", "cc": None}
    assert event.data["snapshot"]["issuer"]["name"] == "Atelier Lumen GmbH"
    assert event.data["snapshot"]["locale"] == "de-CH"
    assert [part["total_minor"] for part in event.data["snapshot"]["installments"]] == [48908, 114121]

    document_id = str(uuid7())
    stored = {"document_id": document_id, "kind": "quote", "record_id": draft["id"], "number": sent["number"]}
    stored |= {"sha256": "ab" * 32, "size": 1, "pages": 1, "name": "Q.pdf"}
    studio.harness.emit("document_stored.v1", stored)
    assert studio.rpc.get_quote(id=draft["id"])["document_id"] == document_id

    token = studio.token(draft["id"])
    page = studio.rpc.public_quote(token=token, ip="203.0.113.5")
    assert page["state"] == "sent"
    assert page["allowed"] == ["accept", "decline"]
    assert page["document_id"] == document_id
    assert page["issuer"]["name"] == "Atelier Lumen GmbH"
    assert "notes" not in page["quote"]

    page = studio.rpc.public_accept(
        token=token,
        name="Anna Keller",
        total_minor=163029,
        selection={},
        message="Wir freuen uns!",
        ip="203.0.113.5",
        user_agent="Test",
    )
    assert page["state"] == "accepted"
    assert page["allowed"] == []
    assert page["quote"]["answer"]["name"] == "Anna Keller"
    accepted = studio.rpc.get_quote(id=draft["id"])
    assert accepted["answer"]["document_sha256"] == "ab" * 32
    assert accepted["answer"]["total_minor"] == 163029
    assert accepted["answer"]["by"] == "customer"
    snapshot = studio.events(draft["id"], "quote_accepted.v1")[0].data["snapshot"]
    assert snapshot["kind"] == "quote_accepted"
    assert snapshot["acceptance"]["name"] == "Anna Keller"
    assert snapshot["acceptance"]["quote_version"] == 1

    converted = studio.rpc.convert_quote(id=draft["id"], contract=True, invoice=True, booking=False)
    assert converted["state"] == "converted"
    assert converted["conversion"]["complete"] is False
    assert (converted["conversion"]["contract_id"], converted["conversion"]["invoice_ids"]) == (None, None)
    data = studio.events(draft["id"], "quote_converted.v1")[0].data
    assert len(data["invoice_ids"]) == 2
    assert [part["totals"]["total_minor"] for part in data["slices"]] == [48908, 114121]
    assert data["quote_document_sha256"] == "ab" * 32
    assert "notes" not in data["customer"]

    studio.harness.emit("contract_drafted.v1", {"contract_id": data["contract_id"], "quote_id": draft["id"]})
    for invoice_id in data["invoice_ids"]:
        assert studio.rpc.get_quote(id=draft["id"])["conversion"]["complete"] is False
        studio.harness.emit("invoice_drafted.v1", {"invoice_id": invoice_id, "quote_id": draft["id"]})
    conversion = studio.rpc.get_quote(id=draft["id"])["conversion"]
    assert conversion["complete"] is True
    assert conversion["contract_id"] == data["contract_id"]
    assert conversion["invoice_ids"] == data["invoice_ids"]

    deal = {event.deal_uuid for event in studio.events(draft["id"])}
    assert {str(uuid) for uuid in deal} == {draft["deal_uuid"]}
    actions = [entry["action"] for entry in studio.rpc.list_activity(record_id=draft["id"])["items"]]
    assert actions == ["quote.converted", "quote.accepted", "quote.opened", "quote.sent", "quote.created"]
    assert studio.rpc.verify_activity() == []


def test_creating_twice_with_one_id_creates_once(studio):
    quote_id = str(uuid7())
    fields = {
        "customer_id": studio.customer_id,
        "lines": [{"description": "A", "unit_price_minor": 100, "vat_rate": "8.1"}],
    }
    first = studio.rpc.create_quote(id=quote_id, fields=fields)
    again = studio.rpc.create_quote(id=quote_id, fields=fields | {"title": "other"})
    assert again == first
    assert len(studio.events(quote_id, "quote_drafted.v1")) == 1


def test_a_patch_of_one_text_leaves_the_lines(studio):
    draft = studio.draft()
    changed = studio.rpc.update_quote(id=draft["id"], version=1, changes={"intro": "Liebe Anna"})
    assert changed["lines"] == draft["lines"]
    assert (changed["intro"], changed["version"]) == ("Liebe Anna", 2)
    stale = refused("STALE_VERSION", lambda: studio.rpc.update_quote(id=draft["id"], version=1, changes={"intro": ""}))
    assert stale.extra == {"given": 1, "current": 2}


def test_a_date_stays_the_same_after_ten_saves(studio):
    draft = studio.draft(valid_until="2026-03-29")
    for number in range(10):
        draft = studio.rpc.update_quote(id=draft["id"], changes={"title": f"T{number}", "lines": draft["lines"]})
    assert draft["valid_until"] == "2026-03-29"
    assert draft["total_minor"] == 163029


def test_what_changes_nothing_leaves_a_sent_quote_alone(studio):
    sent = studio.sent()
    same = studio.rpc.update_quote(id=sent["id"], changes={"title": sent["title"], "lines": sent["lines"]})
    assert (same["state"], same["version"]) == ("sent", sent["version"])


@pytest.mark.parametrize(
    "change,code,field",
    [
        ({"lines": []}, "INVALID", "lines"),
        ({"lines": [{"description": "", "unit_price_minor": 1, "vat_rate": "0"}]}, "INVALID", "lines[0].description"),
        (
            {"lines": [{"description": "a", "unit_price_minor": 1.5, "vat_rate": "0"}]},
            "INVALID",
            "lines[0].unit_price_minor",
        ),
        (
            {"lines": [{"description": "a", "unit_price_minor": -1, "vat_rate": "0"}]},
            "TOTAL_NEGATIVE",
            "lines",
        ),
        (
            {"lines": [{"description": "a", "quantity": "9999999999", "unit_price_minor": 1, "vat_rate": "0"}]},
            "INVALID",
            "lines[0].quantity",
        ),
        ({"installments": [{"percent": "50"}, {"percent": "49"}]}, "PERCENTAGES_NOT_100", "installments"),
        ({"customer_id": "0198c000-0000-7000-8000-000000000000"}, "CUSTOMER_UNKNOWN", "customer_id"),
        ({"currency": "XXX"}, "INVALID", "currency"),
        ({"bank_account_id": "0198c000-0000-7000-8000-000000000000"}, "INVALID", "bank_account_id"),
        ({"valid_until": "2026-02-30"}, "INVALID", "valid_until"),
        ({"payment": {"skonto_percent": "2"}}, "INVALID", "payment.skonto_days"),
        ({"payment": {"net_days": 14, "discount": 1}}, "INVALID", "payment.discount"),
        ({"title": "x" * 201}, "INVALID", "title"),
        ({"title": "a\0b"}, "INVALID", "title"),
        ({"colour": "red"}, "INVALID", "colour"),
        ({"total_minor": 1}, "INVALID", "total_minor"),
    ],
)
def test_nothing_wrong_is_saved(studio, change, code, field):
    before = studio.harness.sql("SELECT count(*) FROM quote")
    refusal = refused(code, lambda: studio.draft(**change))
    assert refusal.errors[0].field == field
    assert studio.harness.sql("SELECT count(*) FROM quote") == before


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "=1+1", "ع‎ربي", "📸" * 50, "'; DROP TABLE quote; --"])
def test_any_text_is_kept_as_it_is(studio, text):
    assert studio.draft(title=text)["title"] == text
    assert studio.rpc.list_quotes(q=text[:20])["counts"]["draft"] >= 0


def test_totals_can_be_had_while_writing(studio):
    totals = studio.rpc.price(
        lines=[{"description": "", "quantity": "2", "unit_price_minor": 5405, "vat_rate": "8.1"}],
        currency="CHF",
        price_entry="gross",
    )
    # 108.10 gross / 1.081 = 100.00
    assert totals == {
        "net_minor": 10000,
        "vat_minor": 810,
        "total_minor": 10810,
        "vat_groups": [{"vat_rate": "8.1", "vat_category": "standard", "net_minor": 10000, "vat_minor": 810}],
        "line_nets": [10810],
    }


def test_a_studio_without_vat_registration_charges_none(studio):
    studio.settings("business_profile", {**studio_profile(), "vat_registered": False, "vat_id": ""})
    quote = studio.sent()
    assert (quote["vat_mode"], quote["vat_minor"], quote["total_minor"]) == ("small_business", 0, 151500)


def studio_profile():
    return {
        "name": "Atelier Lumen",
        "street": "Limmatquai",
        "postcode": "8001",
        "town": "Zürich",
        "country": "CH",
        "email": "hallo@lumen.example",
        "timezone": "Europe/Zurich",
    }


def test_sending_needs_a_complete_business_profile(studio):
    draft = studio.draft()
    incomplete = {**studio_profile(), "street": "", "vat_registered": True, "placeholders": ["name"]}
    studio.settings("business_profile", incomplete)
    refusal = refused("BUSINESS_PROFILE_INCOMPLETE", lambda: studio.rpc.send_quote(id=draft["id"]))
    assert refusal.extra["fields"] == ["name", "street", "vat_id"]
    assert studio.rpc.get_quote(id=draft["id"])["number"] is None


def test_sending_needs_a_bank_account_in_the_currency(studio):
    draft = studio.draft(currency="EUR")
    refusal = refused("BANK_ACCOUNT_MISSING", lambda: studio.rpc.send_quote(id=draft["id"]))
    assert refusal.errors[0].field == "bank_account_id"


def test_sending_needs_a_day_of_validity_that_is_not_over(studio):
    draft = studio.draft(valid_until="2026-03-09")
    assert refused("INVALID", lambda: studio.rpc.send_quote(id=draft["id"])).errors[0].field == "valid_until"
    studio.rpc.update_quote(id=draft["id"], changes={"valid_until": "2026-03-10"})
    assert studio.rpc.send_quote(id=draft["id"])["state"] == "sent"


def test_a_refused_send_takes_no_number(studio):
    def last():
        return studio.harness.sql("SELECT last FROM series WHERE kind = 'quote' AND year = 2026")[0]["last"]

    studio.sent()
    before = last()
    refused("BANK_ACCOUNT_MISSING", lambda: studio.sent(currency="EUR"))
    assert last() == before
    assert studio.sent()["number"] == f"Q-2026-{before + 1:04d}"


def test_the_number_stays_through_edits_and_sends(studio):
    sent = studio.sent()
    edited = studio.rpc.update_quote(id=sent["id"], changes={"title": "Neu"})
    assert (edited["state"], edited["number"]) == ("draft", sent["number"])
    refused("INVALID_TRANSITION", lambda: studio.rpc.delete_quote(id=sent["id"]))
    again = studio.rpc.send_quote(id=sent["id"])
    assert (again["number"], again["sent_version"]) == (sent["number"], 2)
    assert [version["version_no"] for version in again["versions"]] == [1, 2]
    assert studio.rpc.version_snapshot(id=sent["id"], version_no=1)["title"] == "Hochzeit am See"
    assert studio.rpc.version_snapshot(id=sent["id"], version_no=2)["title"] == "Neu"


def test_a_draft_can_be_deleted(studio):
    draft = studio.draft()
    studio.rpc.delete_quote(id=draft["id"], version=1)
    refused("NOT_FOUND", lambda: studio.rpc.get_quote(id=draft["id"]))
    assert studio.events(draft["id"], "quote_deleted.v1")


def test_a_duplicate_is_a_new_draft_in_a_new_deal(studio):
    sent = studio.sent(valid_until="2026-03-12")
    copy_id = str(uuid7())
    copy = studio.rpc.duplicate_quote(id=sent["id"], new_id=copy_id)
    assert (copy["id"], copy["state"], copy["number"], copy["version"]) == (copy_id, "draft", None, 1)
    assert copy["deal_uuid"] != sent["deal_uuid"]
    assert copy["valid_until"] == "2026-04-09"
    assert copy["total_minor"] == sent["total_minor"]
    assert studio.rpc.duplicate_quote(id=sent["id"], new_id=copy_id) == copy


def test_an_admin_answers_for_the_customer_and_may_take_an_acceptance_back(studio):
    accepted = studio.accepted()
    assert accepted["answer"]["by"] == "admin"
    assert accepted["allowed"] == ["decline", "convert"]
    refusal = refused("INVALID", lambda: studio.rpc.decline_quote(id=accepted["id"]))
    assert refusal.errors[0].field == "reason"
    declined = studio.rpc.decline_quote(id=accepted["id"], reason="Termin fällt aus")
    assert (declined["state"], declined["answer"]["message"]) == ("declined", "Termin fällt aus")
    reopened = studio.rpc.update_quote(id=accepted["id"], changes={"title": "Zweiter Anlauf"})
    assert (reopened["state"], reopened["answer"]) == ("draft", None)
    assert studio.rpc.send_quote(id=accepted["id"])["state"] == "sent"


def test_withdrawing_keeps_the_page_readable(studio):
    sent = studio.sent()
    withdrawn = studio.rpc.withdraw_quote(id=sent["id"])
    assert (withdrawn["state"], withdrawn["allowed"]) == ("withdrawn", [])
    page = studio.rpc.public_quote(token=studio.token(sent["id"]))
    assert (page["state"], page["allowed"]) == ("withdrawn", [])


def test_a_conversion_needs_a_target_and_no_booking_without_a_date(studio):
    accepted = studio.accepted()

    def convert(**what):
        return studio.rpc.convert_quote(id=accepted["id"], **what)

    assert refused("INVALID", lambda: convert(contract=False, invoice=False)).errors[0].field == "contract"
    assert refused("INVALID", lambda: convert(booking=True)).errors[0].field == "booking"
    studio.features({"quotes": True, "bills": False, "contracts": True})
    assert refused("FEATURE_DISABLED", convert).extra == {"flag": "bills"}
    studio.customer(studio.customer_id, feature_contracts=False)
    refused("CUSTOMER_FEATURE_DISABLED", lambda: convert(contract=True, invoice=False))
    assert studio.rpc.get_quote(id=accepted["id"])["state"] == "accepted"


def test_an_unplanned_quote_becomes_one_invoice(studio):
    accepted = studio.accepted()
    studio.rpc.convert_quote(id=accepted["id"])
    data = studio.events(accepted["id"], "quote_converted.v1")[0].data
    assert (data["contract"], data["contract_id"]) == (False, None)
    assert [part["percent"] for part in data["slices"]] == ["100"]
    assert len(data["invoice_ids"]) == 1


def test_a_disabled_module_answers_nothing(studio):
    draft = studio.draft()
    studio.features({"quotes": False})
    for call in (
        lambda: studio.draft(),
        lambda: studio.rpc.get_quote(id=draft["id"]),
        lambda: studio.rpc.list_quotes(),
        lambda: studio.rpc.send_quote(id=draft["id"]),
    ):
        assert refused("FEATURE_DISABLED", call).extra == {"flag": "quotes"}


def test_what_a_customer_must_not_have(studio):
    studio.customer(studio.customer_id, feature_quotes=False)
    refused("CUSTOMER_FEATURE_DISABLED", lambda: studio.draft())
    studio.customer(studio.customer_id, active=False)
    refused("INVALID", lambda: studio.draft())


def test_a_customer_sees_own_sent_quotes_only_and_may_only_answer(studio):
    sent, draft = studio.sent(notes="intern"), studio.draft()
    own = studio.harness.rpc_as({"kind": "customer", "id": studio.customer_id, "name": "Anna Keller"})
    foreign = studio.harness.rpc_as({"kind": "customer", "id": str(uuid7()), "name": "Fremd"})
    assert own.get_quote(id=sent["id"])["notes"] == ""
    assert own.get_quote(id=sent["id"])["allowed"] == ["accept", "decline"]
    for call in (
        lambda: own.get_quote(id=draft["id"]),
        lambda: foreign.get_quote(id=sent["id"]),
        lambda: foreign.accept_quote(id=sent["id"], total_minor=163029),
        lambda: foreign.snapshot(id=sent["id"]),
        lambda: own.update_quote(id=sent["id"], changes={"title": "gratis"}),
        lambda: own.send_quote(id=draft["id"]),
        lambda: own.withdraw_quote(id=sent["id"]),
        lambda: own.delete_quote(id=draft["id"]),
        lambda: own.create_quote(id=str(uuid7()), fields={}),
        lambda: own.duplicate_quote(id=sent["id"], new_id=str(uuid7())),
    ):
        refused("NOT_FOUND", call)
    assert foreign.list_quotes()["items"] == []
    assert draft["id"] not in {item["id"] for item in own.list_quotes(limit=200)["items"]}
    assert own.list_quotes(state="draft")["items"] == []
    refused("INVALID", lambda: own.accept_quote(id=sent["id"]))
    accepted = own.accept_quote(id=sent["id"], total_minor=163029)
    assert accepted["answer"]["by"] == "customer"
    refused("INVALID_TRANSITION", lambda: own.decline_quote(id=sent["id"], reason="doch nicht"))
    refused("NOT_FOUND", lambda: own.convert_quote(id=sent["id"]))


def test_every_event_follows_its_schema(studio):
    accepted = studio.accepted()
    studio.rpc.convert_quote(id=accepted["id"], contract=True)
    studio.rpc.decline_quote(id=studio.sent()["id"], reason="nein")
    studio.rpc.withdraw_quote(id=studio.sent()["id"])
    opened = studio.sent()["id"]
    studio.rpc.public_quote(token=studio.token(opened), ip="203.0.113.20")
    studio.rpc.update_quote(id=opened, changes={"title": "x"})
    studio.rpc.delete_quote(id=studio.draft()["id"])
    seen = set()
    for event in studio.harness.events():
        jsonschema.validate(event.data, kontor_messages.schema(event.type), jsonschema.Draft202012Validator)
        seen.add(event.type)
    own = {type for type, route in kontor_messages.catalogue().items() if route.producer == "quotes"}
    timed = {"quote_expired.v1", "quote_expiring.v1"}
    assert {type for type in own - seen if not type.startswith("booking_")} <= timed | {"quote_code_requested.v1"}
    for type in own:
        example = kontor_messages.example(type)
        jsonschema.validate(example["data"], kontor_messages.schema(type), jsonschema.Draft202012Validator)


@pytest.mark.parametrize("id", ["", "x", "0198c000-0000-7000-8000-000000000000", "' OR 1=1"])
def test_an_unknown_id_is_not_found(studio, id):
    refused("NOT_FOUND", lambda: studio.rpc.get_quote(id=id))
    refused("NOT_FOUND", lambda: studio.rpc.send_quote(id=id))
