"""What holds for every request: repetition, sizes, headers, problems, description."""

import threading
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from kontor.errors import NotFound, Refused
from tests.support.loops import run_alone

CUSTOMER = {"email": "lena@example.ch", "last_name": "Müller"}
QUOTE = {
    "customer_id": "0190d0a0-0000-7000-8000-000000000001",
    "title": "Wedding",
    "lines": [{"description": "Shoot", "quantity": "1.5", "unit_price_minor": 12000, "vat_rate": "8.1"}],
}


def test_the_same_key_and_body_have_one_effect_and_one_answer(gateway: Any) -> None:
    client = gateway.bearer()
    answers = [client.post("/api/v1/customers", json=CUSTOMER, headers={"Idempotency-Key": "k-1"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert answers[0].content == answers[1].content == answers[2].content
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert gateway.count("customer") == 1


def test_the_same_key_with_another_body_is_refused(gateway: Any) -> None:
    client = gateway.bearer()
    client.post("/api/v1/customers", json=CUSTOMER, headers={"Idempotency-Key": "k-1"})
    answer = client.post(
        "/api/v1/customers", json={**CUSTOMER, "last_name": "Meier"}, headers={"Idempotency-Key": "k-1"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert gateway.count("customer") == 1
    other = gateway.bearer().post("/api/v1/customers", json=CUSTOMER, headers={"Idempotency-Key": "k-1"})
    assert other.status_code == 201
    assert gateway.count("customer") == 2


def test_four_at_once_with_the_same_key_create_one(gateway: Any) -> None:
    client = gateway.bearer()
    answers: list[Any] = []

    def post() -> None:
        one = gateway.browser(headers=dict(client.headers))
        answers.append(one.post("/api/v1/customers", json=CUSTOMER, headers={"Idempotency-Key": "at-once"}))

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}, answers[0].text
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert gateway.count("customer") == 1


def test_a_run_that_died_is_taken_over_with_the_same_id(gateway: Any, script: Any) -> None:
    """The process died after the service had committed: the repetition names the same record id."""
    client = gateway.bearer()
    script.on("quotes.create_quote", lambda id, fields: {"id": id, "version": 1})
    first = client.post("/api/v1/quotes", json=QUOTE, headers={"Idempotency-Key": "dying"}).json()
    with gateway.db.transaction() as tx:
        tx.execute("UPDATE answer SET status = NULL, body_sealed = NULL, taken_at = now() - interval '1 minute'")
    again = client.post("/api/v1/quotes", json=QUOTE, headers={"Idempotency-Key": "dying"})
    assert again.status_code == 201
    assert again.json()["id"] == first["id"]
    assert [call["id"] for call in script.called("quotes.create_quote")] == [first["id"], first["id"]]


def test_a_failed_service_is_503_and_the_repetition_runs_again(gateway: Any, script: Any) -> None:
    client = gateway.bearer()
    headers = {"Idempotency-Key": "later"}
    answer = client.post("/api/v1/quotes", json=QUOTE, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert "retry-after" in answer.headers
    script.on("quotes.create_quote", lambda id, fields: {"id": id, "version": 1})
    assert client.post("/api/v1/quotes", json=QUOTE, headers=headers).status_code == 201


def test_recorded_answers_are_sealed(gateway: Any) -> None:
    client = gateway.bearer()
    token = client.post("/api/v1/api-tokens", json={"name": "t"}, headers={"Idempotency-Key": "k"}).json()["token"]
    again = client.post("/api/v1/api-tokens", json={"name": "t"}, headers={"Idempotency-Key": "k"}).json()["token"]
    assert token == again
    with gateway.db.transaction() as tx:
        assert token not in str(tx.execute("SELECT * FROM answer").all())


def test_amounts_are_integers_and_decimals_are_text(gateway: Any, script: Any) -> None:
    client = gateway.bearer()
    line = QUOTE["lines"][0]  # type: ignore[index]
    cases = [
        ({"unit_price_minor": 120.0}, "lines[0].unit_price_minor"),
        ({"unit_price_minor": "12000"}, "lines[0].unit_price_minor"),
        ({"unit_price_minor": 2**63}, "lines[0].unit_price_minor"),
        ({"unit_price_minor": True}, "lines[0].unit_price_minor"),
        ({"quantity": 1.5}, "lines[0].quantity"),
        ({"quantity": "1e3"}, "lines[0].quantity"),
        ({"quantity": "1.00001"}, "lines[0].quantity"),
        ({"vat_rate": "NaN"}, "lines[0].vat_rate"),
        ({"price": 1}, "lines[0].price"),
    ]
    for change, field in cases:
        answer = client.post("/api/v1/quotes", json={**QUOTE, "lines": [{**line, **change}]})
        assert answer.status_code == 422, (change, answer.text)
        assert [error["field"] for error in answer.json()["errors"]] == [field], change
    assert script.called("quotes.create_quote") == []


def test_refusals_of_services_keep_code_fields_and_facts(gateway: Any, script: Any) -> None:
    client = gateway.bearer()
    refused = Refused("TOTAL_NEGATIVE", "Below zero.", errors=[("lines", "Below zero.")], extra={"total_minor": -5})
    script.on("quotes.create_quote", refused)
    answer = client.post("/api/v1/quotes", json=QUOTE)
    assert answer.status_code == 422
    body = answer.json()
    assert (body["code"], body["total_minor"], body["status"]) == ("TOTAL_NEGATIVE", -5, 422)
    assert body["errors"] == [{"field": "lines", "message": "Below zero."}]


def test_a_patch_passes_on_only_what_was_sent(gateway: Any, script: Any) -> None:
    script.on("quotes.update_quote", lambda id, version, changes: {"id": id, "version": 3})
    client = gateway.bearer()
    path = f"/api/v1/quotes/{QUOTE['customer_id']}"
    answer = client.patch(path, json={"title": "New", "payment": {"from": "delivery"}}, headers={"If-Match": '"2"'})
    assert answer.headers["etag"] == '"3"'
    [call] = script.called("quotes.update_quote")
    assert (call["version"], call["changes"]) == (2, {"title": "New", "payment": {"from": "delivery"}})


def test_an_admin_acts_in_their_own_name(gateway: Any, script: Any) -> None:
    script.on("quotes.get_quote", {"id": "x", "version": 1})
    gateway.bearer("viewer").get(f"/api/v1/quotes/{QUOTE['customer_id']}")
    _, _, actor = script.calls[-1]
    assert (actor["kind"], actor["name"]) == ("admin", "The viewer")


def test_unknown_things_are_404_problems(gateway: Any, script: Any) -> None:
    client = gateway.bearer()
    script.on("quotes.get_quote", NotFound("There is no such quote."))
    script.on("quotes.public_quote", NotFound("This link is unknown."))
    for path in (
        f"/api/v1/quotes/{QUOTE['customer_id']}",
        "/api/v1/quotes/not-an-id",
        "/api/v1/customers/0190d0a0-0000-7000-8000-000000000009",
        "/api/v1/deals/0190d0a0-0000-7000-8000-000000000009",
        "/api/v1/nothing",
        "/api/v1/public/quotes/guess",
        "/api/v1/settings/secrets",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND"), path


def test_the_21st_unknown_link_is_429_and_a_good_one_works(gateway: Any, script: Any) -> None:
    def look(token: str, session: str | None, ip: str) -> Any:
        if token != "good":
            raise NotFound("This link is unknown.")
        return {"state": "sent"}

    script.on("quotes.public_quote", look)
    client = gateway.browser()
    statuses = [client.get(f"/api/v1/public/quotes/guess{index}").status_code for index in range(21)]
    assert statuses == [404] * 20 + [429]
    assert client.get("/api/v1/public/quotes/good").json() == {"state": "sent"}


def test_malformed_and_oversized_bodies(gateway: Any) -> None:
    client = gateway.bearer()
    post = client.post
    json_type = {"Content-Type": "application/json"}
    assert post("/api/v1/customers", content=b"{", headers=json_type).json()["code"] == "MALFORMED_JSON"
    assert post("/api/v1/customers", content=b"x=1").status_code == 415
    deep = b'{"email":' + b"[" * 5000 + b"]" * 5000 + b"}"
    assert post("/api/v1/customers", content=deep, headers=json_type).json()["code"] == "MALFORMED_JSON"
    big = post("/api/v1/customers", content=b" " * (1024 * 1024 + 1), headers=json_type)
    assert (big.status_code, big.json()["code"]) == (413, "BODY_TOO_LARGE")
    method = client.put("/api/v1/customers", json={})
    assert (method.status_code, method.headers["allow"]) == (405, "GET, POST")


def test_a_feature_that_is_off_names_its_flag(gateway: Any) -> None:
    client = gateway.bearer()
    client.patch("/api/v1/features", json={"bills": False})
    answer = client.get("/api/v1/invoices")
    assert (answer.status_code, answer.json()["code"], answer.json()["flag"]) == (403, "FEATURE_DISABLED", "bills")


def test_every_answer_carries_the_security_headers(gateway: Any) -> None:
    client = gateway.bearer()
    for path in ("/api/v1/session", "/api/v1/docs", "/api/v1/nothing", "/healthz"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'"), path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers
    assert client.get("/api/v1/public/quotes/x").headers["referrer-policy"] == "no-referrer"


def test_the_description_is_valid_openapi_3_1_and_complete(gateway: Any) -> None:
    document = gateway.browser().get("/api/v1/openapi.json").json()
    OpenAPIV31SpecValidator(document).validate()
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    served = {
        (route.method, route.path.replace(":uuid", ""))
        for route in gateway.kernel.routing.routes
        if route.audience in {"api", "public_api"}
    }
    assert described == served
    line = document["components"]["schemas"]["LineItem"]
    assert line["additionalProperties"] is False
    assert "/api/v1/quotes/{id}/convert" in gateway.browser().get("/api/v1/docs").text


def test_readiness_names_who_is_missing(gateway: Any, script: Any) -> None:
    client = gateway.browser()
    assert client.get("/healthz").json() == {"status": "alive"}
    answer = client.get("/readyz")
    assert answer.status_code == 503
    for service in ("portal_gateway", "quotes", "contracts", "invoicing", "documents"):
        script.on(f"{service}.health", {"service": service})
    assert client.get("/readyz").json()["status"] == "ready"


def test_the_clock_moves_only_where_it_may(gateway: Any, script: Any) -> None:
    client = gateway.bearer()
    body = {"now": "2026-03-29T01:30:00+00:00"}
    assert client.put("/api/v1/developer/clock", json=body).status_code == 404
    object.__setattr__(gateway.settings, "dev_clock", True)
    for service in ("portal_gateway", "quotes", "contracts", "invoicing", "documents"):
        script.on(f"{service}.set_clock", body["now"])
    assert client.put("/api/v1/developer/clock", json=body).json()["now"] == body["now"]
    assert client.put("/api/v1/developer/clock", json={"now": "2026-03-29T01:30:00"}).status_code == 422
    assert client.put("/api/v1/developer/clock", json={"now": None}).status_code == 200


def test_control_characters_are_refused_wherever_a_request_carries_them(gateway: Any, script: Any) -> None:
    client = gateway.bearer()
    for path in ("/api/v1/activity?record_id=%00", "/api/v1/quotes?q=%00", "/api/v1/quotes?%00=1"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID"), path
    answer = gateway.browser().post("/api/v1/session", json={"email": "a\0b", "password": "x"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "email")
    assert script.calls == []


def test_a_client_that_hangs_up_in_the_middle_of_its_body_is_no_failure(gateway: Any) -> None:
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []
    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/customers", "root_path": "", "query_string": b"",
        "headers": [(b"content-type", b"application/json")], "client": ("203.0.113.9", 1),
    }  # fmt: skip

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    run_alone(gateway.app(scope, receive, send))
    assert sent[0]["status"] == 408
    assert gateway.count("customer") == 0
