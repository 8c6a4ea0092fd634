"""The calls about line-item presets and quote templates: decode, call, encode."""

from typing import Any
from uuid import UUID

from kontor.database import Tx
from kontor.errors import Invalid, NotFound
from kontor.runtime import Replicated, Service, rpc
from quotes import library, queries
from quotes.use_cases import library as use_cases


class Library(Replicated, Service):
    """The part of the service class that answers for presets and templates."""

    @rpc
    def list_presets(
        self, *, q: str | None = None, currency: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> dict[str, Any]:
        """A page of presets by name."""
        with self.transaction() as tx:
            return library.presets(tx, q=q, currency=currency or None, cursor=cursor or None, limit=limit)

    @rpc
    def get_preset(self, *, id: str) -> dict[str, Any]:
        """The whole record."""
        with self.transaction() as tx:
            return library.preset(tx, _id(id))

    @rpc
    def create_preset(self, *, id: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Keep a line item under that id; the same id again answers the preset that is there."""

        def work(tx: Tx) -> dict[str, Any]:
            use_cases.create_preset(tx, _id(id), fields)
            return library.preset(tx, _id(id))

        return self.once_told(work)

    @rpc
    def update_preset(self, *, id: str, changes: dict[str, Any], version: int | None = None) -> dict[str, Any]:
        """Change the fields sent."""
        with self.transaction() as tx:
            use_cases.update_preset(tx, _id(id), version, changes)
            return library.preset(tx, _id(id))

    @rpc
    def delete_preset(self, *, id: str, version: int | None = None) -> dict[str, Any]:
        """Remove the preset; lines made from it stay."""
        with self.transaction() as tx:
            use_cases.delete_preset(tx, _id(id), version)
        return {"id": id, "deleted": True}

    @rpc
    def list_templates(self, *, q: str | None = None, cursor: str | None = None, limit: int = 50) -> dict[str, Any]:
        """A page of templates by name."""
        with self.transaction() as tx:
            return library.templates(tx, q=q, cursor=cursor or None, limit=limit)

    @rpc
    def get_template(self, *, id: str) -> dict[str, Any]:
        """The whole record."""
        with self.transaction() as tx:
            return library.template(tx, _id(id))

    @rpc
    def create_template(self, *, id: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Keep a template under that id; the same id again answers the template that is there."""

        def work(tx: Tx) -> dict[str, Any]:
            use_cases.create_template(tx, _id(id), fields)
            return library.template(tx, _id(id))

        return self.once_told(work)

    @rpc
    def create_template_from_quote(self, *, id: str, quote_id: str, name: str) -> dict[str, Any]:
        """Keep the content of a quote as a template."""
        with self.transaction() as tx:
            use_cases.create_template_from_quote(tx, _id(id), _id(quote_id), name)
            return library.template(tx, _id(id))

    @rpc
    def update_template(self, *, id: str, changes: dict[str, Any], version: int | None = None) -> dict[str, Any]:
        """Change the fields sent."""
        with self.transaction() as tx:
            use_cases.update_template(tx, _id(id), version, changes)
            return library.template(tx, _id(id))

    @rpc
    def delete_template(self, *, id: str, version: int | None = None) -> dict[str, Any]:
        """Remove the template; quotes made from it stay."""
        with self.transaction() as tx:
            use_cases.delete_template(tx, _id(id), version)
        return {"id": id, "deleted": True}

    @rpc
    def create_quote_from_template(self, *, id: str, template_id: str, customer_id: str) -> dict[str, Any]:
        """A new draft for the customer with a copy of the template; answers the quote."""
        try:
            customer_id = str(UUID(customer_id))
        except (ValueError, AttributeError, TypeError):
            raise Invalid.field("customer_id", "Please send the id of a record.") from None

        def work(tx: Tx) -> dict[str, Any]:
            use_cases.create_quote_from_template(tx, _id(id), _id(template_id), customer_id)
            return queries.quote(tx, _id(id))

        return self.once_told(work)


def _id(id: str) -> str:
    try:
        return str(UUID(id))
    except (ValueError, AttributeError, TypeError):
        raise NotFound("There is no such record.") from None
