"""The events a quote leaves behind, and what they say. The schemas are in shared/messages."""

from collections.abc import Mapping
from typing import Any

from kontor.database import Tx
from kontor.envelope import Event
from quotes.domain.quote import Quote
from quotes.domain.state import State


def emit(tx: Tx, type: str, quote: Quote, data: Mapping[str, Any]) -> Event:
    """One event about the quote, with the facts every one of them carries."""
    facts = {
        "quote_id": quote.id,
        "number": quote.number,
        "title": quote.content.title,
        "customer_id": quote.content.customer_id,
        "total_minor": quote.totals.total_minor,
        "currency": quote.content.currency,
        "state": quote.state.value,
    }
    return tx.emit(
        type,
        deal_uuid=quote.deal_uuid,
        aggregate_id=quote.id,
        aggregate_version=quote.version,
        data=facts | dict(data),
    )


def emit_drafted(tx: Tx, quote: Quote) -> None:
    emit(tx, "quote_drafted.v1", quote, {})


def emit_reopened(tx: Tx, quote: Quote, was: State) -> None:
    emit(tx, "quote_reopened.v1", quote, {"was": was.value})


def recipient(customer: Mapping[str, Any]) -> dict[str, Any]:
    """Whom quotes are mailed to: the primary address, never the billing one, and the copy if set."""
    return {
        "email": customer.get("email"),
        "name": customer.get("display_name") or customer.get("email"),
        "cc": customer.get("cc_email") or None,
    }


def record(tx: Tx, action: str, quote: Quote, was: Quote, **facts: Any) -> None:
    """The activity entry of a move from one state to the next."""
    tx.record(
        action,
        record="quote",
        record_id=quote.id,
        deal_uuid=quote.deal_uuid,
        before={"state": was.state},
        after={"state": quote.state, "number": quote.number} | facts,
    )
