"""One byte form per JSON value, so that a hash taken today can be recomputed in ten years."""

from __future__ import annotations

import hashlib
import json
from typing import Any

Json = Any


def canonical(value: Json) -> str:
    """The one text of a JSON value: keys sorted, no blanks, UTF-8 characters as they are.

    Floats are refused with TypeError: their text depends on the writer, and nothing we hash needs them.
    """
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_text(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sha256_of(value: Json) -> str:
    return sha256_text(canonical(value))


def _refuse_floats(value: Json) -> None:
    if isinstance(value, float):
        raise TypeError("a float has no canonical form; carry it as a string or as minor units")
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError("keys of hashed JSON are strings")
            _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)
