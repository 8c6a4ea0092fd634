"""IBANs of Switzerland and Liechtenstein (ISO 13616), QR-IBANs among them."""

from __future__ import annotations

import re

from .characters import check_text
from .errors import IbanCheckDigitsWrong, IbanCountryNotAllowed, IbanMalformed

_SHAPE = re.compile(r"(?:CH|LI)[0-9]{7}[0-9A-Z]{12}")


def compact(text: str) -> str:
    """The text without the blanks people group digits with; nothing else is dropped."""
    return text.replace(" ", "")


def mod97(text: str) -> int:
    """ISO 7064 mod 97-10 of capitals and digits, read left to right (A = 10 … Z = 35)."""
    return int("".join(str(int(character, 36)) for character in text)) % 97


def check_iban(field: str, value: object) -> str:
    """The compact IBAN, valid and of CH or LI.

    Raises `IbanMalformed`, `IbanCountryNotAllowed`, `IbanCheckDigitsWrong`, and
    what `check_text` raises.
    """
    iban = compact(check_text(field, value, 34, required=True))
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}", iban):
        raise IbanMalformed(field, f"{field} is not an IBAN: capitals and digits only.")
    if iban[:2] not in ("CH", "LI"):
        raise IbanCountryNotAllowed(field, f"{field} is an IBAN of {iban[:2]}; a QR-bill needs one of CH or LI.")
    if not _SHAPE.fullmatch(iban):
        raise IbanMalformed(field, f"{field} must have 21 characters, a 5-digit bank number after the check digits.")
    if mod97(iban[4:] + iban[:4]) != 1:
        raise IbanCheckDigitsWrong(field, f"{field} has wrong check digits; was it mistyped?")
    return iban


def is_qr_iban(iban: str) -> bool:
    """Whether the bank number (IID) lies in 30000–31999, reserved for QR references."""
    return 30000 <= int(iban[4:9]) <= 31999


def grouped(iban: str) -> str:
    """The IBAN in groups of four, as printed on the slip (IG 2.3 § 3.5.4)."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))
