"""The calls about bookings: decode, call, encode."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from kontor.database import Tx
from kontor.errors import NotFound
from kontor.runtime import Replicated, Service, rpc
from quotes import bookings
from quotes.use_cases import bookings as use_cases


class Bookings(Replicated, Service):
    """The part of the service class that answers for bookings."""

    @rpc
    def create_booking(self, *, id: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Create a booking with that id; the same id again answers the booking that is there."""
        return self._booked(_id(id), lambda tx: use_cases.create(tx, _id(id), fields))

    @rpc
    def get_booking(self, *, id: str) -> dict[str, Any]:
        """The whole record."""
        return self._booked(_id(id), lambda tx: None)

    @rpc
    def list_bookings(self, *, cursor: str | None = None, limit: int = 50, **filters: Any) -> dict[str, Any]:
        """A page of bookings; filters ``from``, ``to``, ``when``, ``customer_id``, ``deal_uuid``, ``status``, ``q``."""
        with self.transaction() as tx:
            return bookings.bookings(tx, filters, cursor=cursor or None, limit=limit)

    @rpc
    def list_booking_types(self) -> list[str]:
        """The words for types that are in use."""
        with self.transaction() as tx:
            return bookings.types(tx)

    @rpc
    def update_booking(self, *, id: str, changes: dict[str, Any], version: int | None = None) -> dict[str, Any]:
        """Change the fields sent; ``confirm_overlap`` says that an overlap is meant."""
        return self._booked(_id(id), lambda tx: use_cases.change(tx, _id(id), version, changes))

    @rpc
    def deliver_booking(self, *, id: str, version: int | None = None) -> dict[str, Any]:
        """What was booked is done."""
        return self._booked(_id(id), lambda tx: use_cases.deliver(tx, _id(id), version))

    @rpc
    def delete_booking(self, *, id: str, version: int | None = None) -> dict[str, Any]:
        """Delete a booking that was neither delivered nor made by a quote."""
        with self.transaction() as tx:
            use_cases.delete(tx, _id(id), version)
        return {"id": id, "deleted": True}

    def _booked(self, id: str, change: Callable[[Tx], None]) -> dict[str, Any]:
        def work(tx: Tx) -> dict[str, Any]:
            change(tx)
            return bookings.booking(tx, id)

        return self.once_told(work)


def _id(id: str) -> str:
    try:
        return str(UUID(id))
    except (ValueError, AttributeError, TypeError):
        raise NotFound("There is no such booking.") from None
