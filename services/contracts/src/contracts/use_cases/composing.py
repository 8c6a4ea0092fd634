"""Commands on drafts: create, compose, delete, spawn from a quote, revise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.adapters import content, repository, request
from contracts.domain import composition, contract, evidence, facts
from contracts.domain.composition import ContractBlock
from contracts.domain.contract import Signer, State
from contracts.domain.errors import CustomerFeatureDisabled, CustomerUnknown
from contracts.settings import contract_settings, timezone
from kontor import replica
from kontor.database import Tx, plain
from kontor.errors import Invalid, NotFound
from kontor.fields import Fields
from kontor.ids import derived_id, uuid7

Json = dict[str, Any]

_COMPUTED = frozenset(
    {
        "id", "version", "state", "number", "deal_uuid", "customer", "created_at", "updated_at", "allowed",
        "review_hash", "content_hash", "document_id", "final_document_id", "integrity_hash", "countersigned_at",
    }
)  # fmt: skip


def create_contract(tx: Tx, id: str, fields_sent: Any) -> None:
    """A new draft with what was sent; what was not sent follows the settings, the customer and the quote.

    Without `block_ids` or `blocks` the draft starts empty, or with the default composition when it has a quote.
    The same id twice creates once.
    """
    if repository.find(tx, id) is not None:
        return
    fields = Fields(fields_sent, "", request.CREATE_FIELDS, _COMPUTED)
    customer_id = fields.uuid("customer_id", required=True)
    values = request.simple_values(fields, {})
    if "title" not in fields:
        values["title"] = fields.text("title", 200)
    signers = request.signers(fields)
    fields.raise_errors()
    assert customer_id is not None
    customer = _customer(tx, customer_id)
    quote = _quote(tx, values.get("quote_id"), customer_id)
    blocks = request.blocks(tx, fields, ())
    fields.raise_errors()
    language = values.get("language") or _language(tx, customer)
    if quote and "blocks" not in fields and "block_ids" not in fields:
        blocks = _default_blocks(tx, language, customer, quote["facts"])
    currency = values.pop("currency", None) or (quote["facts"]["currency"] if quote else _currency(tx, customer))
    _refuse_other_currency(quote, currency)
    _insert(
        tx,
        UUID(id),
        deal_uuid=quote["deal_uuid"] if quote else uuid7(),
        customer=customer,
        values=values | {"language": language, "currency": currency},
        blocks=blocks,
        signers=signers if "signers" in fields else _default_signers(customer),
    )


def update_contract(tx: Tx, id: str, version: int | None, changes: Any) -> None:
    """Change a draft; only what was sent changes, a list sent replaces the list."""
    before, row = repository.load(tx, id, lock=True)
    after = contract.edit(before, version)
    fields = Fields(changes, "", request.CREATE_FIELDS, _COMPUTED)
    values = request.simple_values(fields, row)
    if "customer_id" in fields:
        values["customer_id"] = fields.uuid("customer_id", required=True)
    signers = request.signers(fields) if "signers" in fields else None
    fields.raise_errors()
    customer_id = values.get("customer_id", row["customer_id"])
    if "customer_id" in values or "quote_id" in values:
        quote = _quote(tx, values.get("quote_id", row["quote_id"]), customer_id)
        if quote:
            values["deal_uuid"] = quote["deal_uuid"]
            _refuse_other_currency(quote, values.get("currency", row["currency"]))
    if customer_id != row["customer_id"]:
        values["customer"] = content.customer_snapshot(_customer(tx, customer_id))
    if "blocks" in fields or "block_ids" in fields:
        present = repository.contract_blocks(tx, before.id)
        blocks = request.blocks(tx, fields, present)
        fields.raise_errors()
        repository.replace_blocks(tx, before.id, blocks)
    if signers is not None:
        repository.replace_signers(tx, before.id, signers)
    if "valid_until" in values and values["valid_until"] is None:
        values["valid_until"] = _last_day(tx)
    repository.save(tx, after, **values)
    changed = {name: value for name, value in values.items() if plain(value) != plain(row[name])}
    changed.pop("customer", None)
    told = sorted({*changed, *({"signers"} & set(fields.body)), *({"blocks", "block_ids"} & set(fields.body))})
    tx.record(
        "contract.changed",
        record="contract",
        record_id=id,
        deal_uuid=values.get("deal_uuid", row["deal_uuid"]),
        before={name: plain(row[name]) for name in changed},
        after=plain(changed) | {"fields": told},
    )
    _tell_drafted(tx, before.id)


def delete_contract(tx: Tx, id: str, version: int | None) -> None:
    """Delete a draft. A sent contract is never deleted."""
    before, row = repository.load(tx, id, lock=True)
    contract.delete(before, version)
    repository.delete_contract(tx, before.id)
    tx.emit(
        "contract_deleted.v1",
        deal_uuid=row["deal_uuid"],
        aggregate_id=before.id,
        aggregate_version=before.version + 1,
        data=_draft_facts(row),
    )
    tx.record(
        "contract.deleted",
        record="contract",
        record_id=id,
        deal_uuid=row["deal_uuid"],
        before={"title": row["title"], "customer_id": row["customer_id"]},
    )


def keep_quote(tx: Tx, deal_uuid: Any, data: Mapping[str, Any]) -> None:
    """Remember a converted quote's facts; where it asks for a contract, create the draft with its given id."""
    repository.keep_quote(tx, data["quote_id"], deal_uuid, data["customer_id"], _quote_facts(data))
    if not data["contract"]:
        return
    replica.require_feature(tx, "contracts")
    quote_id = UUID(data["quote_id"])
    id = UUID(data.get("contract_id") or str(derived_id(data["quote_id"], "contract")))
    customer = dict(data.get("customer") or {}) | {"id": data["customer_id"]}
    quote = _quote_facts(data)
    language = data["language"] if data["language"] in ("de", "en") else "de"
    _insert(
        tx,
        id,
        deal_uuid=deal_uuid,
        customer=customer,
        values={
            "title": data["title"],
            "language": language,
            "currency": data["currency"],
            "quote_id": quote_id,
        },
        blocks=_default_blocks(tx, language, customer, quote),
        signers=_default_signers(customer),
    )


