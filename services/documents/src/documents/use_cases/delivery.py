"""Handing queued mails over, each once, with several workers and through crashes.

How a mail stays single:

1. **Claim before send.** A worker takes a mail with ``SKIP LOCKED``, writes a lease and commits. Others
   do not see it while the lease runs (SMTP 45 seconds, files 10).
2. **Mark before DATA.** Right before the message is transmitted, ``handover_at`` is committed and the lease
   extended (SMTP five minutes), and only if the lease is still ours: a worker that was too slow to get
   here finds the mail taken over and transmits nothing.
3. **Result.** The state moves to ``sent``, ``failed`` or back to ``queued`` under the same lease.

SMTP has no transaction that spans both sides: when a process is killed after step 2 and before step 3,
nobody can know whether the server took the mail. The rule for that case: such a mail is **not** sent
again by itself; it becomes ``failed`` with the reason, and *Retry* sends it with the same Message-ID.
A customer never gets a second invoice mail from a crash, and a person sees the one that may be missing.
With ``.eml`` files the case does not exist: the file's name is the Message-ID, handing over again is safe.
A process killed before step 2 has certainly not sent: the lease runs out and the mail goes on.
A connection that breaks before the server's answer, in a process that lives, is tried again with the same
Message-ID, as RFC 5321 § 4.2.5 demands.

Steps 1 and 2 also ask, under the lock of the mail's row, whether the mail is still wanted (`calling_off`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from email.errors import MessageError
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from kontor.database import Database, Tx
from kontor.errors import InvalidTransition, NotFound, Refusal
from kontor.secrets import Sealer

from ..adapters.tables import documents, mails
from ..adapters.transport import HandoverDelayed, HandoverRefused, Transport
from ..errors import StorageUnavailable
from ..mail.compose import Attachment, message
from ..tools import Tools
from .calling_off import called_off, stopped

MAX_ATTEMPTS = 8
LONGEST_PAUSE = timedelta(hours=6)
UNCLEAR = (
    "The process ended while the mail was being handed over; the server may or may not have taken it. "
    "Retry sends it again with the same Message-ID."
)


class LeaseLost(Exception):
    """Another worker has taken the mail over, or it was called off; this one must not transmit it."""


def pause_after(attempts: int) -> timedelta:
    """The pause after the n-th failed try: 1, 3, 9, 27, 81, 243 minutes, then six hours."""
    return min(timedelta(minutes=3 ** (attempts - 1)), LONGEST_PAUSE)


def deliver_due(db: Database, tools: Tools, sealer: Sealer, limit: int = 50) -> int:
    """Hand over what is due, at most ``limit`` mails; returns how many were worked on."""
    worked = 0
    while worked < limit and deliver_one(db, tools, sealer):
        worked += 1
    return worked


def deliver_one(db: Database, tools: Tools, sealer: Sealer) -> bool:
    """Claim and hand over the mail that waits longest; False when none is due."""
    with db.transaction() as tx:
        row = _claim(tx, tools.transport)
    if row is None:
        return False
    if row["state"] != "sending":
        return True
    try:
        _hand_over(db, tools, sealer, row)
    except LeaseLost:
        return True
    except HandoverRefused as error:
        _settle(db, row, state="failed", last_error=str(error))
    except StorageUnavailable as error:  # the attachment is safe where it lies
        _delay(db, row, error.detail)
    except Refusal as refusal:  # an attachment that is not what was stored, a link that cannot be unsealed
        _settle(db, row, state="failed", last_error=f"{refusal.code}: {refusal.detail}")
    except (HandoverDelayed, OSError) as error:
        _delay(db, row, str(error))
    except (ValueError, MessageError) as error:  # an address or name no message can carry
        _settle(db, row, state="failed", last_error=f"The message cannot be written: {error}")
    except Exception as error:  # recorded on the mail, where it shows, and tried again
        _delay(db, row, f"{type(error).__name__}: {error}")
    else:
        _settle(db, row, state="sent", last_error=None)
    return True


def retry(tx: Tx, mail_id: str) -> None:
    """Queue a failed mail again with eight new tries. Raises `NotFound`, `InvalidTransition`."""
    row = tx.execute(sa.select(mails).where(mails.c.id == UUID(mail_id)).with_for_update()).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such mail.")
    if row["state"] != "failed":
        raise InvalidTransition(row["state"], "retry")
    change = {"state": "queued", "attempts": 0, "next_try": tx.now, "handover_at": None}
    tx.execute(sa.update(mails).where(mails.c.id == row["id"]).values(**change))
    tx.record(
        "mail.retried",
        record="mail",
        record_id=mail_id,
        deal_uuid=row["deal_uuid"],
        before={"state": "failed", "last_error": row["last_error"]},
        after={"state": "queued"},
    )


def _claim(tx: Tx, transport: Transport) -> dict[str, Any] | None:
    """The next mail with a fresh lease; or the mail as it now is, for one that is off or was perhaps handed over.

    Leases run on the database's own clock, which nobody moves.
    """
    abandoned = sa.and_(mails.c.state == "sending", mails.c.lease_until < sa.func.now())
    due = sa.and_(mails.c.state == "queued", mails.c.next_try <= tx.now)
    row = (
        tx.execute(
            sa.select(mails)
            .where(sa.or_(due, abandoned))
            .order_by(mails.c.next_try, mails.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    if row["state"] == "sending" and row["handover_at"] is not None and not transport.certain:
        _finish(tx, dict(row), state="failed", last_error=UNCLEAR)
        return {**row, "state": "failed"}
    if row["handover_at"] is None and (reason := stopped(tx, dict(row))):
        called_off(tx, dict(row), reason)
        return {**row, "state": "called_off"}
    lease = uuid4()
    tx.execute(
        sa.update(mails)
        .where(mails.c.id == row["id"])
        .values(
            state="sending",
            lease=lease,
            lease_until=sa.func.now() + timedelta(seconds=transport.claim_seconds),
            attempts=mails.c.attempts + 1,
            handover_at=None,
        )
    )
    return {**row, "state": "sending", "lease": lease, "attempts": row["attempts"] + 1}


def _hand_over(db: Database, tools: Tools, sealer: Sealer, row: Mapping[str, Any]) -> None:
    link = None
    if row["link_path"]:
        token = sealer.unseal(row["link_sealed"]) if row["link_sealed"] else ""
        link = f"{tools.settings.public_url}{row['link_path']}{token}"
    code = sealer.unseal(row["code_sealed"]) if row["code_sealed"] else None
    mail = message(row, _attachments(db, tools, row["attachments"]), link, code, row["created_at"])

    extension = timedelta(seconds=tools.transport.handover_seconds)

    def on_data() -> None:
        with db.transaction() as tx:
            ours = tx.execute(
                sa.update(mails)
                .where(mails.c.id == row["id"], mails.c.lease == row["lease"])
                .values(handover_at=sa.func.now(), lease_until=sa.func.now() + extension)
            )
            if ours.rowcount != 1:
                raise LeaseLost
            reason = stopped(tx, row)
            if reason is not None:
                called_off(tx, row, reason)
        if reason is not None:
            raise LeaseLost

    tools.transport.hand_over(row["sender"], [row["to_email"], *row["cc"]], mail, on_data)


def _attachments(db: Database, tools: Tools, ids: list[str]) -> list[Attachment]:
    """The files by their hash, in the order of the ids."""
    if not ids:
        return []
    with db.transaction() as tx:
        found = tx.execute(sa.select(documents).where(documents.c.id.in_([UUID(id) for id in ids]))).mappings()
        rows = {str(row["id"]): row for row in found}
    missing = [id for id in ids if id not in rows]
    if missing:
        raise NotFound(f"The mail's attachment {missing[0]} does not exist.")
    return [
        Attachment(row["name"], row["mime"], tools.storage.get(row["key"], row["sha256"]))
        for row in (rows[id] for id in ids)
    ]


def _delay(db: Database, row: Mapping[str, Any], reason: str) -> None:
    if row["attempts"] >= MAX_ATTEMPTS:
        _settle(db, row, state="failed", last_error=f"Given up after {MAX_ATTEMPTS} tries: {reason}")
    else:
        _settle(db, row, state="queued", last_error=reason)


def _settle(db: Database, row: Mapping[str, Any], *, state: str, last_error: str | None) -> None:
    with db.transaction() as tx:
        _finish(tx, row, state=state, last_error=last_error)


_TOLD_BY = {"sent": "mail_sent.v1", "failed": "mail_failed.v1"}


def _finish(tx: Tx, row: Mapping[str, Any], *, state: str, last_error: str | None) -> None:
    """Write the outcome under our lease and tell it; without effect when the lease is no longer ours."""
    values: dict[str, Any] = {
        "state": state,
        "last_error": last_error[:2000] if last_error else None,
        "lease": None,
        "lease_until": None,
        "handover_at": None,
        "next_try": tx.now + pause_after(row["attempts"]) if state == "queued" else None,
    }
    if state == "sent":
        values |= {"sent_at": tx.now, "link_sealed": None, "code_sealed": None}
    ours = tx.execute(sa.update(mails).where(mails.c.id == row["id"], mails.c.lease == row["lease"]).values(**values))
    if ours.rowcount != 1 or state == "queued":
        return
    facts = {"mail_id": str(row["id"]), "template": row["template"], "record_id": row["record_id"]}
    outcome = {"message_id": row["message_id"]} if state == "sent" else {"reason": last_error}
    tx.emit(
        _TOLD_BY[state],
        deal_uuid=row["deal_uuid"],
        aggregate_id=row["id"],
        aggregate_version=row["attempts"] + 1,
        data={**facts, "to": row["to_email"], **outcome},
    )
