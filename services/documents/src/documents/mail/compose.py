"""A mail's words from its template, and the MIME message from its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Any

from ..texts import catalogue

LINK_MARK = "{{link}}"
"""Stands in stored texts where the link goes; the link itself is never stored in clear."""
LINK_REMOVED = "[…]"

TEMPLATES = (
    "quote_sent",
    "quote_accepted_customer",
    "quote_accepted_admin",
    "quote_declined_admin",
    "contract_sent",
    "contract_signature_reminder",
    "contract_fully_signed",
    "invoice_sent",
    "customer_invitation",
)


@dataclass(frozen=True, slots=True)
class Words:
    """Subject, plain text and HTML of a mail; a link stands as `LINK_MARK`."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the mail."""

    name: str
    mime: str
    content: bytes


def words(template: str, language: str, locale: str, facts: Mapping[str, Any], *, link: bool) -> Words:
    """The words of a template with the facts filled in, without a gap where a fact is empty.

    ``facts`` are finished strings. With ``link`` the template's button leads to the link.
    """
    texts = catalogue(language, locale)
    filled = {key: "" if value is None else str(value) for key, value in facts.items()}
    subject = " ".join(texts[f"mail_{template}_subject"].format(**filled).split())
    greeting = texts["mail_greeting_named" if filled.get("name") else "mail_greeting"].format(**filled)
    body = texts[f"mail_{template}_body"].format(**filled)
    paragraphs = [greeting, *(part.strip() for part in body.split("\n\n") if part.strip())]
    button = texts[f"mail_{template}_button"] if link else ""
    ending = "\n".join(line for line in (texts["mail_regards"], filled.get("issuer_name", "")) if line)
    text = "\n\n".join([*paragraphs, *([f"{button}:\n{LINK_MARK}"] if link else []), ending]) + "\n"
    return Words(subject, text, _html(language, paragraphs, button, ending))


def _html(language: str, paragraphs: Sequence[str], button: str, ending: str) -> str:
    style = "margin:0 0 16px;font:15px/23px Inter,Helvetica,Arial,sans-serif;color:#1C1B19"
    parts = [f'<p style="{style}">{_lines(paragraph)}</p>' for paragraph in paragraphs]
    if button:
        parts.append(
            f'<p style="{style}"><a href="{LINK_MARK}" style="display:inline-block;background:#0F5C4A;'
            f'color:#FFFFFF;padding:12px 20px;border-radius:6px;text-decoration:none">{escape(button)}</a></p>'
        )
    parts.append(f'<p style="{style}">{_lines(ending)}</p>')
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"></head>'
        '<body style="margin:0;background:#F7F6F3"><div style="max-width:560px;margin:0 auto;'
        f'padding:32px 24px;background:#FFFFFF">{"".join(parts)}</div></body></html>'
    )


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))


def message(
    row: Mapping[str, Any], attachments: Sequence[Attachment], link: str | None, date: datetime
) -> EmailMessage:
    """The MIME message of a mail row: plain text and HTML, attachments, all headers.

    ``Message-ID`` and ``Date`` come from the row, so every try sends the same message.
    ``Auto-Submitted: auto-generated`` (RFC 3834) keeps auto-responders quiet.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(row["sender_name"], row["sender"])
    mail["To"] = _address(row["to_name"], row["to_email"])
    if row["cc"]:
        mail["Cc"] = tuple(_address("", address) for address in row["cc"])
    if row["reply_to"]:
        mail["Reply-To"] = _address(row["sender_name"], row["reply_to"])
    mail["Subject"] = row["subject"]
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = row["message_id"]
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = row["language"]
    target = link or ""
    mail.set_content(row["text"].replace(LINK_MARK, target))
    mail.add_alternative(row["html"].replace(LINK_MARK, escape(target)), subtype="html")
    for attachment in attachments:
        main, _, sub = attachment.mime.partition("/")
        mail.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
    return mail


def _address(name: str, email: str) -> Address:
    clean = " ".join("".join(c for c in name if c.isprintable()).split())
    return Address(clean, addr_spec=email)
