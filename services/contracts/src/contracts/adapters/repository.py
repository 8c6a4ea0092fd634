"""Contracts in the database: load with a lock, save, blocks, signers, links, signatures, the signing log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from contracts.adapters import tables
from contracts.domain.blocks import Block, BlockLanguage, Section
from contracts.domain.composition import ContractBlock
from contracts.domain.contract import Contract, Order, Signer, SignerState, State
from contracts.domain.errors import LinkUnknown
from contracts.domain.evidence import LogEntry, follow
from kontor.database import Tx, plain
from kontor.errors import NotFound

Row = Mapping[str, Any]

WRONG_LINKS_LIMIT = 20
WRONG_LINKS_WINDOW = timedelta(minutes=15)


def _uuid(text: str, what: str) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound(f"There is no such {what}.") from None


# Library


def library_block(tx: Tx, id: str, *, lock: bool = False) -> Row:
    statement = sa.select(tables.blocks).where(tables.blocks.c.id == _uuid(id, "block"))
    row = tx.execute(statement.with_for_update() if lock else statement).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such block.")
    return dict(row)


def library_blocks(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Block]:
    """The blocks with these ids; unknown ids are absent."""
    rows = tx.execute(sa.select(tables.blocks).where(tables.blocks.c.id.in_(ids))).mappings()
    return {row["id"]: _block(row) for row in rows}


def system_blocks(tx: Tx, keys: Sequence[str], language: str) -> list[Block]:
    """The active system blocks with these keys, in the order of the keys."""
    rows = tx.execute(
        sa.select(tables.blocks).where(
            tables.blocks.c.key.in_(keys), tables.blocks.c.language == language, tables.blocks.c.active
        )
    ).mappings()
    return sorted((_block(row) for row in rows), key=lambda block: keys.index(str(block.key)))


def _block(row: Any) -> Block:
    return Block(
        id=row["id"],
        section=Section(row["section"]),
        title=row["title"],
        body_markdown=row["body_markdown"],
        language=BlockLanguage(row["language"]),
        active=row["active"],
        system=row["system"],
        example=row["example"],
        key=row["key"],
        version=row["version"],
    )


# Quotes as their events told them


def keep_quote(tx: Tx, quote_id: str, deal_uuid: Any, customer_id: str, facts: Row) -> None:
    statement = insert(tables.quotes).values(
        quote_id=UUID(quote_id),
        deal_uuid=deal_uuid,
        customer_id=customer_id,
        facts=plain(facts),
        received_at=tx.now,
    )
    tx.execute(statement.on_conflict_do_nothing())


def quote(tx: Tx, quote_id: Any) -> Row | None:
    row = tx.execute(sa.select(tables.quotes).where(tables.quotes.c.quote_id == quote_id)).mappings()
    found = row.one_or_none()
    return dict(found) if found else None


# Contracts


def load(tx: Tx, id: str | UUID, *, lock: bool = False) -> tuple[Contract, dict[str, Any]]:
    """The contract as the rules see it, and its row. With `lock`, others wait until this transaction ends."""
    found = find(tx, id, lock=lock)
    if found is None:
        raise NotFound("There is no such contract.")
    return found


def find(tx: Tx, id: str | UUID, *, lock: bool = False) -> tuple[Contract, dict[str, Any]] | None:
    statement = sa.select(tables.contracts).where(tables.contracts.c.id == _uuid(str(id), "contract"))
    row = tx.execute(statement.with_for_update() if lock else statement).mappings().one_or_none()
    if row is None:
        return None
    if lock:
        tx.read_clock_again()  # whoever waited for the lock acts now, not when it began to wait
    contract = Contract(
        id=row["id"],
        version=row["version"],
        state=State(row["state"]),
        signers=tuple(
            Signer(signer["id"], signer["name"], signer["email"], SignerState(signer["state"]))
            for signer in signer_rows(tx, row["id"])
        ),
        order=Order(row["signing_order"]),
        valid_until=row["valid_until"],
    )
    return contract, dict(row)


def insert_contract(tx: Tx, values: Row) -> bool:
    """Whether the contract was new: the same id twice creates once."""
    statement = insert(tables.contracts).values(**values).on_conflict_do_nothing()
    return tx.execute(statement.returning(tables.contracts.c.id)).one_or_none() is not None


def save(tx: Tx, contract: Contract, **changes: Any) -> None:
    """State, version and whatever else the verb changed; the moment comes from the transaction."""
    tx.execute(
        sa.update(tables.contracts)
        .where(tables.contracts.c.id == contract.id)
        .values(state=contract.state.value, version=contract.version, updated_at=tx.now, **changes)
    )


def note(tx: Tx, contract_id: UUID, **changes: Any) -> None:
    """Change bookkeeping that is no new version of the record."""
    tx.execute(sa.update(tables.contracts).where(tables.contracts.c.id == contract_id).values(**changes))


def show_customer(tx: Tx, customer_id: str, snapshot: Row) -> None:
    """Put the customer's present facts on all their drafts."""
    statement = sa.update(tables.contracts).where(
        tables.contracts.c.customer_id == customer_id, tables.contracts.c.state == State.DRAFT.value
    )
    tx.execute(statement.values(customer=dict(snapshot)))


