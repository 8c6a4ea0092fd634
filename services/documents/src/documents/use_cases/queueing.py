"""Putting mails into the queue, in the transaction of what they tell about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from kontor.database import Tx
from kontor.envelope import Event
from kontor.errors import FieldError, Refusal
from kontor.ids import derived_id
from kontor.locale import document_locale, format_date, format_money

from ..adapters.tables import mails
from ..mail.compose import Words, words
from ..mail.templates import TEMPLATES
from ..texts import LANGUAGES, catalogue
from ..tools import Tools
from .calling_off import called_off, stopped
from .editing import edit_of


class RecipientMissing(Refusal):
    """A mail has nobody to go to."""

    code = "RECIPIENT_MISSING"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a mail goes to; ``cc`` are plain addresses."""

    email: str
    name: str = ""
    cc: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any] | None) -> Recipient:
        """From an event's ``{email, name, cc}``. Raises `RecipientMissing`."""
        data = data or {}
        email = (data.get("email") or "").strip()
        if not email:
            sentence = "The mail has no recipient address."
            raise RecipientMissing(sentence, errors=[FieldError("recipient.email", sentence)])
        given = data.get("cc") or ()
        copies = re.split(r"[,;\s]+", given) if isinstance(given, str) else given
        distinct = dict.fromkeys(copy.strip() for copy in copies if copy and copy.strip() != email)
        return cls(email, data.get("name") or "", tuple(distinct))


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail is about. ``link_path`` is the public path before the token; token and code stay sealed.

    ``record_version`` is the record's version the mail speaks of: a record that has moved on calls it off.
    """

    template: str
    record: str
    record_id: str
    language: str
    locale: str
    facts: Mapping[str, Any]
    attachments: Sequence[UUID] = ()
    link_path: str | None = None
    link_sealed: str | None = None
    code_sealed: str | None = None
    record_version: int | None = None


def queue(tx: Tx, tools: Tools, event: Event, letter: Letter, to: Recipient, issuer: Mapping[str, Any]) -> UUID:
    """Add a mail, with its Message-ID fixed from here on, and ``mail_queued.v1``; returns its id.

    The id derives from event, template and address: the same event queues the same mail once. A mail about
    a version of its record that is over is kept as called off, with the reason.
    """
    mail_id = derived_id("mail", str(event.event_id), letter.template, to.email)
    lifetime = TEMPLATES[letter.template].lifetime
    expires_at = event.occurred_at + lifetime if lifetime else None
    texts = words_of(tx, letter, to, issuer)
    row = row_of(tx, tools, mail_id, letter, to, issuer, texts)
    add(tx, {**row, "deal_uuid": event.deal_uuid, "expires_at": expires_at})
    return mail_id


def words_of(tx: Tx, letter: Letter, to: Recipient, issuer: Mapping[str, Any]) -> Words:
    """The mail's words in the template as it is edited now."""
    edit = edit_of(tx, letter.template, letter.language)
    facts = {"name": to.name, "issuer_name": issuer.get("name"), **letter.facts}
    link = letter.link_path is not None
    return words(letter.template, letter.language, letter.locale, facts, link=link, edit=edit)


def add(tx: Tx, row: dict[str, Any]) -> None:
    """Put a mail's row into the queue, once, and tell of it; or keep it as called off."""
    reason = stopped(tx, row)
    added = tx.execute(insert(mails).values(row).on_conflict_do_nothing().returning(mails.c.id)).first()
    if added is None:
        return
    tx.emit(
        "mail_queued.v1",
        deal_uuid=row["deal_uuid"],
        aggregate_id=row["id"],
        aggregate_version=1,
        data={
            "mail_id": str(row["id"]),
            "template": row["template"],
            "record_id": row["record_id"],
            "to": row["to_email"],
        },
    )
    if reason is not None:
        called_off(tx, {**row, "attempts": 0}, reason)


def row_of(
    tx: Tx, tools: Tools, mail_id: UUID, letter: Letter, to: Recipient, issuer: Mapping[str, Any], texts: Words
) -> dict[str, Any]:
    """The row of a queued mail that belongs to no deal and does not expire."""
    sender_name, sender = parseaddr(tools.settings.mail_from or "")
    sender = sender or issuer.get("email") or "kontor@localhost"
    return {
        "id": mail_id,
        "template": letter.template,
        "language": letter.language if letter.language in LANGUAGES else "en",
        "record": letter.record,
        "record_id": letter.record_id,
        "record_version": letter.record_version,
        "deal_uuid": None,
        "expires_at": None,
        "sender": sender,
        "sender_name": issuer.get("name") or sender_name,
        "reply_to": issuer.get("email"),
        "to_email": to.email,
        "to_name": to.name,
        "cc": list(to.cc),
        "subject": texts.subject,
        "text": texts.text,
        "html": texts.html,
        "attachments": [str(document) for document in letter.attachments],
        "link_path": letter.link_path,
        "link_sealed": letter.link_sealed,
        "code_sealed": letter.code_sealed,
        "message_id": f"<{mail_id}@{sender.rpartition('@')[2]}>",
        "state": "queued",
        "next_try": tx.now,
        "created_at": tx.now,
    }


def facts_of(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """The finished words a document's mail may use: number, title, total, dates, the customer's name."""
    locale = locale_of(snapshot)
    texts = catalogue(snapshot["language"], locale)
    totals = snapshot.get("totals") or {}
    total = totals.get("total_minor")
    kind = "contract_sent" if str(snapshot.get("kind", "")).startswith("contract") else "quote_sent"

    def sentence(key: str, day: str | None) -> str:
        return texts[key].format(date=format_date(date.fromisoformat(day[:10]), locale)) if day else ""

    return {
        "number": snapshot.get("number"),
        "title": snapshot.get("title") or "",
        "total": format_money(total, snapshot["currency"], locale) if total is not None else "",
        "valid_until": sentence(f"mail_{kind}_valid", snapshot.get("valid_until")),
        "due_date": sentence("mail_invoice_sent_due", snapshot.get("due_date")),
        "customer_name": (snapshot.get("customer") or {}).get("display_name") or "",
    }


def locale_of(snapshot: Mapping[str, Any]) -> str:
    """The snapshot's locale, else the one that fits its language and its issuer's country."""
    country = (snapshot.get("issuer") or {}).get("country") or "CH"
    return snapshot.get("locale") or document_locale(snapshot["language"], country)
