"""A contract's texts: snapshots of blocks, overrides, free sections; the default composition; freezing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.domain.blocks import Block, Section
from contracts.domain.canonical import canonical, sha256_text
from contracts.domain.placeholders import Filled, fill

BLOCK_LIMIT = 60


@dataclass(frozen=True)
class ContractBlock:
    """A text inside one contract.

    `library_title` and `library_body` are the library's text at the moment of including; a difference to
    `title` and `body_markdown` is an override, shown as such. Free sections have neither.
    """

    id: UUID
    section: Section
    title: str
    body_markdown: str
    block_id: UUID | None = None
    library_title: str | None = None
    library_body: str | None = None
    example: bool = False
    body_resolved: str | None = None

    @property
    def overridden(self) -> bool:
        return self.block_id is not None and (
            self.title != self.library_title or self.body_markdown != self.library_body
        )

    def resolve(self, values: Mapping[str, str | None]) -> Filled:
        return fill(self.body_markdown, values)


def include(id: UUID, block: Block, *, title: str | None = None, body: str | None = None) -> ContractBlock:
    """The library's text copied into a contract, with an override where one is given."""
    return ContractBlock(
        id=id,
        section=block.section,
        title=block.title if title is None else title,
        body_markdown=block.body_markdown if body is None else body,
        block_id=block.id,
        library_title=block.title,
        library_body=block.body_markdown,
        example=block.example,
    )


_DEFAULT = (
    "parties",
    "subject",
    "cooperation",
    "{usage}",
    "payment",
    "cancellation",
    "deliverables",
    "privacy",
    "{jurisdiction}",
)
_JURISDICTION = {"CH": "jurisdiction_ch", "DE": "jurisdiction_de", "AT": "jurisdiction_at"}


def default_keys(*, country: str, business_customer: bool, instalments: bool, payment_terms: bool) -> tuple[str, ...]:
    """Keys of the system blocks a draft from a quote starts with, in order.

    `country` is the issuer's (ISO 3166-1): it picks the jurisdiction, and none where we have no text (LI).
    Companies get the commercial usage rights, private customers the private ones.
    """
    chosen = {
        "{usage}": "usage_commercial" if business_customer else "usage_private",
        "{jurisdiction}": _JURISDICTION.get(country),
        "payment": ("payment_instalments" if instalments else "payment") if payment_terms else None,
    }
    keys = (chosen.get(key, key) for key in _DEFAULT)
    return tuple(key for key in keys if key)


@dataclass(frozen=True)
class Frozen:
    """The content of a sent contract: the canonical text that was hashed, and its SHA-256."""

    text: str
    sha256: str


def freeze(content: Mapping[str, Any]) -> Frozen:
    text = canonical(dict(content))
    return Frozen(text, sha256_text(text))


def mismatch(text: str, sha256: str, stored: Mapping[str, Any], resolved: Sequence[Mapping[str, str]]) -> str | None:
    """Why the stored content is not what was sent, or None when it is.

    `stored` is the parsed content; `resolved` are the contract's block rows (`id`, `title`, `body`) in order.
    """
    if sha256_text(text) != sha256:
        return "The stored content does not give the hash recorded at sending."
    sent = [(block["id"], block["title"], block["markdown"]) for block in stored["blocks"]]
    rows = [(row["id"], row["title"], row["body"]) for row in resolved]
    if len(sent) != len(rows):
        return f"{len(sent)} blocks were sent, {len(rows)} are stored."
    for index, (was, now) in enumerate(zip(sent, rows, strict=True), start=1):
        if was != now:
            return f"Block {index} (“{was[1]}”) is not the text that was sent."
    return None
