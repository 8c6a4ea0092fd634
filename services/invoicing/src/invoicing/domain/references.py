"""Payment references: the digits by which a payment finds its invoice. No two invoices share one.

Both kinds are built from the year of the series and the position in it, which the database keeps unique
together, and not from the printed number: patterns such as ``{YEAR}{SEQ}`` and ``{YEAR}-{SEQ}`` could
give two numbers that differ in punctuation only.
"""

from enum import StrEnum

from stdnum.ch import esr
from stdnum.iso7064 import mod_97_10

_FIRST_QR_IID, _LAST_QR_IID = 30000, 31999


class ReferenceType(StrEnum):
    """What a bank account expects: a QR reference, an ISO 11649 creditor reference, or none."""

    QRR = "QRR"
    SCOR = "SCOR"
    NON = "NON"


def is_qr_iban(iban: str) -> bool:
    """Whether the IBAN's institution number lies in 30000–31999, reserved for QRR (SIX IG QR-bill 2.3 § 3.4)."""
    compact = iban.replace(" ", "").upper()
    digits = compact[4:9]
    return compact[:2] in ("CH", "LI") and digits.isdigit() and _FIRST_QR_IID <= int(digits) <= _LAST_QR_IID


def qr_reference(year: int, seq: int) -> str:
    """27 digits: zeros, year (4), sequence (10), check digit modulo 10 recursive (SIX IG QR-bill 2.3, annex B)."""
    body = f"{year:04d}{seq:010d}"
    if len(body) != 14:
        raise ValueError(f"year {year} or sequence {seq} does not fit a reference")
    return f"{body:0>26}{esr.calc_check_digit(body)}"


def creditor_reference(year: int, seq: int) -> str:
    """``RF``, two check digits (mod 97-10), year, sequence of at least four digits (ISO 11649)."""
    body = f"{year:04d}{seq:04d}"
    if len(body) > 21 or year > 9999:
        raise ValueError(f"year {year} or sequence {seq} does not fit a reference")
    return f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"


def reference(kind: ReferenceType, year: int, seq: int) -> str | None:
    """The reference of the invoice that is number ``seq`` of ``year``; None for accounts without references."""
    if kind is ReferenceType.QRR:
        return qr_reference(year, seq)
    if kind is ReferenceType.SCOR:
        return creditor_reference(year, seq)
    return None
