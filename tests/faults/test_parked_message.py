"""A message whose handler fails is tried again, parked with its reason, and completes on Retry."""

from datetime import UTC, datetime, timedelta

import psycopg

from kontor_launcher.story.deal import Deal, set_up_studio
from tests.support.ports import eventually
from tests.support.running import EmbeddedKontor

BREAK = """
CREATE FUNCTION contracts.broken() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the pencil is broken'; END $$;
CREATE TRIGGER broken BEFORE INSERT ON contracts.contracts FOR EACH ROW EXECUTE FUNCTION contracts.broken();
"""
MEND = "DROP FUNCTION contracts.broken CASCADE"


def test_a_failing_handler_is_retried_then_parked_and_completes_on_retry(fresh_kontor: EmbeddedKontor) -> None:
    api = fresh_kontor.signed_in()
    set_up_studio(api)
    deal = Deal(api, fresh_kontor.mails)
    deal.create_customer()
    deal.create_quote()
    deal.accept(deal.send_quote())
    with psycopg.connect(fresh_kontor.database_url(), autocommit=True) as database:
        database.execute(BREAK)
        quote = deal.quote["id"]
        api.post(f"quotes/{quote}/convert", {"booking": False, "contract": True, "invoice": True})
        ahead = timedelta()

        def parked() -> dict[str, object] | None:
            nonlocal ahead
            ahead += timedelta(minutes=6)  # longer than the longest pause between two tries
            api.put("developer/clock", {"now": (datetime.now(UTC) + ahead).isoformat()})
            items = api.get("operations/parked-messages")["items"]
            return items[0] if items else None

        message = eventually(parked, timeout=60, every=1.2, what="the message is parked")
        assert message["service"] == "contracts"
        assert message["type"] == "quote_converted.v1"
        assert message["attempts"] == 8
        assert "the pencil is broken" in str(message["last_error"])
        assert message["message"]["data"]["quote_id"] == quote  # type: ignore[index]

        conversion = api.get(f"quotes/{quote}")["conversion"]
        assert len(conversion["invoice_ids"]) == 2, "the invoices do not wait for the contract"
        assert not conversion["complete"]

        database.execute(MEND)
    path = f"operations/parked-messages/{message['service']}/{message['event_id']}/{message['handler']}"
    api.post(f"{path}/retry")
    deal.convert()
    assert deal.contract["state"] == "draft"
    assert api.get("operations/parked-messages")["items"] == []
