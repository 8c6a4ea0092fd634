"""What a contract says: its facts gathered from the database, its texts filled, its content put together."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.adapters import markdown, repository
from contracts.domain import composition, facts, review
from contracts.domain.composition import ContractBlock
from contracts.domain.contract import Contract
from contracts.domain.evidence import Entry
from contracts.domain.placeholders import Filled
from contracts.domain.review import Problem
from contracts.settings import timezone
from kontor import replica
from kontor.database import Tx, plain
from kontor.errors import NotFound
from kontor.locale import document_locale

Json = dict[str, Any]

_CUSTOMER_FIELDS = (
    "salutation", "first_name", "last_name", "company", "email", "street", "house_number", "postcode", "town",
    "country", "vat_id",
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """A contract as it would be sent now: its content before a number is given, and what stops the send."""

    content: Json
    blocks: tuple[tuple[ContractBlock, Filled], ...]
    problems: tuple[Problem, ...]
    today: date

    @property
    def review_hash(self) -> str:
        return review.review_hash(self.content)


def issuer(tx: Tx) -> Json:
    return replica.settings(tx, "business_profile")


def customer_snapshot(record: Mapping[str, Any]) -> Json:
    """The customer's facts as documents print them."""
    known = {name: record.get(name) for name in _CUSTOMER_FIELDS}
    return known | {
        "id": record.get("id"),
        "number": record.get("customer_number") or record.get("number"),
        "display_name": facts.display_name(record),
    }


def current_customer(tx: Tx, row: Mapping[str, Any]) -> Json | None:
    """The customer as known now; None when the record never reached this service."""
    try:
        return replica.customer(tx, row["customer_id"])
    except NotFound:
        return None


def read(tx: Tx, contract: Contract, row: Mapping[str, Any], *, number: str | None = None) -> Reading:
    """The contract with today's facts; `number` is None until one is claimed."""
    own = issuer(tx)
    customer = current_customer(tx, row)
    told = customer or dict(row["customer"])
    quote = repository.quote(tx, row["quote_id"]) if row["quote_id"] else None
    today = tx.today(timezone(own))
    locale = document_locale(row["language"], str(own.get("country") or "CH"))
    known = facts.Facts(
        language=row["language"],
        locale=locale,
        currency=row["currency"],
        title=row["title"],
        today=today,
        valid_until=row["valid_until"],
        number=number,
        issuer=own,
        customer=told | {"customer_number": told.get("customer_number") or told.get("number")},
        signers=[signer.name for signer in contract.signers],
        quote=quote["facts"] if quote else None,
    )
    values = facts.values(known)
    blocks = tuple((block, block.resolve(values)) for block in repository.contract_blocks(tx, contract.id))
    problems = review.problems_of(
        issuer=own,
        customer=customer,
        blocks=[(block.title, filled.missing) for block, filled in blocks],
        signers=len(contract.signers),
        valid_until=row["valid_until"],
        today=today,
        code_required=row["code_required"],
    )
    content = _content(contract, row, known, blocks, quote["facts"] if quote else {}, replica.theme(tx))
    return Reading(content, blocks, tuple(problems), today)


def _content(
    contract: Contract,
    row: Mapping[str, Any],
    known: facts.Facts,
    blocks: tuple[tuple[ContractBlock, Filled], ...],
    quote: Mapping[str, Any],
    theme: Mapping[str, Any],
) -> Json:
    content: Json = plain(
        {
            "template": 1,
            "kind": "contract",
            "number": known.number,
            "language": known.language,
            "locale": known.locale,
            "currency": known.currency,
            "title": known.title,
            "issue_date": known.today,
            "due_date": None,
            "valid_until": known.valid_until,
            "service_from": None,
            "service_to": None,
            "issuer": known.issuer,
            "bank": None,
            "customer": customer_snapshot(known.customer),
            "intro": "",
            "closing": "",
            "price_entry": quote.get("price_entry", "net"),
            "lines": [],
            "totals": _printed_totals(quote),
            "payment": quote.get("payment"),
            "references": {
                "quote_number": quote.get("number"),
                "quote_document_sha256": quote.get("quote_document_sha256"),
                "contract_number": None,
            },
            "blocks": [
                {
                    "id": block.id,
                    "section": block.section.value,
                    "title": block.title,
                    "markdown": filled.text,
                    "html": markdown.to_html(filled.text),
                }
                for block, filled in blocks
            ],
            "signers": [
                {"id": signer.id, "position": position, "name": signer.name, "email": signer.email}
                for position, signer in enumerate(contract.signers, start=1)
            ],
            "signing": {
                "modes": row["signing_modes"],
                "order": row["signing_order"],
                "code_required": row["code_required"],
            },
            "consents": row["consents"],
            "theme": theme,
        }
    )
    return content


