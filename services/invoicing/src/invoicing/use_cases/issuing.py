"""Issue: freeze, number and announce an invoice, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from invoicing.adapters import repository
from invoicing.domain import completeness, events, invoice, references, snapshot, states
from invoicing.domain.content import PaymentSlip, vat_mode
from invoicing.domain.errors import FactsChanged, IssueDateBeforeLast
from invoicing.domain.invoice import Invoice, Issued
from invoicing.domain.numbering import SERIES
from invoicing.domain.states import Verb
from invoicing.use_cases import telling
from kontor import replica, series
from kontor.clock import Clock, calendar_date
from kontor.database import Tx

DEFAULT_PATTERN = "INV-{YEAR}-{SEQ:04d}"


class _YearTurned(Exception):
    """Midnight of New Year passed while waiting for the counter of the old year."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An invoice that may be issued, with everything that will be frozen."""

    invoice: Invoice
    issuer: Mapping[str, Any]
    account: Mapping[str, Any]
    customer: Mapping[str, Any]
    reference_type: references.ReferenceType
    slip: PaymentSlip
    pattern: str
    timezone: str
    theme: Mapping[str, Any]

    def compose(self, number: str, on: date, reference: str | None) -> dict[str, Any]:
        """The snapshot as it is frozen."""
        return snapshot.compose(
            self.invoice,
            self.issuer,
            self.account,
            self.customer,
            number=number,
            issue_date=on,
            slip=self.slip,
            reference=reference,
            theme=self.theme,
        )

    def sample(self, on: date) -> dict[str, Any] | None:
        """The snapshot with the year's first number, for checking the Swiss slip; None when there is no slip.

        Only number and reference will differ, and those are valid by construction.
        """
        if self.slip != "swiss":
            return None
        return self.compose(
            series.render(self.pattern, on, 1), on, references.reference(self.reference_type, on.year, 1)
        )


def prepare(tx: Tx, one: Invoice, version: int | None) -> Ready:
    """Everything that can be known before the number is claimed.

    Raises `StaleVersion`, `InvalidTransition`, `BusinessProfileIncomplete`, `CustomerIncomplete`,
    `ExemptionReasonMissing`, `VatIdMissing`, `BankAccountMissing`, `Invalid`, `TotalNegative`, `NumberFormatInvalid`.
    """
    invoice.require_version(one, version)
    states.require(one.state, Verb.SEND)
    profile = replica.settings(tx, "business_profile")
    completeness.require_profile(profile)
    one = invoice.charge(one, vat_mode(profile))
    customer = replica.customer(tx, str(one.content.customer_id))
    completeness.require_customer(customer)
    completeness.require_vat_facts(one.content, customer)
    account = completeness.choose_account(replica.bank_accounts(tx), one.content)
    pattern = replica.settings(tx, "numbering").get(SERIES) or DEFAULT_PATTERN
    series.check_pattern(pattern, field="numbering.invoice")
    return Ready(
        invoice=one,
        issuer=profile,
        account=account,
        customer=customer,
        reference_type=completeness.reference_type(account),
        slip=completeness.choose_slip(one.content, account, one.totals.total_minor),
        pattern=pattern,
        timezone=profile["timezone"],
        theme=replica.theme(tx),
    )


def sample(tx: Tx, id: str, version: int | None) -> dict[str, Any] | None:
    """What the slip is checked with before the issue; None when no Swiss slip is printed. Raises as `prepare`."""
    ready = prepare(tx, repository.get(tx, id), version)
    return ready.sample(tx.today(ready.timezone))


def issue(tx: Tx, clock: Clock, id: str, version: int | None, checked: Mapping[str, Any] | None) -> Invoice:
    """The issued invoice. ``checked`` is the sample whose slip documents found good.

    Raises what `prepare` raises, `FactsChanged` when another slip than the checked one would be printed, and
    `IssueDateBeforeLast`.
    """
    before = repository.claim(tx, id)
    ready = prepare(tx, before, version)
    if checked is not None and ready.sample(date.fromisoformat(checked["issue_date"])) != checked:
        raise FactsChanged
    if checked is None and ready.slip == "swiss":
        raise FactsChanged
    number, on, seq = _claim_number(tx, clock, ready)
    reference = references.reference(ready.reference_type, on.year, seq)
    issued = Issued(
        number=number,
        year=on.year,
        seq=seq,
        issue_date=on,
        due_date=before.content.payment.due_date(on),
        reference_type=ready.reference_type,
        reference=reference,
        snapshot=ready.compose(number, on, reference),
        recipient=completeness.recipient(ready.customer, snapshot.display_name(ready.customer)),
        at=tx.now,
    )
    after = invoice.issue(ready.invoice, issued)
    if ready.invoice is not before:
        repository.save(tx, before, ready.invoice)  # priced anew: its lines are written before they freeze
    repository.save(tx, ready.invoice, after)
    telling.emit(tx, events.ISSUED, after, events.issued(after))
    telling.record(
        tx,
        "invoice.issued",
        after,
        before={"state": before.state, "number": None},
        after={
            "state": after.state,
            "number": number,
            "issue_date": on,
            "due_date": issued.due_date,
            "total_minor": after.totals.total_minor,
        },
    )
    return after


def _claim_number(tx: Tx, clock: Clock, ready: Ready) -> tuple[str, date, int]:
    """Number, issue date and position in the series.

    The date is read from the clock while the counter is held: issuers that queued for the counter across
    midnight get the new date, so that dates rise with numbers.
    """
    while True:
        year = calendar_date(clock.now(tx.conn), ready.timezone).year
        try:
            with tx.attempt():
                _, seq = series.next_number(tx, SERIES, ready.pattern, date(year, 1, 1))
                on = calendar_date(clock.now(tx.conn), ready.timezone)
                if on.year != year:
                    raise _YearTurned
        except _YearTurned:
            continue
        last = repository.last_issue_date(tx, year, seq)
        if last is not None and on < last:
            raise IssueDateBeforeLast(on, last)
        return series.render(ready.pattern, on, seq), on, seq
