"""Commands on the block library."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from contracts.adapters import markdown, repository, tables
from contracts.domain import blocks
from contracts.domain.blocks import BlockLanguage, Section
from contracts.domain.errors import SystemBlock
from kontor.database import Tx
from kontor.errors import StaleVersion
from kontor.fields import Fields

_FIELDS = frozenset({"section", "title", "body_markdown", "language", "active", "example"})
_COMPUTED = frozenset({"id", "version", "key", "system", "created_at", "updated_at"})


def create_block(tx: Tx, id: str, fields: Any) -> None:
    """Add a block of the studio's own; the same id twice adds one."""
    values = _read(fields, {})
    statement = insert(tables.blocks).values(
        id=UUID(id),
        created_by_admin_id=tx.actor.get("id"),
        created_at=tx.now,
        updated_at=tx.now,
        **values,
    )
    new = tx.execute(statement.on_conflict_do_nothing().returning(tables.blocks.c.id)).one_or_none()
    if new is not None:
        tx.record("block.created", record="block", record_id=id, after=values)


def update_block(tx: Tx, id: str, version: int | None, changes: Any) -> None:
    """Change a block. Contracts that include it keep the text they have."""
    row = repository.library_block(tx, id, lock=True)
    if version is not None and version != row["version"]:
        raise StaleVersion(version, row["version"])
    values = _read(changes, row)
    changed = {name: value for name, value in values.items() if value != row[name]}
    if not changed:
        return
    tx.execute(
        sa.update(tables.blocks)
        .where(tables.blocks.c.id == row["id"])
        .values(version=row["version"] + 1, updated_at=tx.now, **changed)
    )
    before = {name: row[name] for name in changed}
    tx.record("block.changed", record="block", record_id=id, before=before, after=changed)


def delete_block(tx: Tx, id: str, version: int | None = None) -> None:
    """Delete a block of the studio's own; system blocks are refused (`SystemBlock`)."""
    row = repository.library_block(tx, id, lock=True)
    if row["system"]:
        raise SystemBlock
    if version is not None and version != row["version"]:
        raise StaleVersion(version, row["version"])
    tx.execute(sa.delete(tables.blocks).where(tables.blocks.c.id == row["id"]))
    before = {name: row[name] for name in ("section", "title", "body_markdown", "language")}
    tx.record("block.deleted", record="block", record_id=id, before=before)


def _read(body: Any, before: Any) -> dict[str, Any]:
    """The checked fields of a block; what the request does not send stays as it is in `before`."""
    fields = Fields(body, "", _FIELDS, _COMPUTED)
    languages, sections = [one.value for one in BlockLanguage], [one.value for one in Section]
    values = {
        "section": fields.one_of("section", sections, before.get("section", Section.BODY.value)),
        "title": fields.text("title", blocks.TITLE_LIMIT, required=not before)
        if not before or "title" in fields
        else before["title"],
        "body_markdown": fields.text("body_markdown", blocks.BODY_LIMIT, required=not before)
        if not before or "body_markdown" in fields
        else before["body_markdown"],
        "language": fields.one_of("language", languages, before.get("language", BlockLanguage.ANY.value)),
        "active": fields.flag("active", before.get("active", True)),
        "example": fields.flag("example", before.get("example", False)),
    }
    fields.raise_errors()
    blocks.check_texts(values["title"], values["body_markdown"])
    markdown.refuse_html(values["body_markdown"], "body_markdown")
    return values
