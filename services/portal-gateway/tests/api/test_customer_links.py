"""Links customers ask for: to sign in without the password, and to set a new one."""

import json
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from portal_gateway.accounts import customer_links, invitations
from portal_gateway.app import AREAS, create_app
from portal_gateway.settings import LINK_ANSWER_SECONDS, LINKS_PER_ACCOUNT

MESSAGES = Path(__file__).parents[4] / "shared" / "messages"
CUSTOMER = {"email": "Lena@example.ch", "first_name": "Lena", "last_name": "Müller", "language": "en"}
PASSWORD = "a long enough phrase"
ANOTHER = "quite another phrase"
PATHS = {"sign_in": "/customer/sign-in", "password_reset": "/customer/reset"}


class Visitor:
    """A browser that fills in the forms it is shown."""

    def __init__(self, gateway: Any) -> None:
        self.client = gateway.browser(headers={"Accept-Language": "en"})

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, **fields: str) -> Any:
        page = self.client.get("/customer/login?next=")
        if page.status_code == 303:
            page = self.client.get("/customer/profile")
        token = re.search(r'name="csrf_token" value="(\w+)"', page.text)
        assert token, page.text
        return self.client.post(path, data={**fields, "csrf_token": token[1]})


@pytest.fixture
def portal(gateway: Any) -> Any:
    """The portal with every page, and one customer who has joined it."""
    gateway.app = create_app(gateway.kernel, AREAS)
    client = gateway.bearer()
    gateway.record = client.post("/api/v1/customers", json=CUSTOMER).json()
    client.post(f"/api/v1/customers/{gateway.record['id']}/invite")
    token = gateway.sealer.unseal(gateway.events("customer_invited.v1")[-1]["data"]["link_sealed"])
    joined = Visitor(gateway)
    assert joined.post(f"/customer/invitation/{token}", password=PASSWORD).status_code == 303
    gateway.joined = joined
    return gateway


def ask(portal: Any, purpose: str, email: str = "lena@EXAMPLE.ch") -> str:
    answer = Visitor(portal).post(PATHS[purpose], email=email)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATHS[purpose]}?sent=1")
    [*_, event] = portal.events("customer_link_requested.v1")
    assert event["data"]["purpose"] == purpose
    return f"{PATHS[purpose]}/{portal.sealer.unseal(event['data']['link_sealed'])}"


def test_a_link_signs_in_once_and_opening_it_uses_nothing_up(portal: Any) -> None:
    link = ask(portal, "sign_in")
    visitor = Visitor(portal)
    for _ in range(3):
        page = visitor.get(link)
        assert page.status_code == 200
        assert "lena@example.ch" in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
    assert visitor.get("/customer/profile").status_code == 303
    assert visitor.post(link).headers["location"] == "/customer"
    assert visitor.get("/customer/profile").status_code == 200
    late = Visitor(portal)
    assert late.post(link).status_code == 410
    assert late.get(link).status_code == 410
    assert late.get("/customer/profile").status_code == 303


@pytest.mark.parametrize(("purpose", "minutes"), [("sign_in", 15), ("password_reset", 60)])
def test_a_link_ends_with_its_time_and_not_because_somebody_asked_again(
    portal: Any, purpose: str, minutes: int
) -> None:
    first = ask(portal, purpose)
    second = ask(portal, purpose)
    assert Visitor(portal).get(first).status_code == 200
    assert Visitor(portal).get(second).status_code == 200
    with portal.db.transaction() as tx:
        tx.execute(f"UPDATE customer_link SET expires_at = expires_at - interval '{minutes} minutes'")
    answer = Visitor(portal).get(second)
    assert answer.status_code == 410
    assert f'href="{PATHS[purpose]}"' in answer.text, "the way to a new one"
    with portal.db.transaction() as tx:
        tx.now += timedelta(days=2)
        customer_links.purge(tx)
    assert portal.count("customer_link") == 0


def test_using_a_link_ends_the_others(portal: Any) -> None:
    first, second = ask(portal, "sign_in"), ask(portal, "sign_in")
    assert Visitor(portal).post(second).status_code == 303
    assert Visitor(portal).get(first).status_code == 410


