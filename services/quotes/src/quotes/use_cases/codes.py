"""The code before the content: a quote that was sent with it opens only for who reads the customer's mail."""

import hmac
import secrets
from datetime import timedelta
from typing import Any

from kontor import links, replica
from kontor.database import Tx
from kontor.errors import Invalid, Locked, Refusal
from kontor.secrets import Sealer
from quotes import access
from quotes import settings as installation
from quotes.adapters import repository
from quotes.domain.errors import CodeExpired, CodeLocked, CodeNotNeeded, CodeWrong
from quotes.use_cases.notices import emit, recipient

_PAUSE = timedelta(seconds=installation.CODE_PAUSE_SECONDS)
_HOUR = timedelta(hours=1)


def request_code(tx: Tx, sealer: Sealer, token: str) -> dict[str, Any]:
    """Have a new six-digit code mailed to the customer; only the newest one counts.

    The code leaves only sealed, inside the event; stored is a digest of link and code together, since a code
    alone is soon guessed from its digest. Raises `CodeNotNeeded`, and `Locked` within a minute of the last
    request and after five requests in an hour.
    """
    quote, link = access.follow(tx, token, lock=True)
    version = repository.version(tx, quote.id, link.version_no)
    if not version["code_required"]:
        raise CodeNotNeeded
    customer = replica.customers(tx, [quote.content.customer_id]).get(quote.content.customer_id, {})
    if not customer.get("email"):
        raise Invalid.field("token", "There is no address to mail a code to. Please ask the sender.")
    _check_pace(tx, link.token_sha256)
    code = f"{secrets.randbelow(10**6):06d}"
    expires_at = tx.now + timedelta(minutes=installation.CODE_MINUTES)
    repository.add_code(tx, link.token_sha256, _digest(token, code), expires_at)
    issuer = version["snapshot"]["issuer"]
    emit(
        tx,
        "quote_code_requested.v1",
        quote,
        {
            "recipient": recipient(customer) | {"cc": None},
            "issuer": {name: issuer.get(name) for name in ("name", "email", "country")},
            "language": quote.content.language,
            "code_sealed": sealer.seal(code),
            "minutes": installation.CODE_MINUTES,
        },
    )
    return {"sent": True, "expires_at": expires_at.isoformat()}


def _check_pace(tx: Tx, token_sha256: str) -> None:
    lately = [code.created_at for code in repository.codes(tx, token_sha256, tx.now - _HOUR)]
    waits = [lately[0] + _PAUSE - tx.now] if lately else []
    if len(lately) >= installation.CODES_PER_HOUR:
        waits.append(lately[installation.CODES_PER_HOUR - 1] + _HOUR - tx.now)
    if waits and max(waits) > timedelta(0):
        detail = "A code was mailed just now. Please wait a moment before you ask for another."
        raise Locked(detail, retry_after=_seconds(max(waits)))


def verify_code(tx: Tx, token: str, code: str) -> str | Refusal:
    """The session that the right code is exchanged for, or the refusal; wrong tries stay counted with it.

    A code works once. After five wrong tries it is locked, whatever is typed then.
    """
    _, link = access.follow(tx, token, lock=True)
    mailed = next(iter(repository.codes(tx, link.token_sha256, tx.now - _HOUR)), None)
    if mailed is None or mailed.used_at is not None or mailed.expires_at <= tx.now:
        return CodeExpired()
    locked = CodeLocked(_seconds(mailed.created_at + _PAUSE - tx.now))
    if mailed.wrong_tries >= installation.CODE_TRIES:
        return locked
    if not hmac.compare_digest(_digest(token, code), mailed.code_sha256):
        tries = mailed.wrong_tries + 1
        repository.change_code(tx, mailed.id, wrong_tries=tries)
        return locked if tries >= installation.CODE_TRIES else CodeWrong(installation.CODE_TRIES - tries)
    session, digest = links.mint()
    repository.change_code(tx, mailed.id, used_at=tx.now)
    repository.add_session(tx, link.token_sha256, digest, tx.now + timedelta(hours=installation.SESSION_HOURS))
    return session


def _digest(token: str, code: str) -> str:
    return links.digest(f"{token}:{code}")


def _seconds(span: timedelta) -> int:
    return max(1, -(-span // timedelta(seconds=1)))
