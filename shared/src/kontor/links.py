"""Personal links: 256 random bits shown once; only their SHA-256 is stored."""

import hashlib
import secrets


def mint() -> tuple[str, str]:
    """A new link token and the digest to store."""
    token = secrets.token_urlsafe(32)
    return token, digest(token)


def digest(token: str) -> str:
    """SHA-256 of the token in hex: what a table may hold of it."""
    return hashlib.sha256(token.encode()).hexdigest()
