"""What the service tells others: every event fits its published schema, and the recorded examples are its own."""

from typing import Any

import jsonschema
import pytest
from kontor_messages import catalogue, schema

from kontor.errors import Refused

OWN = sorted(type for type, route in catalogue().items() if route.producer == "contracts")


@pytest.fixture(scope="module")
def everything(studio: Any) -> dict[str, list[Any]]:
    """Deals that end in every way there is."""
    studio.quote()
    studio.rpc.delete_contract(id=studio.draft()["id"])
    full = studio.fully_signed()
    studio.rpc.cancel_contract(id=full["id"], reason="Aufgehoben")
    _, tokens = studio.sent(signers=2, signing_order="sequential", consents=[{"text": "Ja."}])
    consents = [c["id"] for c in studio.rpc.public_contract(token=tokens[0])["contract"]["consents"]]
    studio.sign(tokens[0], consents=consents)
    studio.rpc.public_sign_decline(token=tokens[1], reason="Nein")
    withdrawn, _ = studio.sent()
    studio.rpc.withdraw_contract(id=withdrawn["id"], reason="")
    broken, tokens = studio.sent()
    studio.tamper(f"UPDATE contract_blocks SET title = 'x' WHERE contract_id = '{broken['id']}'")
    with pytest.raises(Refused):
        studio.sign(tokens[0])
    late, _ = studio.sent(valid_until="2026-12-31")
    from contracts.use_cases import timed
    from kontor.database import Database

    studio.harness.clock.set("2027-01-02T12:00:00+00:00")
    database = Database(studio.harness.settings.database_url_of("contracts"), "contracts", movable_clock=True)
    with database.transaction() as tx:
        timed.expire(tx, late["id"])
    database.close()
    found: dict[str, list[Any]] = {}
    for event in studio.harness.events():
        found.setdefault(event.type, []).append(event)
    return found


def test_every_event_of_the_table_was_emitted_and_no_other(everything: dict[str, list[Any]]) -> None:
    assert sorted(everything) == OWN


@pytest.mark.parametrize("type", OWN)
def test_what_was_emitted_fits_the_schema(everything: dict[str, list[Any]], type: str) -> None:
    validator = jsonschema.Draft202012Validator(schema(type))
    for event in everything[type]:
        validator.validate(event.data)
        assert event.deal_uuid is not None
        assert event.aggregate_id == event.data["contract_id"]
