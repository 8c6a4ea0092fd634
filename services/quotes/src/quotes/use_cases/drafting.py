"""Writing a quote: create, edit, duplicate, delete."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from kontor import replica
from kontor.database import Tx
from kontor.errors import Invalid, NotFound
from kontor.fields import Fields
from kontor.ids import uuid7
from quotes import access
from quotes import settings as installation
from quotes.adapters import repository
from quotes.domain import content as contents
from quotes.domain import event as events
from quotes.domain import quote as quotes
from quotes.domain.content import LANGUAGES, Content, Defaults
from quotes.domain.quote import Quote
from quotes.domain.state import State
from quotes.settings import QuoteSettings
from quotes.use_cases.announcing import settled
from quotes.use_cases.notices import emit_drafted, emit_reopened


def new_id() -> str:
    """An id for a line."""
    return str(uuid7())


def create(tx: Tx, quote_id: str, fields: Mapping[str, Any]) -> None:
    """Create a draft. The same ``quote_id`` again leaves the first one as it is."""
    replica.require_feature(tx, access.FLAG)
    if access.is_customer(tx):
        raise NotFound("There is no such quote.")
    config = installation.read(tx)
    customer_id = Fields(fields, "", contents.FIELDS).uuid("customer_id")
    customer = access.customer(tx, customer_id, "feature_quotes") if customer_id else {}
    content = contents.read(fields, defaults(tx, config, customer), new_id)
    _check_bank_account(tx, content)
    if content.event is not None:
        events.check_clocks(content.event, config.timezone)
    _add(tx, quote_id, content, config)


def duplicate(tx: Tx, quote_id: str, copy_id: str) -> None:
    """A new draft with the content of another quote: a new deal, valid from today for the usual time."""
    original = access.for_admin(tx, quote_id)
    config = installation.read(tx)
    customer = access.customer(tx, original.content.customer_id, "feature_quotes")
    valid_until = defaults(tx, config, customer).valid_until
    _add(tx, copy_id, replace(original.content, valid_until=valid_until), config)


def _add(tx: Tx, quote_id: str, content: Content, config: QuoteSettings) -> None:
    draft = Quote(
        id=quote_id,
        deal_uuid=str(uuid7()),
        version=1,
        state=State.DRAFT,
        number=None,
        content=content,
        vat_mode=config.vat_mode,
        totals=quotes.priced(content, config.vat_mode),
        created_at=tx.now,
        updated_at=tx.now,
        created_by_admin_id=tx.actor.get("id") if tx.actor.get("kind") == "admin" else None,
    )
    if not repository.add(tx, draft):
        return
    emit_drafted(tx, draft)
    tx.record(
        "quote.created",
        record="quote",
        record_id=draft.id,
        deal_uuid=draft.deal_uuid,
        after=content.to_json() | {"total_minor": draft.totals.total_minor},
    )


def edit(tx: Tx, quote_id: str, version: int | None, changes: Mapping[str, Any]) -> None:
    """Change the fields sent. A quote that had gone out becomes a draft again and its links die; the number stays.

    Changes that change nothing leave the quote alone, also a sent one.
    """
    quote = settled(tx, access.for_admin(tx, quote_id, version))
    config = installation.read(tx)
    before = quote.content
    customer_id = Fields(changes, "", contents.FIELDS).uuid("customer_id") or before.customer_id
    if customer_id != before.customer_id:
        customer = access.customer(tx, customer_id, "feature_quotes")
    else:
        customer = replica.customers(tx, [customer_id]).get(customer_id, {})
    content = before.changed(changes, defaults(tx, config, customer), new_id)
    if content == before:
        return
    if content.bank_account_id != before.bank_account_id:
        _check_bank_account(tx, content)
    if content.event is not None and content.event != before.event:
        events.check_clocks(content.event, config.timezone)
    edited = quotes.edit(quote, content, config.vat_mode, tx.now)
    repository.save(tx, edited)
    if quote.state == State.DRAFT:
        emit_drafted(tx, edited)
    else:
        repository.revoke_links(tx, quote.id)
        emit_reopened(tx, edited, quote.state)
    old, new = before.to_json(), content.to_json()
    changed = [name for name in new if new[name] != old[name]]
    tx.record(
        "quote.changed" if quote.state == State.DRAFT else "quote.reopened",
        record="quote",
        record_id=quote.id,
        deal_uuid=quote.deal_uuid,
        before={"state": quote.state, "total_minor": quote.totals.total_minor} | {name: old[name] for name in changed},
        after={"state": edited.state, "total_minor": edited.totals.total_minor} | {name: new[name] for name in changed},
    )


def delete(tx: Tx, quote_id: str, version: int | None) -> None:
    """Delete a draft that never had a number."""
    quote = access.for_admin(tx, quote_id, version)
    quotes.check_delete(quote)
    repository.delete(tx, quote.id)
    tx.emit(
        "quote_deleted.v1",
        deal_uuid=quote.deal_uuid,
        aggregate_id=quote.id,
        aggregate_version=quote.version + 1,
        data={"quote_id": quote.id, "customer_id": quote.content.customer_id, "title": quote.content.title},
    )
    tx.record(
        "quote.deleted",
        record="quote",
        record_id=quote.id,
        deal_uuid=quote.deal_uuid,
        before=quote.content.to_json() | {"total_minor": quote.totals.total_minor},
    )


def defaults(tx: Tx, config: QuoteSettings, customer: Mapping[str, Any]) -> Defaults:
    profile = config.profile
    language = customer.get("language") or profile.get("default_language") or "de"
    return Defaults(
        currency=str(customer.get("currency") or profile.get("default_currency") or "CHF"),
        language=language if language in LANGUAGES else "de",
        valid_until=tx.today(config.timezone) + timedelta(days=config.valid_days),
        net_days=config.net_days,
        price_entry=config.price_entry,
        intro=config.intro,
        closing=config.closing,
    )


def _check_bank_account(tx: Tx, content: Content) -> None:
    wanted = content.bank_account_id
    if wanted is not None and wanted not in {account["id"] for account in replica.bank_accounts(tx)}:
        raise Invalid.field("bank_account_id", "There is no such bank account.")