def revise_contract(tx: Tx, id: str, new_id: str) -> None:
    """A new draft with the texts and signers of a contract that came to nothing; the old one stays as it is."""
    if repository.find(tx, new_id) is not None:
        return
    old, row = repository.load(tx, id, lock=True)
    contract.revise(old)
    copies = [
        ContractBlock(
            id=uuid7(),
            section=block.section,
            title=block.title,
            body_markdown=block.body_markdown,
            block_id=block.block_id,
            library_title=block.library_title,
            library_body=block.library_body,
            example=block.example,
        )
        for block in repository.contract_blocks(tx, old.id)
    ]
    kept = ("title", "language", "currency", "quote_id", "booking_id", "signing_modes", "signing_order")
    _insert(
        tx,
        UUID(new_id),
        deal_uuid=row["deal_uuid"],
        customer=content.current_customer(tx, row) or row["customer"] | {"id": row["customer_id"]},
        values={name: row[name] for name in kept} | {"consents": row["consents"], "revises_id": old.id},
        blocks=copies,
        signers=[Signer(uuid7(), signer.name, signer.email) for signer in old.signers],
    )


def _insert(
    tx: Tx,
    id: UUID,
    *,
    deal_uuid: Any,
    customer: Json,
    values: Json,
    blocks: Sequence[ContractBlock],
    signers: Sequence[Signer],
) -> None:
    preset = contract_settings(tx)
    row = {
        "id": id,
        "version": 1,
        "state": State.DRAFT.value,
        "deal_uuid": deal_uuid,
        "customer_id": str(customer["id"]),
        "customer": content.customer_snapshot(customer),
        "signing_modes": ["draw"],
        "signing_order": preset.signing_order,
        "code_required": preset.code_required,
        "consents": [],
        "log_head": evidence.GENESIS,
        "created_by_admin_id": tx.actor.get("id") if tx.actor.get("kind") == "admin" else None,
        "created_at": tx.now,
        "updated_at": tx.now,
        **values,
    }
    if row.get("valid_until") is None:
        row["valid_until"] = _last_day(tx)
    if not repository.insert_contract(tx, row):
        return
    repository.replace_blocks(tx, id, blocks)
    repository.replace_signers(tx, id, signers)
    tx.record(
        "contract.created",
        record="contract",
        record_id=id,
        deal_uuid=deal_uuid,
        after={"title": row["title"], "customer_id": row["customer_id"], "quote_id": plain(row.get("quote_id"))},
    )
    _tell_drafted(tx, id)


