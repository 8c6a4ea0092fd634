"""Blocks of the library: sections, languages, and what a block must satisfy to be saved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from contracts.domain import placeholders
from kontor.errors import FieldError, Invalid

TITLE_LIMIT = 200
BODY_LIMIT = 20_000


class Section(StrEnum):
    """Parts of a contract, in the order in which a contract usually has them."""

    PREAMBLE = "preamble"
    SCOPE = "scope"
    BODY = "body"
    PAYMENT = "payment"
    CANCELLATION = "cancellation"
    DELIVERY = "delivery"
    PRIVACY = "privacy"
    NDA = "nda"
    CLOSING = "closing"


class BlockLanguage(StrEnum):
    DE = "de"
    EN = "en"
    ANY = "any"


@dataclass(frozen=True)
class Block:
    """A text of the library. `key` names a system block; `example` means no lawyer has looked at it yet."""

    id: UUID
    section: Section
    title: str
    body_markdown: str
    language: BlockLanguage
    active: bool = True
    system: bool = False
    example: bool = False
    key: str | None = None
    version: int = 1


def check_texts(title: str, body: str, prefix: str = "") -> None:
    """Refuse empty or over-long texts and unknown placeholders; `prefix` is put before the field names."""
    errors: list[FieldError] = []
    if not title.strip():
        errors.append(FieldError(f"{prefix}title", "The title is empty."))
    elif len(title) > TITLE_LIMIT:
        errors.append(FieldError(f"{prefix}title", f"The title is longer than {TITLE_LIMIT} characters."))
    if "{{" in title:
        errors.append(FieldError(f"{prefix}title", "Placeholders belong into the text, not into the title."))
    if not body.strip():
        errors.append(FieldError(f"{prefix}body_markdown", "The text is empty."))
    elif len(body) > BODY_LIMIT:
        errors.append(FieldError(f"{prefix}body_markdown", f"The text is longer than {BODY_LIMIT} characters."))
    for field, text in ((f"{prefix}title", title), (f"{prefix}body_markdown", body)):
        if any(ord(sign) < 32 and sign not in "\n\t\r" for sign in text):
            errors.append(FieldError(field, "The text holds control characters."))
    if errors:
        raise Invalid(errors[0].message, errors=errors)
    placeholders.check(body, f"{prefix}body_markdown")
