"""Telling the other services of an answer: at once, or when the customer's correction window has closed."""

from collections.abc import Mapping
from typing import Any

from kontor import replica
from kontor.database import Tx
from kontor.errors import Refusal
from quotes import settings as installation
from quotes.adapters import repository
from quotes.domain import quote as quotes
from quotes.domain.quote import Quote
from quotes.domain.snapshot import accepted as accepted_snapshot
from quotes.domain.state import State
from quotes.use_cases.notices import emit, recipient
from quotes.use_cases.spawning import spawn

CLOSE_AT_ONCE = 50


def close_windows(tx: Tx) -> int:
    """Announce the answers whose correction window has closed; returns how many.

    Replicas skip each other's rows, so every answer is told once.
    """
    closed = repository.claim_closed_windows(tx, CLOSE_AT_ONCE)
    for quote in closed:
        settled(tx, quote)
    return len(closed)


def settled(tx: Tx, quote: Quote) -> Quote:
    """The locked quote, its answer announced first when the window has closed and the timer is still to come."""
    if quote.pending_until is None or quote.is_correctable(tx.now):
        return quote
    finished = quotes.finish(quote, tx.now)
    repository.save(tx, finished)
    return announce(tx, finished, was=State.SENT)


def announce(tx: Tx, quote: Quote, *, was: State) -> Quote:
    """Tell of the quote's answer, which stands now, and convert at once where the installation wants that.

    ``was`` is the state the other services last heard of. Returns the quote as it is afterwards.
    """
    answer = repository.answer(tx, quote.answer_id or "")._mapping
    sent = repository.version(tx, quote.id, answer["version_no"])["snapshot"]
    if quote.state == State.DECLINED:
        _tell_declined(tx, quote, answer, sent, was)
        return quote
    _tell_accepted(tx, quote, answer, sent)
    return _converted_at_once(tx, quote)


def _tell_accepted(tx: Tx, quote: Quote, answer: Mapping[Any, Any], sent: Mapping[str, Any]) -> None:
    acceptance = {
        "by": answer["by"],
        "name": answer["name"],
        "message": answer["message"],
        "at": answer["at"].isoformat(),
        "ip": answer["ip"],
        "selection": answer["selection"],
        "total_minor": answer["total_minor"],
        "quote_version": answer["version_no"],
        "document_sha256": answer["document_sha256"],
        "terms_sha256": answer["terms_sha256"],
    }
    told = {name: answer[name] for name in ("by", "name", "message", "selection")}
    snapshot = accepted_snapshot(sent, quote, acceptance)
    emit(tx, "quote_accepted.v1", quote, told | _whom(tx, quote, sent) | {"snapshot": snapshot})


def _tell_declined(tx: Tx, quote: Quote, answer: Mapping[Any, Any], sent: Mapping[str, Any], was: State) -> None:
    told = {"by": answer["by"], "reason": answer["message"], "was": was.value}
    emit(tx, "quote_declined.v1", quote, told | _whom(tx, quote, sent))


def _whom(tx: Tx, quote: Quote, sent: Mapping[str, Any]) -> dict[str, Any]:
    customer_id = quote.content.customer_id
    return {
        "recipient": recipient(replica.customers(tx, [customer_id]).get(customer_id, {})),
        "issuer": {"name": sent["issuer"].get("name"), "email": sent["issuer"].get("email")},
        "language": quote.content.language,
    }


def _converted_at_once(tx: Tx, quote: Quote) -> Quote:
    """The quote converted if that is set; what stands in the way is written down and left to an admin."""
    if not installation.read(tx).auto_convert:
        return quote
    invoice, booking = replica.feature(tx, "bills"), quote.content.event is not None
    if not (invoice or booking):
        return quote
    try:
        with tx.attempt():
            return spawn(tx, quote, contract=False, invoice=invoice, booking=booking)
    except Refusal as refusal:
        tx.record(
            "quote.not_converted",
            record="quote",
            record_id=quote.id,
            deal_uuid=quote.deal_uuid,
            before={"state": quote.state},
            after={"state": quote.state, "code": refusal.code, "reason": refusal.detail},
        )
        return quote