def _tell_drafted(tx: Tx, id: UUID) -> None:
    now, row = repository.load(tx, id)
    tx.emit(
        "contract_drafted.v1",
        deal_uuid=row["deal_uuid"],
        aggregate_id=id,
        aggregate_version=now.version,
        data=_draft_facts(row),
    )


def _draft_facts(row: Mapping[str, Any]) -> Json:
    names = ("quote_id", "title", "customer_id", "number", "currency", "language", "state")
    return {"contract_id": row["id"]} | {name: row[name] for name in names}


def follow_customer(tx: Tx, customer_id: str) -> None:
    """Drafts show the customer as known now; what was sent stays as it was sent."""
    customer = replica.customer(tx, customer_id)
    repository.show_customer(tx, customer_id, content.customer_snapshot(customer))


def _last_day(tx: Tx) -> Any:
    return tx.today(timezone(content.issuer(tx))) + timedelta(days=contract_settings(tx).valid_days)


def _customer(tx: Tx, customer_id: str) -> Json:
    """The customer's record; unknown ones are refused as a wrong field, others by their own toggle."""
    try:
        customer = replica.customer(tx, customer_id)
    except NotFound:
        raise CustomerUnknown from None
    if customer.get("active") is False:
        raise Invalid.field("customer_id", "This customer is deactivated.")
    if not customer.get("feature_contracts", True):
        raise CustomerFeatureDisabled
    return customer


def _quote(tx: Tx, quote_id: Any, customer_id: str) -> Mapping[str, Any] | None:
    """The converted quote to link; it must be known here and of the same customer."""
    if quote_id is None:
        return None
    quote = repository.quote(tx, quote_id)
    if quote is None or quote["customer_id"] != customer_id:
        raise Invalid.field("quote_id", "There is no converted quote with this id for this customer.")
    return quote


def _refuse_other_currency(quote: Mapping[str, Any] | None, currency: str) -> None:
    if quote and quote["facts"]["currency"] != currency:
        raise Invalid.field("currency", "The contract has the currency of its quote.")


def _quote_facts(data: Mapping[str, Any]) -> Json:
    names = (
        "number", "title", "currency", "lines", "price_entry", "vat_mode", "exemption_reason", "totals", "slices",
        "payment", "quote_document_sha256",
    )  # fmt: skip
    return {name: data.get(name) for name in names}


def _language(tx: Tx, customer: Json) -> str:
    for wanted in (customer.get("language"), content.issuer(tx).get("default_language")):
        if wanted in ("de", "en"):
            return str(wanted)
    return "de"


def _currency(tx: Tx, customer: Json) -> str:
    return str(customer.get("currency") or content.issuer(tx).get("default_currency") or "CHF")


def _default_signers(customer: Json) -> list[Signer]:
    """The customer as the one signer, when name and address are known."""
    person = " ".join(part for part in (customer.get("first_name"), customer.get("last_name")) if part)
    name, email = person or facts.display_name(customer), customer.get("email")
    return [Signer(uuid7(), name, str(email))] if name and email else []


def _default_blocks(tx: Tx, language: str, customer: Json, quote: Mapping[str, Any]) -> list[ContractBlock]:
    keys = composition.default_keys(
        country=str(content.issuer(tx).get("country") or "CH"),
        business_customer=bool(customer.get("company")),
        instalments=len(quote.get("slices") or []) > 1,
        payment_terms=(quote.get("payment") or {}).get("net_days") is not None,
    )
    return [composition.include(uuid7(), block) for block in repository.system_blocks(tx, keys, language)]