def delete_contract(tx: Tx, id: UUID) -> None:
    tx.execute(sa.delete(tables.contracts).where(tables.contracts.c.id == id))


# Blocks and signers of a contract


def contract_blocks(tx: Tx, contract_id: UUID) -> list[ContractBlock]:
    rows = tx.execute(
        sa.select(tables.contract_blocks)
        .where(tables.contract_blocks.c.contract_id == contract_id)
        .order_by(tables.contract_blocks.c.position)
    ).mappings()
    return [
        ContractBlock(
            id=row["id"],
            section=Section(row["section"]),
            title=row["title"],
            body_markdown=row["body_markdown"],
            block_id=row["block_id"],
            library_title=row["library_title"],
            library_body=row["library_body"],
            example=row["example"],
            body_resolved=row["body_resolved"],
        )
        for row in rows
    ]


def replace_blocks(tx: Tx, contract_id: UUID, blocks: Sequence[ContractBlock]) -> None:
    owned = tables.contract_blocks.c.contract_id == contract_id
    tx.execute(sa.delete(tables.contract_blocks).where(owned))
    rows = [
        {
            "id": block.id,
            "contract_id": contract_id,
            "position": position,
            "block_id": block.block_id,
            "section": block.section.value,
            "title": block.title,
            "body_markdown": block.body_markdown,
            "library_title": block.library_title,
            "library_body": block.library_body,
            "example": block.example,
            "body_resolved": block.body_resolved,
        }
        for position, block in enumerate(blocks, start=1)
    ]
    if rows:
        tx.execute(sa.insert(tables.contract_blocks), rows)


def signer_rows(tx: Tx, contract_id: UUID) -> list[dict[str, Any]]:
    """The signers in signing order."""
    rows = tx.execute(
        sa.select(tables.signers).where(tables.signers.c.contract_id == contract_id).order_by(tables.signers.c.position)
    ).mappings()
    return [dict(row) for row in rows]


def replace_signers(tx: Tx, contract_id: UUID, signers: Sequence[Signer]) -> None:
    tx.execute(sa.delete(tables.signers).where(tables.signers.c.contract_id == contract_id))
    rows = [
        {
            "id": signer.id,
            "contract_id": contract_id,
            "position": position,
            "name": signer.name,
            "email": signer.email,
            "state": signer.state.value,
        }
        for position, signer in enumerate(signers, start=1)
    ]
    if rows:
        tx.execute(sa.insert(tables.signers), rows)


def save_signer(tx: Tx, signer_id: UUID, **changes: Any) -> None:
    tx.execute(sa.update(tables.signers).where(tables.signers.c.id == signer_id).values(**changes))


# Links


