"""Files an admin adds to a quote: told by their content, stored once, sent along with its mail."""

from __future__ import annotations

import hashlib
import logging
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor.database import Database, Tx
from kontor.errors import Invalid

from .. import queries
from ..adapters.storage import key_of
from ..adapters.tables import documents
from ..errors import AttachmentInvalid, TooLarge
from ..tools import Tools

log = logging.getLogger(__name__)

KIND = "attachment"
MAX_BYTES = 5 * 1024 * 1024
MAX_MAIL_BYTES = 15 * 1024 * 1024
ROOM_FOR_THE_DOCUMENT = 1024 * 1024
"""Of a mail's bytes, kept for the PDF the attachments go with."""
MAX_NAME = 120
SUFFIXES = {"application/pdf": (".pdf",), "image/png": (".png",), "image/jpeg": (".jpg", ".jpeg")}


def store(
    db: Database,
    tools: Tools,
    *,
    id: str,
    name: str,
    content_b64: str,
    deal_uuid: str | None,
    record_id: str | None,
    beside: Sequence[str],
) -> dict[str, Any]:
    """Store a PDF, PNG or JPEG and answer its row; the same id again answers the first row, whatever is sent.

    ``beside`` are the documents that already go with the same mail. Raises `AttachmentInvalid`, `TooLarge`,
    `Invalid` for ids that are none, and what storage raises.
    """
    key_id = _uuid(id, "id")
    deal = None if deal_uuid is None else _uuid(deal_uuid, "deal_uuid")
    with db.transaction() as tx:
        if (existing := _row(tx, key_id)) is not None:
            return existing
        _check_room(tx, beside, len(content_b64) * 3 // 4 - content_b64[-2:].count("="))
    content = _decoded(content_b64)
    facts = tools.renderer.inspect(content)
    sha256 = hashlib.sha256(content).hexdigest()
    shown = _name(name, facts["mime"])
    with db.transaction() as tx:
        day = tx.today("UTC")
        key = key_of(KIND, day, deal, str(key_id), sha256, SUFFIXES[facts["mime"]][0])
        tools.storage.put(key, content)
        row = {
            "id": key_id,
            "kind": KIND,
            "record_id": record_id,
            "deal_uuid": deal,
            "name": shown,
            "mime": facts["mime"],
            "sha256": sha256,
            "size": len(content),
            "pages": facts["pages"],
            "template_version": 0,
            "backend": tools.storage.backend,
            "key": key,
            "created_at": tx.now,
        }
        added = tx.execute(
            insert(documents)
            .values(row)
            .on_conflict_do_nothing(index_elements=[documents.c.id])
            .returning(documents.c.id)
        ).first()
        if added is not None:
            tx.record(
                "attachment.stored",
                record="document",
                record_id=key_id,
                deal_uuid=deal,
                after={"name": shown, "mime": facts["mime"], "sha256": sha256, "record_id": record_id},
            )
        stored = _row(tx, key_id)
    if stored is None:
        raise Invalid.field("id", "Another document has this id.")
    return stored


def for_mail(tx: Tx, wanted: Sequence[Mapping[str, Any]], document: UUID) -> list[UUID]:
    """The ids of a quote's attachments, in order, as far as they are attachments and fit into one mail.

    What does not fit (a draft can name files that were stored beside others) is left out and logged: the quote
    itself must reach the customer.
    """
    ids = [UUID(str(part["document_id"])) for part in wanted]
    rows = {row["id"]: row for row in _sizes(tx, [*ids, document])}
    used = rows[document]["size"] if document in rows else 0
    chosen: list[UUID] = []
    for id in ids:
        row = rows.get(id)
        if row is None or row["kind"] != KIND or used + row["size"] > MAX_MAIL_BYTES:
            log.warning("attachment %s is not mailed: it is no stored attachment, or the mail is full", id)
            continue
        used += row["size"]
        chosen.append(id)
    return chosen


def _check_room(tx: Tx, beside: Sequence[str], size: int) -> None:
    if size > MAX_BYTES:
        raise TooLarge.field("content_b64", "The file is larger than 5 MB.")
    used = sum(row["size"] for row in _sizes(tx, [_uuid(one, "beside") for one in beside]))
    if used + size > MAX_MAIL_BYTES - ROOM_FOR_THE_DOCUMENT:
        raise TooLarge.field("content_b64", "Together with the other attachments the mail would be larger than 15 MB.")


def _sizes(tx: Tx, ids: Sequence[UUID]) -> list[Mapping[str, Any]]:
    if not ids:
        return []
    columns = (documents.c.id, documents.c.kind, documents.c.size)
    return [dict(row) for row in tx.execute(sa.select(*columns).where(documents.c.id.in_(ids))).mappings()]


def _decoded(content_b64: str) -> bytes:
    try:
        content = b64decode(content_b64, validate=True)
    except (NotBase64, ValueError):
        raise AttachmentInvalid.field("content_b64", "The content is not base64.") from None
    if not content:
        raise AttachmentInvalid.field("content_b64", "The file is empty.")
    if len(content) > MAX_BYTES:
        raise TooLarge.field("content_b64", "The file is larger than 5 MB.")
    return content


def _name(name: str, mime: str) -> str:
    """The last part of the name, printable, with the ending its content has."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = " ".join("".join(c if c.isprintable() and c not in ':*?"<>|' else " " for c in last).split()).strip(". ")
    suffix = SUFFIXES[mime][0]
    stem = clean
    for ending in SUFFIXES[mime]:
        if clean.lower().endswith(ending):
            stem, suffix = clean[: -len(ending)], clean[-len(ending) :]
    return f"{stem[: MAX_NAME - len(suffix)].strip() or 'file'}{suffix}"


def _row(tx: Tx, id: UUID) -> dict[str, Any] | None:
    found = tx.execute(
        sa.select(documents.c.id).where(documents.c.id == id, documents.c.kind == KIND)
    ).scalar_one_or_none()
    return None if found is None else queries.document(tx, str(id))


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise Invalid.field(field, "This is no id.") from None
