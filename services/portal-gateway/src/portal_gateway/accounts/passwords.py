"""Passwords: argon2id, hashed in a real thread, refused when short, common or too close to the address."""

import unicodedata
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kontor.errors import FieldError, Invalid

LEAST_LENGTH = 10
MOST_LENGTH = 256

#: RFC 9106's shape at a size that twenty simultaneous sign-ins can afford: 32 MiB, three passes, one lane.
_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)

Heavy = Callable[[Callable[[], Any]], Any]


class PasswordWeak(Invalid):
    code = "PASSWORD_WEAK"


@cache
def _common() -> frozenset[str]:
    text = (resources.files("portal_gateway") / "accounts" / "common_passwords.txt").read_text()
    return frozenset(line for line in text.split() if line)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def check(password: str, *, email: str = "", field: str = "password") -> None:
    """Refuse what is guessed first. Length counts, character classes do not (NIST SP 800-63B § 5.1.1)."""
    problem = None
    plain = _normal(password).casefold()
    if len(password) < LEAST_LENGTH:
        problem = f"Use at least {LEAST_LENGTH} characters."
    elif len(password) > MOST_LENGTH:
        problem = f"Use at most {MOST_LENGTH} characters."
    elif plain in _common() or len(set(plain)) < 4:
        problem = "This password is among those tried first. Choose another one."
    elif email and plain in {email.casefold(), email.casefold().partition("@")[0]}:
        problem = "The password must not be your e-mail address."
    if problem:
        raise PasswordWeak(problem, errors=[FieldError(field, problem)])


def hash_password(password: str, heavy: Heavy) -> str:
    hashed: str = heavy(lambda: _HASHER.hash(_normal(password)))
    return hashed


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody has this password")


def matches(password: str, hashed: str | None, heavy: Heavy) -> bool:
    """Whether it is the password. Takes the same time when there is no account (``hashed`` is None)."""

    def verify() -> bool:
        if len(password) > MOST_LENGTH:
            return False
        try:
            return _HASHER.verify(hashed or _nobodys_hash(), _normal(password)) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    found: bool = heavy(verify)
    return found