def _printed_totals(quote: Mapping[str, Any]) -> Json | None:
    totals = quote.get("totals")
    if not totals:
        return None
    return {name: totals[name] for name in ("net_minor", "vat_minor", "total_minor", "vat_groups")}


def sent(row: Mapping[str, Any]) -> Json:
    """The content of a sent contract, as it was frozen."""
    content: Json = json.loads(row["content"])
    return content


def sent_blocks(row: Mapping[str, Any]) -> list[Json]:
    """The blocks as sent; empty when the stored content is no JSON any more, which verification reports."""
    try:
        return list(sent(row)["blocks"])
    except (ValueError, KeyError, TypeError):
        return []


def mismatch(tx: Tx, row: Mapping[str, Any]) -> str | None:
    """Why the stored content of a sent contract is not what was sent, or None when it is."""
    try:
        stored = sent(row)
    except ValueError:
        return "The stored content cannot be read."
    if not isinstance(stored, dict) or not isinstance(stored.get("blocks"), list):
        return "The stored content is not that of a contract."
    rows = [
        {"id": str(block.id), "title": block.title, "body": block.body_resolved or ""}
        for block in repository.contract_blocks(tx, row["id"])
    ]
    return composition.mismatch(row["content"], row["content_hash"], stored, rows)


def final_snapshot(tx: Tx, row: Mapping[str, Any]) -> Json:
    """The signed contract as documents renders it: the content as sent, the signatures, the audit page."""
    signatures = repository.signatures(tx, row["id"])
    entries = repository.log_entries(tx, row["id"])
    countersigned = next(entry for entry in entries if entry.type == Entry.COUNTERSIGNED)
    snapshot: Json = sent(row) | plain(
        {
            "kind": "contract_final",
            "contract_id": row["id"],
            "content_hash": row["content_hash"],
            "signatures": [
                {
                    "name": one["name"],
                    "email": one["email"],
                    "role": one["role"],
                    "method": one["method"],
                    "at": one["signed_at"],
                    "ip": one["ip"],
                    "image_png_b64": base64.b64encode(one["image"]).decode(),
                }
                for one in signatures
            ],
            "audit": {
                "contract_id": row["id"],
                "content_hash": row["content_hash"],
                "document_sha256": row["document_sha256"],
                "sent_at": row["sent_at"],
                "signed_at": row["signed_at"],
                "countersigned_at": row["countersigned_at"],
                "signatures": [
                    {
                        "name": one["name"],
                        "email": one["email"],
                        "role": one["role"],
                        "method": one["method"],
                        "at": one["signed_at"],
                        "ip": one["ip"],
                        "user_agent": one["user_agent"],
                        "code_verified": one["code_verified"],
                        "consents": one["consents"],
                        "image_sha256": one["image_sha256"],
                        "evidence_hash": one["evidence_hash"],
                    }
                    for one in signatures
                ],
                "log": [
                    {
                        "seq": entry.seq,
                        "type": entry.type,
                        "at": entry.at,
                        "actor": entry.actor.get("name"),
                        "hash": entry.hash,
                    }
                    for entry in entries
                    if entry.seq <= countersigned.seq
                ],
                "log_head": countersigned.hash,
            },
        }
    )
    return snapshot
