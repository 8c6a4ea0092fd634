"""The read side of presets and templates: records and lists by name."""

import base64
import json
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from kontor.database import Tx
from kontor.errors import Invalid, Refusal
from quotes import access
from quotes import settings as installation
from quotes.adapters import library as rows
from quotes.adapters import tables as t
from quotes.domain import quote as quotes
from quotes.domain.library import Preset, Template

MOST_PER_PAGE = 200


def preset(tx: Tx, id: str) -> dict[str, Any]:
    """The whole record; raises `NotFound`."""
    access.studio_only(tx)
    return _preset(rows.preset(tx, id))


def template(tx: Tx, id: str) -> dict[str, Any]:
    """The whole record with its totals; raises `NotFound`."""
    access.studio_only(tx)
    return _template(tx, rows.template(tx, id))


def presets(
    tx: Tx, *, q: str | None = None, currency: str | None = None, cursor: str | None = None, limit: int = 50
) -> dict[str, Any]:
    """A page of presets by name. ``q`` is searched for in name and text; ``currency`` narrows to one."""
    access.studio_only(tx)
    p = t.line_item_preset
    searched = sa.func.concat_ws(" ", p.c.name, p.c.line["description"].astext)
    table = p if currency is None else sa.select(p).where(p.c.currency == currency).subquery()
    if currency is not None:
        searched = sa.func.concat_ws(" ", table.c.name, table.c.line["description"].astext)
    found, following = _page(tx, table, q, searched, cursor, limit)
    return {"items": [_preset(rows.preset_of_row(row)) for row in found], "next_cursor": following}


def templates(tx: Tx, *, q: str | None = None, cursor: str | None = None, limit: int = 50) -> dict[str, Any]:
    """A page of templates by name. ``q`` is searched for in name and title."""
    access.studio_only(tx)
    table = t.quote_template
    searched = sa.func.concat_ws(" ", table.c.name, table.c.content["title"].astext)
    found, following = _page(tx, table, q, searched, cursor, limit)
    return {"items": [_template(tx, rows.template_of_row(row)) for row in found], "next_cursor": following}


def _page(
    tx: Tx, table: Any, q: str | None, searched: sa.ColumnElement[Any], cursor: str | None, limit: int
) -> tuple[Sequence[Any], str | None]:
    if any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in q or ""):
        raise Invalid.field("q", "Control characters cannot be searched for.")
    limit = max(1, min(limit, MOST_PER_PAGE))
    words = [word[:100] for word in (q or "").split()[:8]]
    found = rows.page(tx, table, words, searched, _read_cursor(cursor), limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], _cursor(last["name"], last["id"]) if last else None


def _cursor(name: str, id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([name, id]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> list[str]:
    if not cursor:
        return []
    try:
        name, id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(name, str) or any(c == "\0" or 0xD800 <= ord(c) < 0xE000 for c in name):
            raise ValueError
        return [name, str(uuid.UUID(id))]
    except (ValueError, TypeError, AttributeError):
        raise Invalid.field("cursor", "This is no cursor of this list.") from None


def _common(one: Preset | Template) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        **one.fields(),
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "created_by_admin_id": one.created_by_admin_id,
    }


def _preset(one: Preset) -> dict[str, Any]:
    return _common(one)


def _template(tx: Tx, one: Template) -> dict[str, Any]:
    try:
        totals = quotes.priced(one.content, installation.read(tx).vat_mode)
    except Refusal:  # the studio's VAT mode may have changed since; the quote made from it will say what is wrong
        sums = dict.fromkeys(("net_minor", "vat_minor", "total_minor"))
    else:
        sums = {"net_minor": totals.net_minor, "vat_minor": totals.vat_minor, "total_minor": totals.total_minor}
    return _common(one) | sums
