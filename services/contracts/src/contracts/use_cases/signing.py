"""What a signer does through a personal link: look, sign, decline. And what happens when evidence is broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.adapters import content, drawing, repository
from contracts.domain import contract
from contracts.domain.canonical import sha256_of
from contracts.domain.contract import Contract, Signer, SignerState, State, Verb
from contracts.domain.errors import (
    CodeNotAvailable,
    ContentMismatch,
    LinkClosed,
    SigningModeNotAvailable,
)
from contracts.domain.evidence import Entry
from contracts.settings import contract_settings
from contracts.use_cases.sending import business_date, end
from kontor import links
from kontor.database import Tx, plain
from kontor.errors import FieldError, Invalid, InvalidTransition, NotFound
from kontor.ids import uuid7
from kontor.secrets import Sealer

Json = dict[str, Any]

NAME_LIMIT = 200
REASON_LIMIT = 2000
USER_AGENT_LIMIT = 500


@dataclass(frozen=True)
class Visit:
    """A signer who came by link, with the contract locked."""

    contract: Contract
    row: Json
    signer: Signer
    ip: str | None


def visit(tx: Tx, token: str, ip: str | None) -> Visit:
    """The contract and signer behind a token; from here on the transaction acts in the signer's name.

    Raises `LinkUnknown`, and `LinkClosed` for revoked links and contracts whose time is over.
    """
    link = repository.link(tx, links.digest(token))
    now, row = repository.load(tx, link["contract_id"], lock=True)
    signer = contract.signer_of(now, link["signer_id"])
    tx.actor = {"kind": "link", "id": str(signer.id), "name": signer.name} | ({"ip": ip} if ip else {})
    if not contract_settings(tx).record_ip:
        tx.actor.pop("ip", None)
    contract.refuse_closed(now, business_date(tx))
    if link["revoked_at"] is not None:
        raise LinkClosed("This link is no longer valid.", now.state.value)
    return Visit(now, row, signer, ip)


def visit_portal(tx: Tx, id: str, email: str, ip: str | None) -> Visit:
    """As `visit`, for a signed-in customer whose address is that of a signer; else `NotFound`."""
    now, row = repository.load(tx, id, lock=True)
    own = tx.actor.get("kind") == "customer" and str(tx.actor.get("id")) == row["customer_id"]
    mine = [signer for signer in now.signers if signer.email.casefold() == email.strip().casefold()]
    if now.state is State.DRAFT or not own or not mine:
        raise NotFound("There is no such contract.")
    contract.refuse_closed(now, business_date(tx))
    waiting = [signer for signer in mine if signer.state is SignerState.WAITING]
    return Visit(now, row, (waiting or mine)[0], ip)


def view(tx: Tx, came: Visit) -> Visit:
    """Open the page: the first time is logged. Content that is not what was sent is not shown."""
    refuse_mismatch(tx, came.row)
    seen = next(row for row in repository.signer_rows(tx, came.contract.id) if row["id"] == came.signer.id)
    if seen["viewed_at"] is None and came.contract.state is State.SENT:
        repository.save_signer(tx, came.signer.id, viewed_at=tx.now)
        repository.log(tx, came.contract.id, Entry.VIEWED, {"signer_id": came.signer.id})
    return came


def sign(
    tx: Tx,
    sealer: Sealer,
    came: Visit,
    *,
    name: str,
    method: str,
    signature_png: str,
    consents: Sequence[str],
    user_agent: str | None,
) -> Json:
    """Record one signature. Doing it again answers with what was recorded and changes nothing.

    Raises `NotYourTurn`, `SignatureRefused`, `ContentMismatch`, `LinkClosed`, `InvalidTransition`.
    """
    if came.signer.state is SignerState.SIGNED:
        return recorded(tx, came.contract, came.row, came.signer.id)
    after = contract.sign(came.contract, came.signer.id, business_date(tx))
    if came.row["code_required"]:
        raise CodeNotAvailable
    if method != "draw" or method not in came.row["signing_modes"]:
        raise SigningModeNotAvailable(str(method), "method")
    given_name = _name(name)
    ticked = _consents(came.row["consents"], consents)
    picture = drawing.read(signature_png)
    refuse_mismatch(tx, came.row)
    if ticked:
        repository.log(tx, came.contract.id, Entry.CONSENTED, {"signer_id": came.signer.id, "consents": ticked})
    add_signature(
        tx,
        came.contract.id,
        role="customer",
        signer_id=came.signer.id,
        name=given_name,
        email=came.signer.email,
        picture=picture,
        consents=ticked,
        content_hash=came.row["content_hash"],
        ip=came.ip if contract_settings(tx).record_ip else None,
        user_agent=user_agent,
        entry=Entry.SIGNED,
    )
    repository.save_signer(tx, came.signer.id, state=SignerState.SIGNED.value, answered_at=tx.now)
    complete = after.state is State.SIGNED
    repository.save(tx, after, **({"signed_at": tx.now} if complete else {}))
    tx.record(
        "contract.signed",
        record="contract",
        record_id=after.id,
        deal_uuid=came.row["deal_uuid"],
        before={"state": came.contract.state.value},
        after={"state": after.state.value, "signer": came.signer.name, "method": method},
    )
    _tell_signed(tx, after, came, given_name, method)
    if not complete and after.order is contract.Order.SEQUENTIAL:
        _call_next(tx, sealer, after, came.row)
    return recorded(tx, after, came.row, came.signer.id)


def _tell_signed(tx: Tx, after: Contract, came: Visit, name: str, method: str) -> None:
    tx.emit(
        "contract_signed.v1",
        deal_uuid=came.row["deal_uuid"],
        aggregate_id=after.id,
        aggregate_version=after.version,
        data={
            "contract_id": after.id,
            "number": came.row["number"],
            "title": came.row["title"],
            "customer_id": came.row["customer_id"],
            "signer_id": came.signer.id,
            "name": name,
            "method": method,
            "complete": after.state is State.SIGNED,
            "signed": sum(one.state is SignerState.SIGNED for one in after.signers),
            "signers": len(after.signers),
            "state": after.state.value,
        },
    )


def recorded(tx: Tx, now: Contract, row: Json, signer_id: UUID) -> Json:
    """The answer to a signature: what is on record of it."""
    mine = next(one for one in repository.signatures(tx, now.id) if one["signer_id"] == signer_id)
    answer: Json = plain(
        {
            "contract_id": now.id,
            "number": row["number"],
            "state": now.state.value,
            "complete": now.state is not State.SENT,
            "signer": {
                "id": signer_id,
                "name": mine["name"],
                "email": mine["email"],
                "state": SignerState.SIGNED.value,
                "method": mine["method"],
                "signed_at": mine["signed_at"],
            },
            "content_hash": mine["content_hash"],
            "evidence_hash": mine["evidence_hash"],
        }
    )
    return answer


def add_signature(
    tx: Tx,
    contract_id: UUID,
    *,
    role: str,
    signer_id: UUID | None,
    name: str,
    email: str | None,
    picture: drawing.Drawing,
    consents: list[Json],
    content_hash: str,
    ip: str | None,
    user_agent: str | None,
    entry: Entry,
) -> None:
    """Store a drawn signature with its evidence and log it with the hash over that evidence."""
    values: Json = {
        "id": uuid7(),
        "contract_id": contract_id,
        "signer_id": signer_id,
        "role": role,
        "name": name,
        "email": email,
        "method": "draw",
        "image_sha256": picture.sha256,
        "received_sha256": picture.received_sha256,
        "consents": consents,
        "content_hash": content_hash,
        "signed_at": tx.now,
        "ip": ip,
        "user_agent": user_agent[:USER_AGENT_LIMIT] if user_agent else None,
        "code_verified": False,
    }
    evidence_hash = hash_of_signature(values)
    repository.add_signature(tx, values | {"image": picture.png, "evidence_hash": evidence_hash})
    facts = {
        "signature_id": values["id"],
        "signer_id": signer_id,
        "name": name,
        "method": "draw",
        "content_hash": content_hash,
        "evidence_hash": evidence_hash,
    }
    repository.log(tx, contract_id, entry, facts)


def hash_of_signature(values: Json) -> str:
    """SHA-256 over every recorded fact of a signature but the picture itself, whose hash is among them."""
    facts = {name: value for name, value in values.items() if name not in ("image", "evidence_hash")}
    return sha256_of(plain(facts))


def decline(tx: Tx, came: Visit, reason: str) -> Json:
    """One signer declines, which ends the contract for all. Declining again answers what is recorded."""
    said = reason.strip() if isinstance(reason, str) else ""
    if len(said) > REASON_LIMIT:
        raise Invalid.field("reason", f"Please use at most {REASON_LIMIT} characters.")
    if came.signer.state is SignerState.DECLINED:
        return {"contract_id": str(came.contract.id), "number": came.row["number"], "state": State.DECLINED.value}
    after = contract.decline(came.contract, came.signer.id, business_date(tx))
    repository.save_signer(
        tx, came.signer.id, state=SignerState.DECLINED.value, answered_at=tx.now, reason=said or None
    )
    end(
        tx,
        came.row,
        after,
        Entry.DECLINED,
        said,
        told="contract_declined.v1",
        action="contract.declined",
        by={"signer_id": str(came.signer.id), "name": came.signer.name, "email": came.signer.email},
    )
    return {"contract_id": str(after.id), "number": came.row["number"], "state": after.state.value}


def refuse_mismatch(tx: Tx, row: Json) -> None:
    """Raise `ContentMismatch` when what is stored is not what was sent."""
    reason = content.mismatch(tx, row)
    if reason is not None:
        raise ContentMismatch(str(row["id"]), reason)


def alarm(tx: Tx, id: str, reason: str) -> None:
    """Tell the admin, once per contract, that its content does not match what was sent."""
    now, row = repository.load(tx, id, lock=True)
    if row["integrity_alarm_at"] is not None:
        return
    repository.note(tx, now.id, integrity_alarm_at=tx.now)
    repository.log(tx, now.id, Entry.INTEGRITY_FAILED, {"reason": reason})
    tx.record(
        "contract.integrity_failed",
        record="contract",
        record_id=now.id,
        deal_uuid=row["deal_uuid"],
        after={"reason": reason},
    )
    tx.emit(
        "contract_integrity_failed.v1",
        deal_uuid=row["deal_uuid"],
        aggregate_id=now.id,
        aggregate_version=now.version,
        data={
            "contract_id": now.id,
            "number": row["number"],
            "title": row["title"],
            "customer_id": row["customer_id"],
            "problem": reason,
            "state": now.state.value,
        },
    )


def _call_next(tx: Tx, sealer: Sealer, after: Contract, row: Json) -> None:
    """Sequential order: the next signer's turn has come."""
    for signer in contract.on_turn(after):
        repository.save_signer(tx, signer.id, invited_at=tx.now)
        remind(tx, sealer, after, row, signer, "your_turn")


