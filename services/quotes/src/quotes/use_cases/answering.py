"""The customer's answer, given through the link, in the portal, or by an admin on the customer's behalf."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from kontor.database import Tx
from kontor.errors import FieldError, Invalid
from kontor.fields import Fields
from kontor.ids import uuid7
from kontor.pricing import parse_lines
from quotes import access
from quotes import settings as installation
from quotes.adapters import repository
from quotes.domain import quote as quotes
from quotes.domain.errors import TermsNotAccepted
from quotes.domain.quote import Quote
from quotes.domain.selection import Selection, choose, selection_of
from quotes.domain.snapshot import figures_of_installments
from quotes.domain.state import State
from quotes.use_cases.announcing import announce
from quotes.use_cases.notices import record

MAX_NAME = 200
MAX_MESSAGE = 5000


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an answer came from, kept with it as evidence."""

    by: str
    ip: str | None = None
    user_agent: str | None = None


def accept(
    tx: Tx,
    quote_id: str,
    *,
    name: str,
    selection: Selection | None,
    total_minor: int | None,
    message: str | None,
    accept_terms: bool = False,
) -> None:
    """Accept for the customer (an admin), or as the customer (signed in to the portal, who states the total)."""
    quote = access.for_answer(tx, quote_id)
    if access.is_customer(tx) and total_minor is None:
        raise Invalid.field("total_minor", "Please send the total that was shown.")
    if access.is_customer(tx):
        _check_terms(tx, quote, accept_terms)
    origin = Origin("customer" if access.is_customer(tx) else "admin", tx.actor.get("ip"))
    _accept(tx, quote, origin, name or str(tx.actor.get("name") or ""), selection, total_minor, message)


def accept_by_link(
    tx: Tx,
    token: str,
    *,
    name: str,
    total_minor: int | None,
    selection: Selection | None,
    message: str | None,
    accept_terms: bool,
    session: str | None,
    ip: str | None,
    user_agent: str | None,
) -> None:
    """Accept through the personal link; ``total_minor`` is the total the customer saw."""
    quote = access.by_link(tx, token, session, lock=True)
    if total_minor is None or isinstance(total_minor, bool) or not isinstance(total_minor, int):
        raise Invalid.field("total_minor", "Please send the total that was shown, in minor units.")
    _check_terms(tx, quote, accept_terms)
    origin = Origin("customer", ip, (user_agent or "")[:500] or None)
    _accept(tx, quote, origin, name, selection, total_minor, message)


def _check_terms(tx: Tx, quote: Quote, accepted: bool) -> None:
    """The customer ticked the terms shown beside Accept, where the installation asks for the tick."""
    if quote.state == State.SENT or quote.is_correctable(tx.now):
        terms = repository.version(tx, quote.id, quote.sent_version)["snapshot"]["terms"]
        if terms["required"] and accepted is not True:
            message = "Please accept the terms of service."
            raise TermsNotAccepted(message, errors=[FieldError("accept_terms", message)])


def decline(tx: Tx, quote_id: str, *, reason: str | None) -> None:
    """Decline for the customer, or as the customer in the portal."""
    quote = access.for_answer(tx, quote_id)
    origin = Origin("customer" if access.is_customer(tx) else "admin", tx.actor.get("ip"))
    _decline(tx, quote, origin, reason)


def decline_by_link(
    tx: Tx, token: str, *, reason: str | None, session: str | None, ip: str | None, user_agent: str | None
) -> None:
    """Decline through the personal link, with an optional reason."""
    quote = access.by_link(tx, token, session, lock=True)
    _decline(tx, quote, Origin("customer", ip, (user_agent or "")[:500] or None), reason)


def price_by_link(tx: Tx, token: str, selection: Selection | None, session: str | None = None) -> dict[str, Any]:
    """What a selection would cost, without choosing anything."""
    return _priced(access.by_link(tx, token, session), selection)


def price_selection(tx: Tx, quote_id: str, selection: Selection | None) -> dict[str, Any]:
    """The same for somebody who is signed in and may see the quote."""
    quote = repository.find(tx, quote_id)
    access.check_visible(tx, quote.content.customer_id, quote.state)
    return _priced(quote, selection)


