"""The permitted character set and the length of each field (IG 2.3 § 4.1.1, § 4.2.2)."""

from __future__ import annotations

import unicodedata

from .errors import ControlCharacter, FieldMissing, FieldTooLong, ForeignCharacter, NotText

_LINE_SEPARATORS = {"\u2028", "\u2029", "\u0085"}
_SINGLES = frozenset("ȘșȚț€")


def is_permitted(character: str) -> bool:
    """Whether IG 2.3 § 4.1.1 allows the character in a payload.

    Basic Latin U+0020–007E, Latin-1 Supplement U+00A0–00FF, Latin Extended-A
    U+0100–017F, and Ș ș Ț ț €.
    """
    point = ord(character)
    return 0x20 <= point <= 0x7E or 0xA0 <= point <= 0x17F or character in _SINGLES


def check_text(field: str, value: object, longest: int, *, required: bool = False) -> str:
    """The text itself, when it may stand on one line of the payload.

    ``longest`` counts characters. Raises `NotText`, `ControlCharacter` (tabs,
    newlines, line separators, C1 controls), `ForeignCharacter`, `FieldTooLong`,
    and with ``required`` `FieldMissing` for empty or blank text.
    """
    if not isinstance(value, str):
        raise NotText(field, f"{field} must be text.")
    for position, character in enumerate(value, start=1):
        if character in _LINE_SEPARATORS or unicodedata.category(character) == "Cc":
            raise ControlCharacter(
                field,
                f"{field} holds a control character (U+{ord(character):04X}) "
                f"at position {position}; write it on one line.",
            )
        if not is_permitted(character):
            raise ForeignCharacter(
                field,
                f"{field} holds “{character}” (U+{ord(character):04X}) at position "
                f"{position}, which a QR-bill cannot carry.",
            )
    if len(value) > longest:
        raise FieldTooLong(field, f"{field} has {len(value)} characters; at most {longest} are allowed.")
    if required and not value.strip():
        raise FieldMissing(field, f"{field} is required on a QR-bill.")
    return value
