"""Verification: every item of a contract's evidence, with the reason where it fails."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from contracts.adapters import content, repository
from contracts.domain import evidence
from contracts.domain.composition import freeze
from contracts.domain.contract import State
from contracts.domain.evidence import Entry, LogEntry
from contracts.use_cases.signing import hash_of_signature
from kontor.database import Tx

Json = dict[str, Any]

OK, FAILED, NOT_APPLICABLE = "ok", "failed", "not_applicable"


def verify_contract(tx: Tx, id: str) -> list[Json]:
    """Check the signing log, the content, the block snapshots, the signatures and the recorded PDF hashes.

    Each item is `{item, outcome, reason}` with outcome ok, failed or not_applicable. PDF items carry the recorded
    `sha256`: here it is compared with the signing log; the stored bytes themselves are documents' to re-read.
    Verifying a sent contract is itself logged.
    """
    now, row = repository.load(tx, id, lock=True)
    if now.state is State.DRAFT:
        reason = "A draft has no evidence yet."
        names = ("signing_log", "content", "blocks", "signatures", "document", "final_document")
        return [_item(name, NOT_APPLICABLE, reason) for name in names]
    entries = repository.log_entries(tx, now.id)
    items = [
        _log_item(entries, row),
        _content_item(entries, row),
        _blocks_item(tx, row),
        _signatures_item(tx, entries, row),
        _document_item(row),
        _final_item(entries, row),
    ]
    failed = [item["item"] for item in items if item["outcome"] == FAILED]
    repository.log(tx, now.id, Entry.VERIFIED_INTEGRITY, {"failed": failed})
    tx.record(
        "contract.verified",
        record="contract",
        record_id=id,
        deal_uuid=row["deal_uuid"],
        after={"failed": failed},
    )
    return items


def _item(name: str, outcome: str, reason: str, **more: Any) -> Json:
    return {"item": name, "outcome": outcome, "reason": reason, **more}


def _log_item(entries: list[LogEntry], row: Mapping[str, Any]) -> Json:
    found = evidence.breaks(entries, row["log_length"], row["log_head"])
    if found:
        breaks = [one._asdict() for one in found]
        return _item("signing_log", FAILED, found[0].reason, kind=found[0].kind, breaks=breaks)
    return _item("signing_log", OK, f"{len(entries)} entries, unbroken.", head=row["log_head"])


def _content_item(entries: list[LogEntry], row: Mapping[str, Any]) -> Json:
    sent = next((entry for entry in entries if entry.type == Entry.SENT), None)
    if sent is not None and sent.facts.get("content_hash") != row["content_hash"]:
        return _item("content", FAILED, "The recorded hash is not the one logged at sending.")
    if hashlib.sha256(row["content"].encode()).hexdigest() != row["content_hash"]:
        return _item("content", FAILED, "The stored content does not give the hash recorded at sending.")
    if freeze(content.sent(row)).sha256 != row["content_hash"]:
        return _item("content", FAILED, "The stored content is not in its canonical form.")
    return _item("content", OK, "The content gives the hash recorded at sending.", sha256=row["content_hash"])


def _blocks_item(tx: Tx, row: Mapping[str, Any]) -> Json:
    try:
        sent = content.sent(row)
    except ValueError:
        return _item("blocks", FAILED, "The stored content cannot be read.")
    was = [(block["id"], block["section"], block["title"], block["markdown"]) for block in sent["blocks"]]
    now = [
        (str(block.id), block.section.value, block.title, block.body_resolved)
        for block in repository.contract_blocks(tx, row["id"])
    ]
    if len(was) != len(now):
        return _item("blocks", FAILED, f"{len(was)} blocks were sent, {len(now)} are stored.")
    for index, (before, after) in enumerate(zip(was, now, strict=True), start=1):
        if before != after:
            return _item("blocks", FAILED, f"Block {index} (“{before[2]}”) is not the text that was sent.")
    return _item("blocks", OK, f"{len(now)} blocks are the texts that were sent.")


def _signatures_item(tx: Tx, entries: list[LogEntry], row: Mapping[str, Any]) -> Json:
    logged = {
        entry.facts.get("signature_id"): entry.facts
        for entry in entries
        if entry.type in (Entry.SIGNED, Entry.COUNTERSIGNED)
    }
    stored = repository.signatures(tx, row["id"])
    if not logged and not stored:
        return _item("signatures", NOT_APPLICABLE, "Nobody has signed yet.")
    for one in stored:
        facts = logged.pop(str(one["id"]), None)
        who = one["name"]
        if facts is None:
            return _item("signatures", FAILED, f"The signature of {who} is not in the signing log.")
        if hashlib.sha256(one["image"]).hexdigest() != one["image_sha256"]:
            return _item("signatures", FAILED, f"The drawing of {who} was altered.")
        own = {name: value for name, value in one.items() if name not in ("image", "evidence_hash")}
        if hash_of_signature(own) != facts["evidence_hash"] or one["evidence_hash"] != facts["evidence_hash"]:
            return _item("signatures", FAILED, f"The record of the signature of {who} was altered.")
        if one["content_hash"] != row["content_hash"]:
            return _item("signatures", FAILED, f"{who} signed another content.")
    if logged:
        return _item("signatures", FAILED, f"{len(logged)} logged signatures are missing.")
    return _item("signatures", OK, f"{len(stored)} signatures are as recorded when given.")


def _document_item(row: Mapping[str, Any]) -> Json:
    if row["document_id"] is None:
        return _item("document", NOT_APPLICABLE, "The PDF that was sent is not stored yet.")
    return _item(
        "document",
        OK,
        "The hash of the PDF that was sent is recorded.",
        document_id=str(row["document_id"]),
        sha256=row["document_sha256"],
    )


def _final_item(entries: list[LogEntry], row: Mapping[str, Any]) -> Json:
    if row["integrity_hash"] is None:
        return _item("final_document", NOT_APPLICABLE, "There is no final PDF yet.")
    sealed = next((entry for entry in entries if entry.type == Entry.SEALED), None)
    if sealed is None:
        return _item("final_document", FAILED, "The signing log does not tell of the final PDF.")
    if sealed.facts.get("integrity_hash") != row["integrity_hash"]:
        return _item("final_document", FAILED, "The recorded hash is not the one logged when the PDF was made.")
    return _item(
        "final_document",
        OK,
        "The recorded hash is the one logged when the final PDF was made.",
        document_id=str(row["final_document_id"]),
        sha256=row["integrity_hash"],
    )
