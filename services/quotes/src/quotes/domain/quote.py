"""A quote and its verbs: pure functions from one state of it to the next."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from kontor.errors import Invalid
from kontor.pricing import Line, Totals, VatMode, price
from quotes.domain.content import Content
from quotes.domain.errors import AnswerNotFinal, ExemptionReasonMissing, QuoteExpired, TotalMismatch, VatIdMissing
from quotes.domain.selection import Selection, choose
from quotes.domain.state import State, Verb, after, refusal


class Number(NamedTuple):
    """A number as printed, and its place in the series: the ``seq``-th of the ``year``."""

    text: str
    year: int
    seq: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The aggregate. ``version`` counts every change, ``sent_version`` the versions that went out (v1, v2 …).

    While a quote is accepted or converted its lines hold the accepted selection; what went out lies frozen in
    its versions. Until ``pending_until`` the customer may turn the answer around; whoever announces it to the
    other services clears that again.
    """

    id: str
    deal_uuid: str
    version: int
    state: State
    number: str | None
    content: Content
    vat_mode: VatMode
    totals: Totals
    created_at: datetime
    updated_at: datetime
    created_by_admin_id: str | None = None
    series_year: int | None = None
    series_seq: int | None = None
    sent_version: int = 0
    issue_date: date | None = None
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    answer_id: str | None = None
    pending_until: datetime | None = None

    def is_correctable(self, now: datetime) -> bool:
        """The correction window of the customer's answer is open."""
        return self.pending_until is not None and now < self.pending_until

    def is_over(self, today: date) -> bool:
        """``valid_until`` ends with its day in the business timezone; ``today`` is the date there."""
        return today > self.content.valid_until


def _moved(quote: Quote, verb: Verb, now: datetime, *, customer: bool = False) -> Quote:
    state = after(quote.state, verb, customer=customer, correctable=quote.is_correctable(now))
    return replace(quote, state=state, version=quote.version + 1, updated_at=now)


def _check_final(quote: Quote, now: datetime) -> None:
    if quote.pending_until is not None and now < quote.pending_until:
        raise AnswerNotFinal(quote.pending_until.isoformat())


def priced(content: Content, vat_mode: VatMode) -> Totals:
    """The totals of the content; raises `TotalNegative` and `MoneyRange`."""
    return price(content.lines, content.currency, content.price_entry, vat_mode)


def edit(quote: Quote, content: Content, vat_mode: VatMode, now: datetime) -> Quote:
    """The quote with other content, as a draft again whatever it was; the number stays."""
    edited = _moved(quote, Verb.EDIT, now)
    _check_final(quote, now)
    return replace(
        edited,
        content=content,
        vat_mode=vat_mode,
        totals=priced(content, vat_mode),
        sent_at=None,
        answered_at=None,
        answer_id=None,
        pending_until=None,
    )


def check_delete(quote: Quote) -> None:
    """A draft may be deleted as long as it never had a number: a number must not disappear from its series."""
    after(quote.state, Verb.DELETE)
    if quote.number is not None:
        detail = "This quote has a number and stays. It can be withdrawn after it is sent again."
        raise refusal(quote.state, Verb.DELETE, detail)


def check_send(quote: Quote, today: date) -> None:
    """The quote's own reasons not to go out; raises `InvalidTransition` and `Invalid`."""
    after(quote.state, Verb.SEND)
    if quote.is_over(today):
        raise Invalid.field("valid_until", "The quote is valid until a day that is over. Please choose another.")


def check_vat(content: Content, vat_mode: VatMode, customer_vat_id: str) -> None:
    """What the VAT categories of the lines need said; raises `ExemptionReasonMissing` and `VatIdMissing`.

    Nothing is needed while the whole document charges no VAT: its own note says why.
    """
    if vat_mode != "standard":
        return
    if content.may_charge("exempt") and not content.exemption_reason:
        raise ExemptionReasonMissing.field("exemption_reason", "Please say why the exempt lines bear no VAT.")
    if content.may_charge("reverse_charge") and not customer_vat_id:
        raise VatIdMissing.field("customer_id", "Reverse charge needs the customer's VAT number.")


