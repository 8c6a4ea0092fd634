"""Library, drafts and the review through the service's RPCs, on a real database."""

from typing import Any
from uuid import uuid4

import pytest

from kontor.errors import Refused


def test_the_library_is_seeded_in_both_languages_as_examples(studio: Any) -> None:
    german, english = studio.rpc.list_blocks(language="de"), studio.rpc.list_blocks(language="en")
    for blocks in (german, english):
        system = [block for block in blocks if block["system"]]
        assert len(system) == 22
        assert all(block["example"] and block["active"] for block in system)
    sections = [block["section"] for block in german]
    assert sections[0] == "preamble"
    assert sections[-1] == "closing"


def test_system_blocks_are_edited_and_deactivated_but_not_deleted(studio: Any) -> None:
    nda = next(block for block in studio.rpc.list_blocks(language="en") if block["key"] == "nda")
    with pytest.raises(Refused) as refused:
        studio.rpc.delete_block(id=nda["id"])
    assert refused.value.code == "SYSTEM_BLOCK"
    changed = studio.rpc.update_block(id=nda["id"], version=1, changes={"active": False, "example": False})
    assert (changed["active"], changed["example"], changed["version"]) == (False, False, 2)
    assert changed["body_markdown"] == nda["body_markdown"]
    assert nda["id"] not in [block["id"] for block in studio.rpc.list_blocks(language="en", active=True)]
    with pytest.raises(Refused) as stale:
        studio.rpc.update_block(id=nda["id"], version=1, changes={"active": True})
    assert stale.value.code == "STALE_VERSION"
    studio.rpc.update_block(id=nda["id"], version=2, changes={"active": True, "example": True})


def test_own_blocks_are_created_once_changed_and_deleted(studio: Any) -> None:
    id = str(uuid4())
    fields = {"title": "Haustiere", "body_markdown": "Hunde sind willkommen.", "language": "de", "section": "body"}
    first = studio.rpc.create_block(id=id, fields=fields)
    assert studio.rpc.create_block(id=id, fields=fields) == first
    assert not first["system"]
    assert studio.rpc.delete_block(id=id) == {"id": id, "deleted": True}
    with pytest.raises(Refused) as gone:
        studio.rpc.get_block(id=id)
    assert gone.value.code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"title": "A", "body_markdown": "{{customer.nam}}"}, "PLACEHOLDER_UNKNOWN", "body_markdown"),
        ({"title": "A", "body_markdown": "Preis: {{quote.table}}"}, "PLACEHOLDER_UNKNOWN", "body_markdown"),
        ({"title": "A", "body_markdown": "<b>x</b>"}, "HTML_NOT_ALLOWED", "body_markdown"),
        ({"title": "", "body_markdown": "x"}, "INVALID", "title"),
        ({"title": "A", "body_markdown": "x", "section": "middle"}, "INVALID", "section"),
        ({"title": "A", "body_markdown": "x", "colour": "red"}, "INVALID", "colour"),
        ({"title": "A", "body_markdown": "x", "active": "yes"}, "INVALID", "active"),
    ],
)
def test_a_wrong_block_is_refused_and_not_stored(studio: Any, fields: dict[str, Any], code: str, field: str) -> None:
    id = str(uuid4())
    with pytest.raises(Refused) as refused:
        studio.rpc.create_block(id=id, fields=fields)
    assert refused.value.code == code
    assert field in [error.field for error in refused.value.errors]
    assert studio.harness.sql("SELECT 1 FROM blocks WHERE id = %s", [id]) == []


def test_a_converted_quote_becomes_a_draft_with_customer_and_quote_table(studio: Any) -> None:
    quote = studio.quote()
    record = studio.rpc.get_contract(id=quote["contract_id"])
    assert (record["state"], record["number"], record["version"]) == ("draft", None, 1)
    assert record["customer"]["display_name"] == "Anna Keller"
    assert record["quote_id"] == quote["quote_id"]
    assert [signer["name"] for signer in record["signers"]] == ["Anna Keller"]
    titles = [block["title"] for block in record["blocks"]]
    assert titles == [
        "Vertragsparteien",
        "Gegenstand und Vergütung",
        "Mitwirkung und Korrekturen",
        "Nutzungsrechte für private Kunden",
        "Zahlung in Raten",
        "Rücktritt des Kunden",
        "Ablieferung und Abnahme",
        "Datenschutz",
        "Recht und Gerichtsstand (Schweiz)",
    ]
    subject = record["blocks"][1]
    assert "{{quote.table}}" in subject["body_markdown"]
    assert "<td>Reportage</td>" in subject["html"]
    assert "CHF&nbsp;1’630.29" in subject["html"]
    assert "Q-2026-0001" in subject["html"]
    assert all(block["unresolved"] == [] for block in record["blocks"])
    assert studio.rpc.review_contract(id=record["id"])["problems"] == []
    assert studio.events_of(record["id"]) == ["contract_drafted.v1"]


