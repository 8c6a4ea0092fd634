"""Presets and templates: create, change, delete, and the copies that are made from and into quotes."""

from collections.abc import Mapping
from typing import Any

from kontor.database import Tx
from kontor.errors import StaleVersion
from quotes import access
from quotes import settings as installation
from quotes.adapters import library as rows
from quotes.domain import library
from quotes.domain import quote as quotes
from quotes.domain.content import Content
from quotes.domain.library import TEMPLATE_FIELDS, Preset, Template
from quotes.use_cases import drafting


def create_preset(tx: Tx, id: str, fields: Mapping[str, Any]) -> None:
    """Keep a line item. The same id again leaves the first one as it is."""
    access.studio_only(tx)
    currency = str(installation.read(tx).profile.get("default_currency") or "CHF")
    name, currency, line = library.read_preset(fields, currency)
    made = Preset(id, 1, name, currency, line, tx.now, tx.now, _admin(tx))
    if rows.add(tx, made):
        _record(tx, "preset.created", made, {}, made.fields())


def update_preset(tx: Tx, id: str, version: int | None, changes: Mapping[str, Any]) -> None:
    """Change the fields sent. Lines made from the preset stay as they are. Raises `StaleVersion`."""
    access.studio_only(tx)
    was = rows.preset(tx, id, lock=True)
    _check_version(was, version)
    preset = library.changed_preset(was, changes, tx.now)
    if preset is not was:
        rows.save(tx, preset)
        _record(tx, "preset.changed", preset, was.fields(), preset.fields())


def delete_preset(tx: Tx, id: str, version: int | None) -> None:
    """Remove the preset. Lines made from it stay. Raises `StaleVersion`."""
    access.studio_only(tx)
    preset = rows.preset(tx, id, lock=True)
    _check_version(preset, version)
    rows.delete(tx, preset)
    _record(tx, "preset.deleted", preset, preset.fields(), {})


def create_template(tx: Tx, id: str, fields: Mapping[str, Any]) -> None:
    """Keep a quote without customer and dates. The same id again leaves the first one as it is."""
    access.studio_only(tx)
    config = installation.read(tx)
    name, content = library.read_template(fields, drafting.defaults(tx, config, {}))
    quotes.priced(content, config.vat_mode)
    _add_template(tx, id, name, content)


def create_template_from_quote(tx: Tx, id: str, quote_id: str, name: str) -> None:
    """Keep the content of a quote as it is now under a name; the quote is not changed."""
    quote = access.for_admin(tx, quote_id)
    content = quote.content.to_json()
    kept = {field: content[field] for field in TEMPLATE_FIELDS}
    config = installation.read(tx)
    name, read = library.read_template({"name": name, **kept}, drafting.defaults(tx, config, {}))
    _add_template(tx, id, name, read)


def _add_template(tx: Tx, id: str, name: str, content: Content) -> None:
    made = Template(id, 1, name, content, tx.now, tx.now, _admin(tx))
    if rows.add(tx, made):
        _record(tx, "template.created", made, {}, made.fields())


def update_template(tx: Tx, id: str, version: int | None, changes: Mapping[str, Any]) -> None:
    """Change the fields sent. Quotes made from the template stay as they are. Raises `StaleVersion`."""
    access.studio_only(tx)
    was = rows.template(tx, id, lock=True)
    _check_version(was, version)
    config = installation.read(tx)
    template = library.changed_template(was, changes, drafting.defaults(tx, config, {}), tx.now)
    if template is not was:
        quotes.priced(template.content, config.vat_mode)
        rows.save(tx, template)
        _record(tx, "template.changed", template, was.fields(), template.fields())


def delete_template(tx: Tx, id: str, version: int | None) -> None:
    """Remove the template. Quotes made from it stay. Raises `StaleVersion`."""
    access.studio_only(tx)
    template = rows.template(tx, id, lock=True)
    _check_version(template, version)
    rows.delete(tx, template)
    _record(tx, "template.deleted", template, template.fields(), {})


def create_quote_from_template(tx: Tx, quote_id: str, template_id: str, customer_id: str) -> None:
    """A new draft for the customer with a copy of the template. The same ``quote_id`` again makes nothing."""
    access.studio_only(tx)
    fields = rows.template(tx, template_id).fields()
    del fields["name"]
    drafting.create(tx, quote_id, fields | {"customer_id": customer_id})


def _check_version(one: Preset | Template, version: int | None) -> None:
    if version is not None and version != one.version:
        raise StaleVersion(version, one.version)


def _admin(tx: Tx) -> str | None:
    return tx.actor.get("id") if tx.actor.get("kind") == "admin" else None


def _record(tx: Tx, action: str, one: Preset | Template, old: dict[str, Any], new: dict[str, Any]) -> None:
    names = [name for name in old or new if name == "name" or not (old and new) or old[name] != new[name]]
    before, after = ({name: side[name] for name in names} if side else {} for side in (old, new))
    record = "line_item_preset" if isinstance(one, Preset) else "quote_template"
    tx.record(action, record=record, record_id=one.id, before=before, after=after)
