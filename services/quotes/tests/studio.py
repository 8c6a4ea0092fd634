"""A studio in Zurich with a customer, on the quotes service alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kontor.errors import Refused
from kontor.ids import uuid7
from kontor.secrets import Sealer
from tests.support.harness import ServiceHarness

NOW = "2026-03-10T09:00:00+00:00"
CHF_ACCOUNT = "0198c000-0000-7000-8000-00000000c4f0"

PROFILE = {
    "name": "Atelier Lumen GmbH",
    "street": "Limmatquai",
    "house_number": "12",
    "postcode": "8001",
    "town": "Zürich",
    "country": "CH",
    "vat_id": "CHE-123.456.788 MWST",
    "email": "hallo@lumen.example",
    "timezone": "Europe/Zurich",
    "default_currency": "CHF",
    "default_language": "de",
    "vat_registered": True,
    "placeholders": [],
}
ALL_ON = {"clients": True, "quotes": True, "contracts": True, "bills": True, "accounting": True}


class Studio:
    """The service with everything the gateway would have told it, and shortcuts that tests read well with."""

    def __init__(self, harness: ServiceHarness) -> None:
        self.harness = harness
        self.rpc = harness.rpc
        self._versions: dict[str, int] = {}
        self.customer_id = str(uuid7())
        harness.clock.set(NOW)
        self.features(ALL_ON)
        self.settings("business_profile", PROFILE)
        account = {
            "id": CHF_ACCOUNT,
            "holder": "Atelier Lumen GmbH",
            "iban": "CH9300762011623852957",
            "bic": None,
            "currency": "CHF",
            "is_default": True,
            "reference_type": "SCOR",
            "qr_bill_enabled": True,
        }
        self.settings("bank_accounts", {"accounts": [account]})
        self.customer(self.customer_id)

    def _next(self, key: str) -> int:
        self._versions[key] = self._versions.get(key, 0) + 1
        return self._versions[key]

    def settings(self, section: str, value: dict[str, Any]) -> None:
        data = {"section": section, "value": value, "version": self._next(section)}
        self.harness.emit("settings_changed.v1", data)

    def features(self, flags: dict[str, bool]) -> None:
        self.harness.emit("features_changed.v1", {"flags": flags, "version": self._next("features")})

    def customer(self, customer_id: str, **fields: Any) -> str:
        record = {
            "id": customer_id,
            "customer_number": "C-1001",
            "email": "anna@keller.example",
            "cc_email": None,
            "billing_email": "buchhaltung@keller.example",
            "display_name": "Anna Keller",
            "first_name": "Anna",
            "last_name": "Keller",
            "company": None,
            "street": "Seestrasse",
            "house_number": "5",
            "postcode": "8700",
            "town": "Küsnacht",
            "country": "CH",
            "language": "de",
            "currency": "CHF",
            "active": True,
            "notes": "zahlt immer pünktlich",
            "feature_quotes": True,
            "feature_contracts": True,
            "feature_bills": True,
        } | fields
        self.harness.emit("customer_changed.v1", {"customer": record, "version": self._next(customer_id)})
        return customer_id

    def draft(self, **fields: Any) -> dict[str, Any]:
        """A draft over 11.50 × 120.00 at 8.1 % and 3 × 45.00 at 2.6 %: 1515.00 net, 115.29 VAT, 1630.29."""
        body = {
            "customer_id": self.customer_id,
            "title": "Hochzeit am See",
            "lines": [
                {
                    "description": "Reportage",
                    "quantity": "11.5",
                    "unit": "hour",
                    "unit_price_minor": 12000,
                    "vat_rate": "8.1",
                },
                {"description": "Fotobuch", "quantity": "3", "unit_price_minor": 4500, "vat_rate": "2.6"},
            ],
        } | fields
        return dict(self.rpc.create_quote(id=str(uuid7()), fields=body))

    def sent(self, **fields: Any) -> dict[str, Any]:
        return dict(self.rpc.send_quote(id=self.draft(**fields)["id"]))

    def accepted(self, **fields: Any) -> dict[str, Any]:
        return dict(self.rpc.accept_quote(id=self.sent(**fields)["id"], name="Anna Keller"))

    def token(self, quote_id: str) -> str:
        """The token of the newest link, as documents unseals it for the mail."""
        event = [e for e in self.harness.events("quote_sent.v1") if e.aggregate_id == quote_id][-1]
        return Sealer(self.harness.settings.secret_key).unseal(event.data["link_sealed"])

    def events(self, quote_id: str, type: str | None = None) -> list[Any]:
        return [event for event in self.harness.events(type) if event.aggregate_id == quote_id]

    def at_once(self, times: int, call: Callable[[], Any]) -> tuple[list[Any], list[Refused]]:
        """The same call from several threads; the answers and the refusals."""

        def one(_: int) -> Any:
            try:
                return call()
            except Refused as refusal:
                return refusal

        with ThreadPoolExecutor(times) as pool:
            outcomes = list(pool.map(one, range(times)))
        refusals = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        return [outcome for outcome in outcomes if not isinstance(outcome, Refused)], refusals
