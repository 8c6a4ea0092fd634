"""The read side: records, lists, the library, the signer's page, snapshots, the proof of the numbers."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.adapters import content, markdown, repository, tables
from contracts.domain import contract, placeholders
from contracts.domain.blocks import BlockLanguage, Section
from contracts.domain.composition import ContractBlock
from contracts.domain.contract import Contract, Signer, SignerState, State
from kontor.core_tables import series
from kontor.database import Tx, plain
from kontor.errors import Invalid, NotFound

Json = dict[str, Any]

MOST_ROWS = 200
_OUTSIDERS = ("customer", "link")
_SUMMARY = (
    "id", "version", "state", "number", "deal_uuid", "customer_id", "title", "language", "currency", "quote_id",
    "booking_id", "revises_id", "signing_modes", "signing_order", "code_required", "valid_until", "content_hash",
    "document_id", "final_document_id", "integrity_hash", "sent_at", "signed_at", "countersigned_at", "sealed_at",
    "ended_at", "end_reason", "integrity_alarm_at", "problem", "created_by_admin_id", "created_at", "updated_at",
)  # fmt: skip


def _outsider(tx: Tx) -> bool:
    return tx.actor.get("kind") in _OUTSIDERS


def record(tx: Tx, id: str) -> Json:
    """The whole contract with blocks and signers. Outsiders see no drafts, customers only their own."""
    now, row = repository.load(tx, id)
    _refuse_outsiders(tx, row)
    unresolved: dict[str, list[str]] = {}
    if now.state is State.DRAFT:
        reading = content.read(tx, now, row)
        printed = reading.content["blocks"]
        unresolved = {str(block.id): list(filled.missing) for block, filled in reading.blocks}
    else:
        printed = content.sent_blocks(row)
    texts = {block["id"]: block for block in printed}
    blocks = [
        {
            "id": block.id,
            "block_id": block.block_id,
            "section": block.section.value,
            "title": block.title,
            "body_markdown": block.body_markdown,
            "body_resolved": _printed(texts, block)["markdown"],
            "html": _printed(texts, block)["html"],
            "overridden": block.overridden,
            "example": block.example,
            "unresolved": unresolved.get(str(block.id), []),
        }
        for block in repository.contract_blocks(tx, now.id)
    ]
    body: Json = plain(
        _summary(row)
        | {
            "blocks": blocks,
            "signers": signers(tx, now.id),
            "consents": _consents(row),
            "review_hash": row["review_hash"],
            "document_sha256": row["document_sha256"],
            "countersignature": _countersignature(tx, now.id),
        }
    )
    return body


def _printed(texts: Mapping[str, Json], block: ContractBlock) -> Json:
    """The text as sent; a block that was not sent (somebody changed the database) shows its row's text."""
    text = block.body_resolved or block.body_markdown
    return texts.get(str(block.id)) or {"markdown": text, "html": markdown.to_html(text)}


def _refuse_outsiders(tx: Tx, row: Mapping[str, Any]) -> None:
    foreign = tx.actor.get("kind") == "customer" and str(tx.actor.get("id")) != row["customer_id"]
    if _outsider(tx) and (foreign or row["state"] == State.DRAFT.value):
        raise NotFound("There is no such contract.")


def _summary(row: Mapping[str, Any]) -> Json:
    customer = row["customer"]
    return {name: row[name] for name in _SUMMARY} | {
        "customer": {
            "id": row["customer_id"],
            "display_name": customer.get("display_name"),
            "email": customer.get("email"),
        },
        "allowed": contract.allowed(State(row["state"])),
    }


def _consents(row: Mapping[str, Any]) -> list[Json]:
    return [consent | {"required": True} for consent in row["consents"]]


def signers(tx: Tx, contract_id: UUID) -> list[Json]:
    """The customer signers in signing order, with their answers."""
    methods = {one["signer_id"]: one["method"] for one in repository.signatures(tx, contract_id)}
    return [
        {
            "id": row["id"],
            "position": row["position"],
            "name": row["name"],
            "email": row["email"],
            "state": row["state"],
            "signed_at": row["answered_at"] if row["state"] == SignerState.SIGNED.value else None,
            "declined_at": row["answered_at"] if row["state"] == SignerState.DECLINED.value else None,
            "reason": row["reason"],
            "method": methods.get(row["id"]),
            "invited_at": row["invited_at"],
            "viewed_at": row["viewed_at"],
            "reminders": row["reminders"],
        }
        for row in repository.signer_rows(tx, contract_id)
    ]