def test_a_new_password_ends_every_session_and_every_other_link(portal: Any) -> None:
    sign_in = ask(portal, "sign_in")
    reset = ask(portal, "password_reset")
    visitor = Visitor(portal)
    weak = visitor.post(reset, password="short")
    assert weak.status_code == 422
    assert "at least 10 characters" in weak.text
    assert portal.joined.get("/customer/profile").status_code == 200
    assert visitor.post(reset, password=ANOTHER).headers["location"] == "/customer"
    assert visitor.get("/customer/profile").status_code == 200
    assert portal.joined.get("/customer/profile").status_code == 303, "the old session is over"
    assert Visitor(portal).post(sign_in).status_code == 410
    assert Visitor(portal).post(reset, password="a third good phrase").status_code == 410
    fresh = Visitor(portal)
    assert fresh.post("/customer/login", email="lena@example.ch", password=PASSWORD).status_code == 401
    assert fresh.post("/customer/login", email="lena@example.ch", password=ANOTHER).status_code == 303
    with portal.db.transaction() as tx:
        entries = tx.execute("SELECT action, actor FROM activity WHERE action LIKE 'customer.password_reset%'").all()
    assert [entry.action for entry in entries] == ["customer.password_reset_requested", "customer.password_reset"]
    assert entries[1].actor["kind"] == "customer"


def test_an_unknown_address_gets_the_same_answer_in_the_same_time(portal: Any) -> None:
    took, pages = {}, {}
    for email in ("lena@example.ch", "nobody@example.ch", "passive@example.ch"):
        visitor = Visitor(portal)
        begun = time.monotonic()
        answer = visitor.post("/customer/reset", email=email)
        took[email] = time.monotonic() - begun
        assert (answer.status_code, answer.headers["location"]) == (303, "/customer/reset?sent=1")
        pages[email] = re.sub(r'"[0-9a-f]{64}"', "", visitor.get("/customer/reset?sent=1").text)
    assert len(set(pages.values())) == 1
    assert min(took.values()) >= LINK_ANSWER_SECONDS
    assert len(portal.events("customer_link_requested.v1")) == 1


def test_asking_is_counted_on_every_replica_known_or_not(portal: Any) -> None:
    other = type(portal)(portal.db, portal.script, areas=AREAS)
    for email in ("lena@example.ch", "nobody@example.ch"):
        for index in range(LINKS_PER_ACCOUNT):
            replica = portal if index % 2 else other
            assert Visitor(replica).post("/customer/sign-in", email=email).status_code == 303
        for replica in (portal, other):
            refused = Visitor(replica).post("/customer/sign-in", email=email)
            assert refused.status_code == 429
            assert int(refused.headers["retry-after"]) > 0
    other.app.close()


