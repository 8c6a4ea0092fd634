"""A word to the customer before a quote ends unanswered."""

from kontor import links, replica
from kontor.database import Tx
from kontor.secrets import Sealer
from quotes import settings as installation
from quotes.adapters import repository
from quotes.domain.quote import Quote
from quotes.use_cases.notices import emit, recipient, record

REMIND_AT_ONCE = 50


def remind_expiring(tx: Tx, sealer: Sealer) -> int:
    """Have the customers of quotes that end soon reminded, once per version; returns how many quotes were due.

    How soon is a setting, in days; a quote that was sent with less time than that needs no reminder. The mail
    carries one more link to the version that is out; its row in the table is what keeps the reminder single.
    """
    config = installation.read(tx)
    if not config.expiring_days:
        return 0
    today = tx.today(config.timezone)
    due = repository.claim_expiring(tx, today, config.expiring_days, REMIND_AT_ONCE)
    for quote in due:
        token, digest = links.mint()
        repository.add_link(tx, quote, digest, "expiring")
        _tell(tx, quote, sealer.seal(token), (quote.content.valid_until - today).days)
    return len(due)


def _tell(tx: Tx, quote: Quote, link_sealed: str, days_left: int) -> None:
    customer_id = quote.content.customer_id
    customer = replica.customers(tx, [customer_id]).get(customer_id, {})
    if not customer.get("email") or customer.get("active") is False:
        return
    issuer = repository.version(tx, quote.id, quote.sent_version)["snapshot"]["issuer"]
    emit(
        tx,
        "quote_expiring.v1",
        quote,
        {
            "quote_version": quote.sent_version,
            "recipient": recipient(customer),
            "issuer": {name: issuer.get(name) for name in ("name", "email", "country")},
            "language": quote.content.language,
            "link_sealed": link_sealed,
            "valid_until": quote.content.valid_until,
            "days_left": days_left,
        },
    )
    record(tx, "quote.reminded", quote, quote, to=customer["email"], valid_until=quote.content.valid_until)
