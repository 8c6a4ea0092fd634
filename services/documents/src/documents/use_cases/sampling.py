"""Sending a template to somebody who wants to see it in a real mailbox."""

from __future__ import annotations

from email.errors import MessageError
from email.headerregistry import Address
from typing import Any
from uuid import UUID

from kontor import replica
from kontor.database import Tx
from kontor.errors import Invalid
from kontor.secrets import Sealer

from ..mail.compose import SUBJECT_LIMIT, Words
from ..mail.samples import CODE, sample_facts
from ..mail.templates import one_line, template_of
from ..texts import catalogue
from ..tools import Tools
from .editing import locale_for
from .queueing import Letter, Recipient, add, row_of, words_of


def queue_sample(tx: Tx, tools: Tools, sealer: Sealer, mail_id: UUID, name: str, language: str, to: str) -> None:
    """Queue the mail with the facts of an invented deal; its subject says that it is a sample.

    Its button leads to the start page. Raises `Invalid` for an address no mail can go to, `NotFound`.
    """
    template = template_of(name, language)
    address = _address(to)
    issuer = replica.settings(tx, "business_profile")
    locale = locale_for(tx, language)
    letter = Letter(
        template=name,
        record="mail_template",
        record_id=f"{name}.{language}",
        language=language,
        locale=locale,
        facts=sample_facts(template, language, locale, issuer),
        link_path="/" if template.button else None,
        code_sealed=sealer.seal(CODE) if "code" in template.placeholders else None,
    )
    recipient = Recipient(address)
    texts = words_of(tx, letter, recipient, issuer)
    subject = catalogue(language, locale)["mail_sample_subject"].format(subject=texts.subject)
    row: dict[str, Any] = row_of(
        tx, tools, mail_id, letter, recipient, issuer, Words(one_line(subject, SUBJECT_LIMIT), texts.text, texts.html)
    )
    add(tx, row)


def _address(to: str) -> str:
    wanted = to.strip()
    try:
        parsed = Address(addr_spec=wanted)
    except (ValueError, IndexError, MessageError) as error:
        raise Invalid.field("to", "This is not an e-mail address.") from error
    if len(wanted) > 254 or not parsed.username or "." not in parsed.domain or not wanted.isprintable():
        raise Invalid.field("to", "This is not an e-mail address.")
    return wanted