def remind(tx: Tx, sealer: Sealer, now: Contract, row: Json, signer: Signer, reason: str) -> None:
    """Send a signer a fresh link; earlier links of the same sending go on working."""
    if now.state is not State.SENT:
        raise InvalidTransition(now.state.value, Verb.SIGN.value)
    token, digest = links.mint()
    repository.add_link(tx, digest, now.id, signer.id)
    repository.log(tx, now.id, Entry.REMINDED, {"signer_id": signer.id, "reason": reason})
    issuer = content.issuer(tx)
    tx.emit(
        "contract_reminded.v1",
        deal_uuid=row["deal_uuid"],
        aggregate_id=now.id,
        aggregate_version=now.version,
        data={
            "contract_id": now.id,
            "number": row["number"],
            "title": row["title"],
            "customer_id": row["customer_id"],
            "language": row["language"],
            "reason": reason,
            "signer": {
                "signer_id": signer.id,
                "name": signer.name,
                "email": signer.email,
                "link_sealed": sealer.seal(token),
            },
            "valid_until": row["valid_until"],
            "state": now.state.value,
            "issuer": {"name": issuer.get("name"), "email": issuer.get("email")},
        },
    )


def _name(name: object) -> str:
    text = " ".join(name.split()) if isinstance(name, str) else ""
    if not text:
        raise Invalid.field("name", "Please enter your name.")
    if len(text) > NAME_LIMIT or any(ord(sign) < 32 for sign in text):
        raise Invalid.field("name", f"Please use at most {NAME_LIMIT} characters.")
    return text


def _consents(asked: list[Json], ticked: Sequence[str]) -> list[Json]:
    """The consents with their text hashes; every one asked for must be ticked, and no other."""
    given = set(ticked or ())
    unknown = given - {consent["id"] for consent in asked}
    missing = [consent for consent in asked if consent["id"] not in given]
    if unknown:
        raise Invalid.field("consents", "There is no such consent.")
    if missing:
        raise Invalid(
            "Please tick every statement to sign.",
            errors=[FieldError("consents", f"Not ticked: {consent['text']}") for consent in missing],
        )
    return [{"id": consent["id"], "text_sha256": consent["sha256"]} for consent in asked]
