"""Loading and saving presets and templates: rows to domain objects and back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor.database import Tx
from kontor.errors import NotFound
from quotes.adapters import tables as t
from quotes.domain import library
from quotes.domain.content import Defaults
from quotes.domain.library import Preset, Template

_COMMON = ("id", "version", "name", "created_at", "updated_at", "created_by_admin_id")


def preset_of_row(row: Mapping[Any, Any]) -> Preset:
    _, _, line = library.read_preset(row["line"], row["currency"])
    return Preset(currency=row["currency"], line=line, **{name: row[name] for name in _COMMON})


def template_of_row(row: Mapping[Any, Any]) -> Template:
    stored = row["content"]
    defaults = Defaults(stored["currency"], stored["language"], date.max)
    _, content = library.read_template(stored | {"name": row["name"]}, defaults)
    return Template(content=content, **{name: row[name] for name in _COMMON})


def preset(tx: Tx, id: str, *, lock: bool = False) -> Preset:
    """The preset; raises `NotFound`."""
    return preset_of_row(_row(tx, t.line_item_preset, id, lock, "There is no such preset."))


def template(tx: Tx, id: str, *, lock: bool = False) -> Template:
    """The template; raises `NotFound`."""
    return template_of_row(_row(tx, t.quote_template, id, lock, "There is no such template."))


def _row(tx: Tx, table: sa.Table, id: str, lock: bool, missing: str) -> Mapping[Any, Any]:
    statement = sa.select(table).where(table.c.id == id)
    row = tx.execute(statement.with_for_update() if lock else statement).mappings().one_or_none()
    if row is None:
        raise NotFound(missing)
    return row


def _stored(one: Preset | Template) -> tuple[sa.Table, dict[str, Any]]:
    fields = one.fields()
    values = {name: getattr(one, name) for name in _COMMON}
    del fields["name"]
    if isinstance(one, Preset):
        return t.line_item_preset, values | {"currency": fields.pop("currency"), "line": fields}
    return t.quote_template, values | {"content": fields}


def add(tx: Tx, one: Preset | Template) -> bool:
    """Insert it; False when its id is taken already (the same creation, repeated)."""
    table, values = _stored(one)
    statement = insert(table).values(values).on_conflict_do_nothing(index_elements=[table.c.id])
    return tx.execute(statement.returning(table.c.id)).first() is not None


def save(tx: Tx, one: Preset | Template) -> None:
    """Write it back; the row was loaded with a lock."""
    table, values = _stored(one)
    tx.execute(sa.update(table).where(table.c.id == values.pop("id")).values(values))


def delete(tx: Tx, one: Preset | Template) -> None:
    table, values = _stored(one)
    tx.execute(sa.delete(table).where(table.c.id == values["id"]))


def page(
    tx: Tx, table: sa.Table, words: Sequence[str], searched: sa.ColumnElement[Any], after: Sequence[str], limit: int
) -> list[Mapping[Any, Any]]:
    """Rows by name whose text has all the words; ``after`` is name and id of the last one that was seen."""
    place = sa.tuple_(table.c.name, table.c.id)
    conditions: list[sa.ColumnElement[bool]] = [
        sa.func.folded(searched, type_=sa.Text).contains(
            tx.execute(sa.select(sa.func.folded(word))).scalar_one(), autoescape=True
        )
        for word in words
    ]
    if after:
        name, id = after
        conditions.append(place > sa.tuple_(sa.bindparam(None, name), sa.bindparam(None, id, table.c.id.type)))
    rows = tx.execute(sa.select(table).where(*conditions).order_by(table.c.name, table.c.id).limit(limit))
    return list(rows.mappings())
