"""Placeholders in contract texts: the published list, the check at save, the filling at review and send.

A placeholder is written ``{{customer.name}}``. Filling is one pass over the source, so a value that itself
looks like a placeholder is printed, never expanded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from contracts.domain.errors import PlaceholderUnknown
from kontor.errors import FieldError


class Placeholder(NamedTuple):
    name: str
    de: str
    en: str
    block: bool = False  # fills whole Markdown lines (a table, a list), so it must stand alone on its line


PUBLISHED: tuple[Placeholder, ...] = (
    Placeholder("customer.name", "Name oder Firma des Kunden", "Name or company of the customer"),
    Placeholder("customer.address", "Adresse des Kunden in einer Zeile", "Address of the customer in one line"),
    Placeholder("customer.email", "E-Mail-Adresse des Kunden", "E-mail address of the customer"),
    Placeholder("customer.number", "Kundennummer", "Customer number"),
    Placeholder("customer.vat_id", "MWST-/USt-Nummer des Kunden", "VAT id of the customer"),
    Placeholder("issuer.name", "Name des Studios", "Name of the studio"),
    Placeholder("issuer.address", "Adresse des Studios in einer Zeile", "Address of the studio in one line"),
    Placeholder("issuer.town", "Sitz des Studios", "Town of the studio"),
    Placeholder("issuer.email", "E-Mail-Adresse des Studios", "E-mail address of the studio"),
    Placeholder("issuer.phone", "Telefon des Studios", "Phone of the studio"),
    Placeholder("issuer.website", "Website des Studios", "Website of the studio"),
    Placeholder("issuer.vat_id", "MWST-/USt-Nummer des Studios", "VAT id of the studio"),
    Placeholder("contract.number", "Vertragsnummer (beim Versand vergeben)", "Contract number (given at sending)"),
    Placeholder("contract.title", "Titel des Vertrags", "Title of the contract"),
    Placeholder("contract.date", "Datum des Versands", "Date of sending"),
    Placeholder("contract.valid_until", "Frist zur Unterschrift", "Last day to sign"),
    Placeholder("contract.signers", "Namen der Unterzeichnenden", "Names of the signers"),
    Placeholder("deal.total", "Gesamtbetrag inkl. MWST", "Total including VAT"),
    Placeholder("deal.net", "Gesamtbetrag ohne MWST", "Total excluding VAT"),
    Placeholder("deal.vat", "MWST-Betrag", "VAT amount"),
    Placeholder("deal.currency", "Währung", "Currency"),
    Placeholder("quote.number", "Nummer der Offerte", "Number of the quote"),
    Placeholder("quote.title", "Titel der Offerte", "Title of the quote"),
    Placeholder("quote.document_sha256", "Prüfsumme des Offerten-PDF", "Checksum of the quote's PDF"),
    Placeholder("quote.payment", "Zahlungskonditionen in Worten", "Payment terms in words"),
    Placeholder("quote.table", "Tabelle der Positionen", "Table of the line items", block=True),
    Placeholder("quote.instalments", "Liste der Raten", "List of the instalments", block=True),
    Placeholder("booking.title", "Titel des Termins", "Title of the booking"),
    Placeholder("booking.date", "Datum des Termins", "Date of the booking"),
    Placeholder("booking.location", "Ort des Termins", "Place of the booking"),
)
NAMES = frozenset(placeholder.name for placeholder in PUBLISHED)
_BLOCKS = frozenset(placeholder.name for placeholder in PUBLISHED if placeholder.block)

_WRITTEN = re.compile(r"\{\{\s*([^{}\n]*?)\s*\}\}")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|~&])")
_NOT_EMPHASIS = re.compile(r"([\\`{}\[\]<>|~&])")


def used_in(text: str) -> tuple[str, ...]:
    """Names of the placeholders in the text, in order of first use."""
    return tuple(dict.fromkeys(_WRITTEN.findall(text)))


def mistakes(text: str, field: str) -> list[FieldError]:
    """What is wrong with the placeholders of a text about to be saved; empty when nothing is."""
    found = [
        FieldError(field, f"“{{{{{name}}}}}” is not a known placeholder.")
        for name in used_in(text)
        if name not in NAMES
    ]
    rest = _WRITTEN.sub("", text)
    if "{{" in rest or "}}" in rest:
        found.append(FieldError(field, "A placeholder is not closed: write “{{name}}”."))
    for line in text.splitlines():
        for name in _WRITTEN.findall(line):
            if name in _BLOCKS and _WRITTEN.sub("", line, count=1).strip():
                found.append(FieldError(field, f"“{{{{{name}}}}}” must stand on a line of its own."))
    return found


def check(text: str, field: str) -> None:
    """Refuse a text with unknown, unclosed or misplaced placeholders (`PlaceholderUnknown`)."""
    found = mistakes(text, field)
    if found:
        raise PlaceholderUnknown(found[0].message, errors=found)


class Filled(NamedTuple):
    text: str
    missing: tuple[str, ...]


def fill(text: str, values: Mapping[str, str | None]) -> Filled:
    """Put the values in. A placeholder without a value stays as written and is named in `missing`.

    Values are Markdown: plain facts have gone through `plain`, tables and lists come as such.
    """
    missing: dict[str, None] = {}

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        value = values.get(name)
        if not value:
            missing[name] = None
            return match.group(0)
        return f"\n\n{value}\n\n" if name in _BLOCKS else value

    return Filled(_WRITTEN.sub(value_of, text), tuple(missing))


_BULLET = re.compile(r"^[ \t]*[-*+][ \t]+", re.MULTILINE)
_LINE_START = re.compile(r"^([-+#=])|^(\d+)([.)])(?=\s|$)")
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")


def one_line(text: str) -> str:
    """A rich text on one line: bold and italic stay, list items and lines are parted by a middle dot."""
    lines = [_BLANKS.sub(" ", line).strip() for line in _BULLET.sub("", text).splitlines()]
    return _at_start(_NOT_EMPHASIS.sub(r"\\\1", " · ".join(line for line in lines if line)))


def _at_start(text: str) -> str:
    """Keeps a value that begins a line from opening a list or a heading (“1. FC Muster”)."""
    return _LINE_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", text)


def plain(text: str) -> str:
    """Text of a person as Markdown that prints exactly that text, on one line."""
    return _at_start(_MARKDOWN.sub(r"\\\1", _BLANKS.sub(" ", text).strip()))
