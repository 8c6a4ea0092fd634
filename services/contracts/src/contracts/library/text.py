"""The shape of a seeded text."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    key: str
    section: str
    title: str
    body: str
