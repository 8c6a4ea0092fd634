"""Loading and saving quotes: rows to domain objects and back, and the locks that keep writers apart."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor.database import Tx
from kontor.errors import NotFound
from kontor.ids import uuid7
from kontor.pricing import Totals
from quotes.adapters import tables as t
from quotes.domain import content as contents
from quotes.domain.content import Content, Defaults
from quotes.domain.quote import Quote
from quotes.domain.state import State

_CONTENT = tuple(Content.__dataclass_fields__)


def find(tx: Tx, quote_id: str, *, lock: bool = False) -> Quote:
    """The quote; with ``lock`` nobody else changes it until the transaction ends. Raises `NotFound`."""
    statement = sa.select(t.quote).where(t.quote.c.id == quote_id)
    row = tx.execute(statement.with_for_update() if lock else statement).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such quote.")
    return of_row(row)


def of_row(row: Mapping[Any, Any]) -> Quote:
    """The domain object that a row of the table holds."""
    stored = {name: row[name] for name in _CONTENT} | {"valid_until": row["valid_until"].isoformat()}
    defaults = Defaults(row["currency"], row["language"], row["valid_until"])
    return Quote(
        id=row["id"],
        deal_uuid=row["deal_uuid"],
        version=row["version"],
        state=State(row["state"]),
        number=row["number"],
        content=contents.read(stored, defaults, _no_new_ids),
        vat_mode=row["vat_mode"],
        totals=Totals.from_json(
            row["totals"] | {name: row[name] for name in ("net_minor", "vat_minor", "total_minor")}
        ),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        created_by_admin_id=row["created_by_admin_id"],
        series_year=row["series_year"],
        series_seq=row["series_seq"],
        sent_version=row["sent_version"],
        issue_date=row["issue_date"],
        sent_at=row["sent_at"],
        answered_at=row["answered_at"],
        answer_id=row["answer_id"],
        pending_until=row["pending_until"],
    )


def _no_new_ids() -> str:
    raise AssertionError("a stored line has no id")


def _values(quote: Quote) -> dict[str, Any]:
    content = quote.content
    totals = quote.totals.to_json()
    return content.to_json() | {
        "id": quote.id,
        "deal_uuid": quote.deal_uuid,
        "version": quote.version,
        "state": quote.state.value,
        "number": quote.number,
        "series_year": quote.series_year,
        "series_seq": quote.series_seq,
        "valid_until": content.valid_until,
        "vat_mode": quote.vat_mode,
        "totals": {"vat_groups": totals["vat_groups"], "line_nets": totals["line_nets"]},
        "net_minor": quote.totals.net_minor,
        "vat_minor": quote.totals.vat_minor,
        "total_minor": quote.totals.total_minor,
        "sent_version": quote.sent_version,
        "issue_date": quote.issue_date,
        "sent_at": quote.sent_at,
        "answered_at": quote.answered_at,
        "answer_id": quote.answer_id,
        "pending_until": quote.pending_until,
        "created_at": quote.created_at,
        "updated_at": quote.updated_at,
        "created_by_admin_id": quote.created_by_admin_id,
    }


def add(tx: Tx, quote: Quote) -> bool:
    """Insert a new quote; False when its id is taken already (the same creation, repeated)."""
    statement = insert(t.quote).values(_values(quote)).on_conflict_do_nothing(index_elements=[t.quote.c.id])
    return tx.execute(statement.returning(t.quote.c.id)).first() is not None


def save(tx: Tx, quote: Quote) -> None:
    """Write the quote back; the row was loaded with a lock."""
    values = _values(quote)
    tx.execute(sa.update(t.quote).where(t.quote.c.id == values.pop("id")).values(values))


def delete(tx: Tx, quote_id: str) -> None:
    """Remove a draft that never had a number."""
    tx.execute(sa.delete(t.quote).where(t.quote.c.id == quote_id))


def add_version(tx: Tx, quote: Quote, snapshot: Mapping[str, Any], sent_event_id: str, *, code_required: bool) -> None:
    """Freeze what is being sent."""
    tx.execute(
        sa.insert(t.quote_version).values(
            quote_id=quote.id,
            version_no=quote.sent_version,
            snapshot=dict(snapshot),
            total_minor=quote.totals.total_minor,
            currency=quote.content.currency,
            sent_at=quote.sent_at,
            sent_by=tx.actor,
            sent_event_id=sent_event_id,
            code_required=code_required,
        )
    )


def version(tx: Tx, quote_id: str, version_no: int) -> Mapping[str, Any]:
    """A frozen version: its snapshot and the PDF it became, once that is stored."""
    row = tx.execute(
        sa.select(t.quote_version).where(
            t.quote_version.c.quote_id == quote_id, t.quote_version.c.version_no == version_no
        )
    )
    return cast(Mapping[str, Any], row.mappings().one())


def version_of_event(tx: Tx, sent_event_id: UUID | None) -> int | None:
    """The version that a certain `quote_sent.v1` told of; None when it was another event."""
    if sent_event_id is None:
        return None
    statement = sa.select(t.quote_version.c.version_no).where(t.quote_version.c.sent_event_id == str(sent_event_id))
    return cast(int | None, tx.execute(statement).scalar_one_or_none())


def note_opening(tx: Tx, quote_id: str, version_no: int) -> bool:
    """Remember when a version was first opened; False when it was before."""
    statement = insert(t.quote_opening).values(quote_id=quote_id, version_no=version_no, at=tx.now)
    first = statement.on_conflict_do_nothing().returning(t.quote_opening.c.quote_id)
    return tx.execute(first).one_or_none() is not None


def revoke_links(tx: Tx, quote_id: str) -> None:
    """Every link the quote ever had is dead from now on."""
    tx.execute(
        sa.update(t.quote_link)
        .where(t.quote_link.c.quote_id == quote_id, t.quote_link.c.revoked_at.is_(None))
        .values(revoked_at=tx.now)
    )


def add_link(tx: Tx, quote: Quote, token_sha256: str, purpose: Literal["answer", "expiring"] = "answer") -> None:
    """Store the digest of a newly minted link to the version that is out."""
    tx.execute(
        sa.insert(t.quote_link).values(
            token_sha256=token_sha256,
            quote_id=quote.id,
            version_no=quote.sent_version,
            created_at=tx.now,
            purpose=purpose,
        )
    )


def link(tx: Tx, token_sha256: str) -> sa.Row[Any] | None:
    """The link with that digest, dead or alive."""
    return tx.execute(sa.select(t.quote_link).where(t.quote_link.c.token_sha256 == token_sha256)).one_or_none()


def add_answer(tx: Tx, values: Mapping[str, Any]) -> None:
    """Store an answer; the database refuses another one once an answer to the version stands."""
    tx.execute(sa.insert(t.quote_answer).values(dict(values)))


def answer(tx: Tx, answer_id: str) -> sa.Row[Any]:
    """The answer a quote points to."""
    return tx.execute(sa.select(t.quote_answer).where(t.quote_answer.c.id == answer_id)).one()


def add_conversion(
    tx: Tx, quote_id: str, contract_id: str | None, invoice_ids: list[str], booking_id: str | None = None
) -> None:
    """Store what the quote is converted to, with the ids the documents will have."""
    tx.execute(
        sa.insert(t.conversion).values(
            quote_id=quote_id,
            contract=contract_id is not None,
            invoice=bool(invoice_ids),
            booking_id=booking_id,
            at=tx.now,
        )
    )
    targets = [("contract", 1, contract_id)] if contract_id else []
    targets += [("invoice", position, record_id) for position, record_id in enumerate(invoice_ids, start=1)]
    rows = [
        {"record_id": record_id, "quote_id": quote_id, "kind": kind, "position": position}
        for kind, position, record_id in targets
    ]
    if rows:
        tx.execute(sa.insert(t.conversion_target), rows)


def target_arrived(tx: Tx, record_id: str, kind: str) -> str | None:
    """Note that a spawned document exists; the quote's id if that was news, None otherwise."""
    return cast(
        str | None,
        tx.execute(
            sa.update(t.conversion_target)
            .where(
                t.conversion_target.c.record_id == record_id,
                t.conversion_target.c.kind == kind,
                t.conversion_target.c.arrived_at.is_(None),
            )
            .values(arrived_at=tx.now)
            .returning(t.conversion_target.c.quote_id)
        ).scalar_one_or_none(),
    )