def _priced(quote: Quote, selection: Selection | None) -> dict[str, Any]:
    lines = choose(quote.content.lines, selection)
    totals = quotes.priced(replace(quote.content, lines=lines), quote.vat_mode)
    chosen = {"selection": selection_of(lines), "currency": quote.content.currency}
    return {"totals": totals.to_json(), **figures_of_installments(quote.content, totals), **chosen}


def _today(tx: Tx) -> date:
    return tx.today(installation.read(tx).timezone)


def _accept(
    tx: Tx,
    quote: Quote,
    origin: Origin,
    name: str,
    selection: Selection | None,
    total_minor: int | None,
    message: str | None,
) -> None:
    typed = _texts({"name": name, "message": message})
    accepted = quotes.accept(
        quote,
        answer_id=str(uuid7()),
        selection=selection,
        total_seen=total_minor,
        today=_today(tx),
        now=tx.now,
        customer=origin.by == "customer",
        window=_window(tx),
    )
    terms_sha256 = None
    if origin.by == "customer":  # an admin who records an acceptance has shown the terms to nobody
        terms = repository.version(tx, quote.id, quote.sent_version)["snapshot"]["terms"]
        terms_sha256 = hashlib.sha256(terms["text"].encode()).hexdigest() if terms["text"] else None
    answer = _keep(tx, accepted, origin, "accepted", typed, terms_sha256)
    record(
        tx,
        "quote.accepted",
        accepted,
        quote,
        by=origin.by,
        name=answer["name"],
        total_minor=answer["total_minor"],
        selection=answer["selection"],
        quote_version=quote.sent_version,
        ip=origin.ip,
        final_at=answer["final_at"],
    )
    if accepted.pending_until is None:
        announce(tx, accepted, was=quote.state)


def _decline(tx: Tx, quote: Quote, origin: Origin, reason: str | None) -> None:
    fields = Fields({"reason": reason}, "", frozenset({"reason"}))
    typed = {"name": "", "message": fields.text("reason", MAX_MESSAGE, required=False)}
    fields.raise_errors()
    sent = repository.version(tx, quote.id, quote.sent_version)["snapshot"] if quote.sent_version else None
    declined = quotes.decline(
        quote,
        answer_id=str(uuid7()),
        reason=typed["message"],
        offered=parse_lines(sent["lines"]) if sent else quote.content.lines,
        today=_today(tx),
        now=tx.now,
        customer=origin.by == "customer",
        window=_window(tx),
    )
    answer = _keep(tx, declined, origin, "declined", typed)
    record(
        tx,
        "quote.declined",
        declined,
        quote,
        by=origin.by,
        reason=typed["message"],
        ip=origin.ip,
        final_at=answer["final_at"],
    )
    if declined.pending_until is None:
        announce(tx, declined, was=State.SENT if quote.pending_until else quote.state)


def _window(tx: Tx) -> timedelta:
    return timedelta(minutes=installation.read(tx).correction_minutes)


def _keep(
    tx: Tx, quote: Quote, origin: Origin, verdict: str, typed: dict[str, str], terms_sha256: str | None = None
) -> dict[str, Any]:
    """Store answer and quote; every correction is an answer of its own."""
    sent = repository.version(tx, quote.id, quote.sent_version)
    answer = _answer(quote, origin, verdict, typed) | {
        "document_sha256": sent["document_sha256"],
        "terms_sha256": terms_sha256,
    }
    repository.add_answer(tx, answer)
    repository.save(tx, quote)
    return answer


def _answer(quote: Quote, origin: Origin, verdict: str, typed: dict[str, str]) -> dict[str, Any]:
    return {
        "id": quote.answer_id,
        "quote_id": quote.id,
        "version_no": quote.sent_version,
        "verdict": verdict,
        "by": origin.by,
        "name": typed["name"],
        "message": typed["message"],
        "at": quote.answered_at,
        "final_at": quote.pending_until,
        "ip": origin.ip,
        "user_agent": origin.user_agent,
        "selection": selection_of(quote.content.lines),
        "total_minor": quote.totals.total_minor,
        "currency": quote.content.currency,
    }


def _texts(body: dict[str, str | None]) -> dict[str, str]:
    fields = Fields(body, "", frozenset({"name", "message"}))
    name = fields.text("name", MAX_NAME)
    message = fields.text("message", MAX_MESSAGE, required=False)
    fields.raise_errors()
    return {"name": name, "message": message}
