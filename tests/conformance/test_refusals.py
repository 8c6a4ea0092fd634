"""What must be refused is refused with code and field, and leaves nothing behind."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kontor_launcher.story.api import Api, Problem
from kontor_launcher.story.deal import QUOTE, Deal, set_up_studio
from kontor_launcher.story.mails import link_to
from tests.support.ports import eventually
from tests.support.running import EmbeddedKontor

LINE = {"description": "Foto", "quantity": "1", "unit_price_minor": 1000, "vat_rate": "8.1"}
PASSWORD = "ein-langes-passwort-aus-chur"


@pytest.fixture(scope="module")
def admin(kontor_app: EmbeddedKontor) -> Iterator[Api]:
    api = kontor_app.signed_in()
    set_up_studio(api)
    yield api
    api.close()


def _deal(admin: Api, kontor_app: EmbeddedKontor) -> Deal:
    deal = Deal(admin, kontor_app.mails, email=f"refusals-{uuid4().hex[:8]}@bergwerk.example")
    deal.create_customer()
    return deal


@pytest.fixture
def customer_id(admin: Api, kontor_app: EmbeddedKontor) -> str:
    return str(_deal(admin, kontor_app).customer["id"])


def _refusal(admin: Api, customer_id: str, **changes: Any) -> Problem:
    body = QUOTE | {"customer_id": customer_id} | changes
    with pytest.raises(Problem) as caught:
        admin.post("quotes", body)
    assert admin.get("quotes", customer_id=customer_id)["items"] == [], "nothing may be stored"
    return caught.value


def _fields(problem: Problem) -> list[str]:
    return [error["field"] for error in problem.errors]


def test_an_unknown_field_is_named(admin: Api, customer_id: str) -> None:
    problem = _refusal(admin, customer_id, colour="red")
    assert (problem.status, _fields(problem)) == (422, ["colour"])


def test_a_float_amount_is_named(admin: Api, customer_id: str) -> None:
    problem = _refusal(admin, customer_id, lines=[LINE, LINE | {"unit_price_minor": 12.5}])
    assert (problem.status, _fields(problem)) == (422, ["lines[1].unit_price_minor"])


def test_a_float_quantity_is_named(admin: Api, customer_id: str) -> None:
    problem = _refusal(admin, customer_id, lines=[LINE | {"quantity": 1.5}])
    assert (problem.status, _fields(problem)) == (422, ["lines[0].quantity"])


def test_a_negative_total_is_refused(admin: Api, customer_id: str) -> None:
    problem = _refusal(admin, customer_id, lines=[LINE, LINE | {"unit_price_minor": -1001}])
    assert (problem.status, problem.code) == (422, "TOTAL_NEGATIVE")


@pytest.mark.parametrize("percents", [("50", "30"), ("60", "60")])
def test_instalments_that_are_not_the_whole_are_refused(
    admin: Api, customer_id: str, percents: tuple[str, str]
) -> None:
    plan = [{"label": "Rate", "percent": percent, "trigger": "on_acceptance"} for percent in percents]
    problem = _refusal(admin, customer_id, installments=plan)
    assert (problem.status, problem.code) == (422, "PERCENTAGES_NOT_100")


def test_an_unknown_customer_is_not_found(admin: Api) -> None:
    with pytest.raises(Problem) as caught:
        admin.post("quotes", QUOTE | {"customer_id": str(uuid4())})
    assert caught.value.status in (404, 422)
    assert caught.value.code in ("NOT_FOUND", "CUSTOMER_UNKNOWN")


@pytest.mark.parametrize("path", ["quotes", "contracts"])
def test_an_unknown_token_is_not_found(admin: Api, path: str) -> None:
    stranger = admin.anonymous()
    with pytest.raises(Problem) as caught:
        stranger.get(f"public/{path}/{'x' * 43}")
    assert (caught.value.status, caught.value.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/quotes/respond/", "/contracts/sign/"])
def test_a_page_with_an_unknown_token_is_not_found(admin: Api, path: str) -> None:
    assert admin.anonymous().page(path + "y" * 43).status_code == 404


def test_an_unsafe_request_without_csrf_token_is_forbidden(kontor_app: EmbeddedKontor) -> None:
    with httpx.Client(base_url=kontor_app.url) as client:
        sign_in = {"email": kontor_app.admin_email, "password": kontor_app.admin_password}
        assert client.post("/api/v1/session", json=sign_in).status_code == 200
        answer = client.post("/api/v1/customers", json={"email": "nobody@bergwerk.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "CSRF")
        assert answer.headers["content-type"].startswith("application/problem+json")
        found = client.get("/api/v1/customers", params={"q": "nobody@bergwerk.example"}).json()
        assert found["items"] == []


def test_without_a_sign_in_the_api_is_closed(kontor_app: EmbeddedKontor) -> None:
    answer = httpx.get(f"{kontor_app.url}/api/v1/customers")
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")


def test_a_customer_sees_own_records_only(admin: Api, kontor_app: EmbeddedKontor) -> None:
    mine, foreign = _deal(admin, kontor_app), _deal(admin, kontor_app)
    for deal in (mine, foreign):
        deal.create_quote()
        deal.accept(deal.send_quote())
        deal.convert()
        deal.issue(0)
        deal.compose_contract()
        deal.send_contract()
    admin.post(f"customers/{mine.customer['id']}/invite")
    token = eventually(lambda: link_to(kontor_app.mails, mine.email, "/customer/invitation/"))
    with httpx.Client(base_url=kontor_app.url, follow_redirects=False) as portal:
        page = f"/customer/invitation/{token}"
        csrf = re.search(r'name="(csrf[^"]*)" value="([^"]+)"', portal.get(page).text)
        assert csrf
        form = {csrf.group(1): csrf.group(2), "password": PASSWORD, "again": PASSWORD}
        assert portal.post(page, data=form).status_code == 303
        for name, own, other in (
            ("quotes", mine.quote, foreign.quote),
            ("contracts", mine.contract, foreign.contract),
            ("bills", mine.invoices[0], foreign.invoices[0]),
        ):
            assert portal.get(f"/customer/{name}/{own['id']}").status_code == 200, name
            assert portal.get(f"/customer/{name}/{other['id']}").status_code == 404, name
            assert portal.get(f"/customer/{name}/{uuid4()}").status_code == 404, name
        bill = foreign.invoices[0]["id"]
        assert portal.get(f"/customer/bills/{bill}/bill.pdf").status_code == 404
        # The session of a customer opens no admin page and no API.
        assert portal.get("/admin/clients/quotes").status_code == 303
        assert portal.get(f"/api/v1/invoices/{bill}").status_code == 401
