"""Review, send, withdraw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contracts.adapters import content, markdown, repository
from contracts.domain import composition, contract
from contracts.domain.contract import Contract, State
from contracts.domain.errors import ContractChanged
from contracts.domain.evidence import Entry
from contracts.settings import contract_settings, timezone
from kontor import links, series
from kontor.database import Tx
from kontor.secrets import Sealer

Json = dict[str, Any]


def review_contract(tx: Tx, id: str) -> Json:
    """What would be sent now, what stops it, and the hash to send it with.

    `notices` do not stop the send: they name the texts that are still unreviewed examples.
    """
    now, row = repository.load(tx, id)
    contract.move(now.state, contract.Verb.SEND)
    reading = content.read(tx, now, row)
    notices = [
        {
            "code": "EXAMPLE_TEXT",
            "message": f"“{block.title}” is an example nobody has reviewed: have your lawyer check it.",
            "field": f"blocks[{index}]",
        }
        for index, (block, _) in enumerate(reading.blocks)
        if block.example
    ]
    return {
        "problems": [problem.to_json() for problem in reading.problems],
        "notices": notices,
        "review_hash": reading.review_hash,
        "html": whole_html(reading.content["blocks"]),
        "blocks": reading.content["blocks"],
        "version": now.version,
    }


def whole_html(blocks: list[Json]) -> str:
    """The contract's texts as one piece of HTML, each under its title."""
    parts = []
    for block in blocks:
        title = markdown.to_html(f"## {markdown.escape(block['title'])}")
        parts.append(f"<section>\n{title}{block['html']}</section>")
    return "\n".join(parts)


def send_contract(tx: Tx, sealer: Sealer, id: str, review_hash: str, version: int | None = None) -> None:
    """Freeze what was reviewed, give it a number, mint a link per signer.

    Raises `ContractChanged` when the content is not the reviewed one, `ContractNotReady` while the review finds
    problems, `InvalidTransition` when it was sent already.
    """
    before, row = repository.load(tx, id, lock=True)
    contract.move(before.state, contract.Verb.SEND)
    contract.check_version(before, version)
    series.queue_up(tx, "contract")
    reading = content.read(tx, before, row)
    if reading.review_hash != review_hash:
        raise ContractChanged(reading.review_hash)
    after = contract.send(before, reading.problems)
    pattern = contract_settings(tx).number_pattern
    number, seq = series.next_number(tx, "contract", pattern, reading.today)
    final = content.read(tx, before, row, number=number)
    frozen = composition.freeze(final.content)
    repository.replace_blocks(
        tx, before.id, [replace(block, body_resolved=filled.text) for block, filled in final.blocks]
    )
    repository.save(
        tx,
        after,
        number=number,
        number_year=reading.today.year,
        number_seq=seq,
        customer=final.content["customer"],
        content=frozen.text,
        content_hash=frozen.sha256,
        review_hash=review_hash,
        sent_at=tx.now,
    )
    repository.log(
        tx,
        before.id,
        Entry.SENT,
        {"number": number, "content_hash": frozen.sha256, "review_hash": review_hash},
    )
    invited = _invite(tx, sealer, after)
    tx.record(
        "contract.sent",
        record="contract",
        record_id=id,
        deal_uuid=row["deal_uuid"],
        before={"state": before.state.value},
        after={"state": after.state.value, "number": number, "content_hash": frozen.sha256},
    )
    _tell_sent(tx, after, row, number, invited, final.content | {"content_hash": frozen.sha256})


def _tell_sent(tx: Tx, after: Contract, row: Json, number: str, invited: list[Json], snapshot: Json) -> None:
    tx.emit(
        "contract_sent.v1",
        deal_uuid=row["deal_uuid"],
        aggregate_id=after.id,
        aggregate_version=after.version,
        data={
            "contract_id": after.id,
            "number": number,
            "title": row["title"],
            "customer_id": row["customer_id"],
            "quote_id": row["quote_id"],
            "signers": invited,
            "signing_order": row["signing_order"],
            "language": row["language"],
            "valid_until": row["valid_until"],
            "content_hash": snapshot["content_hash"],
            "state": after.state.value,
            "snapshot": snapshot | {"contract_id": str(after.id)},
        },
    )


def _invite(tx: Tx, sealer: Sealer, sent: Contract) -> list[Json]:
    """A link per signer; only its digest stays here, the token leaves sealed inside the event."""
    invited: list[Json] = []
    turn = {signer.id for signer in contract.on_turn(sent)}
    for position, signer in enumerate(sent.signers, start=1):
        token, digest = links.mint()
        repository.add_link(tx, digest, sent.id, signer.id)
        if signer.id in turn:
            repository.save_signer(tx, signer.id, invited_at=tx.now)
        repository.log(tx, sent.id, Entry.INVITED, {"signer_id": signer.id, "name": signer.name, "email": signer.email})
        invited.append(
            {
                "signer_id": signer.id,
                "position": position,
                "name": signer.name,
                "email": signer.email,
                "on_turn": signer.id in turn,
                "link_sealed": sealer.seal(token),
            }
        )
    return invited


def withdraw_contract(tx: Tx, id: str, reason: str) -> None:
    """Take a sent contract back; every link is dead from here on."""
    before, row = repository.load(tx, id, lock=True)
    after = contract.withdraw(before)
    end(tx, row, after, Entry.WITHDRAWN, reason, told="contract_withdrawn.v1", action="contract.withdrawn")


def end(
    tx: Tx,
    row: Json,
    after: Contract,
    entry: Entry,
    reason: str,
    *,
    told: str,
    action: str,
    by: Json | None = None,
) -> None:
    """What the endings of a sent contract have in common: state, links, log, activity, event."""
    repository.save(tx, after, ended_at=tx.now, end_reason=reason)
    if after.state is not State.DECLINED:
        repository.revoke_links(tx, after.id)
    repository.log(tx, after.id, entry, {"reason": reason} | ({"signer_id": by["signer_id"]} if by else {}))
    tx.record(
        action,
        record="contract",
        record_id=after.id,
        deal_uuid=row["deal_uuid"],
        before={"state": row["state"]},
        after={"state": after.state.value, "reason": reason},
    )
    tx.emit(
        told,
        deal_uuid=row["deal_uuid"],
        aggregate_id=after.id,
        aggregate_version=after.version,
        data={
            "contract_id": after.id,
            "number": row["number"],
            "title": row["title"],
            "customer_id": row["customer_id"],
            "reason": reason,
            "state": after.state.value,
            **({"by": by} if by else {}),
        },
    )


def business_date(tx: Tx) -> Any:
    """Today in the business timezone."""
    return tx.today(timezone(content.issuer(tx)))