def add_link(tx: Tx, digest: str, contract_id: UUID, signer_id: UUID) -> None:
    tx.execute(
        sa.insert(tables.links).values(digest=digest, contract_id=contract_id, signer_id=signer_id, created_at=tx.now)
    )


def link(tx: Tx, digest: str) -> Row:
    """The link with this digest, revoked or not; raises `LinkUnknown`."""
    row = tx.execute(sa.select(tables.links).where(tables.links.c.digest == digest)).mappings().one_or_none()
    if row is None:
        raise LinkUnknown
    return dict(row)


def revoke_links(tx: Tx, contract_id: UUID) -> None:
    tx.execute(
        sa.update(tables.links)
        .where(tables.links.c.contract_id == contract_id, tables.links.c.revoked_at.is_(None))
        .values(revoked_at=tx.now)
    )


def count_wrong_link(tx: Tx, address: str) -> int | None:
    """Note a look-up of a link that does not exist; seconds for which the address is locked out, or None.

    The twentieth wrong look-up within 15 minutes locks; the lock ends when fewer remain in the window.
    """
    wrong = tables.wrong_links
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('wrong_links.' || :address))", {"address": address})
    since = tx.now - WRONG_LINKS_WINDOW
    times: list[datetime] = list(
        tx.execute(
            sa.select(wrong.c.at)
            .where(wrong.c.address == address, wrong.c.at > since, wrong.c.at <= tx.now)
            .order_by(wrong.c.at.desc())
            .limit(WRONG_LINKS_LIMIT)
        ).scalars()
    )
    if len(times) >= WRONG_LINKS_LIMIT:
        ends = times[WRONG_LINKS_LIMIT - 1] + WRONG_LINKS_WINDOW
        return max(1, int((ends - tx.now).total_seconds()) + 1)
    tx.execute(sa.insert(wrong).values(address=address, at=tx.now))
    return None


def forget_wrong_links(tx: Tx, before: datetime) -> None:
    tx.execute(sa.delete(tables.wrong_links).where(tables.wrong_links.c.at < before))


# Signatures and the signing log


def add_signature(tx: Tx, values: Row) -> None:
    tx.execute(sa.insert(tables.signatures).values(**values))


def signatures(tx: Tx, contract_id: UUID) -> list[dict[str, Any]]:
    """The signatures in the order in which they were given."""
    rows = tx.execute(
        sa.select(tables.signatures)
        .where(tables.signatures.c.contract_id == contract_id)
        .order_by(tables.signatures.c.signed_at, tables.signatures.c.id)
    ).mappings()
    return [dict(row) for row in rows]


def log(tx: Tx, contract_id: UUID, type: str, facts: Row, actor: Row | None = None) -> str:
    """Append to the contract's signing log; the contract's row must be locked by this transaction.

    Returns the new head of the chain.
    """
    contracts = tables.contracts
    end = tx.execute(sa.select(contracts.c.log_length, contracts.c.log_head).where(contracts.c.id == contract_id)).one()
    entry = follow(end.log_length, end.log_head, type, tx.now, plain(dict(actor or tx.actor)), plain(dict(facts)))
    tx.execute(
        sa.insert(tables.signing_log).values(
            contract_id=contract_id,
            seq=entry.seq,
            type=entry.type,
            at=entry.at,
            actor=entry.actor,
            facts=entry.facts,
            previous_hash=entry.previous_hash,
            hash=entry.hash,
        )
    )
    note(tx, contract_id, log_length=entry.seq, log_head=entry.hash)
    return entry.hash


def log_entries(tx: Tx, contract_id: UUID) -> list[LogEntry]:
    rows = tx.execute(
        sa.select(tables.signing_log)
        .where(tables.signing_log.c.contract_id == contract_id)
        .order_by(tables.signing_log.c.seq)
    ).mappings()
    return [
        LogEntry(
            row["seq"],
            row["type"],
            row["at"],
            row["actor"],
            row["facts"],
            row["previous_hash"],
            row["hash"],
        )
        for row in rows
    ]
