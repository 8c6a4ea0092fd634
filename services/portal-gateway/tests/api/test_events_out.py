"""What the gateway tells the other services, against the schemas in shared/messages."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

MESSAGES = Path(__file__).parents[4] / "shared" / "messages"
CUSTOMER = {"email": "lena@example.ch", "first_name": "Lena", "last_name": "Müller", "town": "Zürich"}
TYPES = ("customer_changed.v1", "settings_changed.v1", "features_changed.v1", "customer_invited.v1")


def a_busy_morning(gateway: Any) -> None:
    client = gateway.bearer()
    profile = {"name": "Atelier Nord", "street": "Seeweg", "postcode": "8001", "town": "Zürich"}
    assert client.patch("/api/v1/settings/business-profile", json=profile).status_code == 200
    account = {"holder": "Atelier Nord", "iban": "CH93 0076 2011 6238 5295 7", "currency": "CHF"}
    assert client.post("/api/v1/bank-accounts", json=account).status_code == 201
    customer = client.post("/api/v1/customers", json=CUSTOMER).json()
    assert client.post(f"/api/v1/customers/{customer['id']}/invite").status_code == 200
    assert client.post(f"/api/v1/customers/{customer['id']}/deactivate").status_code == 200


@pytest.mark.parametrize("type", TYPES)
def test_every_event_fits_its_schema(gateway: Any, type: str) -> None:
    a_busy_morning(gateway)
    schema = json.loads((MESSAGES / f"{type}.schema.json").read_text())
    events = gateway.events(type)
    assert events
    for event in events:
        jsonschema.Draft202012Validator(schema).validate(event["data"])


def test_every_section_is_told_once_at_the_start(gateway: Any) -> None:
    told = [event["data"]["section"] for event in gateway.events("settings_changed.v1")]
    assert sorted(set(told)) == [
        "bank_accounts",
        "business_profile",
        "contracts",
        "customer_defaults",
        "documents",
        "invoices",
        "numbering",
        "payment_terms",
        "quotes",
    ]
    versions = [event["data"]["version"] for event in gateway.events("features_changed.v1")]
    assert versions == [1, 2]


def test_the_invitation_travels_sealed(gateway: Any) -> None:
    a_busy_morning(gateway)
    [event] = gateway.events("customer_invited.v1")
    token = gateway.sealer.unseal(event["data"]["link_sealed"])
    assert len(token) == 43
    assert token not in json.dumps(event)
