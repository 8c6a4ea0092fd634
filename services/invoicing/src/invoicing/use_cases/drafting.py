"""Drafts: made by hand or spawned by a converted quote, edited, deleted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from invoicing.adapters import repository
from invoicing.domain import content, events, invoice, plan, states
from invoicing.domain.errors import CustomerFeatureDisabled, CustomerUnknown
from invoicing.domain.invoice import Invoice, Party
from invoicing.domain.snapshot import display_name
from invoicing.domain.states import Verb
from invoicing.use_cases import telling
from kontor import replica
from kontor.database import Tx
from kontor.envelope import Event
from kontor.errors import FieldError, Invalid, NotFound
from kontor.ids import uuid7
from kontor.locale import document_locale

_DEFAULT_NET_DAYS = 30


def create(tx: Tx, id: UUID, fields: Mapping[str, Any]) -> Invoice:
    """A standalone draft, which starts its own deal. Creating the same id again answers the one that is there.

    Raises `FeatureDisabled`, `Invalid`, `TotalNegative`, `CustomerUnknown`, `CustomerFeatureDisabled`.
    """
    replica.require_feature(tx, "bills")
    if repository.exists(tx, id):
        return repository.get(tx, id)
    customer = _customer(tx, fields.get("customer_id"))
    if not customer.get("feature_bills", True):
        raise CustomerFeatureDisabled("Invoices are switched off for this customer.")
    new = invoice.draft(
        id,
        uuid7(),
        _with_ids(content.read(fields, _defaults(tx, customer))),
        _party(customer),
        now=tx.now,
        created_by=_admin(tx),
    )
    repository.add(tx, new)
    _tell_drafted(tx, new)
    return new


def spawn(tx: Tx, event: Event) -> list[Invoice]:
    """The invoices of a converted quote, all in this transaction; none when the quote was converted before."""
    if not event.data["invoice"]:
        return []
    if event.deal_uuid is None:
        raise ValueError("a converted quote belongs to a deal")
    told = event.data.get("customer") or {}
    conversion = plan.Conversion.read(event.deal_uuid, event.data, _party(told))
    if not repository.add_plan(tx, conversion):
        return []
    country = str(replica.settings(tx, "business_profile").get("country") or "")
    spawned = plan.spawn(conversion, document_locale(conversion.content.language, country), tx.now)
    for number, one in enumerate(spawned):
        spawned[number] = replace(one, content=_with_ids(one.content), created_by=_admin(tx))
        repository.add(tx, spawned[number])
        _tell_drafted(tx, spawned[number])
    return spawned


def update(tx: Tx, id: str, version: int | None, changes: Mapping[str, Any]) -> Invoice:
    """The draft with only the fields sent changed.

    Raises `NotFound`, `StaleVersion`, `InvalidTransition`, `InstallmentFixed`, `Invalid`, `TotalNegative`.
    """
    before = repository.claim(tx, id)
    invoice.require_version(before, version)
    states.require(before.state, Verb.UPDATE)
    customer_id = changes.get("customer_id", str(before.content.customer_id))
    party = before.customer
    if str(customer_id) != str(before.content.customer_id):
        party = _party(_customer(tx, customer_id))
    mode = content.vat_mode(replica.settings(tx, "business_profile"))
    changed = _with_ids(content.merge(invoice.charge(before, mode).content, changes))
    after = invoice.update(before, changed, party, tx.now)
    repository.save(tx, before, after)
    telling.emit(tx, events.DRAFTED, after, events.drafted(after))
    old, new = events.differences(_logged(before), _logged(after))
    telling.record(tx, "invoice.changed", after, before=old, after=new)
    return after


def delete(tx: Tx, id: str, version: int | None) -> None:
    """Raises `NotFound`, `StaleVersion`, `InvalidTransition`."""
    gone = repository.claim(tx, id)
    invoice.require_version(gone, version)
    states.require(gone.state, Verb.DELETE)
    repository.remove(tx, gone)
    removed = replace(gone, version=gone.version + 1)
    telling.emit(tx, events.DELETED, removed, events.drafted(removed))
    telling.record(tx, "invoice.deleted", gone, before=_logged(gone))


def follow_customer(tx: Tx, customer_id: str) -> None:
    """Show a changed name on the customer's drafts."""
    repository.rename_customer(tx, UUID(customer_id), _party(replica.customer(tx, customer_id)))


def _tell_drafted(tx: Tx, new: Invoice) -> None:
    telling.emit(tx, events.DRAFTED, new, events.drafted(new))
    telling.record(tx, "invoice.created", new, after=events.drafted(new))


def _logged(one: Invoice) -> dict[str, Any]:
    facts = {name: getattr(one.content, name) for name in content.EDITABLE}
    facts |= {"lines": [line.to_json() for line in one.content.lines], "payment": one.content.payment.to_json()}
    return facts | {"total_minor": one.totals.total_minor}


def _customer(tx: Tx, id: object) -> dict[str, Any]:
    known = content.uuid(id, "customer_id")
    try:
        found = replica.customer(tx, str(known))
    except NotFound:
        message = "There is no such customer."
        raise CustomerUnknown(message, errors=[FieldError("customer_id", message)]) from None
    if found.get("active") is False:
        raise Invalid.field("customer_id", "This customer is deactivated.")
    return found


def _party(customer: Mapping[str, Any]) -> Party:
    return Party(display_name(customer), str(customer.get("email") or ""))


def _defaults(tx: Tx, customer: Mapping[str, Any]) -> content.Defaults:
    profile = replica.settings(tx, "business_profile")
    chosen = replica.settings(tx, "invoices")
    net_days = chosen.get("net_days", _DEFAULT_NET_DAYS)
    skonto = {name: chosen[name] for name in ("skonto_percent", "skonto_days") if chosen.get(name)}
    fields = {name: chosen[name] for name in ("price_entry", "intro", "closing", "payment_slip") if chosen.get(name)}
    fields |= {
        "currency": customer.get("currency") or profile.get("default_currency"),
        "language": customer.get("language") or profile.get("default_language") or "de",
        "payment": {"net_days": net_days} | skonto,
    }
    return content.Defaults(fields, net_days, content.vat_mode(profile))


def _with_ids(written: content.Content) -> content.Content:
    return replace(written, lines=tuple(line if line.id else replace(line, id=str(uuid7())) for line in written.lines))


def _admin(tx: Tx) -> str | None:
    return tx.actor.get("id") if tx.actor.get("kind") == "admin" else None
