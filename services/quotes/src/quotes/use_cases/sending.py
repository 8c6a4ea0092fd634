"""A quote on its way to the customer: send, withdraw, expire, and the preview of what would be sent."""

from typing import Any

from kontor import links, replica
from kontor.database import Tx
from kontor.errors import FieldError, Invalid
from kontor.secrets import Sealer
from kontor.series import next_number
from quotes import access
from quotes import settings as installation
from quotes.adapters import repository
from quotes.domain import quote as quotes
from quotes.domain.content import Content
from quotes.domain.errors import BankAccountMissing, BusinessProfileIncomplete
from quotes.domain.quote import Number, Quote
from quotes.domain.snapshot import snapshot
from quotes.settings import QuoteSettings
from quotes.use_cases.notices import emit, recipient, record

EXPIRE_AT_ONCE = 50
SERIES = "quote"


def send(tx: Tx, sealer: Sealer, quote_id: str, version: int | None = None) -> None:
    """Freeze the next version, claim the number (first send), mint a link, tell documents to render and mail.

    The token leaves only sealed, inside the event; the database keeps its SHA-256. Raises `InvalidTransition`,
    `BusinessProfileIncomplete`, `BankAccountMissing`, and `Invalid` for a ``valid_until`` that is over or a
    customer without an address.
    """
    quote = access.for_admin(tx, quote_id, version)
    config = installation.read(tx)
    today = tx.today(config.timezone)
    quotes.check_send(quote, today)
    customer = access.customer(tx, quote.content.customer_id, "feature_quotes")
    if not customer.get("email"):
        raise Invalid.field("customer_id", "This customer has no e-mail address.")
    if missing := config.missing_in_profile():
        raise BusinessProfileIncomplete(missing)
    bank = _bank_account(tx, quote.content)
    quotes.check_vat(quote.content, config.vat_mode, str(customer.get("vat_id") or ""))
    quotes.priced(quote.content, config.vat_mode)  # refuses before a number is claimed
    number = None
    if quote.number is None:
        text, seq = next_number(tx, SERIES, config.number_pattern, today)
        number = Number(text, today.year, seq)
    sent = quotes.send(quote, number, config.vat_mode, today, tx.now)
    frozen = snapshot(
        sent,
        profile=config.profile,
        bank=bank,
        customer=customer,
        terms=_terms(config),
        theme=replica.theme(tx),
    )
    token, digest = links.mint()
    repository.save(tx, sent)
    repository.revoke_links(tx, sent.id)
    repository.add_link(tx, sent, digest)
    event = emit(
        tx,
        "quote_sent.v1",
        sent,
        {
            "quote_version": sent.sent_version,
            "recipient": recipient(customer),
            "language": sent.content.language,
            "link_sealed": sealer.seal(token),
            "valid_until": sent.content.valid_until,
            "resent": False,
            "attachments": frozen.get("attachments", []),
            "snapshot": frozen,
        },
    )
    repository.add_version(tx, sent, frozen, str(event.event_id), code_required=config.code_required)
    record(tx, "quote.sent", sent, quote, quote_version=sent.sent_version, to=customer["email"])


def resend(tx: Tx, sealer: Sealer, quote_id: str, version: int | None = None) -> None:
    """Mail the version that is out once more, to the address the customer has now, with a new link; older links die.

    Raises `InvalidTransition`, `QuoteExpired`, and `Invalid` for a customer without an address.
    """
    quote = access.for_admin(tx, quote_id, version)
    resent = quotes.resend(quote, tx.today(installation.read(tx).timezone), tx.now)
    customer = access.customer(tx, quote.content.customer_id, "feature_quotes")
    if not customer.get("email"):
        raise Invalid.field("customer_id", "This customer has no e-mail address.")
    frozen = repository.version(tx, quote.id, quote.sent_version)["snapshot"]
    token, digest = links.mint()
    repository.save(tx, resent)
    repository.revoke_links(tx, resent.id)
    repository.add_link(tx, resent, digest)
    emit(
        tx,
        "quote_sent.v1",
        resent,
        {
            "quote_version": resent.sent_version,
            "recipient": recipient(customer),
            "language": resent.content.language,
            "link_sealed": sealer.seal(token),
            "valid_until": resent.content.valid_until,
            "resent": True,
            "attachments": frozen.get("attachments", []),
            "snapshot": frozen,
        },
    )
    record(tx, "quote.resent", resent, quote, quote_version=resent.sent_version, to=customer["email"])


def withdraw(tx: Tx, quote_id: str, version: int | None = None) -> None:
    """Take a sent quote back before it is answered. Its page stays readable."""
    quote = access.for_admin(tx, quote_id, version)
    withdrawn = quotes.withdraw(quote, tx.now)
    repository.save(tx, withdrawn)
    emit(tx, "quote_withdrawn.v1", withdrawn, {})
    record(tx, "quote.withdrawn", withdrawn, quote)


def expire_overdue(tx: Tx) -> int:
    """Expire sent quotes whose last day is over in the business timezone; returns how many.

    Replicas skip each other's rows, so every quote expires once.
    """
    today = tx.today(installation.read(tx).timezone)
    overdue = repository.claim_overdue(tx, today, EXPIRE_AT_ONCE)
    for quote in overdue:
        expired = quotes.expire(quote, tx.now)
        repository.save(tx, expired)
        emit(tx, "quote_expired.v1", expired, {"valid_until": quote.content.valid_until})
        record(tx, "quote.expired", expired, quote)
    return len(overdue)


def preview(tx: Tx, quote: Quote) -> dict[str, Any]:
    """The snapshot of the quote as it is now; a missing bank account or customer leaves a gap, not an error."""
    config = installation.read(tx)
    try:
        bank: dict[str, Any] | None = _bank_account(tx, quote.content)
    except BankAccountMissing:
        bank = None
    customer = replica.customers(tx, [quote.content.customer_id]).get(quote.content.customer_id, {})
    return snapshot(
        quote,
        profile=config.profile,
        bank=bank,
        customer=customer,
        terms=_terms(config),
        theme=replica.theme(tx),
    )


def _terms(config: QuoteSettings) -> dict[str, Any]:
    return {"text": config.terms_text, "required": config.terms_required and bool(config.terms_text)}


def _bank_account(tx: Tx, content: Content) -> dict[str, Any]:
    """The account the quote names, otherwise the default one of its currency."""
    accounts = [account for account in replica.bank_accounts(tx) if account.get("currency") == content.currency]
    if content.bank_account_id is not None:
        accounts = [account for account in accounts if account["id"] == content.bank_account_id]
    if not accounts:
        message = f"There is no bank account in {content.currency}."
        raise BankAccountMissing(message, errors=[FieldError("bank_account_id", message)])
    return next((account for account in accounts if account.get("is_default")), accounts[0])
