"""The state table of quotes over HTTP: what the table does not list answers 409 and names both states."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from kontor_launcher.story.api import Api, Problem
from kontor_launcher.story.deal import Deal, set_up_studio
from tests.support.running import EmbeddedKontor

# spec/quotes.md, by hand: the verbs each state knows, and where they lead.
TABLE: dict[str, dict[str, str]] = {
    "draft": {"edit": "draft", "delete": "deleted", "send": "sent"},
    "sent": {
        "edit": "draft",
        "resend": "sent",
        "accept": "accepted",
        "decline": "declined",
        "withdraw": "withdrawn",
    },
    "accepted": {"convert": "converted", "decline": "declined"},
    "declined": {"edit": "draft"},
    "expired": {"edit": "draft"},
    "converted": {},
    "withdrawn": {},
}
AIMS = {"edit": "draft", "delete": "deleted", "send": "sent", "resend": "sent"} | {
    "accept": "accepted",
    "decline": "declined",
    "withdraw": "withdrawn",
    "convert": "converted",
}
REFUSED = [(state, verb) for state, verbs in TABLE.items() for verb in AIMS if verb not in verbs]
LISTED = [(state, verb) for state, verbs in TABLE.items() for verb in verbs]

Made = Callable[[str], str]


@pytest.fixture(scope="module")
def admin(kontor_app: EmbeddedKontor) -> Iterator[Api]:
    api = kontor_app.signed_in()
    set_up_studio(api)
    yield api
    api.close()


@pytest.fixture(scope="module")
def make(admin: Api, kontor_app: EmbeddedKontor) -> Made:
    """A new quote in the state, by its id."""
    deal = Deal(admin, kontor_app.mails, email="states@bergwerk.example")
    deal.create_customer()

    def made(state: str) -> str:
        deal.run += "x"  # another quote, not the same creation repeated
        quote = str(deal.create_quote()["id"])
        if state == "draft":
            return quote
        _do(admin, quote, "send")
        if state == "expired":
            with psycopg.connect(kontor_app.database_url()) as connection:
                connection.execute(
                    "UPDATE quotes.quote SET state = 'expired', version = version + 1 WHERE id = %s", [quote]
                )
        for verb in {"withdrawn": ["withdraw"], "converted": ["accept", "convert"]}.get(state, []):
            _do(admin, quote, verb)
        if state in ("accepted", "declined"):
            _do(admin, quote, {"accepted": "accept", "declined": "decline"}[state])
        assert admin.get(f"quotes/{quote}")["state"] == state
        return quote

    return made


@pytest.fixture(scope="module")
def settled(make: Made) -> dict[str, str]:
    """One quote of each state, for what must leave it as it is."""
    return {state: make(state) for state in TABLE}


def _do(admin: Api, quote: str, verb: str) -> None:
    path = f"quotes/{quote}"
    if verb == "edit":
        admin.patch(path, {"title": "Anders"})
    elif verb == "delete":
        admin.delete(path)
    else:
        bodies: dict[str, dict[str, Any]] = {
            "accept": {"name": "Seraina Caduff"},
            "decline": {"reason": "Termin vergeben"},
            "convert": {"booking": False, "contract": False, "invoice": True},
        }
        admin.post(f"{path}/{verb}", bodies.get(verb))


@pytest.mark.parametrize(("state", "verb"), REFUSED)
def test_what_the_table_does_not_list_is_refused_with_both_states(
    admin: Api, settled: dict[str, str], state: str, verb: str
) -> None:
    before = admin.get(f"quotes/{settled[state]}")
    with pytest.raises(Problem) as caught:
        _do(admin, settled[state], verb)
    if (state, verb) == ("expired", "accept"):
        assert (caught.value.status, caught.value.code) == (410, "QUOTE_EXPIRED")
    else:
        assert (caught.value.status, caught.value.code) == (409, "INVALID_TRANSITION")
        named = {name: caught.value.body[name] for name in ("state", "verb", "target")}
        assert named == {"state": state, "verb": verb, "target": AIMS[verb]}
    after = admin.get(f"quotes/{settled[state]}")
    assert (after["state"], after["version"]) == (state, before["version"])


@pytest.mark.parametrize(("state", "verb"), LISTED)
def test_what_the_table_lists_moves_there(admin: Api, make: Made, state: str, verb: str) -> None:
    quote = make(state)
    _do(admin, quote, verb)
    if verb == "delete":
        with pytest.raises(Problem) as caught:
            admin.get(f"quotes/{quote}")
        assert caught.value.status == 404
    else:
        assert admin.get(f"quotes/{quote}")["state"] == TABLE[state][verb]