def test_the_same_conversion_twice_drafts_once(studio: Any) -> None:
    quote = studio.quote()
    studio.harness.emit("quote_converted.v1", quote, deal_uuid=str(uuid4()), aggregate_id=quote["quote_id"])
    assert studio.events_of(quote["contract_id"]) == ["contract_drafted.v1"]


def test_a_quote_without_contract_can_be_linked_by_hand(studio: Any) -> None:
    quote = studio.quote(contract=False)
    fields = {"customer_id": quote["customer_id"], "title": "Später", "quote_id": quote["quote_id"]}
    record = studio.rpc.create_contract(id=str(uuid4()), fields=fields)
    assert len(record["blocks"]) == 9
    assert record["currency"] == "CHF"
    other = studio.customer()
    with pytest.raises(Refused) as refused:
        studio.rpc.create_contract(id=str(uuid4()), fields=fields | {"customer_id": other["id"]})
    assert [error.field for error in refused.value.errors] == ["quote_id"]


def test_creating_twice_with_the_same_id_creates_once(studio: Any) -> None:
    record = studio.draft()
    again = studio.rpc.create_contract(
        id=record["id"], fields={"customer_id": record["customer_id"], "title": "Etwas anderes"}
    )
    assert again == record


def test_library_changes_do_not_reach_a_contract_that_includes_the_block(studio: Any) -> None:
    id = str(uuid4())
    studio.rpc.create_block(
        id=id, fields={"title": "Anreise", "body_markdown": "Anreise inbegriffen.", "language": "de"}
    )
    draft = studio.draft()
    changed = studio.rpc.update_contract(id=draft["id"], version=1, changes={"block_ids": [id]})
    assert changed["version"] == 2
    studio.rpc.update_block(id=id, changes={"body_markdown": "Anreise wird verrechnet."})
    kept = studio.rpc.update_contract(id=draft["id"], changes={"block_ids": [id], "title": "Neu"})
    assert kept["blocks"][0]["body_markdown"] == "Anreise inbegriffen."
    assert kept["blocks"][0]["id"] == changed["blocks"][0]["id"]
    assert not kept["blocks"][0]["overridden"]


def test_overrides_free_texts_and_order_are_kept(studio: Any) -> None:
    draft = studio.draft()
    privacy = next(b for b in studio.rpc.list_blocks(language="de") if b["key"] == "privacy")
    blocks = [
        {"title": "Frei", "section": "nda", "body_markdown": "Nur **dieser** Vertrag."},
        {"block_id": privacy["id"], "body_markdown": "Kürzer."},
        {"block_id": privacy["id"]},
    ]
    record = studio.rpc.update_contract(id=draft["id"], changes={"blocks": blocks})
    assert [(b["block_id"] is None, b["overridden"]) for b in record["blocks"]] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    turned = [{"id": record["blocks"][2]["id"]}, {"id": record["blocks"][0]["id"], "title": "Freier"}]
    after = studio.rpc.update_contract(id=draft["id"], changes={"blocks": turned})
    assert [b["title"] for b in after["blocks"]] == [privacy["title"], "Freier"]
    whole = studio.rpc.update_contract(id=draft["id"], changes={"blocks": after["blocks"]})
    assert whole["blocks"] == after["blocks"], "what was read can be sent back as it is"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"code_required": True}, "CODE_NOT_AVAILABLE", "code_required"),
        ({"signing_modes": ["type"]}, "SIGNING_MODE_NOT_AVAILABLE", "signing_modes[0]"),
        ({"signing_modes": []}, "INVALID", "signing_modes"),
        ({"signing_order": "random"}, "INVALID", "signing_order"),
        ({"signers": [{"name": "A", "email": "nope"}]}, "INVALID", "signers[0].email"),
        ({"signers": [{"name": "A", "email": "a@b.ch"}] * 2}, "INVALID", "signers[1]"),
        ({"signers": [{"name": f"A{n}", "email": "a@b.ch"} for n in range(6)]}, "INVALID", "signers"),
        ({"blocks": [{"title": "A", "body_markdown": "{{nope}}"}]}, "PLACEHOLDER_UNKNOWN", "blocks"),
        ({"blocks": [{"title": "A", "body_markdown": "<i>x</i>"}]}, "INVALID", "blocks[0].body_markdown"),
        ({"block_ids": [str(uuid4())]}, "INVALID", "block_ids[0]"),
        ({"title": ""}, "INVALID", "title"),
        ({"currency": "XXX"}, "CURRENCY_UNKNOWN", "currency"),
        ({"valid_until": "30.4.2026"}, "INVALID", "valid_until"),
        ({"customer_id": str(uuid4())}, "CUSTOMER_UNKNOWN", "customer_id"),
        ({"state": "sent", "colour": "red"}, "INVALID", "colour"),
    ],
)
def test_a_wrong_change_is_refused_and_nothing_changes(
    studio: Any, changes: dict[str, Any], code: str, field: str
) -> None:
    draft = studio.draft()
    with pytest.raises(Refused) as refused:
        studio.rpc.update_contract(id=draft["id"], changes=changes)
    assert refused.value.code in (code, "INVALID")
    assert any(error.field.startswith(field) for error in refused.value.errors), refused.value.errors
    assert studio.rpc.get_contract(id=draft["id"]) == draft


