"""The customer opens the page behind the link."""

from kontor.database import Tx
from quotes import access
from quotes.adapters import repository
from quotes.domain.state import State
from quotes.use_cases.notices import emit


def opened(tx: Tx, token: str) -> None:
    """Tell once per version that its page was opened while it waits for an answer.

    A mail scanner that follows links looks the same as a person: this is news, no evidence.
    """
    quote, link = access.follow(tx, token)
    if quote.state == State.SENT and repository.note_opening(tx, quote.id, link.version_no):
        emit(tx, "quote_opened.v1", quote, {"quote_version": link.version_no})
        tx.record(
            "quote.opened",
            record="quote",
            record_id=quote.id,
            deal_uuid=quote.deal_uuid,
            after={"quote_version": link.version_no},
        )
