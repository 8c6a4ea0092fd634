"""The nameko surface of the quotes service: decode, call, encode."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from kontor.database import Tx
from kontor.envelope import Event
from kontor.errors import FeatureDisabled, Invalid, Locked, NotFound
from kontor.pricing import parse_lines, price
from kontor.runtime import Replicated, Service, every, handles, rpc
from quotes import listing, queries, use_cases
from quotes import settings as installation
from quotes.adapters import repository
from quotes.domain.errors import (
    BankAccountMissing,
    BusinessProfileIncomplete,
    CustomerFeatureDisabled,
    CustomerUnknown,
)

T = TypeVar("T")


class QuotesService(Replicated, Service):
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
    ) -> dict[str, Any]:
        """Accept on the customer's behalf (admin), or as the signed-in customer."""
        return self._change(
            _id(id),
            lambda tx: use_cases.accept(
                tx, _id(id), name=name, selection=selection, total_minor=total_minor, message=message
            ),
        )

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
        """Spawn a contract (default no) and invoices (default yes) from an accepted quote, once."""
        return self._change(
            _id(id),
            lambda tx: use_cases.convert(
                tx,
                _id(id),
                contract=bool(contract),
                invoice=invoice is None or bool(invoice),
                booking=bool(booking),
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
            record = queries.quote(tx, _id(id))
            if version_no not in {version["version_no"] for version in record["versions"]}:
                raise NotFound("There is no such version.")
            frozen: dict[str, Any] = repository.version(tx, _id(id), version_no)["snapshot"]
            return frozen

    @rpc
    def public_quote(self, *, token: str, ip: str | None = None) -> dict[str, Any]:
        """What the page behind a personal link shows."""
        return self._by_link(ip, lambda tx: queries.public(tx, token))

    @rpc
    def public_price(
        self, *, token: str, selection: dict[str, Any] | None = None, ip: str | None = None
    ) -> dict[str, Any]:
        """What the selection would cost; nothing is chosen by asking."""
        return self._by_link(ip, lambda tx: use_cases.price_by_link(tx, token, selection))

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

    @rpc
    def public_accept(
        self,
        *,
        token: str,
        name: str | None = None,
        total_minor: int | None = None,
        selection: dict[str, Any] | None = None,
        message: str | None = None,
        accept_terms: bool = False,
        ip: str | None = None,
        user_agent: str | None = None,
    ) -> dict[str, Any]:
        """Accept through the link, for the total that was shown."""

        def answer(tx: Tx) -> dict[str, Any]:
            use_cases.accept_by_link(
                tx,
                token,
                name=name or "",
                total_minor=total_minor,
                selection=selection,
                message=message,
                accept_terms=accept_terms,
                ip=ip,
                user_agent=user_agent,
            )
            return queries.public(tx, token)

        return self._by_link(ip, answer)

    @rpc
    def public_decline(
        self, *, token: str, reason: str | None = None, ip: str | None = None, user_agent: str | None = None
    ) -> dict[str, Any]:
        """Decline through the link."""

        def answer(tx: Tx) -> dict[str, Any]:
            use_cases.decline_by_link(tx, token, reason=reason, ip=ip, user_agent=user_agent)
            return queries.public(tx, token)

        return self._by_link(ip, answer)

    @handles("document_stored.v1")
    def keep_document(self, tx: Tx, event: Event) -> None:
        use_cases.document_arrived(tx, event)

    @handles("contract_drafted.v1", "invoice_drafted.v1")
    def note_spawned(self, tx: Tx, event: Event) -> None:
        use_cases.spawned(tx, event)

    @every(seconds=30)
    def expire(self) -> None:
        while True:
            with self.db.transaction() as tx:
                if not use_cases.expire_overdue(tx):
                    break

    @every(seconds=300)
    def forget_look_ups(self) -> None:
        with self.db.transaction() as tx:
            repository.forget_look_ups(tx, tx.now - timedelta(seconds=installation.LOOK_UP_WINDOW_SECONDS))

    def _change(self, id: str, change: Callable[[Tx], None]) -> dict[str, Any]:
        """Carry out a change and answer the record as it is afterwards."""

        def work(tx: Tx) -> dict[str, Any]:
            change(tx)
            return queries.quote(tx, id)

        return self.once_told(work)

    def _by_link(self, ip: str | None, work: Callable[[Tx], T]) -> T:
        """Work with a personal link. Wrong look-ups count per address over all replicas; too many lock it out.

        A locked address can still use links that exist.
        """
        try:
            with self.transaction() as tx:
                return work(tx)
        except NotFound:
            window = timedelta(seconds=installation.LOOK_UP_WINDOW_SECONDS)
            with self.transaction() as tx:
                oldest = repository.count_wrong_look_up(
                    tx, ip or "unknown", tx.now - window, installation.WRONG_LOOK_UPS
                )
                wait = 0 if oldest is None else max(1, -((tx.now - oldest - window) // timedelta(seconds=1)))
            if wait:
                detail = "Too many wrong links were tried from this address."
                raise Locked(detail, retry_after=wait) from None
            raise


def _id(id: str) -> str:
    """The id in its canonical form; whatever is no UUID names no quote."""
    try:
        return str(UUID(id))
    except (ValueError, AttributeError, TypeError):
        raise NotFound("There is no such quote.") from None
