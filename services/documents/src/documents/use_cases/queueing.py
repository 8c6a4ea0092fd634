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
from ..mail.compose import words
from ..texts import catalogue
from ..tools import Tools


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
    """What a mail is about. ``link_path`` is the public path before the token, which stays sealed."""

    template: str
    record: str
    record_id: str
    language: str
    locale: str
    facts: Mapping[str, Any]
    attachments: Sequence[UUID] = ()
    link_path: str | None = None
    link_sealed: str | None = None


def queue(tx: Tx, tools: Tools, event: Event, letter: Letter, to: Recipient, issuer: Mapping[str, Any]) -> UUID:
    """Add a mail, with its Message-ID fixed from here on, and ``mail_queued.v1``; returns its id.

    The id derives from event, template and address: the same event queues the same mail once.
    """
    mail_id = derived_id("mail", str(event.event_id), letter.template, to.email)
    sender_name, sender = parseaddr(tools.settings.mail_from or "")
    sender = sender or issuer.get("email") or "kontor@localhost"
    facts = {"name": to.name, "issuer_name": issuer.get("name"), **letter.facts}
    texts = words(letter.template, letter.language, letter.locale, facts, link=letter.link_path is not None)
    row = {
        "id": mail_id,
        "template": letter.template,
        "language": letter.language,
        "record": letter.record,
        "record_id": letter.record_id,
        "deal_uuid": event.deal_uuid,
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
        "message_id": f"<{mail_id}@{sender.rpartition('@')[2]}>",
        "state": "queued",
        "next_try": tx.now,
        "created_at": tx.now,
    }
    added = tx.execute(insert(mails).values(row).on_conflict_do_nothing().returning(mails.c.id)).first()
    if added is not None:
        tx.emit(
            "mail_queued.v1",
            deal_uuid=event.deal_uuid,
            aggregate_id=mail_id,
            aggregate_version=1,
            data={
                "mail_id": str(mail_id),
                "template": letter.template,
                "record_id": letter.record_id,
                "to": to.email,
            },
        )
    return mail_id


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
