"""Every route with every role: who gets in is the table of the product specification, written out here again."""

import re
from typing import Any

import pytest

from kontor.errors import ServiceUnavailable
from portal_gateway.app import AREAS, all_routes
from portal_gateway.web import ANYONE, SIGNED_IN, Route

VIEWS = {"quotes.view", "contracts.view", "bills.view", "customers.view", "hours.view", "accounting.view"}
WORK = VIEWS - {"accounting.view"} | {"quotes.manage", "contracts.manage", "bills.manage", "hours.manage"}
SETTINGS = {"settings.manage", "settings.features", "settings.banking", "operations.manage"}

TABLE: dict[str, set[str]] = {
    "super_admin": WORK
    | SETTINGS
    | {"accounting.view", "accounting.manage", "customers.create", "customers.delete", "admins.manage"},
    "admin": WORK | SETTINGS | {"accounting.view", "accounting.manage", "customers.create", "customers.delete"},
    "team": WORK | {"customers.create"},
    "viewer": VIEWS,
    "accountant": {"bills.view", "accounting.view"},
}

#: Routes any signed-in admin may call, because what they show depends on the role inside.
FOR_EVERYBODY_SIGNED_IN = {
    "GET /api/v1/session",
    "DELETE /api/v1/session",
    "GET /api/v1/features",
    "GET /api/v1/deals/{deal_uuid:uuid}",
    "GET /api/v1/documents/{id:uuid}",
    "GET /api/v1/documents/{id:uuid}/content",
}

#: Routes nobody has to be signed in for.
OPEN_API = {
    "POST /api/v1/session",
    "GET /api/v1/setup",
    "POST /api/v1/setup",
}

#: Reading needs no more than a view permission, writing never does with one alone, except for these.
READING_BY_POST = {
    "POST /api/v1/quotes/price",
    "POST /api/v1/invoices/price",
    "POST /api/v1/contracts/{id:uuid}/verify",
}

ID = "0190d0a0-0000-7000-8000-000000000001"


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def path_of(route: Route) -> str:
    return re.sub(r"\{\w+(:\w+)?\}", lambda match: {":uuid": ID, ":int": "1"}.get(match[1], "guess"), route.path)


ROUTES = all_routes(AREAS)
API = [route for route in ROUTES if route.audience == "api"]
PAGES = [route for route in ROUTES if route.audience == "admin"]
PORTAL = [route for route in ROUTES if route.audience == "customer"]


@pytest.fixture
def whole(gateway: Any) -> Any:
    """The gateway with every page."""
    from portal_gateway.app import create_app

    gateway.app = create_app(gateway.kernel, AREAS)
    gateway.features(clients=True, quotes=True, contracts=True, bills=True, customerPortal=True)
    return gateway


def test_the_roles_are_those_of_the_table() -> None:
    from portal_gateway.accounts.roles import ROLES

    assert {role.value: set(permissions) for role, permissions in ROLES.items()} == TABLE


@pytest.mark.parametrize("role", sorted(TABLE))
def test_every_api_route_lets_in_exactly_whom_the_table_says(whole: Any, role: str) -> None:
    client = whole.bearer(role)
    wrong = []
    for route in API:
        answer = client.request(route.method, path_of(route), json={} if route.method != "GET" else None)
        refused = answer.status_code == 403 and answer.json()["code"] == "FORBIDDEN"
        entitled = route.permission in {ANYONE, SIGNED_IN} or route.permission in TABLE[role]
        if name(route) == "GET /api/v1/activity":
            entitled = entitled and "operations.manage" in TABLE[role]
        if refused == entitled or answer.status_code == 500:
            wrong.append((name(route), answer.status_code, answer.text[:200]))
    assert wrong == []


def test_without_signing_in_nothing_is_to_be_had(whole: Any) -> None:
    client = whole.browser()
    wrong = []
    for route in API:
        answer = client.request(route.method, path_of(route), json={} if route.method != "GET" else None)
        if (answer.status_code == 401 and answer.json()["code"] == "UNAUTHENTICATED") == (name(route) in OPEN_API):
            wrong.append((name(route), answer.status_code))
    for route in [*PAGES, *PORTAL]:
        answer = client.request(route.method, path_of(route))
        if route.permission != ANYONE and (
            answer.status_code not in {303, 401} or "/login" not in answer.headers.get("location", "/login")
        ):
            wrong.append((name(route), answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", sorted(TABLE))
def test_every_admin_page_lets_in_exactly_whom_the_table_says(whole: Any, script: Any, role: str) -> None:
    """The services do not answer here: whoever is let in gets 503 or a page that says so, never 403."""
    client = whole.signed_in(role)
    wrong = []
    for route in PAGES:
        if route.permission == ANYONE or route.path.endswith("/logout"):
            continue
        answer = client.request(route.method, path_of(route))
        entitled = route.permission == SIGNED_IN or route.permission in TABLE[role]
        refused = answer.status_code == 403
        if entitled and refused and route.feature and not _feature_on(whole, route.feature):
            continue
        if refused == entitled or answer.status_code == 500:
            wrong.append((name(route), route.permission, answer.status_code))
    assert wrong == []


def _feature_on(whole: Any, feature: str) -> bool:
    from portal_gateway.business import flags

    with whole.db.transaction() as tx:
        return bool(flags.read(tx)["flags"][feature])


def test_only_these_routes_go_without_a_permission() -> None:
    assert {name(route) for route in API if route.permission == SIGNED_IN} == FOR_EVERYBODY_SIGNED_IN
    assert {name(route) for route in API if route.permission == ANYONE} == OPEN_API


def test_no_writing_route_is_satisfied_with_a_view_permission() -> None:
    careless = {
        name(route)
        for route in [*API, *PAGES]
        if route.method != "GET" and route.permission.endswith(".view") and name(route) not in READING_BY_POST
    }
    assert {entry for entry in careless if entry.startswith("POST /api") or " /api" in entry} == set()


def test_every_module_is_closed_while_its_flag_is_off(whole: Any) -> None:
    client = whole.bearer()
    client.patch("/api/v1/features", json={"clients": False})
    for route in API:
        if route.feature:
            answer = client.request(route.method, path_of(route), json={} if route.method != "GET" else None)
            assert (answer.status_code, answer.json()["code"]) == (403, "FEATURE_DISABLED"), name(route)
            assert answer.json()["flag"] == route.feature


def test_every_code_has_a_status(script: Any) -> None:
    from portal_gateway.web.problems import STATUS, problem_of

    assert problem_of(ServiceUnavailable("quotes")).status == 503
    assert set(STATUS.values()) <= {400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 429, 500, 503}
