"""A studio that can issue invoices: settings, flags and customers as the gateway's events bring them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import jsonschema
import pytest
from kontor_messages import schema

from kontor import replica
from kontor.database import Database
from kontor.envelope import Event
from kontor.ids import uuid7
from tests.support.harness import ServiceHarness

PROFILE = {
    "name": "Atelier Muster",
    "street": "Seestrasse",
    "house_number": "12",
    "postcode": "8002",
    "town": "Zürich",
    "country": "CH",
    "vat_id": "CHE-123.456.788 MWST",
    "tax_id": "",
    "email": "hallo@muster.example",
    "phone": "",
    "website": "",
    "timezone": "Europe/Zurich",
    "default_currency": "CHF",
    "default_language": "de",
    "vat_registered": True,
    "logo": None,
}
ACCOUNTS = [
    {
        "id": "11111111-1111-7111-8111-111111111111",
        "holder": "Atelier Muster",
        "iban": "CH4431999123000889012",
        "bic": None,
        "currency": "CHF",
        "is_default": True,
        "reference_type": "QRR",
        "qr_bill_enabled": True,
    },
    {
        "id": "22222222-2222-7222-8222-222222222222",
        "holder": "Atelier Muster",
        "iban": "CH9300762011623852957",
        "bic": None,
        "currency": "CHF",
        "is_default": False,
        "reference_type": "SCOR",
        "qr_bill_enabled": True,
    },
    {
        "id": "33333333-3333-7333-8333-333333333333",
        "holder": "Atelier Muster",
        "iban": "DE89370400440532013000",
        "bic": None,
        "currency": "EUR",
        "is_default": True,
        "reference_type": "NON",
        "qr_bill_enabled": False,
    },
]
LINES = [
    {"description": "Fotografie", "quantity": "2", "unit": "day", "unit_price_minor": 50000, "vat_rate": "8.1"},
    {"description": "Bildband", "quantity": "3", "unit": "piece", "unit_price_minor": 4000, "vat_rate": "2.6"},
]


class Studio:
    """The service under test with what it needs to know, and short ways to what tests do all the time."""

    def __init__(self, harness: ServiceHarness) -> None:
        self.harness = harness
        self.rpc = harness.rpc
        self._versions = 0
        harness.clock.set("2026-03-02T09:00:00+00:00")
        self.settings("business_profile", PROFILE)
        self.settings("bank_accounts", {"accounts": ACCOUNTS})
        self.settings("numbering", {"invoice": "INV-{YEAR}-{SEQ:04d}"})
        self.settings("invoices", {"net_days": 30, "price_entry": "net", "payment_slip": "auto"})
        self.features(bills=True)
        self.customer_id = self.customer()

    def settings(self, section: str, value: dict[str, Any]) -> None:
        self._versions += 1
        data = {"section": section, "value": value, "version": self._versions}
        self.harness.emit("settings_changed.v1", data)

    def features(self, **flags: bool) -> None:
        self._versions += 1
        self.harness.emit("features_changed.v1", {"flags": flags, "version": self._versions})

    def customer(self, id: str | None = None, **changes: Any) -> str:
        self._versions += 1
        record = {
            "id": id or str(uuid4()),
            "display_name": "Petra Hofer",
            "last_name": "Hofer",
            "email": "petra@hofer.example",
            "street": "Dorfgasse",
            "house_number": "3",
            "postcode": "9490",
            "town": "Vaduz",
            "country": "LI",
            "language": "de",
            "currency": "CHF",
            "feature_bills": True,
        } | changes
        self.harness.emit("customer_changed.v1", {"customer": record, "version": self._versions})
        return str(record["id"])

    def draft(self, **changes: Any) -> dict[str, Any]:
        """A draft over CHF 1204.12 by default."""
        fields = {"customer_id": self.customer_id, "title": "Hochzeit", "lines": LINES} | changes
        made: dict[str, Any] = self.rpc.create_invoice(id=str(uuid4()), fields=fields)
        return made

    def issued(self, **changes: Any) -> dict[str, Any]:
        sent: dict[str, Any] = self.rpc.send_invoice(id=self.draft(**changes)["id"])
        return sent

    def sent(self, **changes: Any) -> dict[str, Any]:
        """Issued, rendered and mailed."""
        one = self.issued(**changes)
        self.stored(one["id"])
        self.mailed(one["id"])
        return self.get(one["id"])

    def get(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.rpc.get_invoice(id=id)
        return found

    def stored(self, id: str) -> str:
        document = str(uuid4())
        data = {"document_id": document, "kind": "invoice", "record_id": id, "number": "x", "sha256": "ab" * 32,
                "size": 9, "pages": 1, "name": "x.pdf"}  # fmt: skip
        self.harness.emit("document_stored.v1", data)
        return document

    def mailed(self, id: str, mail_id: str | None = None) -> None:
        data = {"mail_id": mail_id or str(uuid4()), "template": "invoice_sent", "record_id": id,
                "to": "petra@hofer.example", "message_id": "<1@x>"}  # fmt: skip
        self.harness.emit("mail_sent.v1", data)

    def pay(self, id: str, minor: int, payment_id: str | None = None, **fields: Any) -> dict[str, Any]:
        paid: dict[str, Any] = self.rpc.record_payment(
            id=id, payment_id=payment_id or str(uuid4()), amount_minor=minor, **fields
        )
        return paid

    def told(self, type: str, id: str) -> list[dict[str, Any]]:
        """The data of the events of that type about the invoice."""
        return [event.data for event in self.harness.events(type) if event.aggregate_id == id]


@pytest.fixture(scope="module")
def make_studio(module_harness: Callable[..., ServiceHarness]) -> Callable[..., Studio]:
    def make(**options: Any) -> Studio:
        fakes = options.pop("fakes", {"documents": {"check_qrbill": {"problems": []}}})
        services = options.pop("services", ())
        return Studio(module_harness("invoicing", *services, fakes=fakes, **options))

    return make


@pytest.fixture(scope="module")
def studio(make_studio: Callable[..., Studio]) -> Iterator[Studio]:
    """Shared by the tests of a module; at the end every event it emitted is held against its schema."""
    made = make_studio()
    yield made
    for event in made.harness.events():
        jsonschema.Draft202012Validator(schema(event.type)).validate(event.data)


@pytest.fixture
def profile() -> dict[str, Any]:
    """The complete business profile."""
    return dict(PROFILE)


@pytest.fixture
def accounts() -> list[dict[str, Any]]:
    """Bank accounts of the studio: QR-IBAN, plain CH IBAN, German IBAN."""
    return [dict(account) for account in ACCOUNTS]


def _event(type: str, data: dict[str, Any]) -> Event:
    return Event(
        event_id=uuid7(),
        type=type,
        occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
        deal_uuid=None,
        aggregate_id="x",
        aggregate_version=1,
        actor={},
        data=data,
    )


@pytest.fixture
def database(service_db: Callable[[str], str], profile: dict[str, Any], accounts: list[dict[str, Any]]) -> Any:
    """Invoicing's database with a movable clock, for use cases called directly; customer UUID(int=8) is known."""
    made = Database(service_db("invoicing"), "invoicing", movable_clock=True, pool_size=9)
    customer = {
        "id": str(UUID(int=8)),
        "display_name": "Petra Hofer",
        "last_name": "Hofer",
        "email": "petra@hofer.example",
        "street": "Dorfgasse",
        "postcode": "9490",
        "town": "Vaduz",
        "country": "LI",
    }
    sections = {"business_profile": profile, "bank_accounts": {"accounts": accounts}}
    with made.transaction() as tx:
        for section, value in sections.items():
            told = {"section": section, "value": value, "version": 1}
            replica.keep_settings(tx, _event("settings_changed.v1", told))
        replica.keep_features(tx, _event("features_changed.v1", {"flags": {"bills": True}, "version": 1}))
        replica.keep_customer(tx, _event("customer_changed.v1", {"customer": customer, "version": 1}))
    yield made
    made.close()
