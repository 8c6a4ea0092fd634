"""Tampering behind the application's back: verification names the item, signing stops."""

from typing import Any

import pytest

from kontor.errors import Refused


def outcomes(studio: Any, id: str) -> dict[str, tuple[str, str]]:
    return {item["item"]: (item["outcome"], item["reason"]) for item in studio.rpc.verify_contract(id=id)}


def failed(studio: Any, id: str) -> list[str]:
    return [name for name, (outcome, _) in outcomes(studio, id).items() if outcome == "failed"]


def test_an_untouched_contract_verifies_and_that_is_logged(studio: Any) -> None:
    record = studio.fully_signed()
    items = studio.rpc.verify_contract(id=record["id"])
    assert {item["item"]: item["outcome"] for item in items} == {
        "signing_log": "ok",
        "content": "ok",
        "blocks": "ok",
        "signatures": "ok",
        "document": "ok",
        "final_document": "ok",
    }
    assert items[-1]["sha256"] == record["integrity_hash"]
    log = studio.rpc.signing_log(id=record["id"])
    assert (log[-1]["type"], log[-1]["facts"]) == ("verified_integrity", {"failed": []})
    assert failed(studio, record["id"]) == [], "verifying again includes the entry about verifying"


def test_what_does_not_exist_yet_is_not_applicable(studio: Any) -> None:
    draft = studio.draft()
    assert {outcome for outcome, _ in outcomes(studio, draft["id"]).values()} == {"not_applicable"}
    record, _ = studio.sent()
    found = outcomes(studio, record["id"])
    assert [found[name][0] for name in ("signing_log", "content", "blocks")] == ["ok"] * 3
    assert [found[name][0] for name in ("signatures", "document", "final_document")] == ["not_applicable"] * 3


@pytest.mark.parametrize(
    ("statement", "item", "part"),
    [
        ("UPDATE contract_blocks SET body_resolved = 'Anderes' WHERE contract_id = '{id}'", "blocks", "Block 1"),
        ("UPDATE contract_blocks SET title = 'Anderes' WHERE contract_id = '{id}'", "blocks", "Block 1"),
        ("DELETE FROM contract_blocks WHERE contract_id = '{id}'", "blocks", "0 are stored"),
        (
            "UPDATE contracts SET content = replace(content, 'Reportage', 'Portrait') WHERE id = '{id}'",
            "content",
            "does not give the hash",
        ),
        (
            "UPDATE contracts SET content_hash = repeat('0', 64) WHERE id = '{id}'",
            "content",
            "not the one logged",
        ),
        ("UPDATE signatures SET name = 'Eva' WHERE contract_id = '{id}'", "signatures", "altered"),
        ("UPDATE signatures SET ip = '1.1.1.1' WHERE contract_id = '{id}'", "signatures", "altered"),
        ("UPDATE signatures SET image = 'x' WHERE contract_id = '{id}'", "signatures", "drawing"),
        (
            "DELETE FROM signatures WHERE contract_id = '{id}' AND role = 'customer'",
            "signatures",
            "1 logged signatures are missing",
        ),
        (
            "UPDATE contracts SET integrity_hash = repeat('0', 64) WHERE id = '{id}'",
            "final_document",
            "not the one logged",
        ),
        (
            "UPDATE signing_log SET facts = '{{}}' WHERE contract_id = '{id}' AND seq = 2",
            "signing_log",
            "Entry 2 (invited) was altered",
        ),
        ("DELETE FROM signing_log WHERE contract_id = '{id}' AND seq = 2", "signing_log", "Entry 2 is missing"),
        ("DELETE FROM signing_log WHERE contract_id = '{id}' AND seq > 3", "signing_log", "ends at entry 3"),
        (
            "UPDATE signing_log SET seq = 99 WHERE contract_id = '{id}' AND seq = 2; "
            "UPDATE signing_log SET seq = 2 WHERE contract_id = '{id}' AND seq = 3; "
            "UPDATE signing_log SET seq = 3 WHERE contract_id = '{id}' AND seq = 99",
            "signing_log",
            "not in their first order",
        ),
    ],
)
def test_each_manipulation_is_named(studio: Any, statement: str, item: str, part: str) -> None:
    record = studio.fully_signed()
    studio.tamper(statement.format(id=record["id"]))
    found = outcomes(studio, record["id"])
    assert found[item][0] == "failed", found
    assert part in found[item][1]


def test_signing_stops_and_the_admin_is_told_once_when_the_content_was_changed(studio: Any) -> None:
    record, tokens = studio.sent(signers=2)
    studio.sign(tokens[0])
    studio.tamper(f"UPDATE contract_blocks SET body_resolved = 'Anderes' WHERE contract_id = '{record['id']}'")
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            studio.sign(tokens[1])
        assert refused.value.code == "CONTENT_MISMATCH"
        with pytest.raises(Refused) as hidden:
            studio.rpc.public_contract(token=tokens[1])
        assert hidden.value.code == "CONTENT_MISMATCH"
    assert studio.events_of(record["id"]).count("contract_integrity_failed.v1") == 1
    event = next(e for e in studio.harness.events("contract_integrity_failed.v1") if e.aggregate_id == record["id"])
    assert "Block 1" in event.data["problem"]
    assert studio.rpc.get_contract(id=record["id"])["state"] == "sent"
    assert [entry["type"] for entry in studio.rpc.signing_log(id=record["id"])][-1] == "integrity_failed"


def test_the_issuer_does_not_countersign_changed_content_either(studio: Any) -> None:
    record, tokens = studio.sent()
    studio.sign(tokens[0])
    studio.tamper(f"UPDATE contracts SET content = content || ' ' WHERE id = '{record['id']}'")
    with pytest.raises(Refused) as refused:
        studio.rpc.countersign_contract(id=record["id"], name="Lea", signature_png=studio.drawing())
    assert refused.value.code == "CONTENT_MISMATCH"
    assert studio.events_of(record["id"])[-1] == "contract_integrity_failed.v1"
