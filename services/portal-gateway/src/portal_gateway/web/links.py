"""Look-ups by personal link: guessing is counted, a right link always works."""

from collections.abc import Callable
from typing import TypeVar

from kontor.errors import Refusal
from portal_gateway.accounts import throttle
from portal_gateway.settings import WRONG_LINKS_PER_ADDRESS
from portal_gateway.web.request import Request

T = TypeVar("T")


def look_up(request: Request, read: Callable[[], T]) -> T:
    """Run the look-up. An address gets 429 for unknown tokens after 20 of them in 15 minutes, on every replica."""
    try:
        return read()
    except Refusal as refusal:
        if refusal.code == "NOT_FOUND":
            throttle.miss(request.kernel.db, "link", request.ip, WRONG_LINKS_PER_ADDRESS)
        raise
