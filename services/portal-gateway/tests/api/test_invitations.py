"""Invitations to the portal, and signing in there."""

from typing import Any

import pytest

from kontor.errors import Gone, NotFound, Refusal
from portal_gateway.accounts import customers, invitations, sign_in
from portal_gateway.web import Request, Response, Routes

CUSTOMER = {"email": "Lena@example.ch", "first_name": "Lena", "last_name": "Müller"}
PASSWORD = "a long enough phrase"

routes = Routes("customer")


@routes.post("/try/accept/{token}", permission="anyone")
def accept(request: Request, token: str) -> Response:
    customer = invitations.accept(request, token, request.form()["password"])
    return request.text(customer.display_name)


@routes.post("/try/login", permission="anyone")
def login(request: Request) -> Response:
    form = request.form()
    return request.text(sign_in.customer(request, form["email"], form["password"]).display_name)


@routes.get("/try/form", permission="anyone")
def form(request: Request) -> Response:
    return request.text(request.csrf_token)


@routes.get("/try/home")
def home(request: Request) -> Response:
    assert request.customer is not None
    return request.text(f"{request.customer.id} {request.actor['kind']}")


@routes.get("/try/quotes", feature="quotes")
def quotes(request: Request) -> Response:
    return request.text("quotes")


@pytest.fixture
def portal(gateway: Any) -> Any:
    from portal_gateway.app import all_routes
    from portal_gateway.web.bridge import App, Routing

    gateway.kernel.routing = Routing([*all_routes(()), *routes])
    gateway.app = App(gateway.kernel)
    return gateway


def invite(portal: Any) -> tuple[str, str]:
    client = portal.bearer()
    record = client.post("/api/v1/customers", json=CUSTOMER).json()
    answer = client.post(f"/api/v1/customers/{record['id']}/invite")
    assert answer.json()["portal"] == "invited"
    return record["id"], portal.sealer.unseal(portal.events("customer_invited.v1")[-1]["data"]["link_sealed"])


def post(client: Any, path: str, **fields: str) -> Any:
    return client.post(path, data={**fields, "csrf_token": client.get("/try/form").text})


def test_an_invitation_opens_an_account_once(portal: Any) -> None:
    id, token = invite(portal)
    client = portal.browser()
    assert post(client, f"/try/accept/{token}", password="short").status_code == 422
    assert post(client, f"/try/accept/{token}", password=PASSWORD).text == "Lena Müller"
    assert client.get("/try/home").text == f"{id} customer"
    assert post(portal.browser(), f"/try/accept/{token}", password=PASSWORD).status_code == 410
    again = portal.browser()
    assert post(again, "/try/login", email="LENA@example.ch", password=PASSWORD).status_code == 200
    assert post(portal.browser(), "/try/login", email="lena@example.ch", password="wrong").status_code == 401


def test_a_form_without_its_token_is_refused(portal: Any) -> None:
    _, token = invite(portal)
    client = portal.browser()
    assert client.post(f"/try/accept/{token}", data={"password": PASSWORD}).status_code == 403
    assert portal.count("portal_account") == 0


def test_invitations_end_after_seven_days_and_when_replaced(portal: Any) -> None:
    id, first = invite(portal)
    client = portal.bearer()
    client.post(f"/api/v1/customers/{id}/invite")
    second = portal.sealer.unseal(portal.events("customer_invited.v1")[-1]["data"]["link_sealed"])
    with portal.db.transaction() as tx:
        for token, mistake in ((first, Gone), ("guess", NotFound)):
            with pytest.raises(mistake):
                invitations.look(tx, token)
        assert invitations.look(tx, second)["email"] == "lena@example.ch"
        tx.execute("UPDATE invitation SET expires_at = expires_at - interval '7 days'")
        with pytest.raises(Gone):
            invitations.look(tx, second)


def test_deactivating_a_customer_ends_every_session_on_the_next_request(portal: Any) -> None:
    id, token = invite(portal)
    client = portal.browser()
    post(client, f"/try/accept/{token}", password=PASSWORD)
    with portal.db.transaction() as tx:
        customers.deactivate(tx, id)
    assert client.get("/try/home").status_code == 303
    assert client.get("/try/home").headers["location"] == "/customer/login?next=%2Ftry%2Fhome"
    assert post(portal.browser(), "/try/login", email="lena@example.ch", password=PASSWORD).status_code == 401


def test_a_module_is_hidden_by_the_customers_own_toggle(portal: Any) -> None:
    id, token = invite(portal)
    client = portal.browser()
    post(client, f"/try/accept/{token}", password=PASSWORD)
    assert client.get("/try/quotes").text == "quotes"
    portal.bearer().patch(f"/api/v1/customers/{id}", json={"feature_quotes": False})
    assert client.get("/try/quotes").status_code == 404


def test_a_customers_session_is_no_admins(portal: Any) -> None:
    _, token = invite(portal)
    client = portal.browser()
    post(client, f"/try/accept/{token}", password=PASSWORD)
    cookie = client.cookies["kontor_customer"]
    assert portal.browser(cookies={"kontor_admin": cookie}).get("/api/v1/session").status_code == 401


def test_two_customers_cannot_share_a_sign_in(portal: Any) -> None:
    _, token = invite(portal)
    post(portal.browser(), f"/try/accept/{token}", password=PASSWORD)
    client = portal.bearer()
    other = client.post("/api/v1/customers", json={**CUSTOMER, "last_name": "Meier"}).json()
    answer = client.post(f"/api/v1/customers/{other['id']}/invite")
    assert (answer.status_code, answer.json()["code"]) == (409, "EMAIL_IN_USE")
    assert issubclass(Gone, Refusal)