def _countersignature(tx: Tx, contract_id: UUID) -> Json | None:
    for one in repository.signatures(tx, contract_id):
        if one["role"] == "issuer":
            return {"name": one["name"], "method": one["method"], "at": one["signed_at"]}
    return None


def page(
    tx: Tx,
    *,
    state: str | Sequence[str] | None = None,
    customer_id: str | None = None,
    deal_uuid: str | None = None,
    q: str | None = None,
    sort: str = "-created",
    cursor: str | None = None,
    limit: int = 50,
) -> Json:
    """One page of summaries by creation, and the number of contracts per state under the other filters."""
    if sort not in ("created", "-created"):
        raise Invalid.field("sort", "Contracts are sorted by “created” or “-created”.")
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST_ROWS:
        raise Invalid.field("limit", f"Please ask for 1 to {MOST_ROWS} rows.")
    table = tables.contracts
    filters = _filters(tx, customer_id, deal_uuid, q)
    query = sa.select(table).where(*filters)
    wanted = _states(state)
    if wanted:
        query = query.where(table.c.state.in_(wanted))
    key = sa.tuple_(table.c.created_at, table.c.id)
    falling = sort.startswith("-")
    if cursor is not None:
        last = sa.tuple_(*(sa.literal(part) for part in _read_cursor(cursor)))
        query = query.where(key < last if falling else key > last)
    columns = (table.c.created_at, table.c.id)
    query = query.order_by(*(column.desc() if falling else column.asc() for column in columns))
    rows = tx.execute(query.limit(limit + 1)).mappings().all()
    counts = tx.execute(sa.select(table.c.state, sa.func.count().label("n")).where(*filters).group_by(table.c.state))
    return {
        "items": [plain(_summary(row)) for row in map(dict, rows[:limit])],
        "next_cursor": _write_cursor(dict(rows[limit - 1])) if len(rows) > limit else None,
        "counts": {row.state: row.n for row in counts},
    }


def _filters(tx: Tx, customer_id: str | None, deal_uuid: str | None, q: str | None) -> list[sa.ColumnElement[bool]]:
    table = tables.contracts
    filters: list[sa.ColumnElement[bool]] = []
    if customer_id is not None:
        filters.append(table.c.customer_id == customer_id)
    if deal_uuid is not None:
        try:
            filters.append(table.c.deal_uuid == UUID(deal_uuid))
        except ValueError:
            raise Invalid.field("deal_uuid", "This is not an id.") from None
    for word in (q or "").split()[:10]:
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        name = table.c.customer["display_name"].astext
        filters.append(sa.or_(*(column.ilike(pattern) for column in (table.c.title, table.c.number, name))))
    if _outsider(tx):
        filters.append(table.c.state != State.DRAFT.value)
    if tx.actor.get("kind") == "customer":
        filters.append(table.c.customer_id == str(tx.actor.get("id")))
    return filters


def _states(state: str | Sequence[str] | None) -> list[str]:
    wanted = [state] if isinstance(state, str) else list(state or ())
    unknown = set(wanted) - set(State)
    if unknown:
        raise Invalid.field("state", f"There is no state “{min(unknown)}”.")
    return wanted


