"""The database repeats the invariants: drift, guards against changing what was sent, names of handlers."""

from typing import Any

import psycopg
import pytest

from contracts.adapters.tables import metadata
from kontor import migrations
from kontor.database import Database


def test_models_and_migrated_database_agree(service_db: Any) -> None:
    database = Database(service_db("contracts"), "contracts")
    try:
        assert migrations.drift(metadata, database) == []
        migrations.upgrade("contracts", database)  # again: nothing to do
    finally:
        database.close()


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE contracts SET title = 'x' WHERE id = %(id)s", "frozen"),
        ("UPDATE contracts SET content = 'x' WHERE id = %(id)s", "frozen"),
        ("UPDATE contracts SET number = 'K-1' WHERE id = %(id)s", "frozen"),
        ("UPDATE contracts SET valid_until = valid_until + 1 WHERE id = %(id)s", "frozen"),
        ("UPDATE contracts SET state = 'draft' WHERE id = %(id)s", "cannot go from fully_signed to draft"),
        ("UPDATE contracts SET state = 'sent' WHERE id = %(id)s", "cannot go from"),
        ("UPDATE contracts SET integrity_hash = repeat('0', 64) WHERE id = %(id)s", "stays"),
        ("UPDATE contracts SET document_sha256 = repeat('0', 64) WHERE id = %(id)s", "stays"),
        ("UPDATE contracts SET signed_at = now() WHERE id = %(id)s", "stays"),
        ("UPDATE contracts SET log_length = 1 WHERE id = %(id)s", "only grows"),
        ("DELETE FROM contracts WHERE id = %(id)s", "cannot be deleted"),
        ("UPDATE contract_blocks SET body_resolved = 'x' WHERE contract_id = %(id)s", "frozen"),
        ("DELETE FROM contract_blocks WHERE contract_id = %(id)s", "frozen"),
        (
            "INSERT INTO contract_blocks (id, contract_id, position, section, title, body_markdown, example)"
            " VALUES (gen_random_uuid(), %(id)s, 99, 'body', 'x', 'x', false)",
            "frozen",
        ),
        ("UPDATE signers SET email = 'x@y.ch' WHERE contract_id = %(id)s", "frozen"),
        ("DELETE FROM signers WHERE contract_id = %(id)s", "frozen"),
        ("UPDATE signers SET state = 'waiting', answered_at = NULL WHERE contract_id = %(id)s", "answer"),
        ("UPDATE signatures SET name = 'x' WHERE contract_id = %(id)s", "append-only"),
        ("DELETE FROM signatures WHERE contract_id = %(id)s", "append-only"),
        ("TRUNCATE signatures", "append-only"),
        ("UPDATE signing_log SET type = 'x' WHERE contract_id = %(id)s", "append-only"),
        ("DELETE FROM signing_log WHERE contract_id = %(id)s", "append-only"),
        ("TRUNCATE signing_log", "append-only"),
        ("DELETE FROM blocks WHERE system AND key = 'nda'", "system blocks"),
    ],
)
def test_the_database_protects_a_signed_contract(signed: Any, statement: str, message: str) -> None:
    studio, record = signed
    with pytest.raises(psycopg.Error) as refused:
        studio.harness.sql(statement, {"id": record["id"]})
    assert message in str(refused.value)


@pytest.fixture(scope="module")
def signed(studio: Any) -> Any:
    return studio, studio.fully_signed()


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE contracts SET state = 'odd' WHERE id = %(id)s", "cannot go from draft to odd"),
        ("UPDATE contracts SET number = 'K-1' WHERE id = %(id)s", "ck_contracts_number_at_send"),
        ("UPDATE contracts SET content = 'x' WHERE id = %(id)s", "ck_contracts_content_at_send"),
        ("UPDATE contracts SET signed_at = now() WHERE id = %(id)s", "ck_contracts_signed"),
        ("UPDATE contracts SET integrity_hash = repeat('0', 64) WHERE id = %(id)s", "ck_contracts_sealed"),
        ("UPDATE contracts SET signing_modes = '{pigeon}' WHERE id = %(id)s", "signing_modes"),
        ("UPDATE contracts SET language = 'fr' WHERE id = %(id)s", "language"),
        ("UPDATE signers SET position = 6 WHERE contract_id = %(id)s", "position"),
        ("UPDATE signers SET state = 'signed' WHERE contract_id = %(id)s", "ck_signers_answered"),
        ("UPDATE contract_blocks SET section = 'middle' WHERE contract_id = %(id)s", "section"),
    ],
)
def test_the_database_refuses_impossible_drafts(studio: Any, statement: str, constraint: str) -> None:
    draft = studio.draft()
    with pytest.raises(psycopg.Error) as refused:
        studio.harness.sql(statement, {"id": draft["id"]})
    assert constraint in str(refused.value)


def test_a_signer_or_an_issuer_signs_once_whatever_the_code_does(signed: Any) -> None:
    studio, record = signed
    for role in ("customer", "issuer"):
        with pytest.raises(psycopg.errors.UniqueViolation):
            studio.harness.sql(
                "INSERT INTO signatures SELECT gen_random_uuid(), contract_id, signer_id, role, name, email, method,"
                " image, image_sha256, received_sha256, consents, content_hash, evidence_hash, signed_at, ip,"
                " user_agent, code_verified FROM signatures WHERE contract_id = %s AND role = %s",
                [record["id"], role],
            )


def test_every_change_left_an_activity_entry(studio: Any) -> None:
    record = studio.fully_signed()
    entries = studio.rpc.list_activity(record_id=record["id"])["items"]
    assert [entry["action"] for entry in reversed(entries)] == [
        "contract.created",
        "contract.sent",
        "contract.signed",
        "contract.countersigned",
        "contract.fully_signed",
    ]
    signed = next(entry for entry in entries if entry["action"] == "contract.signed")
    assert (signed["actor"]["kind"], signed["actor"]["name"]) == ("link", "Person 1")
    assert studio.rpc.verify_activity() == []
