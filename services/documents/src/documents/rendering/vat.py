"""What a document says about VAT: the rate column, the totals per rate and category, the notes the law asks for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from .wording import Snapshot, Wording

NOTED = ("exempt", "reverse_charge", "outside_scope")
"""Categories without VAT whose reason stands on the document (Directive 2006/112/EC art. 226 no. 11, 11a)."""
_SIGNS = "¹²³"


class VatNotes:
    """VAT of one document. A snapshot from before categories were told apart has them derived from its mode."""

    def __init__(self, words: Wording) -> None:
        self.words = words
        self.texts = words.texts
        self.mode: str = words.snapshot.get("vat_mode") or "standard"
        self.groups = list((words.snapshot.get("totals") or {}).get("vat_groups") or ())
        self.lines = [line for line in words.snapshot.get("lines") or () if line.get("kind") != "discount"]
        noted = {self.category(part) for part in (*self.lines, *self.groups)} & set(NOTED)
        self.signs = dict(zip([name for name in NOTED if name in noted], _SIGNS, strict=False))

    @property
    def charged(self) -> bool:
        """Whether the issuer prints VAT at all; a small business does not."""
        return self.words.issuer.get("vat_registered", True) is not False and self.mode != "small_business"

    def category(self, part: Snapshot) -> str:
        """The VAT category of a line or a group."""
        if part.get("vat_category"):
            return str(part["vat_category"])
        if Decimal(str(part.get("vat_rate") or 0)):
            return "standard"
        return self.mode if self.mode in NOTED else "zero"

    def cell(self, line: Snapshot) -> str:
        """The rate of a line, with the sign of its note."""
        if line.get("vat_rate") is None:
            return ""
        return self.words.percent(line["vat_rate"]) + self.signs.get(self.category(line), "")

    def rows(self, gross: bool) -> Iterator[dict[str, Any]]:
        """One row per rate and category."""
        for group in self.groups if self.charged else ():
            category = self.category(group)
            key = f"vat_{category}_line" if category in NOTED else "vat_included_line" if gross else "vat_line"
            label = self.texts[key].format(
                rate=self.words.percent(group["vat_rate"]), net=self.words.figure(group["net_minor"])
            )
            yield {"label": label + self.signs.get(category, ""), "figure": self.words.figure(group["vat_minor"])}

    def notes(self) -> Iterator[str]:
        """The sentences below the totals."""
        if not self.charged:
            country = self.words.issuer.get("country")
            yield self.texts[f"not_vat_registered_{country if country in ('DE', 'AT', 'LI') else 'CH'}"]
            return
        modes = dict(self.signs)
        if self.mode in NOTED and self.mode not in modes:
            modes[self.mode] = ""
        for category, sign in modes.items():
            sentence = self.texts[f"vat_mode_{category}"]
            if category == "exempt" and self.words.snapshot.get("exemption_reason"):
                sentence = str(self.words.snapshot["exemption_reason"])
            yield f"{sign} {sentence}".strip()
        if self.words.snapshot.get("price_entry") == "gross" and not modes:
            yield self.texts["gross_note"]
