"""QR references (27 digits) and creditor references (ISO 11649)."""

from __future__ import annotations

import re
from enum import StrEnum

from .characters import check_text
from .errors import ReferenceCheckDigitWrong, ReferenceForbidden, ReferenceMalformed
from .iban import compact, mod97

_CARRY = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)


class ReferenceType(StrEnum):
    """How the payment is recognised."""

    QRR = "QRR"
    SCOR = "SCOR"
    NON = "NON"


def mod10_recursive(digits: str) -> int:
    """The check digit of a QR reference (modulo 10 recursive, IG 2.3 annex B)."""
    carry = 0
    for digit in digits:
        carry = _CARRY[(carry + int(digit)) % 10]
    return (10 - carry) % 10


def qr_reference(digits: str) -> str:
    """The 27-digit QR reference of up to 26 digits, padded with zeros on the left.

    Injective for digit strings without leading zeros. Raises `ReferenceMalformed`.
    """
    if not re.fullmatch(r"[0-9]{1,26}", digits):
        raise ReferenceMalformed("reference", "A QR reference is made of 1 to 26 digits.")
    padded = digits.zfill(26)
    return padded + str(mod10_recursive(padded))


def creditor_reference(text: str) -> str:
    """The ISO 11649 reference (``RF`` + check digits) of 1 to 21 capitals and digits.

    Injective. Raises `ReferenceMalformed` instead of dropping characters, since
    ``INV-1-11`` and ``INV-11-1`` would otherwise meet.
    """
    if not re.fullmatch(r"[0-9A-Z]{1,21}", text):
        raise ReferenceMalformed("reference", "A creditor reference is made of 1 to 21 capitals and digits.")
    return f"RF{98 - mod97(text + 'RF00'):02d}{text}"


def check_reference(field: str, kind: ReferenceType, value: object) -> str:
    """The compact reference, right for its type; empty for NON.

    Raises `ReferenceForbidden`, `ReferenceMalformed`, `ReferenceCheckDigitWrong`,
    and what `check_text` raises.
    """
    reference = compact(check_text(field, value, 34))
    if kind is ReferenceType.NON:
        if reference:
            raise ReferenceForbidden(field, "A bill of type NON carries no reference.")
        return ""
    if kind is ReferenceType.QRR:
        if not re.fullmatch(r"[0-9]{27}", reference):
            raise ReferenceMalformed(field, "A QR reference has exactly 27 digits.")
        if mod10_recursive(reference[:26]) != int(reference[26]):
            raise ReferenceCheckDigitWrong(field, "The QR reference has a wrong check digit.")
        return reference
    if not re.fullmatch(r"RF[0-9]{2}[0-9A-Z]{1,21}", reference):
        raise ReferenceMalformed(field, "A creditor reference is RF, two digits and 1 to 21 capitals or digits.")
    if mod97(reference[4:] + reference[:4]) != 1:
        raise ReferenceCheckDigitWrong(field, "The creditor reference has wrong check digits.")
    return reference


def grouped(kind: ReferenceType, reference: str) -> str:
    """The reference as printed: QRR 2 + 5 × 5 digits, SCOR in groups of four (IG 2.3 § 3.5.4)."""
    if kind is ReferenceType.QRR:
        groups = [reference[:2], *(reference[start : start + 5] for start in range(2, 27, 5))]
    else:
        groups = [reference[start : start + 4] for start in range(0, len(reference), 4)]
    return " ".join(groups)
