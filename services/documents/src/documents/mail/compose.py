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
from .templates import CODE_MARK, TEMPLATES, UNEDITED, Edit, clean, effective, fill, one_line

LINK_MARK = "{{link}}"
"""Stands in stored texts where the link goes; the link itself is never stored in clear."""
REMOVED = "[…]"
SUBJECT_LIMIT = 250
NAME_LIMIT = 120


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


def words(
    template: str, language: str, locale: str, facts: Mapping[str, Any], *, link: bool, edit: Edit = UNEDITED
) -> Words:
    """The words of a template with the facts filled in, without a gap where a fact is empty.

    ``facts`` are finished strings, ``edit`` what was changed of the words as delivered. With ``link`` the
    template's button leads to the link.
    """
    kind = TEMPLATES[template]
    texts = catalogue(language, locale)
    chosen = effective(kind, language, locale, edit)
    filled = {**dict.fromkeys(kind.placeholders, ""), **{key: clean(value) for key, value in facts.items()}}
    if "code" in kind.placeholders:
        filled["code"] = CODE_MARK
    subject = one_line(fill(chosen.subject or "", filled), SUBJECT_LIMIT)
    greeting = fill(texts["mail_greeting_named" if filled["name"].strip() else "mail_greeting"], filled)
    body = fill(chosen.body or "", filled)
    paragraphs = [" ".join(greeting.split()), *(part.strip() for part in body.split("\n\n") if part.strip())]
    button = one_line(fill(chosen.button or "", filled), SUBJECT_LIMIT) if link else ""
    ending = "\n".join(line for line in (texts["mail_regards"], one_line(filled["issuer_name"], 500)) if line)
    text = "\n\n".join([*paragraphs, *([f"{button}:\n{LINK_MARK}"] if link else []), ending]) + "\n"
    return Words(subject, text, _html(language, paragraphs, button, ending))


def complete(text: str, *, link: str, code: str) -> str:
    """A stored text with its link and code put in; for the HTML part both must be escaped."""
    return text.replace(LINK_MARK, link).replace(CODE_MARK, code)


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
    row: Mapping[str, Any], attachments: Sequence[Attachment], link: str | None, code: str | None, date: datetime
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
    mail["Subject"] = _header(row["subject"], SUBJECT_LIMIT)
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = row["message_id"]
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(complete(row["text"], link=link or "", code=code or ""))
    html = complete(row["html"], link=escape(link or ""), code=escape(code or ""))
    mail.add_alternative(html, subtype="html")
    for attachment in attachments:
        main, _, sub = attachment.mime.partition("/")
        mail.add_attachment(attachment.content, maintype=main, subtype=sub, filename=_header(attachment.name, 200))
    mail["Content-Language"] = row["language"]  # last: turning into multipart moves Content-* to the first part
    return mail


def _address(name: str, email: str) -> Address:
    return Address(_header(name, NAME_LIMIT), addr_spec=email)


def _header(text: str, limit: int) -> str:
    """The text as a header can carry it: one line, printable; joiners stay, they hold emoji together.

    A text that looks like an encoded word (RFC 2047) is taken apart: the email package would decode it, and
    what comes out may hold a line end.
    """
    printable = "".join(c if c.isprintable() or c == "\u200d" else " " for c in text)
    return one_line(printable.replace("=?", "= ?"), limit)
