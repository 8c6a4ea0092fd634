"""The gateway as it runs: nameko, uvicorn and green threads in one process, reached over HTTP."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from kontor.ids import uuid7
from tests.support.ports import eventually, free_port

EMAIL, PASSWORD = "boss@studio.example", "correct horse battery"


@pytest.fixture(scope="module")
def served(module_harness: Any) -> Any:
    port = free_port()
    harness = module_harness(
        "portal_gateway",
        environment={
            "KONTOR_PORT": str(port),
            "KONTOR_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "KONTOR_ADMIN_EMAIL": EMAIL,
            "KONTOR_ADMIN_PASSWORD": PASSWORD,
        },
        fakes={name: {"health": {"service": name}} for name in ("quotes", "contracts", "invoicing", "documents")},
    )
    harness.url = f"http://127.0.0.1:{port}"
    eventually(lambda: httpx.get(f"{harness.url}/healthz").status_code == 200, what="the gateway answers")
    return harness


@pytest.fixture
def client(served: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=20) as made:
        answer = made.post("/api/v1/session", json={"email": EMAIL, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        made.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        yield made


def test_it_is_ready_and_says_no_more_than_it_must(served: Any) -> None:
    answer = httpx.get(f"{served.url}/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert "server" not in answer.headers


def test_an_event_reaches_an_open_page(served: Any, client: httpx.Client) -> None:
    heard: list[dict[str, Any]] = []
    open_page = threading.Event()

    def listen() -> None:
        with client.stream("GET", "/live") as stream:
            assert stream.headers["content-type"] == "text/event-stream"
            for line in stream.iter_lines():
                open_page.set()
                if line.startswith("data: "):
                    heard.append(json.loads(line.removeprefix("data: ")))
                    return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert open_page.wait(10)
    deal, quote = str(uuid7()), str(uuid7())
    served.emit(
        "quote_drafted.v1",
        {"quote_id": quote, "title": "Wedding", "customer_id": str(uuid7()), "total_minor": 5, "currency": "CHF"},
        deal_uuid=deal,
        aggregate_id=quote,
        aggregate_version=1,
    )
    thread.join(timeout=10)
    assert [(change["type"], change["record_id"]) for change in heard] == [("quote_drafted.v1", quote)]
    client.patch("/api/v1/features", json={"clients": True, "quotes": True})
    assert client.get(f"/api/v1/deals/{deal}").json()["records"][0]["state"] == "draft"


def test_the_live_page_needs_a_session(served: Any) -> None:
    answer = httpx.get(f"{served.url}/live")
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")


def test_a_body_that_never_ends_is_cut_off(served: Any) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b" " * 65536

    try:
        answer = httpx.post(
            f"{served.url}/api/v1/session", content=endless(), headers={"Content-Type": "application/json"}, timeout=20
        )
    except httpx.TransportError:
        return
    assert answer.status_code == 413