def _write_cursor(row: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([row["created_at"].isoformat(), str(row["id"])]).encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return datetime.fromisoformat(at), UUID(id)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise Invalid.field("cursor", "This is not a cursor of this list.") from None


def blocks(tx: Tx, language: str | None = None, active: bool | None = None) -> list[Json]:
    """The library by section; with a language, its blocks and those for any language."""
    table = tables.blocks
    query = sa.select(table)
    if language is not None:
        if language not in [one.value for one in BlockLanguage]:
            raise Invalid.field("language", "Please use one of: de, en, any.")
        query = query.where(table.c.language.in_([language, BlockLanguage.ANY.value]))
    if active is not None:
        query = query.where(table.c.active.is_(active))
    order = [section.value for section in Section]
    rows = [_block(row) for row in tx.execute(query).mappings()]
    return sorted(rows, key=lambda row: (order.index(row["section"]), row["language"], row["title"], row["id"]))


def block(tx: Tx, id: str) -> Json:
    return _block(repository.library_block(tx, id))


def _block(row: Any) -> Json:
    body: Json = plain({name: row[name] for name in row if name != "created_by_admin_id"})
    return body | {"html": markdown.to_html(row["body_markdown"])}


def published_placeholders() -> list[Json]:
    """The placeholders a text may use, with their meaning in both languages."""
    return [
        {"name": one.name, "written": f"{{{{{one.name}}}}}", "de": one.de, "en": one.en, "own_line": one.block}
        for one in placeholders.PUBLISHED
    ]


def signer_page(tx: Tx, now: Contract, row: Mapping[str, Any], signer: Signer) -> Json:
    """What a signer sees: the contract as it was sent, who signs, what this signer can do now."""
    sent = content.sent(row)
    every = signers(tx, now.id)
    mine = next(one for one in every if one["id"] == signer.id)
    before = contract.waiting_before(now, signer.id)
    can_answer = now.state is State.SENT and signer.state is SignerState.WAITING
    declined = next((one for one in every if one["state"] == SignerState.DECLINED.value), None)
    body: Json = plain(
        {
            "contract": {
                "id": now.id,
                "number": row["number"],
                "title": row["title"],
                "language": row["language"],
                "locale": sent["locale"],
                "currency": row["currency"],
                "state": now.state.value,
                "deal_uuid": row["deal_uuid"],
                "customer_id": row["customer_id"],
                "customer": {"display_name": sent["customer"]["display_name"]},
                "valid_until": row["valid_until"],
                "sent_at": row["sent_at"],
                "blocks": [block | {"body_resolved": block["markdown"]} for block in sent["blocks"]],
                "signers": [
                    {name: one[name] for name in ("id", "position", "name", "state", "signed_at")} for one in every
                ],
                "consents": _consents(row),
                "signing_modes": row["signing_modes"],
                "signing_order": row["signing_order"],
                "content_hash": row["content_hash"],
                "declined_at": declined["declined_at"] if declined else None,
                "decline_reason": declined["reason"] if declined and declined["id"] == signer.id else None,
                "countersigned_at": row["countersigned_at"],
                "integrity_hash": row["integrity_hash"],
            },
            "issuer": sent["issuer"],
            "signer": {
                name: mine[name] for name in ("id", "name", "email", "state", "signed_at", "declined_at", "method")
            },
            "state": now.state.value,
            "waiting_for": before.name if before and can_answer else None,
            "document_id": row["document_id"],
            "final_document_id": row["final_document_id"],
            "allowed": ([] if before else ["sign"]) + ["decline"] if can_answer else [],
            "code": {"required": row["code_required"]},
        }
    )
    return body


def snapshot(tx: Tx, id: str) -> Json:
    """What documents renders: a draft with today's facts, a sent contract as frozen, a signed one with signatures."""
    now, row = repository.load(tx, id)
    _refuse_outsiders(tx, row)
    if now.state is State.DRAFT:
        return content.read(tx, now, row).content
    if row["countersigned_at"] is not None:
        return content.final_snapshot(tx, row)
    return content.sent(row) | {"contract_id": str(now.id), "content_hash": row["content_hash"]}


def signing_log(tx: Tx, id: str) -> list[Json]:
    """The contract's signing log, oldest first."""
    now, row = repository.load(tx, id)
    _refuse_outsiders(tx, row)
    log: list[Json] = plain(
        [
            {
                "seq": entry.seq,
                "type": entry.type,
                "at": entry.at,
                "actor": entry.actor,
                "facts": entry.facts,
                "previous_hash": entry.previous_hash,
                "hash": entry.hash,
            }
            for entry in repository.log_entries(tx, now.id)
        ]
    )
    return log


def verify_numbers(tx: Tx) -> Json:
    """The proof over the live tables: the count of numbers, and gaps, duplicates and inversions as sentences."""
    table = tables.contracts
    rows = tx.execute(
        sa.select(table.c.number_year, table.c.number_seq, table.c.number, table.c.sent_at)
        .where(table.c.number.is_not(None))
        .order_by(table.c.number_year, table.c.number_seq)
    ).all()
    problems: list[str] = []
    last: dict[int, int] = {}
    sent: dict[int, datetime] = {}
    for row in rows:
        year, before = row.number_year, last.get(row.number_year, 0)
        if row.number_seq != before + 1:
            problems.append(f"Before {row.number} ({year}) the numbers {before + 1} to {row.number_seq - 1} lack.")
        if year in sent and row.sent_at < sent[year]:
            problems.append(f"{row.number} was sent before the contract with the number before it.")
        last[year], sent[year] = row.number_seq, row.sent_at
    for row in tx.execute(sa.select(series.c.year, series.c.last).where(series.c.kind == "contract")):
        if last.get(row.year, 0) != row.last:
            problems.append(
                f"In {row.year} {row.last} contract numbers were claimed, the last in use is {last.get(row.year, 0)}."
            )
    return {"count": len(rows), "problems": problems}