def test_only_a_digest_is_stored_and_the_event_is_sealed(portal: Any) -> None:
    token = ask(portal, "password_reset").rpartition("/")[2]
    assert len(token) == 43
    with portal.db.transaction() as tx:
        tables = tx.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").scalars().all()
        for table in tables:
            assert not tx.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE :token', {"token": f"%{token}%"}
            ).scalar_one(), table
    [event] = portal.events("customer_link_requested.v1")
    assert event["data"]["recipient"] == {"email": "lena@example.ch", "name": "Lena Müller"}
    schema = json.loads((MESSAGES / "customer_link_requested.v1.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(event["data"])


def test_links_die_with_the_account_and_guesses_are_counted(portal: Any) -> None:
    link = ask(portal, "sign_in")
    portal.bearer().post(f"/api/v1/customers/{portal.record['id']}/deactivate")
    assert portal.joined.get("/customer/profile").status_code == 303
    assert Visitor(portal).post(link).status_code == 404
    portal.bearer().post(f"/api/v1/customers/{portal.record['id']}/reactivate")
    assert Visitor(portal).post(link).status_code == 404, "reactivating revives no link"
    assert Visitor(portal).post("/customer/login", email="lena@example.ch", password=PASSWORD).status_code == 303
    good = ask(portal, "sign_in")
    guesses = [Visitor(portal).get("/customer/sign-in/guess").status_code for _ in range(20)]
    assert guesses[0] == 404
    assert guesses[-1] == 429
    assert Visitor(portal).get(good).status_code == 200, "a right link goes on working"


def test_a_link_of_one_purpose_is_none_of_the_other(portal: Any) -> None:
    token = ask(portal, "sign_in").rpartition("/")[2]
    assert Visitor(portal).post(f"/customer/reset/{token}", password=ANOTHER).status_code == 404


def test_an_invitation_is_withdrawn(portal: Any) -> None:
    client = portal.bearer()
    id = client.post("/api/v1/customers", json={**CUSTOMER, "email": "other@example.ch"}).json()["id"]
    refused = client.post(f"/api/v1/customers/{id}/withdraw-invitation")
    assert (refused.status_code, refused.json()["code"]) == (409, "INVALID_TRANSITION")
    assert client.post(f"/api/v1/customers/{id}/invite").json()["portal"] == "invited"
    token = portal.sealer.unseal(portal.events("customer_invited.v1")[-1]["data"]["link_sealed"])
    with portal.db.transaction() as tx:
        access = invitations.access(tx, id)
    assert (access["account"], access["invitation"]["email"]) == (None, "other@example.ch")
    assert client.post(f"/api/v1/customers/{id}/withdraw-invitation").json()["portal"] == "passive"
    assert Visitor(portal).get(f"/customer/invitation/{token}").status_code == 410


ADDRESS = {
    "street": "Seeweg",
    "house_number": "1",
    "postcode": "CH-8001",
    "town": "Zürich",
    "country": "CH",
    "phone": "+41 44 123 45 67",
    "billing_email": "rechnung@example.ch",
}


def test_a_customer_changes_the_own_address_and_the_studio_sees_who_did(portal: Any) -> None:
    told = len(portal.events("customer_changed.v1"))
    path = f"/api/v1/customers/{portal.record['id']}"
    assert portal.joined.post("/customer/profile", version="1", **ADDRESS).status_code == 303
    record = portal.bearer().get(path).json()
    assert (record["postcode"], record["billing_email"], record["version"]) == ("8001", "rechnung@example.ch", 2)
    [event] = portal.events("customer_changed.v1")[told:]
    assert (event["data"]["customer"]["town"], event["actor"]["kind"]) == ("Zürich", "customer")
    with portal.db.transaction() as tx:
        entry = tx.execute("SELECT * FROM activity WHERE action = 'customer.changed'").one()
    assert (entry.actor["kind"], entry.actor["id"]) == ("customer", portal.record["id"])
    assert entry.after["town"] == "Zürich"

    stale = portal.joined.post("/customer/profile", version="1", **{**ADDRESS, "town": "Bern"})
    assert (stale.status_code, "changed meanwhile" in stale.text) == (409, True)
    assert 'value="Bern"' in stale.text, "what was typed is kept"
    assert portal.bearer().get(path).json()["town"] == "Zürich"


def test_a_customer_changes_nothing_wrong_and_nothing_that_is_the_studios(portal: Any) -> None:
    wrong = {"postcode": "0800", "billing_email": "x", "phone": "1" * 201, "town": "a\x00b", "country": "XX"}
    for name, text in wrong.items():
        answer = portal.joined.post("/customer/profile", version="1", **{**ADDRESS, name: text})
        assert answer.status_code == 422, name
    answer = portal.joined.post("/customer/profile", version="1", **{**ADDRESS, "town": '"><script>alert(1)</script>'})
    assert answer.status_code == 303
    assert "<script>alert" not in portal.joined.get("/customer/profile").text
    foreign = {"email": "evil@example.ch", "notes": "x", "hourly_rate_minor": "1", "last_name": "Anders"}
    portal.joined.post("/customer/profile", version="2", **ADDRESS, **foreign)
    record = portal.bearer().get(f"/api/v1/customers/{portal.record['id']}").json()
    assert (record["email"], record["notes"], record["last_name"]) == ("Lena@example.ch", "", "Müller")
    assert Visitor(portal).post("/customer/profile", version="1", **ADDRESS).status_code in {303, 401}
