"""Structured billing information after Swico S1 (“QR-Rechnung: Syntaxdefinition”, 1.2).

``//S1/10/X.66711/11/260131/20/405/30/106017086/31/260101260131/32/8.1/40/2:10;0:30``:
tags in ascending order, ``/`` and ``\\`` inside a value escaped by a backslash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .errors import BillingInformationMalformed

FIELD = "billing_information"
_TAGS = ("10", "11", "20", "30", "31", "32", "33", "40")


@dataclass(frozen=True, slots=True)
class BillingInformation:
    """What the payer's accounting reads from the slip.

    ``vat_number`` is the UID's nine digits. ``vat_rates`` maps a rate in percent to its
    net amount as decimal text, or to None when there is only that one rate.
    ``conditions`` are (discount percent, days) pairs; percent 0 is the due date.
    """

    document_number: str = ""
    document_date: date | None = None
    customer_reference: str = ""
    vat_number: str = ""
    supply_from: date | None = None
    supply_to: date | None = None
    vat_rates: tuple[tuple[Decimal, str | None], ...] = ()
    conditions: tuple[tuple[Decimal, int], ...] = ()


def compose(information: BillingInformation) -> str:
    """The S1 text. Empty facts are left out; no facts give an empty string.

    Raises `BillingInformationMalformed` when a fact does not fit its tag.
    """
    parts: list[tuple[str, str]] = []
    if information.document_number:
        parts.append(("10", information.document_number))
    if information.document_date:
        parts.append(("11", _day(information.document_date)))
    if information.customer_reference:
        parts.append(("20", information.customer_reference))
    if information.vat_number:
        parts.append(("30", information.vat_number))
    if information.supply_from:
        until = information.supply_to
        parts.append(("31", _day(information.supply_from) + (_day(until) if until else "")))
    if information.vat_rates:
        rates = [_number(rate) if net is None else f"{_number(rate)}:{net}" for rate, net in information.vat_rates]
        parts.append(("32", ";".join(rates)))
    if information.conditions:
        parts.append(("40", ";".join(f"{_number(p)}:{days}" for p, days in information.conditions)))
    if not parts:
        return ""
    text = "//S1" + "".join(f"/{tag}/{_escaped(value)}" for tag, value in parts)
    parse(text)
    return text


def parse(text: str) -> dict[str, str]:
    """Tag → unescaped value of an S1 text.

    Raises `BillingInformationMalformed` for unknown, repeated, unordered or empty tags
    and for values that do not have their tag's form.
    """
    if not text.startswith("//S1/"):
        raise BillingInformationMalformed(FIELD, "Swico billing information begins with //S1/.")
    pieces = re.findall(r"/((?:[^/\\]|\\[/\\])*)", text[4:])
    if "".join("/" + piece for piece in pieces) != text[4:] or len(pieces) % 2:
        raise BillingInformationMalformed(FIELD, "Swico billing information is a list of /tag/value pairs.")
    values: dict[str, str] = {}
    for tag, raw in zip(pieces[::2], pieces[1::2], strict=True):
        value = re.sub(r"\\(.)", r"\1", raw)
        if tag not in _TAGS:
            raise BillingInformationMalformed(FIELD, f"“{tag}” is no Swico tag.")
        if values and tag <= max(values):
            raise BillingInformationMalformed(FIELD, "Swico tags stand once, in ascending order.")
        if not re.fullmatch(_FORMS[tag], value):
            raise BillingInformationMalformed(FIELD, f"“{value}” does not fit Swico tag {tag}.")
        values[tag] = value
    return values


def check_prefix(text: str) -> None:
    """Raise unless the text begins with ``//`` and a two-character scheme (IG 2.3 § 4.2.2)."""
    if not re.match(r"//[0-9A-Z]{2}", text):
        raise BillingInformationMalformed(
            FIELD, "Billing information begins with // and a two-character scheme such as //S1."
        )


_DAY = r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_PERCENT = r"[0-9]{1,3}(?:\.[0-9]{1,3})?"
_NET = r"[0-9]{1,9}(?:\.[0-9]{1,2})?"
_FORMS = {
    "10": r".+",
    "11": _DAY,
    "20": r".+",
    "30": r"[0-9]{9}",
    "31": f"{_DAY}(?:{_DAY})?",
    "32": f"{_PERCENT}(?::{_NET}(?:;{_PERCENT}:{_NET})*)?",
    "33": f"(?:{_PERCENT}:)?{_NET}(?:;{_PERCENT}:{_NET})*",
    "40": f"{_PERCENT}:[0-9]{{1,3}}(?:;{_PERCENT}:[0-9]{{1,3}})*",
}


def _day(day: date) -> str:
    return day.strftime("%y%m%d")


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("/", "\\/")
