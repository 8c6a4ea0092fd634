"""Countersigning, the final document, cancelling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from contracts.adapters import content, drawing, repository
from contracts.domain import contract
from contracts.domain.contract import Verb
from contracts.domain.evidence import Entry
from contracts.settings import contract_settings
from contracts.use_cases.signing import add_signature, refuse_mismatch
from kontor.database import Tx
from kontor.errors import Invalid, InvalidTransition, NotFound

Json = dict[str, Any]


def countersign_contract(tx: Tx, id: str, name: str, signature_png: str) -> None:
    """The issuer signs, last of all; from here the contract is `sealing` until its final PDF is stored."""
    before, row = repository.load(tx, id, lock=True)
    after = contract.countersign(before)
    given = " ".join(name.split()) if isinstance(name, str) else ""
    if not given or len(given) > 200:
        raise Invalid.field("name", "Please enter the name of who signs for the studio.")
    picture = drawing.read(signature_png)
    refuse_mismatch(tx, row)
    add_signature(
        tx,
        before.id,
        role="issuer",
        signer_id=None,
        name=given,
        email=content.sent(row)["issuer"].get("email"),
        picture=picture,
        consents=[],
        content_hash=row["content_hash"],
        ip=tx.actor.get("ip") if contract_settings(tx).record_ip else None,
        user_agent=None,
        entry=Entry.COUNTERSIGNED,
    )
    repository.save(tx, after, countersigned_at=tx.now)
    tx.record(
        "contract.countersigned",
        record="contract",
        record_id=id,
        deal_uuid=row["deal_uuid"],
        before={"state": before.state.value},
        after={"state": after.state.value, "name": given},
    )
    _, row = repository.load(tx, id)
    tx.emit(
        "contract_countersigned.v1",
        deal_uuid=row["deal_uuid"],
        aggregate_id=before.id,
        aggregate_version=after.version,
        data={
            "contract_id": before.id,
            "number": row["number"],
            "title": row["title"],
            "customer_id": row["customer_id"],
            "state": after.state.value,
            "snapshot": content.final_snapshot(tx, row),
        },
    )


def keep_document(tx: Tx, data: Mapping[str, Any]) -> None:
    """A document of a contract is stored: the sent PDF is noted, the final one completes the contract.

    Told twice, it changes nothing; another final document than the recorded one is refused.
    """
    if data["kind"] not in ("contract", "contract_final"):
        return
    found = repository.find(tx, data["record_id"], lock=True)
    if found is None:
        raise NotFound("A document was stored for a contract that is not here.")
    before, row = found
    if data["kind"] == "contract":
        if row["document_id"] is None:
            document_id = UUID(data["document_id"])
            repository.note(tx, before.id, document_id=document_id, document_sha256=data["sha256"], problem=None)
        return
    if row["integrity_hash"] is not None:
        if row["integrity_hash"] != data["sha256"]:
            raise InvalidTransition(
                before.state.value, Verb.SEAL.value, "Another final document of this contract is recorded already."
            )
        return
    after = contract.seal(before)
    repository.save(
        tx,
        after,
        final_document_id=UUID(data["document_id"]),
        integrity_hash=data["sha256"],
        sealed_at=tx.now,
        problem=None,
    )
    facts = {"document_id": data["document_id"], "integrity_hash": data["sha256"]}
    repository.log(tx, before.id, Entry.SEALED, facts)
    tx.record(
        "contract.fully_signed",
        record="contract",
        record_id=before.id,
        deal_uuid=row["deal_uuid"],
        before={"state": before.state.value},
        after={"state": after.state.value, "integrity_hash": data["sha256"]},
    )
    tx.emit(
        "contract_fully_signed.v1",
        deal_uuid=row["deal_uuid"],
        aggregate_id=before.id,
        aggregate_version=after.version,
        data={
            "contract_id": before.id,
            "number": row["number"],
            "title": row["title"],
            "customer_id": row["customer_id"],
            "document_id": data["document_id"],
            "integrity_hash": data["sha256"],
            "recipients": _everyone(row),
            "language": row["language"],
            "state": after.state.value,
        },
    )


def report_document(tx: Tx, data: Mapping[str, Any]) -> None:
    """A document of a contract could not be made: the record shows why until it was; documents goes on trying."""
    if data["kind"] not in ("contract", "contract_final"):
        return
    found = repository.find(tx, data["record_id"], lock=True)
    if found is None:
        raise NotFound("A document failed for a contract that is not here.")
    before, row = found
    made = row["integrity_hash"] if data["kind"] == "contract_final" else row["document_id"]
    if made is not None:
        return
    problem = {"code": data["code"], "message": data["reason"], "document": data["kind"], "at": tx.now.isoformat()}
    repository.note(tx, before.id, problem=problem)
    tx.record(
        "contract.document_failed",
        record="contract",
        record_id=before.id,
        deal_uuid=row["deal_uuid"],
        after={"document": data["kind"], "code": data["code"], "reason": data["reason"]},
    )


def _everyone(row: Mapping[str, Any]) -> list[Json]:
    """Who gets the signed contract: the signers, the customer, the studio; each address once."""
    sent = content.sent(row)
    people = [
        *((signer["email"], signer["name"]) for signer in sent["signers"]),
        (sent["customer"].get("email"), sent["customer"].get("display_name")),
        (sent["issuer"].get("email"), sent["issuer"].get("name")),
    ]
    found: dict[str, Json] = {}
    for email, name in people:
        if email:
            found.setdefault(email.casefold(), {"email": email, "name": name})
    return list(found.values())


def cancel_contract(tx: Tx, id: str, reason: str) -> None:
    """Mark a signed contract as cancelled, with a reason; the sealed PDF and its hash stay."""
    before, row = repository.load(tx, id, lock=True)
    after = contract.cancel(before)
    said = reason.strip() if isinstance(reason, str) else ""
    if not said or len(said) > 2000:
        raise Invalid.field("reason", "Please say why, in at most 2000 characters.")
    repository.save(tx, after, ended_at=tx.now, end_reason=said)
    repository.log(tx, before.id, Entry.CANCELLED, {"reason": said})
    tx.record(
        "contract.cancelled",
        record="contract",
        record_id=id,
        deal_uuid=row["deal_uuid"],
        before={"state": before.state.value},
        after={"state": after.state.value, "reason": said},
    )
    tx.emit(
        "contract_cancelled.v1",
        deal_uuid=row["deal_uuid"],
        aggregate_id=before.id,
        aggregate_version=after.version,
        data={
            "contract_id": before.id,
            "number": row["number"],
            "title": row["title"],
            "customer_id": row["customer_id"],
            "reason": said,
            "state": after.state.value,
        },
    )