def test_a_stale_version_is_refused_on_update_and_delete(studio: Any) -> None:
    draft = studio.draft()
    studio.rpc.update_contract(id=draft["id"], version=1, changes={"title": "Zwei"})
    for call in (
        lambda: studio.rpc.update_contract(id=draft["id"], version=1, changes={"title": "Drei"}),
        lambda: studio.rpc.delete_contract(id=draft["id"], version=1),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.code == "STALE_VERSION"
    studio.rpc.delete_contract(id=draft["id"], version=2)
    assert studio.events_of(draft["id"])[-1] == "contract_deleted.v1"
    with pytest.raises(Refused):
        studio.rpc.get_contract(id=draft["id"])


def test_the_review_names_every_problem_and_the_send_is_refused(studio: Any) -> None:
    blocks = [{"title": "Termin", "body_markdown": "Am {{booking.date}}, {{deal.total}}."}]
    draft = studio.draft(signers=0, blocks=blocks, valid_until="2020-01-01")
    review = studio.rpc.review_contract(id=draft["id"])
    assert [(p["code"], p["field"]) for p in review["problems"]] == [
        ("PLACEHOLDER_UNRESOLVED", "blocks[0].body_markdown"),
        ("PLACEHOLDER_UNRESOLVED", "blocks[0].body_markdown"),
        ("NO_SIGNERS", "signers"),
        ("VALID_UNTIL_PAST", "valid_until"),
    ]
    assert "{{booking.date}}" in review["problems"][0]["message"]
    with pytest.raises(Refused) as refused:
        studio.rpc.send_contract(id=draft["id"], review_hash=review["review_hash"])
    assert refused.value.code == "CONTRACT_NOT_READY"
    assert studio.rpc.get_contract(id=draft["id"])["state"] == "draft"


def test_examples_are_pointed_out_but_do_not_stop_the_send(studio: Any) -> None:
    quote = studio.quote()
    review = studio.rpc.review_contract(id=quote["contract_id"])
    assert {notice["code"] for notice in review["notices"]} == {"EXAMPLE_TEXT"}
    assert len(review["notices"]) == 9
    assert "<h2>Vertragsparteien</h2>" in review["html"]


def test_an_incomplete_profile_or_customer_stops_the_send(studio: Any) -> None:
    profile = studio.profile

    draft = studio.draft()
    studio.tell("settings_changed.v1", {"section": "business_profile", "value": profile | {"town": ""}})
    try:
        review = studio.rpc.review_contract(id=draft["id"])
        assert [p["code"] for p in review["problems"]] == ["BUSINESS_PROFILE_INCOMPLETE"]
        with pytest.raises(Refused) as refused:
            studio.rpc.send_contract(id=draft["id"], review_hash=review["review_hash"])
        assert refused.value.code == "BUSINESS_PROFILE_INCOMPLETE"
    finally:
        studio.tell("settings_changed.v1", {"section": "business_profile", "value": profile})
    customer = studio.customer(street="")
    record = studio.draft(customer_id=customer["id"])
    review = studio.rpc.review_contract(id=record["id"])
    assert [p["code"] for p in review["problems"]] == ["CUSTOMER_INCOMPLETE"]


def test_a_changed_customer_shows_on_drafts_and_changes_the_review_hash(studio: Any) -> None:
    customer = studio.customer()
    draft = studio.draft(customer_id=customer["id"])
    before = studio.rpc.review_contract(id=draft["id"])["review_hash"]
    studio.tell("customer_changed.v1", {"customer": customer | {"last_name": "Keller-Roth"}})
    assert studio.rpc.get_contract(id=draft["id"])["customer"]["display_name"] == "Anna Keller-Roth"
    with pytest.raises(Refused) as refused:
        studio.rpc.send_contract(id=draft["id"], review_hash=before)
    assert refused.value.code == "CONTRACT_CHANGED"
    assert refused.value.extra["review_hash"] != before


def test_a_customer_without_contracts_gets_none(studio: Any) -> None:
    customer = studio.customer(feature_contracts=False)
    with pytest.raises(Refused) as refused:
        studio.draft(customer_id=customer["id"])
    assert refused.value.code == "CUSTOMER_FEATURE_DISABLED"


def test_a_deactivated_customer_gets_no_new_contract(studio: Any) -> None:
    customer = studio.customer(active=False)
    with pytest.raises(Refused) as refused:
        studio.draft(customer_id=customer["id"])
    assert [error.field for error in refused.value.errors] == ["customer_id"]


def test_with_the_module_off_nothing_can_be_created(studio: Any) -> None:
    studio.tell("features_changed.v1", {"flags": {"contracts": False}})
    try:
        with pytest.raises(Refused) as refused:
            studio.rpc.create_contract(id=str(uuid4()), fields={"customer_id": str(uuid4()), "title": "A"})
        assert (refused.value.code, refused.value.extra) == ("FEATURE_DISABLED", {"flag": "contracts"})
    finally:
        studio.tell("features_changed.v1", {"flags": {"contracts": True}})


def test_text_from_people_cannot_bring_markup_into_a_contract(studio: Any) -> None:
    customer = studio.customer(company="<img src=x onerror=alert(1)> | **AG** {{deal.total}}")
    draft = studio.draft(customer_id=customer["id"])
    html = studio.rpc.review_contract(id=draft["id"])["html"]
    assert "&lt;img src=x onerror=alert(1)&gt; | **AG** {{deal.total}}" in html
    assert "<img" not in html


def test_lists_filter_count_and_page(studio: Any) -> None:
    customer = studio.customer()
    ids = [studio.draft(customer_id=customer["id"], title=f"Serie {n}")["id"] for n in range(5)]
    studio.send(ids[0])
    first = studio.rpc.list_contracts(customer_id=customer["id"], limit=3)
    assert [item["id"] for item in first["items"]] == ids[:1:-1]
    assert first["counts"] == {"draft": 4, "sent": 1}
    rest = studio.rpc.list_contracts(customer_id=customer["id"], limit=3, cursor=first["next_cursor"])
    assert [item["id"] for item in rest["items"]] == ids[1::-1]
    assert rest["next_cursor"] is None
    found = studio.rpc.list_contracts(customer_id=customer["id"], q="serie 3")
    assert [item["title"] for item in found["items"]] == ["Serie 3"]
    sent = studio.rpc.list_contracts(customer_id=customer["id"], state="sent")
    assert [item["id"] for item in sent["items"]] == [ids[0]]
    assert "blocks" not in sent["items"][0]
    for wrong in ({"sort": "title"}, {"state": "open"}, {"cursor": "x"}, {"limit": 0}):
        with pytest.raises(Refused):
            studio.rpc.list_contracts(**wrong)


def test_customers_see_their_own_sent_contracts_only(studio: Any) -> None:
    draft = studio.draft()
    record, _ = studio.sent()
    own = studio.harness.rpc_as({"kind": "customer", "id": record["customer_id"], "name": "Anna"})
    other = studio.harness.rpc_as({"kind": "customer", "id": str(uuid4()), "name": "Eva"})
    assert own.get_contract(id=record["id"])["number"] == record["number"]
    assert [item["id"] for item in own.list_contracts()["items"]] == [record["id"]]
    assert other.list_contracts()["items"] == []
    drafts = studio.harness.rpc_as({"kind": "customer", "id": draft["customer_id"], "name": "A"})
    for reader, id in ((other, record["id"]), (drafts, draft["id"])):
        with pytest.raises(Refused) as refused:
            reader.get_contract(id=id)
        assert refused.value.code == "NOT_FOUND"