def send(quote: Quote, number: Number | None, vat_mode: VatMode, today: date, now: datetime) -> Quote:
    """The quote as the next frozen version; ``number`` is claimed for the first send only."""
    check_send(quote, today)
    sent = _moved(quote, Verb.SEND, now)
    if number is not None:
        sent = replace(sent, number=number.text, series_year=number.year, series_seq=number.seq)
    return replace(
        sent,
        vat_mode=vat_mode,
        totals=priced(quote.content, vat_mode),
        sent_version=quote.sent_version + 1,
        issue_date=today,
        sent_at=now,
    )


def resend(quote: Quote, today: date, now: datetime) -> Quote:
    """The same frozen version, about to go out once more. Raises `QuoteExpired` after its last day."""
    resent = _moved(quote, Verb.RESEND, now)
    if quote.is_over(today):
        raise QuoteExpired("This quote is no longer valid. Please edit it and send it again.")
    return resent


def accept(
    quote: Quote,
    *,
    answer_id: str,
    selection: Selection | None,
    total_seen: int | None,
    today: date,
    now: datetime,
    customer: bool,
    window: timedelta = timedelta(0),
) -> Quote:
    """The quote accepted with the selection. ``total_seen`` is the total on the accepting person's screen.

    The customer may turn the answer around for the length of ``window``, counted from the first answer.
    Raises `QuoteExpired` after the last day of validity, `InvalidTransition`, `SelectionInvalid` and
    `TotalMismatch`.
    """
    open_for_answer = quote.state == State.SENT or (customer and quote.is_correctable(now))
    if quote.state == State.EXPIRED or (open_for_answer and quote.is_over(today)):
        raise QuoteExpired("This quote is no longer valid. Please ask for a new one.")
    accepted = _moved(quote, Verb.ACCEPT, now, customer=customer)
    content = replace(quote.content, lines=choose(quote.content.lines, selection))
    totals = priced(content, quote.vat_mode)
    if total_seen is not None and total_seen != totals.total_minor:
        raise TotalMismatch(totals.total_minor, content.currency)
    answered = _answered(accepted, answer_id, now, customer, window)
    return replace(answered, content=content, totals=totals)


def decline(
    quote: Quote,
    *,
    answer_id: str,
    reason: str,
    offered: tuple[Line, ...],
    today: date,
    now: datetime,
    customer: bool,
    window: timedelta = timedelta(0),
) -> Quote:
    """The quote declined, its lines as they were ``offered``. The customer's reason is optional; an admin who
    takes back an acceptance needs one. ``window`` as in `accept`."""
    if customer and (quote.state == State.EXPIRED or (quote.state == State.SENT and quote.is_over(today))):
        raise QuoteExpired("This quote is no longer valid.")
    declined = _moved(quote, Verb.DECLINE, now, customer=customer)
    if quote.state == State.ACCEPTED and not reason and not customer:
        raise Invalid.field("reason", "Please say why the accepted quote is declined.")
    content = replace(quote.content, lines=offered)
    answered = _answered(declined, answer_id, now, customer, window)
    return replace(answered, content=content, totals=priced(content, quote.vat_mode))


def _answered(quote: Quote, answer_id: str, now: datetime, customer: bool, window: timedelta) -> Quote:
    """The answer noted. A correction does not open the window anew; an admin's answer is final at once."""
    until = quote.pending_until or (now + window if window else None)
    return replace(quote, answered_at=now, answer_id=answer_id, pending_until=until if customer else None)


def finish(quote: Quote, now: datetime) -> Quote:
    """The quote whose correction window has closed: its answer stands and may be told."""
    return replace(quote, version=quote.version + 1, updated_at=now, pending_until=None)


def expire(quote: Quote, now: datetime) -> Quote:
    """The quote after its last day of validity, unanswered."""
    return _moved(quote, Verb.EXPIRE, now)


def withdraw(quote: Quote, now: datetime) -> Quote:
    """The quote taken back before an answer."""
    return _moved(quote, Verb.WITHDRAW, now)


def convert(quote: Quote, now: datetime) -> Quote:
    """The accepted quote, about to spawn its documents. Raises `AnswerNotFinal` in the correction window."""
    converted = _moved(quote, Verb.CONVERT, now)
    _check_final(quote, now)
    return converted
