"""The nameko surface of the quotes service: decode, call, encode."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from kontor.database import Tx
from kontor.envelope import Event
from kontor.errors import FeatureDisabled, Invalid, NotFound
from kontor.pricing import parse_lines, price
from kontor.runtime import every, handles, rpc
from quotes import listing, queries, use_cases
from quotes import settings as installation
from quotes.adapters import repository
from quotes.bookings_service import Bookings
from quotes.domain.errors import (
    BankAccountMissing,
    BusinessProfileIncomplete,
    CustomerFeatureDisabled,
    CustomerUnknown,
)
from quotes.library_service import Library
from quotes.links_service import Links


class QuotesService(Links, Bookings, Library):
    """Quotes from draft to conversion. Every method takes keyword arguments and answers plain JSON."""

    name = "quotes"
    news_may_mend = (
        BankAccountMissing,
        BusinessProfileIncomplete,
        CustomerFeatureDisabled,
        CustomerUnknown,
        FeatureDisabled,
    )

    @rpc
    def create_quote(self, *, id: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Create a draft with that id; the same id again answers the quote that is there."""
        return self._change(_id(id), lambda tx: use_cases.create(tx, _id(id), fields))

    @rpc
    def get_quote(self, *, id: str) -> dict[str, Any]:
        """The whole record."""
        with self.transaction() as tx:
            return queries.quote(tx, _id(id))

    @rpc
    def list_quotes(
        self, *, sort: str = "-created", cursor: str | None = None, limit: int = 50, **filters: Any
    ) -> dict[str, Any]:
        """A page of summaries, counts per state, sums per currency; filters as in `listing.Wanted`."""
        with self.transaction() as tx:
            return listing.page(tx, listing.wanted(filters), sort=sort, cursor=cursor or None, limit=limit)

    @rpc
    def list_quote_ids(
        self, *, sort: str = "-created", limit: int = listing.MOST_IDS, **filters: Any
    ) -> dict[str, Any]:
        """Id, number and title of everything that matches, for work on all of it."""
        with self.transaction() as tx:
            return listing.ids(tx, listing.wanted(filters), sort=sort, limit=limit)

    @rpc
    def update_quote(self, *, id: str, changes: dict[str, Any], version: int | None = None) -> dict[str, Any]:
        """Change the fields sent; a sent, declined or expired quote becomes a draft and its links die."""
        return self._change(_id(id), lambda tx: use_cases.edit(tx, _id(id), version, changes))

    @rpc
    def delete_quote(self, *, id: str, version: int | None = None) -> dict[str, Any]:
        """Delete a draft that never had a number."""
        with self.transaction() as tx:
            use_cases.delete(tx, _id(id), version)
        return {"id": id, "deleted": True}

    @rpc
    def duplicate_quote(self, *, id: str, new_id: str) -> dict[str, Any]:
        """A new draft, in a new deal, with the content of this quote."""
        return self._change(_id(new_id), lambda tx: use_cases.duplicate(tx, _id(id), _id(new_id)))

    @rpc
    def send_quote(self, *, id: str, version: int | None = None) -> dict[str, Any]:
        """Freeze, number, link, and have it mailed."""
        return self._change(_id(id), lambda tx: use_cases.send(tx, self.sealer, _id(id), version))

    @rpc
    def resend_quote(self, *, id: str, version: int | None = None) -> dict[str, Any]:
        """Mail what was sent once more, with a new link; the old ones die."""
        return self._change(_id(id), lambda tx: use_cases.resend(tx, self.sealer, _id(id), version))

    @rpc
    def withdraw_quote(self, *, id: str, version: int | None = None) -> dict[str, Any]:
        """Take a sent quote back."""
        return self._change(_id(id), lambda tx: use_cases.withdraw(tx, _id(id), version))

    @rpc
    def accept_quote(
        self,
        *,
        id: str,
        name: str = "",
        selection: dict[str, Any] | None = None,
        total_minor: int | None = None,
        message: str | None = None,
        accept_terms: bool = False,
    ) -> dict[str, Any]:
        """Accept on the customer's behalf (admin), or as the signed-in customer, who accepts the terms too."""

        def accept(tx: Tx) -> None:
            use_cases.accept(
                tx,
                _id(id),
                name=name,
                selection=selection,
                total_minor=total_minor,
                message=message,
                accept_terms=accept_terms,
            )

        return self._change(_id(id), accept)

    @rpc
    def decline_quote(self, *, id: str, reason: str | None = None) -> dict[str, Any]:
        """Decline on the customer's behalf (admin), or as the signed-in customer."""
        return self._change(_id(id), lambda tx: use_cases.decline(tx, _id(id), reason=reason))

    @rpc
    def convert_quote(
        self,
        *,
        id: str,
        contract: bool | None = None,
        invoice: bool | None = None,
        booking: bool | None = None,
        version: int | None = None,
    ) -> dict[str, Any]:
        """Spawn a contract (default no), invoices (default yes) and a booking (default: if there is a date), once."""
        return self._change(
            _id(id),
            lambda tx: use_cases.convert(
                tx,
                _id(id),
                contract=bool(contract),
                invoice=invoice is None or bool(invoice),
                booking=booking,
                version=version,
            ),
        )

    @rpc
    def price(self, *, lines: list[Any], currency: str, price_entry: str = "net") -> dict[str, Any]:
        """The totals of lines that are being written, with one amount per line in ``line_nets``."""
        if price_entry not in ("net", "gross"):
            raise Invalid.field("price_entry", "Please use one of: net, gross.")
        parsed = parse_lines(lines, described=False)
        with self.transaction() as tx:
            vat_mode = installation.read(tx).vat_mode
        return price(parsed, currency, "gross" if price_entry == "gross" else "net", vat_mode).to_json()

    @rpc
    def snapshot(self, *, id: str) -> dict[str, Any]:
        """The quote as documents would render it now, for the preview."""
        with self.transaction() as tx:
            queries.quote(tx, _id(id))  # the same answer to who may see it
            return use_cases.preview(tx, repository.find(tx, _id(id)))

    @rpc
    def version_snapshot(self, *, id: str, version_no: int) -> dict[str, Any]:
        """A version as it was sent."""
        with self.transaction() as tx:
            return queries.version_snapshot(tx, _id(id), version_no)

    @rpc
    def list_versions(self, *, id: str) -> dict[str, Any]:
        """The versions that went out."""
        with self.transaction() as tx:
            return queries.list_versions(tx, _id(id))

    @rpc
    def compare_versions(self, *, id: str, older: int, newer: int) -> dict[str, Any]:
        """What changed between two versions."""
        with self.transaction() as tx:
            return queries.compare_versions(tx, _id(id), older, newer)

    @rpc
    def price_selection(self, *, id: str, selection: dict[str, Any] | None = None) -> dict[str, Any]:
        """As `public_price`, for the signed-in customer."""
        with self.transaction() as tx:
            return use_cases.price_selection(tx, _id(id), selection)

    @rpc
    def verify_numbers(self) -> dict[str, Any]:
        """How many numbers are in use, and every gap and duplicate."""
        with self.transaction() as tx:
            return queries.verify_numbers(tx)

    @handles("document_stored.v1")
    def keep_document(self, tx: Tx, event: Event) -> None:
        use_cases.document_arrived(tx, event)

    @handles("contract_drafted.v1", "invoice_drafted.v1")
    def note_spawned(self, tx: Tx, event: Event) -> None:
        use_cases.spawned(tx, event)

    @every(seconds=30)
    def expire(self) -> None:
        self._until_done(use_cases.expire_overdue)

    @every(seconds=5)
    def close_correction_windows(self) -> None:
        self._until_done(use_cases.close_windows)

    @every(seconds=30)
    def remind_of_expiry(self) -> None:
        self._until_done(lambda tx: use_cases.remind_expiring(tx, self.sealer))

    @every(seconds=300)
    def forget_look_ups(self) -> None:
        with self.db.transaction() as tx:
            repository.forget_look_ups(tx, tx.now - timedelta(seconds=installation.LOOK_UP_WINDOW_SECONDS))
            repository.forget_codes(tx, tx.now - timedelta(days=1))

    def _until_done(self, some: Callable[[Tx], int]) -> None:
        """Repeat a job that does a handful at a time, each in a transaction of its own."""
        while True:
            with self.db.transaction() as tx:
                if not some(tx):
                    break

    def _change(self, id: str, change: Callable[[Tx], None]) -> dict[str, Any]:
        """Carry out a change and answer the record as it is afterwards."""

        def work(tx: Tx) -> dict[str, Any]:
            change(tx)
            return queries.quote(tx, id)

        return self.once_told(work)


def _id(id: str) -> str:
    """The id in its canonical form; whatever is no UUID names no quote."""
    try:
        return str(UUID(id))
    except (ValueError, AttributeError, TypeError):
        raise NotFound("There is no such quote.") from None
