"""From the send to the sealed contract, through the service's RPCs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.domain.canonical import sha256_text
from kontor.errors import Refused


def together(count: int, call: Any) -> list[Any]:
    """The results (or refusals) of simultaneous calls."""

    def one(_: int) -> Any:
        try:
            return call()
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_a_send_numbers_freezes_and_mints_a_link_per_signer(studio: Any) -> None:
    draft = studio.draft(signers=2)
    record, tokens = studio.send(draft["id"])
    assert record["state"] == "sent"
    assert record["number"].startswith(f"K-{datetime.now(UTC).year}-")
    assert len(set(tokens)) == 2
    event = next(e for e in studio.harness.events("contract_sent.v1") if e.aggregate_id == record["id"])
    snapshot = event.data["snapshot"]
    assert snapshot["number"] == record["number"]
    assert snapshot["blocks"][0]["markdown"] == "Für Anna Keller."
    assert snapshot["content_hash"] == record["content_hash"]
    stored = studio.harness.sql("SELECT content, content_hash FROM contracts WHERE id = %s", [record["id"]])[0]
    assert sha256_text(stored["content"]) == stored["content_hash"]
    everything = str(studio.harness.sql("SELECT * FROM links")) + str(studio.harness.sql("SELECT * FROM outbox"))
    assert not any(token in everything for token in tokens), "tokens are stored as digests, and sealed in events"


def test_another_review_hash_is_refused(studio: Any) -> None:
    draft = studio.draft()
    old = studio.rpc.review_contract(id=draft["id"])["review_hash"]
    studio.rpc.update_contract(id=draft["id"], changes={"title": "Anders"})
    with pytest.raises(Refused) as refused:
        studio.rpc.send_contract(id=draft["id"], review_hash=old)
    assert refused.value.code == "CONTRACT_CHANGED"
    studio.rpc.update_contract(id=draft["id"], changes={"title": draft["title"]})
    assert studio.rpc.send_contract(id=draft["id"], review_hash=old)["state"] == "sent"


def test_four_simultaneous_sends_give_one_number(studio: Any) -> None:
    draft = studio.draft()
    hash = studio.rpc.review_contract(id=draft["id"])["review_hash"]
    results = together(4, lambda: studio.rpc.send_contract(id=draft["id"], review_hash=hash))
    assert sorted(r.code if isinstance(r, Refused) else r["state"] for r in results) == [
        "INVALID_TRANSITION",
        "INVALID_TRANSITION",
        "INVALID_TRANSITION",
        "sent",
    ]
    assert studio.events_of(draft["id"]).count("contract_sent.v1") == 1


def test_simultaneous_sends_of_many_number_without_gap(studio: Any) -> None:
    drafts = [studio.draft() for _ in range(6)]
    hashes = {d["id"]: studio.rpc.review_contract(id=d["id"])["review_hash"] for d in drafts}
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda d: studio.rpc.send_contract(id=d["id"], review_hash=hashes[d["id"]]), drafts))
    proof = studio.rpc.verify_numbers()
    assert proof["problems"] == []
    numbers = [row["number"] for row in studio.harness.sql("SELECT number FROM contracts WHERE number IS NOT NULL")]
    year = datetime.now(UTC).year
    assert sorted(numbers) == [f"K-{year}-{n:04d}" for n in range(1, proof["count"] + 1)]


def test_the_signers_page_shows_the_contract_and_logs_the_first_view(studio: Any) -> None:
    record, tokens = studio.sent(signers=2)
    page = studio.rpc.public_contract(token=tokens[0], session=None, ip="203.0.113.9")
    again = studio.rpc.public_contract(token=tokens[0])
    assert page["state"] == again["state"] == "sent"
    assert page["allowed"] == ["sign", "decline"]
    assert page["contract"]["blocks"][0]["html"] == "<p>Für Anna Keller.</p>\n"
    assert page["issuer"]["name"] == "Studio Seeblick GmbH"
    assert page["signer"]["email"] == "p1@example.ch"
    assert [signer["name"] for signer in page["contract"]["signers"]] == ["Person 1", "Person 2"]
    assert "p2@example.ch" not in str(page["contract"]["signers"]), "addresses of the others stay private"
    log = [entry["type"] for entry in studio.rpc.signing_log(id=record["id"])]
    assert log == ["sent", "invited", "invited", "viewed"]


def test_signing_records_the_evidence(studio: Any) -> None:
    consents = [{"text": "Ich habe die Datenschutzhinweise gelesen."}]
    record, tokens = studio.sent(consents=consents)
    page = studio.rpc.public_contract(token=tokens[0])
    consent = page["contract"]["consents"][0]
    assert consent["required"]
    answer = studio.sign(tokens[0], name="  Anna   Keller ", consents=[consent["id"]])
    assert (answer["state"], answer["complete"]) == ("signed", True)
    assert answer["signer"]["name"] == "Anna Keller"
    row = studio.harness.sql("SELECT * FROM signatures WHERE contract_id = %s", [record["id"]])[0]
    assert (row["method"], row["ip"], row["user_agent"], row["email"], row["code_verified"]) == (
        "draw",
        "203.0.113.7",
        "Test Browser/1.0",
        "p1@example.ch",
        False,
    )
    assert row["content_hash"] == record["content_hash"]
    assert row["consents"] == [{"id": consent["id"], "text_sha256": sha256_text(consents[0]["text"])}]
    assert bytes(row["image"]).startswith(b"\x89PNG")
    log = studio.rpc.signing_log(id=record["id"])
    assert [entry["type"] for entry in log] == ["sent", "invited", "viewed", "consented", "signed"]
    assert log[-1]["facts"]["evidence_hash"] == row["evidence_hash"]
    event = next(e for e in studio.harness.events("contract_signed.v1") if e.aggregate_id == record["id"])
    assert (event.data["complete"], event.data["state"], event.actor["kind"]) == (True, "signed", "link")
    assert studio.rpc.get_contract(id=record["id"])["allowed"] == ["countersign"]


def test_signing_again_answers_what_is_recorded(studio: Any) -> None:
    record, tokens = studio.sent()
    first = studio.sign(tokens[0])
    second = studio.sign(tokens[0], name="Somebody Else", signature_png="")
    assert second == first
    assert studio.events_of(record["id"]).count("contract_signed.v1") == 1


def test_four_simultaneous_signatures_record_one(studio: Any) -> None:
    record, tokens = studio.sent()
    results = together(4, lambda: studio.sign(tokens[0]))
    assert all(result == results[0] for result in results)
    assert len(studio.harness.sql("SELECT 1 FROM signatures WHERE contract_id = %s", [record["id"]])) == 1
    assert studio.events_of(record["id"]).count("contract_signed.v1") == 1


def test_two_signers_at_once_both_count(studio: Any) -> None:
    record, tokens = studio.sent(signers=2)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(studio.sign, tokens))
    assert studio.rpc.get_contract(id=record["id"])["state"] == "signed"
    events = [e for e in studio.harness.events("contract_signed.v1") if e.aggregate_id == record["id"]]
    assert sorted(e.data["complete"] for e in events) == [False, True]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"signature_png": ""}, "SIGNATURE_REFUSED", "signature_png"),
        ({"signature_png": "iVBORw0KGgo="}, "SIGNATURE_REFUSED", "signature_png"),
        ({"name": " "}, "INVALID", "name"),
        ({"name": "x" * 201}, "INVALID", "name"),
        ({"method": "type"}, "SIGNING_MODE_NOT_AVAILABLE", "method"),
        ({"method": "upload"}, "SIGNING_MODE_NOT_AVAILABLE", "method"),
        ({"consents": ["nope"]}, "INVALID", "consents"),
    ],
)
def test_an_unusable_signature_is_refused_and_nothing_recorded(
    studio: Any, changes: dict[str, Any], code: str, field: str
) -> None:
    record, tokens = studio.sent()
    with pytest.raises(Refused) as refused:
        studio.sign(tokens[0], **changes)
    assert (refused.value.code, refused.value.errors[0].field) == (code, field)
    assert studio.harness.sql("SELECT 1 FROM signatures WHERE contract_id = %s", [record["id"]]) == []


def test_a_consent_that_is_not_ticked_stops_the_signature(studio: Any) -> None:
    _, tokens = studio.sent(consents=[{"text": "Ja."}, {"text": "Auch ja."}])
    with pytest.raises(Refused) as refused:
        studio.sign(tokens[0])
    assert [error.message for error in refused.value.errors] == ["Not ticked: Ja.", "Not ticked: Auch ja."]


def test_sequential_signers_wait_for_their_turn_and_are_called(studio: Any) -> None:
    record, tokens = studio.sent(signers=2, signing_order="sequential")
    page = studio.rpc.public_contract(token=tokens[1])
    assert (page["allowed"], page["waiting_for"]) == (["decline"], "Person 1")
    with pytest.raises(Refused) as refused:
        studio.sign(tokens[1])
    assert refused.value.code == "NOT_YOUR_TURN"
    studio.sign(tokens[0])
    called = next(e for e in studio.harness.events("contract_reminded.v1") if e.aggregate_id == record["id"])
    assert called.data["reason"] == "your_turn"
    assert called.data["signer"]["email"] == "p2@example.ch"
    assert studio.sign(tokens[1])["complete"]


def test_one_decline_ends_it_for_all(studio: Any) -> None:
    record, tokens = studio.sent(signers=2)
    studio.sign(tokens[0])
    answer = studio.rpc.public_sign_decline(token=tokens[1], reason="Zu teuer.", ip=None, user_agent=None)
    assert answer["state"] == "declined"
    assert studio.rpc.public_sign_decline(token=tokens[1], reason="Nochmals.") == answer
    page = studio.rpc.public_contract(token=tokens[1])
    assert (page["state"], page["allowed"]) == ("declined", [])
    assert page["contract"]["decline_reason"] == "Zu teuer."
    record = studio.rpc.get_contract(id=record["id"])
    assert (record["state"], record["end_reason"]) == ("declined", "Zu teuer.")
    event = next(e for e in studio.harness.events("contract_declined.v1") if e.aggregate_id == record["id"])
    assert event.data["by"]["name"] == "Person 2"
    with pytest.raises(Refused) as refused:
        studio.rpc.countersign_contract(id=record["id"], name="S", signature_png=studio.drawing())
    assert refused.value.code == "INVALID_TRANSITION"


def test_withdrawing_kills_every_link_and_a_revision_starts_anew(studio: Any) -> None:
    record, tokens = studio.sent(signers=2)
    after = studio.rpc.withdraw_contract(id=record["id"], reason="Fehler im Datum")
    assert (after["state"], after["allowed"]) == ("withdrawn", ["revise"])
    for token in tokens:
        for call in (studio.rpc.public_contract, studio.sign):
            with pytest.raises(Refused) as refused:
                call(token=token)
            assert (refused.value.code, refused.value.extra) == ("GONE", {"state": "withdrawn"})
    new_id = str(uuid4())
    draft = studio.rpc.revise_contract(id=record["id"], new_id=new_id)
    assert (draft["state"], draft["number"], draft["revises_id"]) == ("draft", None, record["id"])
    assert draft["deal_uuid"] == record["deal_uuid"]
    assert [signer["email"] for signer in draft["signers"]] == ["p1@example.ch", "p2@example.ch"]
    resent, fresh = studio.send(new_id)
    assert resent["number"] != record["number"]
    assert studio.rpc.public_contract(token=fresh[0])["state"] == "sent"


def test_a_sent_contract_is_not_edited_or_deleted(studio: Any) -> None:
    record, _ = studio.sent()
    for call in (
        lambda: studio.rpc.update_contract(id=record["id"], changes={"title": "X"}),
        lambda: studio.rpc.delete_contract(id=record["id"]),
        lambda: studio.rpc.review_contract(id=record["id"]),
        lambda: studio.rpc.countersign_contract(id=record["id"], name="S", signature_png=studio.drawing()),
        lambda: studio.rpc.cancel_contract(id=record["id"], reason="x"),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.code == "INVALID_TRANSITION"
        assert refused.value.extra["state"] == "sent"


def test_countersigning_asks_for_the_final_pdf_and_its_storage_completes(studio: Any) -> None:
    record, tokens = studio.sent(signers=2)
    studio.store(record["id"], "contract", "cd" * 32)
    for token in tokens:
        studio.sign(token)
    sealing = studio.rpc.countersign_contract(id=record["id"], name="Lea Studer", signature_png=studio.drawing(5))
    assert (sealing["state"], sealing["integrity_hash"]) == ("sealing", None)
    assert sealing["countersignature"]["name"] == "Lea Studer"
    event = next(e for e in studio.harness.events("contract_countersigned.v1") if e.aggregate_id == record["id"])
    snapshot = event.data["snapshot"]
    assert snapshot["kind"] == "contract_final"
    assert [s["role"] for s in snapshot["signatures"]] == ["customer", "customer", "issuer"]
    assert all(s["image_png_b64"] for s in snapshot["signatures"])
    audit = snapshot["audit"]
    assert (audit["content_hash"], audit["document_sha256"]) == (record["content_hash"], "cd" * 32)
    assert audit["log"][-1]["type"] == "countersigned"
    assert audit["log_head"] == audit["log"][-1]["hash"]
    told = studio.store(record["id"], "contract_final", "ef" * 32)
    done = studio.rpc.get_contract(id=record["id"])
    assert (done["state"], done["integrity_hash"]) == ("fully_signed", "ef" * 32)
    assert done["final_document_id"] == told.data["document_id"]
    assert done["allowed"] == ["cancel"]
    full = next(e for e in studio.harness.events("contract_fully_signed.v1") if e.aggregate_id == record["id"])
    assert [r["email"] for r in full.data["recipients"]] == [
        "p1@example.ch",
        "p2@example.ch",
        "anna@keller.example",
        "studio@seeblick.example",
    ]
    studio.harness.emit("document_stored.v1", told.data, aggregate_id=told.aggregate_id)
    assert studio.events_of(record["id"]).count("contract_fully_signed.v1") == 1
    other = told.data | {"sha256": "00" * 32}
    studio.harness.emit("document_stored.v1", other, aggregate_id=told.aggregate_id, expect="waiting")
    assert studio.rpc.get_contract(id=record["id"])["integrity_hash"] == "ef" * 32


def test_four_simultaneous_countersignatures_have_one_effect(studio: Any) -> None:
    record, tokens = studio.sent()
    studio.sign(tokens[0])
    results = together(
        4, lambda: studio.rpc.countersign_contract(id=record["id"], name="Lea", signature_png=studio.drawing())
    )
    assert sorted(r.code if isinstance(r, Refused) else r["state"] for r in results) == [
        "INVALID_TRANSITION",
        "INVALID_TRANSITION",
        "INVALID_TRANSITION",
        "sealing",
    ]
    assert studio.events_of(record["id"]).count("contract_countersigned.v1") == 1


def test_a_document_that_could_not_be_made_shows_until_it_was(studio: Any) -> None:
    record, tokens = studio.sent()
    studio.sign(tokens[0])
    studio.rpc.countersign_contract(id=record["id"], name="Lea", signature_png=studio.drawing())
    failure = {"kind": "contract_final", "record_id": record["id"], "number": record["number"]}
    failure |= {"code": "RENDERING_FAILED", "reason": "It took too long."}
    studio.harness.emit("document_failed.v1", failure, aggregate_id=record["id"])
    sealing = studio.rpc.get_contract(id=record["id"])
    assert (sealing["state"], sealing["problem"]["message"]) == ("sealing", "It took too long.")
    studio.store(record["id"], "contract_final")
    done = studio.rpc.get_contract(id=record["id"])
    assert (done["state"], done["problem"]) == ("fully_signed", None)
    studio.harness.emit("document_failed.v1", failure, aggregate_id=record["id"])
    assert studio.rpc.get_contract(id=record["id"])["problem"] is None, "late news of an earlier try change nothing"


def test_documents_of_other_kinds_and_of_unknown_contracts(studio: Any) -> None:
    studio.store(str(uuid4()), "invoice")
    data = {"document_id": str(uuid4()), "kind": "contract", "record_id": str(uuid4()), "number": "K"}
    data |= {"sha256": "ab" * 32, "size": 1, "pages": 1, "name": "x"}
    studio.harness.emit("document_stored.v1", data, expect="waiting")


def test_a_signed_contract_is_cancelled_with_a_reason_and_keeps_its_hash(studio: Any) -> None:
    record = studio.fully_signed()
    with pytest.raises(Refused):
        studio.rpc.cancel_contract(id=record["id"], reason=" ")
    after = studio.rpc.cancel_contract(id=record["id"], reason="Einvernehmlich aufgehoben")
    assert (after["state"], after["integrity_hash"]) == ("cancelled", record["integrity_hash"])


def test_twenty_wrong_links_lock_an_address_but_not_valid_links(studio: Any) -> None:
    _, tokens = studio.sent()
    now = datetime.now(UTC)
    studio.harness.clock.set(now)
    for _ in range(20):
        with pytest.raises(Refused) as refused:
            studio.rpc.public_contract(token=str(uuid4()), ip="198.51.100.1")
        assert refused.value.code == "NOT_FOUND"
    with pytest.raises(Refused) as locked:
        studio.rpc.public_contract(token=str(uuid4()), ip="198.51.100.1")
    assert locked.value.code == "TOO_MANY_ATTEMPTS"
    assert 0 < locked.value.extra["retry_after"] <= 900
    assert studio.rpc.public_contract(token=tokens[0], ip="198.51.100.1")["state"] == "sent"
    with pytest.raises(Refused) as elsewhere:
        studio.rpc.public_contract(token=str(uuid4()), ip="198.51.100.2")
    assert elsewhere.value.code == "NOT_FOUND"
    studio.harness.clock.set(now + timedelta(minutes=16))
    with pytest.raises(Refused) as later:
        studio.rpc.public_contract(token=str(uuid4()), ip="198.51.100.1")
    assert later.value.code == "NOT_FOUND"


def test_codes_are_refused_clearly_instead_of_being_faked(studio: Any) -> None:
    _, tokens = studio.sent()
    for call in (
        lambda: studio.rpc.public_code(token=tokens[0]),
        lambda: studio.rpc.public_verify_code(token=tokens[0], code="123456"),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.code == "CODE_NOT_AVAILABLE"


def test_a_setting_that_demands_codes_stops_the_send(studio: Any) -> None:
    studio.tell("settings_changed.v1", {"section": "contracts", "value": {"code_required": True}})
    try:
        draft = studio.draft()
        assert draft["code_required"]
        review = studio.rpc.review_contract(id=draft["id"])
        assert [p["code"] for p in review["problems"]] == ["CODE_NOT_AVAILABLE"]
    finally:
        studio.tell("settings_changed.v1", {"section": "contracts", "value": {}})


def test_the_ip_is_left_out_where_the_setting_says_so(studio: Any) -> None:
    studio.tell("settings_changed.v1", {"section": "contracts", "value": {"record_ip": False}})
    try:
        record, tokens = studio.sent()
        studio.rpc.public_contract(token=tokens[0], ip="203.0.113.7")
        studio.sign(tokens[0])
    finally:
        studio.tell("settings_changed.v1", {"section": "contracts", "value": {}})
    rows = studio.harness.sql("SELECT ip FROM signatures WHERE contract_id = %s", [record["id"]])
    assert rows == [{"ip": None}]
    assert "203.0.113.7" not in str(studio.rpc.signing_log(id=record["id"]))


def test_signed_in_customers_sign_without_a_link(studio: Any) -> None:
    record, _ = studio.sent()
    own = studio.harness.rpc_as({"kind": "customer", "id": record["customer_id"], "name": "Anna"})
    page = own.portal_contract(id=record["id"], email="P1@example.ch")
    assert page["allowed"] == ["sign", "decline"]
    other = studio.harness.rpc_as({"kind": "customer", "id": str(uuid4()), "name": "Eva"})
    for reader, email in ((other, "p1@example.ch"), (own, "x@example.ch"), (studio.rpc, "p1@example.ch")):
        with pytest.raises(Refused) as refused:
            reader.portal_contract(id=record["id"], email=email)
        assert refused.value.code == "NOT_FOUND"
    answer = own.portal_sign(
        id=record["id"], email="p1@example.ch", name="Anna", signature_png=studio.drawing(), ip=None, user_agent=None
    )
    assert answer["complete"]
