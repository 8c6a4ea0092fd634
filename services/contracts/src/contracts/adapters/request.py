"""Reading what the composer sends: the fields of a contract, checked; blocks, signers, consents."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from contracts.adapters import markdown, repository
from contracts.domain import blocks as library
from contracts.domain.blocks import Section
from contracts.domain.composition import BLOCK_LIMIT, ContractBlock, include
from contracts.domain.contract import Order, Signer
from contracts.domain.errors import CodeNotAvailable, SigningModeNotAvailable
from kontor.database import Tx
from kontor.errors import FieldError, Invalid
from kontor.fields import Fields
from kontor.ids import uuid7
from kontor.money import exponent

CREATE_FIELDS = frozenset(
    {
        "customer_id", "title", "language", "currency", "quote_id", "booking_id", "block_ids", "blocks", "signers",
        "signing_modes", "signing_order", "code_required", "valid_until", "consents",
    }
)  # fmt: skip
_BLOCK_FIELDS = frozenset({"id", "block_id", "section", "title", "body_markdown"})
_BLOCK_COMPUTED = frozenset({"position", "body_resolved", "html", "overridden", "example", "unresolved"})
_SIGNER_FIELDS = frozenset({"id", "name", "email"})
_SIGNER_COMPUTED = frozenset({"state", "signed_at", "method", "position", "viewed_at", "invited_at", "reason"})
_EMAIL = re.compile(r"[^@\s\"<>(),;:\\]+@[^@\s\"<>(),;:\\]+\.[^@\s.\"<>(),;:\\]{2,}")

MOST_SIGNERS = 5
MOST_CONSENTS = 8
CONSENT_LIMIT = 1000


def simple_values(fields: Fields, before: Mapping[str, Any]) -> dict[str, Any]:
    """The scalar fields that were sent, checked; what was not sent is absent. Errors are noted in `fields`."""
    values: dict[str, Any] = {}
    if "title" in fields:
        values["title"] = fields.text("title", 200)
    if "language" in fields:
        values["language"] = fields.one_of("language", ("de", "en"), before.get("language", "de"))
    if fields.body.get("currency") is not None:
        values["currency"] = _currency(fields)
    if "quote_id" in fields:
        values["quote_id"] = fields.uuid("quote_id")
    if "booking_id" in fields:
        values["booking_id"] = fields.uuid("booking_id")
    if "valid_until" in fields:
        values["valid_until"] = fields.date("valid_until")
    if "signing_order" in fields:
        values["signing_order"] = fields.one_of("signing_order", [order.value for order in Order], Order.PARALLEL.value)
    if "signing_modes" in fields:
        values["signing_modes"] = _modes(fields)
    if "code_required" in fields:
        values["code_required"] = fields.flag("code_required", False)
        if values["code_required"]:
            raise CodeNotAvailable
    if "consents" in fields:
        values["consents"] = _consents(fields)
    return values


def _currency(fields: Fields) -> Any:
    currency = fields.body["currency"]
    exponent(currency)
    return currency


def _modes(fields: Fields) -> list[str]:
    modes = fields.body["signing_modes"]
    if modes is None:
        return ["draw"]
    if not isinstance(modes, list) or not modes or any(not isinstance(mode, str) for mode in modes):
        fields.refuse("signing_modes", "Please send a list such as [“draw”].")
        return ["draw"]
    for index, mode in enumerate(modes):
        if mode not in ("draw", "type", "upload"):
            fields.refuse(f"signing_modes[{index}]", "Please use: draw.")
        elif mode != "draw":
            raise SigningModeNotAvailable(mode, f"signing_modes[{index}]")
    return list(dict.fromkeys(modes))


def _consents(fields: Fields) -> list[dict[str, str]]:
    """Statements a signer must tick; the id follows from the text, so that a changed text is another one."""
    found: list[dict[str, str]] = []
    known, computed = frozenset({"id", "text"}), frozenset({"required", "sha256"})
    for nested in fields.objects("consents", MOST_CONSENTS, known, computed):
        text = nested.text("text", CONSENT_LIMIT)
        digest = hashlib.sha256(text.encode()).hexdigest()
        found.append({"id": digest[:16], "text": text, "sha256": digest})
    if len({consent["id"] for consent in found}) < len(found):
        fields.refuse("consents", "Two consents say the same.")
    return found


def signers(fields: Fields) -> tuple[Signer, ...]:
    """1 to 5 people in signing order. The same person twice is refused; a shared address is not."""
    found: list[Signer] = []
    for nested in fields.objects("signers", MOST_SIGNERS, _SIGNER_FIELDS, _SIGNER_COMPUTED):
        name, email = nested.text("name", 200), nested.text("email", 254)
        if "\n" in name:
            nested.refuse("name", "A name has one line.")
        if email and not _EMAIL.fullmatch(email):
            nested.refuse("email", "Please enter an e-mail address.")
        found.append(Signer(uuid7(), name, email))
    people = [(signer.name.casefold(), signer.email.casefold()) for signer in found]
    for index, person in enumerate(people):
        if person in people[:index]:
            fields.refuse(f"signers[{index}]", "This person is named twice.")
    return tuple(found)


def blocks(tx: Tx, fields: Fields, present: Sequence[ContractBlock]) -> list[ContractBlock]:
    """The contract's texts in the order sent, from `block_ids` or from `blocks`.

    A block already in the contract keeps the text it has there, whatever the library says now.
    """
    if "block_ids" in fields and "blocks" in fields:
        raise Invalid.field("block_ids", "Please send either “block_ids” or “blocks”.")
    if "block_ids" in fields:
        return _by_ids(tx, fields.body["block_ids"], present)
    return _composed(tx, fields, present)


def _by_ids(tx: Tx, ids: Any, present: Sequence[ContractBlock]) -> list[ContractBlock]:
    if not isinstance(ids, list) or len(ids) > BLOCK_LIMIT:
        raise Invalid.field("block_ids", f"Please send a list of at most {BLOCK_LIMIT} block ids.")
    wanted: list[UUID] = []
    for index, id in enumerate(ids):
        try:
            wanted.append(UUID(id))
        except (ValueError, AttributeError, TypeError):
            raise Invalid.field(f"block_ids[{index}]", "Please send the id of a block.") from None
    known = repository.library_blocks(tx, wanted)
    kept = {block.block_id: block for block in present if block.block_id}
    result: list[ContractBlock] = []
    for index, block_id in enumerate(wanted):
        if block_id in wanted[:index]:
            raise Invalid.field(f"block_ids[{index}]", "This block is in the list twice.")
        if block_id in kept:
            result.append(kept[block_id])
        elif block_id in known and known[block_id].active:
            result.append(include(uuid7(), known[block_id]))
        else:
            raise Invalid.field(f"block_ids[{index}]", "There is no such active block.")
    return result


def _composed(tx: Tx, fields: Fields, present: Sequence[ContractBlock]) -> list[ContractBlock]:
    nested = fields.objects("blocks", BLOCK_LIMIT, _BLOCK_FIELDS, _BLOCK_COMPUTED)
    ids = [UUID(id) for one in nested if (id := one.uuid("block_id"))]
    fields.raise_errors()
    known = repository.library_blocks(tx, ids)
    kept = {str(block.id): block for block in present}
    result: list[ContractBlock] = []
    errors: list[FieldError] = []
    for one in nested:
        try:
            result.append(_one_block(one, kept, known))
        except Invalid as invalid:
            errors.extend(invalid.errors)
    fields.raise_errors()
    if errors:
        raise Invalid(errors[0].message, errors=errors)
    if len({block.id for block in result}) < len(result):
        raise Invalid.field("blocks", "A block of the contract is in the list twice.")
    return result


def _one_block(one: Fields, kept: Mapping[str, ContractBlock], known: Mapping[UUID, Any]) -> ContractBlock:
    title = one.text("title", library.TITLE_LIMIT) if one.body.get("title") is not None else None
    body = one.text("body_markdown", library.BODY_LIMIT) if one.body.get("body_markdown") is not None else None
    block_id = one.uuid("block_id")
    own_id = one.uuid("id")
    present = kept.get(own_id) if own_id else None
    if own_id and present is None:
        raise Invalid.field(f"{one.path}id", "This contract has no such block.")
    if present is not None:
        section = Section(one.one_of("section", [s.value for s in Section], present.section.value))
        block = _with(present, section, title, body)
    elif block_id:
        found = known.get(UUID(block_id))
        if found is None or not found.active:
            raise Invalid.field(f"{one.path}block_id", "There is no such active block.")
        block = include(uuid7(), found, title=title, body=body)
    else:
        section = Section(one.one_of("section", [s.value for s in Section], Section.BODY.value))
        block = ContractBlock(uuid7(), section, title or "", body or "")
    library.check_texts(block.title, block.body_markdown, one.path)
    markdown.refuse_html(block.body_markdown, f"{one.path}body_markdown")
    return block


def _with(block: ContractBlock, section: Section, title: str | None, body: str | None) -> ContractBlock:
    return ContractBlock(
        id=block.id,
        section=section,
        title=block.title if title is None else title,
        body_markdown=block.body_markdown if body is None else body,
        block_id=block.block_id,
        library_title=block.library_title,
        library_body=block.library_body,
        example=block.example,
    )
