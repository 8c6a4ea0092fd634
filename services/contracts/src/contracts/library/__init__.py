"""The system blocks a fresh installation starts with: examples for studio work that no lawyer has reviewed.

Every key exists in German and English. The German texts avoid words spelled differently in CH and DE/AT.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from contracts.library import english, german
from contracts.library.text import Text
from kontor.ids import derived_id

__all__ = ["SystemBlock", "Text", "system_blocks"]


class SystemBlock(NamedTuple):
    """A seeded block; its id follows from key and language, so that seeding twice seeds once."""

    id: UUID
    key: str
    language: str
    section: str
    title: str
    body: str


def system_blocks() -> Iterator[SystemBlock]:
    """All seeded blocks, German first, in the order of the library."""
    for language, texts in (("de", german.TEXTS), ("en", english.TEXTS)):
        for text in texts:
            yield SystemBlock(
                derived_id("contract block", text.key, language),
                text.key,
                language,
                text.section,
                text.title,
                text.body.strip(),
            )
