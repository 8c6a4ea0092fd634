"""Counting wrong tries in the database, so that all replicas count together."""

import hashlib

import sqlalchemy as sa

from kontor.database import Database, Tx
from kontor.errors import Locked
from portal_gateway.adapters.tables import attempt
from portal_gateway.settings import ATTEMPT_WINDOW


class TooManyAttempts(Locked):
    """Wait: too many wrong tries from here or for this account; ``extra["retry_after"]`` in seconds."""


def _key(value: str) -> str:
    """Addresses and accounts are counted by digest; the table tells nobody's name."""
    return hashlib.sha256(value.strip().lower().encode()).hexdigest()


def take(tx: Tx, purpose: str, value: str, limit: int) -> None:
    """Note one try before it is judged; raises `TooManyAttempts` once the window is full.

    Taken before the judgement, so that many tries at once cannot slip through together. The time is the
    database's, not the movable clock's.
    """
    key = _key(value)
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", {"name": f"attempt {purpose} {key}"})
    _refuse_when_full(tx, purpose, key, limit)
    tx.execute(sa.insert(attempt).values(purpose=purpose, key=key))


def _refuse_when_full(tx: Tx, purpose: str, key: str, limit: int) -> None:
    window = sa.func.now() - sa.text(f"interval '{ATTEMPT_WINDOW} seconds'")
    tries = tx.execute(
        sa.select(
            sa.func.count().label("number"),
            sa.func.extract("epoch", sa.func.now() - sa.func.min(attempt.c.at)).label("oldest_age"),
        ).where(attempt.c.purpose == purpose, attempt.c.key == key, attempt.c.at > window)
    ).one()
    if tries.number >= limit:
        wait = max(1, int(ATTEMPT_WINDOW - float(tries.oldest_age)))
        raise TooManyAttempts("Too many attempts. Please wait a few minutes and try again.", retry_after=wait)


def clear(tx: Tx, purpose: str, value: str) -> None:
    """Forget the tries after a right one."""
    tx.execute(sa.delete(attempt).where(attempt.c.purpose == purpose, attempt.c.key == _key(value)))


def give_back(tx: Tx, purpose: str, value: str) -> None:
    """A try that turned out right does not count: a studio behind one address may sign in as often as it likes."""
    own = (attempt.c.purpose == purpose) & (attempt.c.key == _key(value))
    newest = sa.select(attempt.c.id).where(own).order_by(attempt.c.id.desc()).limit(1).scalar_subquery()
    tx.execute(sa.delete(attempt).where(attempt.c.id == newest))


def miss(db: Database, purpose: str, value: str, limit: int) -> None:
    """Note a wrong look-up; raises `TooManyAttempts` when it is one too many."""
    with db.transaction() as tx:
        take(tx, purpose, value, limit)


def purge(tx: Tx) -> None:
    tx.execute("DELETE FROM attempt WHERE at < now() - interval '1 day'")
