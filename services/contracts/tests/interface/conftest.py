"""A studio, a customer and a converted quote for the tests of the contracts service."""

import base64
import io
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from kontor_messages import example
from PIL import Image, ImageDraw

from kontor.secrets import Sealer
from tests.support.harness import Rpc, ServiceHarness

PROFILE = {
    "name": "Studio Seeblick GmbH",
    "street": "Seestrasse",
    "house_number": "12",
    "postcode": "8700",
    "town": "Küsnacht",
    "country": "CH",
    "vat_id": "CHE-123.456.788 MWST",
    "tax_id": "",
    "email": "studio@seeblick.example",
    "phone": "+41 44 000 00 00",
    "website": "https://seeblick.example",
    "timezone": "Europe/Zurich",
    "default_currency": "CHF",
    "default_language": "de",
    "vat_registered": True,
    "logo": None,
}


def drawing(shift: int = 0) -> str:
    """A drawn signature as base64 PNG."""
    image = Image.new("RGBA", (500, 180), (0, 0, 0, 0))
    points = [(40, 140), (110 + shift, 30), (190, 150), (280, 50), (430, 110)]
    ImageDraw.Draw(image).line(points, fill="black", width=3)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode()


class Studio:
    """The service with a studio's data in it, and short words for what the tests do again and again."""

    drawing = staticmethod(drawing)

    def __init__(self, harness: ServiceHarness) -> None:
        self.harness = harness
        self.profile = PROFILE
        self.rpc: Rpc = harness.rpc
        self._versions = 0

    def tell(self, type: str, data: dict[str, Any]) -> None:
        self._versions += 1
        self.harness.emit(type, data | {"version": self._versions})

    def customer(self, **changes: Any) -> dict[str, Any]:
        base: dict[str, Any] = example("quote_converted.v1")["data"]["customer"]
        customer = base | {"id": str(uuid4()), "country": "CH"} | changes
        self.tell("customer_changed.v1", {"customer": customer})
        return customer

    def quote(self, contract: bool = True, **changes: Any) -> dict[str, Any]:
        """A converted quote of a new customer; answers the event's data."""
        event = example("quote_converted.v1")
        customer = self.customer()
        data: dict[str, Any] = event["data"] | {
            "quote_id": str(uuid4()),
            "contract_id": str(uuid4()),
            "customer_id": customer["id"],
            "customer": customer,
            "contract": contract,
        }
        data |= changes
        self.harness.emit("quote_converted.v1", data, deal_uuid=str(uuid4()), aggregate_id=data["quote_id"])
        return data

    def draft(self, signers: int = 1, **fields: Any) -> dict[str, Any]:
        """A complete draft with a block and signers, of a new customer."""
        customer = self.customer()
        blocks = [{"title": "Gegenstand", "section": "scope", "body_markdown": "Für {{customer.name}}."}]
        people = [{"name": f"Person {n}", "email": f"p{n}@example.ch"} for n in range(1, signers + 1)]
        base = {"customer_id": customer["id"], "title": "Reportage", "blocks": blocks, "signers": people}
        record: dict[str, Any] = self.rpc.create_contract(id=str(uuid4()), fields=base | fields)
        return record

    def send(self, id: str) -> tuple[dict[str, Any], list[str]]:
        """The sent record and the signers' link tokens in signing order."""
        review = self.rpc.review_contract(id=id)
        assert review["problems"] == []
        record = self.rpc.send_contract(id=id, review_hash=review["review_hash"])
        return record, self.tokens(id)

    def tokens(self, id: str) -> list[str]:
        sealer = Sealer(self.harness.settings.secret_key)
        event = next(e for e in self.harness.events("contract_sent.v1") if e.data["contract_id"] == id)
        return [sealer.unseal(signer["link_sealed"]) for signer in event.data["signers"]]

    def sent(self, signers: int = 1, **fields: Any) -> tuple[dict[str, Any], list[str]]:
        return self.send(self.draft(signers, **fields)["id"])

    def sign(self, token: str, **changes: Any) -> dict[str, Any]:
        given = {"token": token, "name": "Anna Keller", "method": "draw", "signature_png": drawing()}
        given |= {"ip": "203.0.113.7", "user_agent": "Test Browser/1.0"}
        answer: dict[str, Any] = self.rpc.public_sign(**(given | changes))
        return answer

    def store(self, id: str, kind: str, sha256: str = "ab" * 32, document_id: str | None = None) -> Any:
        data = {"document_id": document_id or str(uuid4()), "kind": kind, "record_id": id, "number": "K"}
        data |= {"sha256": sha256, "size": 1000, "pages": 2, "name": "contract.pdf"}
        return self.harness.emit("document_stored.v1", data, aggregate_id=data["document_id"])

    def fully_signed(self) -> dict[str, Any]:
        record, tokens = self.sent()
        self.store(record["id"], "contract", "cd" * 32)
        self.sign(tokens[0])
        self.rpc.countersign_contract(id=record["id"], name="Studio", signature_png=drawing(9))
        self.store(record["id"], "contract_final")
        done: dict[str, Any] = self.rpc.get_contract(id=record["id"])
        return done

    def events_of(self, id: str) -> list[str]:
        return [event.type for event in self.harness.events() if event.aggregate_id == id]

    def tamper(self, statement: str) -> None:
        """Change what the triggers protect, as somebody with the database in hand would."""
        self.harness.sql("SET session_replication_role = replica; " + statement)


@pytest.fixture(scope="module")
def studio(module_harness: Callable[..., ServiceHarness]) -> Studio:
    harness = module_harness("contracts")
    studio = Studio(harness)
    studio.tell("features_changed.v1", {"flags": {"clients": True, "quotes": True, "contracts": True}})
    studio.tell("settings_changed.v1", {"section": "business_profile", "value": PROFILE})
    return studio


@pytest.fixture(autouse=True)
def real_time_again(studio: Studio) -> Iterator[None]:
    yield
    studio.harness.clock.set(None)
