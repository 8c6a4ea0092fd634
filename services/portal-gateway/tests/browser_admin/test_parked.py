"""A message a service gave up on: seen with its reason, tried again, discarded, all by mouse."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from kontor_launcher.story.api import until

#: Only the two quotes of this test meet the broken pencil; the installation is shared.
BREAK = """
CREATE FUNCTION contracts.broken() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the pencil is broken'; END $$;
CREATE TRIGGER broken BEFORE INSERT ON contracts.contracts FOR EACH ROW
    WHEN (NEW.title LIKE 'Parkiert%') EXECUTE FUNCTION contracts.broken();
"""
MEND = "DROP FUNCTION IF EXISTS contracts.broken CASCADE"
#: The pauses between the tries pass at once.
HURRY = "UPDATE contracts.inbox SET next_try = now() - interval '1 minute' WHERE state <> 'done' AND next_try > now()"


@pytest.fixture
def database(studio: Any) -> Iterator[Any]:
    with psycopg.connect(studio.database_url(), autocommit=True) as connection:
        connection.execute(BREAK)
        yield connection
        connection.execute(MEND)


def _converted(api: Any, deal: Any, title: str) -> dict[str, Any]:
    quote = api.patch(f"quotes/{deal.quote['id']}", {"version": deal.quote["version"], "title": title})
    deal.quote = quote
    deal.accept(deal.send_quote())
    api.post(f"quotes/{quote['id']}/convert", {"booking": False, "contract": True, "invoice": False})
    return quote


@pytest.mark.timeout(120)
def test_a_parked_message_is_tried_again_or_discarded(
    admin: Callable[..., Any], api: Any, deal: Any, another_deal: Any, database: Any
) -> None:
    first = _converted(api, deal, "Parkiert und wieder versucht")
    second = _converted(api, another_deal, "Parkiert und verworfen")

    def parked() -> dict[str, str] | None:
        database.execute(HURRY)
        items = api.get("operations/parked-messages")["items"]
        return {item["message"]["data"]["quote_id"]: item["event_id"] for item in items} if len(items) == 2 else None

    events = until(parked, "both messages are parked", 60)
    page: Page = admin(expected=("422",)).open("/admin/settings/parked")
    messages = page.locator("#parked section.panel")
    expect(messages).to_have_count(2)
    retried = messages.filter(has_text=events[first["id"]])
    discarded = messages.filter(has_text=events[second["id"]])
    expect(retried).to_contain_text("the pencil is broken")
    expect(retried).to_contain_text("quote_converted.v1")
    for theme in ("light", "dark"):
        page.context.add_cookies([{"name": "kontor_theme", "value": theme, "url": page.url}])
        page.reload()
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []

    # Still broken: it says why, and is parked again after a new series of tries.
    retried.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("It failed once more")).to_contain_text("the pencil is broken")
    expect(messages).to_have_count(1)
    until(parked, "the message is parked again", 60)
    page.reload()
    expect(messages).to_have_count(2)

    database.execute(MEND)
    retried.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("Done: the message has been handled.")).to_be_visible()
    expect(messages).to_have_count(1)

    def complete() -> bool:
        return bool((api.get(f"quotes/{first['id']}")["conversion"] or {}).get("complete"))

    until(complete, "the contract exists", 30)

    discarded.get_by_role("button", name="Discard…").click()
    sheet = page.locator("dialog[open]")
    sheet.get_by_label("Reason").fill("Der Vertrag wurde von Hand geschrieben.")
    sheet.get_by_role("button", name="Discard message").click()
    expect(page.get_by_text("No message is parked")).to_be_visible()
    assert not (api.get(f"quotes/{second['id']}")["conversion"] or {}).get("complete")
