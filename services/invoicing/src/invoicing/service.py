"""The nameko surface of invoicing: decode, call the use case, encode."""

from collections.abc import Sequence
from typing import Any, TypeVar

from invoicing import queries, settings
from invoicing.domain.content import uuid
from invoicing.domain.errors import CustomerUnknown, FactsChanged, QrBillInvalid
from invoicing.use_cases import drafting, issuing, settling
from kontor import replica
from kontor.database import Tx
from kontor.envelope import Event
from kontor.errors import FeatureDisabled, FieldError
from kontor.runtime import Calls, Replicated, Service, every, handles, rpc

T = TypeVar("T")


class InvoicingService(Replicated, Service):
    """Invoices and payments; see README.md for the RPCs and events."""

    name = "invoicing"
    call: Any = Calls()
    news_may_mend = (CustomerUnknown, FeatureDisabled)

    @rpc
    def create_invoice(self, *, id: str, fields: dict[str, Any]) -> dict[str, Any]:
        """A standalone draft; the same ``id`` again answers the record that is there."""
        key = uuid(id, "id")
        return self.once_told(lambda tx: queries.record(tx, str(drafting.create(tx, key, fields).id)))

    @rpc
    def get_invoice(self, *, id: str) -> dict[str, Any]:
        with self.transaction() as tx:
            return queries.record(tx, id)

    @rpc
    def list_invoices(
        self,
        *,
        state: str | Sequence[str] | None = None,
        customer_id: str | None = None,
        deal_uuid: str | None = None,
        q: str | None = None,
        sort: str = "-created",
        cursor: str | None = None,
        limit: int = 50,
    ) -> dict[str, Any]:
        with self.transaction() as tx:
            return queries.page(
                tx,
                state=state,
                customer_id=customer_id,
                deal_uuid=deal_uuid,
                q=q,
                sort=sort,
                cursor=cursor,
                limit=limit,
            )

    @rpc
    def update_invoice(self, *, id: str, changes: dict[str, Any], version: int | None = None) -> dict[str, Any]:
        return self.once_told(lambda tx: queries.record(tx, str(drafting.update(tx, id, version, changes).id)))

    @rpc
    def delete_invoice(self, *, id: str, version: int | None = None) -> dict[str, Any]:
        with self.transaction() as tx:
            drafting.delete(tx, id, version)
        return {"id": id, "deleted": True}

    @rpc
    def send_invoice(self, *, id: str, version: int | None = None) -> dict[str, Any]:
        """Issue; documents then renders, stores and mails. The record is ``issuing`` until the mail left.

        Raises `ServiceUnavailable` when there is a slip to check and documents is away; nothing is issued then.
        """
        attempts = 0
        while True:
            with self.transaction() as tx:
                sample = issuing.sample(tx, id, version)
            if sample is not None:
                self._check_slip(sample)
            try:
                with self.transaction() as tx:
                    issuing.issue(tx, self.clock, id, version, sample)
                    return queries.record(tx, id)
            except FactsChanged:
                attempts += 1
                if attempts == settings.CHECK_ATTEMPTS:
                    raise

    @rpc
    def record_payment(
        self,
        *,
        id: str,
        payment_id: str,
        amount_minor: int,
        date: str | None = None,
        method: str | None = None,
        reference: str | None = None,
        note: str | None = None,
    ) -> dict[str, Any]:
        """Add an entry to the ledger; the same ``payment_id`` again answers the record and adds nothing."""
        fields = {
            "amount_minor": amount_minor,
            "date": date,
            "method": method,
            "reference": reference,
            "note": note,
        }
        with self.transaction() as tx:
            today = tx.today(_timezone(tx))
            settling.record_payment(tx, id, uuid(payment_id, "payment_id"), fields, today)
            return queries.record(tx, id)

    @rpc
    def snapshot(self, *, id: str) -> dict[str, Any]:
        """What documents renders: frozen if issued, else a preview."""
        with self.transaction() as tx:
            return queries.preview(tx, id)

    @rpc
    def price(self, *, lines: list[Any], currency: str, price_entry: str = "net") -> dict[str, Any]:
        """The totals of lines that are not saved yet."""
        with self.transaction() as tx:
            return queries.price_lines(tx, lines, currency, price_entry)

    @rpc
    def verify_numbers(self) -> dict[str, Any]:
        """The proof over the live tables; ``problems`` is empty when the numbers are 1 to N in order of dates."""
        with self.transaction() as tx:
            return queries.verify_numbers(tx)

    @handles("customer_changed.v1")
    def keep_customer(self, tx: Tx, event: Event) -> None:
        replica.keep_customer(tx, event)
        drafting.follow_customer(tx, event.data["customer"]["id"])

    @handles("quote_converted.v1")
    def spawn_invoices(self, tx: Tx, event: Event) -> None:
        drafting.spawn(tx, event)

    @handles("document_stored.v1")
    def keep_document(self, tx: Tx, event: Event) -> None:
        if event.data["kind"] == "invoice":
            settling.keep_document(tx, event.data["record_id"], event.data["document_id"], event.data["sha256"])

    @handles("document_failed.v1")
    def report_document(self, tx: Tx, event: Event) -> None:
        if event.data["kind"] == "invoice":
            settling.report_problem(tx, event.data["record_id"], "DOCUMENT_FAILED", event.data["reason"])

    @handles("mail_sent.v1")
    def deliver(self, tx: Tx, event: Event) -> None:
        if event.data["template"] == settling.MAIL_TEMPLATE:
            settling.deliver(tx, event.data["record_id"], event.data["mail_id"])

    @handles("mail_failed.v1")
    def report_mail(self, tx: Tx, event: Event) -> None:
        if event.data["template"] == settling.MAIL_TEMPLATE:
            settling.report_problem(tx, event.data["record_id"], "MAIL_FAILED", event.data["reason"])

    @every(seconds=settings.OVERDUE_SECONDS)
    def fall_due(self) -> None:
        while True:
            with self.transaction() as tx:
                if settling.fall_due(tx, _timezone(tx)) == 0:
                    return

    @every(seconds=settings.TALLY_SECONDS)
    def condense_tally(self) -> None:
        with self.transaction() as tx:
            queries.condense_tally(tx)

    def _check_slip(self, sample: dict[str, Any]) -> None:
        problems = self.call.documents.check_qrbill(bill=sample)["problems"]
        if problems:
            raise QrBillInvalid(
                f"The payment slip would not be valid: {problems[0]['message']}",
                errors=[FieldError(f"payment_slip.{one['field']}", one["message"]) for one in problems],
                rules=[one["rule"] for one in problems],
            )


def _timezone(tx: Tx) -> str:
    return replica.settings(tx, "business_profile").get("timezone") or "UTC"
