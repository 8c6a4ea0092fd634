"""Timed work: contracts expire, signers are reminded. Each effect is claimed by locking the contract's row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.adapters import repository, tables
from contracts.domain import contract
from contracts.domain.contract import State
from contracts.domain.evidence import Entry
from contracts.settings import contract_settings
from contracts.use_cases.sending import business_date, end
from contracts.use_cases.signing import remind
from kontor import replica
from kontor.database import Tx
from kontor.secrets import Sealer

BATCH = 200


def overdue(tx: Tx) -> list[UUID]:
    """Sent contracts whose last day to sign has passed."""
    if not replica.feature(tx, "contracts"):
        return []
    statement = (
        sa.select(tables.contracts.c.id)
        .where(tables.contracts.c.state == State.SENT.value, tables.contracts.c.valid_until < business_date(tx))
        .order_by(tables.contracts.c.valid_until)
        .limit(BATCH)
    )
    return list(tx.execute(statement).scalars())


def expire(tx: Tx, id: UUID) -> bool:
    """Expire one contract if nobody else is at it and its time is over; whether it did."""
    if not _claim(tx, id):
        return False
    before, row = repository.load(tx, id, lock=True)
    after = contract.expire(before, business_date(tx)) if before.state is State.SENT else None
    if after is None:
        return False
    end(
        tx,
        row,
        after,
        Entry.EXPIRED,
        "The last day to sign passed.",
        told="contract_expired.v1",
        action="contract.expired",
    )
    return True


def waiting(tx: Tx) -> list[UUID]:
    """Sent contracts with a signer who may be due for a reminder."""
    plan = sorted(set(contract_settings(tx).reminder_days))
    if not plan or not replica.feature(tx, "contracts"):
        return []
    signers = tables.signers
    statement = (
        sa.select(tables.contracts.c.id)
        .join(signers, signers.c.contract_id == tables.contracts.c.id)
        .where(
            tables.contracts.c.state == State.SENT.value,
            tables.contracts.c.valid_until >= business_date(tx),
            signers.c.state == "waiting",
            signers.c.reminders < len(plan),
            signers.c.invited_at <= tx.now - timedelta(days=plan[0]),
        )
        .distinct()
    )
    return list(tx.execute(statement).scalars())


def remind_signers(tx: Tx, sealer: Sealer, id: UUID) -> int:
    """Remind whoever can sign this contract now and is due; how many were reminded.

    When several reminders became due at once (the system was down), one is sent for all of them.
    """
    if not _claim(tx, id):
        return 0
    now, row = repository.load(tx, id, lock=True)
    if now.state is not State.SENT or contract.is_over(now, business_date(tx)):
        return 0
    plan = contract_settings(tx).reminder_days
    facts: dict[UUID, Any] = {signer["id"]: signer for signer in repository.signer_rows(tx, now.id)}
    reminded = 0
    for signer in contract.on_turn(now):
        sent, invited_at = facts[signer.id]["reminders"], facts[signer.id]["invited_at"]
        due = contract.reminders_due(invited_at, tx.now, plan) if invited_at else 0
        if due > sent:
            repository.save_signer(tx, signer.id, reminders=due)
            remind(tx, sealer, now, row, signer, "reminder")
            reminded += 1
    return reminded


def _claim(tx: Tx, id: UUID) -> bool:
    """Lock the contract unless another replica is at work on it."""
    statement = sa.select(tables.contracts.c.id).where(tables.contracts.c.id == id).with_for_update(skip_locked=True)
    return tx.execute(statement).one_or_none() is not None