def claim_overdue(tx: Tx, today: Any, most: int) -> list[Quote]:
    """Sent quotes whose last day is over, locked; those another replica is working on are left out."""
    rows = tx.execute(
        sa.select(t.quote)
        .where(t.quote.c.state == State.SENT.value, t.quote.c.valid_until < today)
        .order_by(t.quote.c.valid_until, t.quote.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).mappings()
    return [of_row(row) for row in rows]


def claim_closed_windows(tx: Tx, most: int) -> list[Quote]:
    """Quotes whose answer can no longer be turned around and is still to be announced, locked as above."""
    rows = tx.execute(
        sa.select(t.quote)
        .where(t.quote.c.pending_until <= tx.now)
        .order_by(t.quote.c.pending_until, t.quote.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).mappings()
    return [of_row(row) for row in rows]


def claim_expiring(tx: Tx, today: date, days: int, most: int) -> list[Quote]:
    """Sent quotes that end within ``days``, were sent earlier than that, and whose version was not yet told of."""
    quote, link = t.quote, t.quote_link
    told = sa.exists().where(
        link.c.quote_id == quote.c.id, link.c.version_no == quote.c.sent_version, link.c.purpose == "expiring"
    )
    rows = tx.execute(
        sa.select(quote)
        .where(
            quote.c.state == State.SENT.value,
            quote.c.valid_until.between(today, today + timedelta(days=days)),
            quote.c.issue_date + sa.literal(days, sa.Integer) < quote.c.valid_until,
            ~told,
        )
        .order_by(quote.c.valid_until, quote.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).mappings()
    return [of_row(row) for row in rows]


def add_code(tx: Tx, token_sha256: str, code_sha256: str, expires_at: datetime) -> None:
    """Store the digest of a code that is on its way to the customer."""
    tx.execute(
        sa.insert(t.link_code).values(
            id=str(uuid7()),
            token_sha256=token_sha256,
            code_sha256=code_sha256,
            created_at=tx.now,
            expires_at=expires_at,
        )
    )


def codes(tx: Tx, token_sha256: str, since: datetime) -> Sequence[sa.Row[Any]]:
    """The codes mailed for a link since then, the newest first: only that one opens anything."""
    code = t.link_code
    statement = sa.select(code).where(code.c.token_sha256 == token_sha256, code.c.created_at > since)
    return tx.execute(statement.order_by(code.c.created_at.desc(), code.c.id.desc())).all()


def change_code(tx: Tx, code_id: str, **values: Any) -> None:
    """Note a wrong try, or that the code was used."""
    tx.execute(sa.update(t.link_code).where(t.link_code.c.id == code_id).values(values))


def add_session(tx: Tx, token_sha256: str, session_sha256: str, expires_at: datetime) -> None:
    """Store the digest of what a right code was exchanged for."""
    tx.execute(
        sa.insert(t.link_session).values(
            session_sha256=session_sha256, token_sha256=token_sha256, created_at=tx.now, expires_at=expires_at
        )
    )


def has_session(tx: Tx, token_sha256: str, session_sha256: str) -> bool:
    """The session is one of this link, and not over."""
    session = t.link_session
    return (
        tx.execute(
            sa.select(session.c.session_sha256).where(
                session.c.session_sha256 == session_sha256,
                session.c.token_sha256 == token_sha256,
                session.c.expires_at > tx.now,
            )
        ).first()
        is not None
    )


def forget_codes(tx: Tx, before: datetime) -> None:
    """Codes and sessions are kept no longer than they are needed."""
    tx.execute(sa.delete(t.link_code).where(t.link_code.c.created_at <= before))
    tx.execute(sa.delete(t.link_session).where(t.link_session.c.expires_at <= before))


def count_wrong_look_up(tx: Tx, address: str, since: datetime, most: int) -> datetime | None:
    """Count one more wrong look-up of that address; when it had ``most`` since then, the time of the oldest.

    Look-ups of one address queue, so that simultaneous ones are all counted. A locked address is not
    counted further: it is free again once its oldest try has left the window.
    """
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('quotes.look_up.' || :address))", {"address": address})
    recent = tx.execute(
        sa.select(t.wrong_look_up.c.at)
        .where(t.wrong_look_up.c.address == address, t.wrong_look_up.c.at > since)
        .order_by(t.wrong_look_up.c.at.desc())
        .limit(most)
    ).scalars()
    times: list[datetime] = list(recent)
    if len(times) >= most:
        return times[-1]
    tx.execute(sa.insert(t.wrong_look_up).values(address=address, at=tx.now))
    return None


def forget_look_ups(tx: Tx, before: datetime) -> None:
    """Addresses are kept no longer than they are needed."""
    tx.execute(sa.delete(t.wrong_look_up).where(t.wrong_look_up.c.at <= before))
