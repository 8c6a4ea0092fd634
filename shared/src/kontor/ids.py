"""Identifiers: time-ordered ones for new records, derived ones for creations that may be repeated."""

import os
import time
import uuid

_NAMESPACE = uuid.UUID("6b1f3c0e-4a0e-5b52-9c55-0d7a7c1d2e90")


def uuid7() -> uuid.UUID:
    """A new UUID version 7 (RFC 9562 § 5.7): millisecond time, then 74 random bits."""
    value = int.from_bytes((time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


def derived_id(*parts: str) -> uuid.UUID:
    """The same UUID (version 5) for the same parts, on every machine, so that creating twice creates once."""
    return uuid.uuid5(_NAMESPACE, "\x1f".join(parts))
