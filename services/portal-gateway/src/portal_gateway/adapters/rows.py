"""Telling whether an insert took place."""

from typing import Any

from kontor.database import Tx


def inserted(tx: Tx, statement: Any) -> bool:
    """Run an ``INSERT … ON CONFLICT DO NOTHING``; True if there was no conflict.

    Asks for a returned row: the driver tells no row count for inserts.
    """
    key = next(iter(statement.table.primary_key.columns))
    return tx.execute(statement.returning(key)).first() is not None
