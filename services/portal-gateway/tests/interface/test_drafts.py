"""Drafts of a whole Kontor in the admin pages: what was typed is what is saved, also where an answer gets lost."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kontor.errors import Refused
from kontor_launcher.story.api import Api, until
from kontor_launcher.story.deal import QUOTE, Deal, set_up_studio
from portal_gateway.app import AREAS, create_app

QUOTES = "/admin/clients/quotes"
ID = "0190d0a0-0000-7000-8000-000000000001"
OTHER = "0190d0a0-0000-7000-8000-000000000002"
EDITORS = pytest.mark.parametrize("pages, name", [(QUOTES, "quotes"), ("/admin/clients/bills", "invoices")])


@pytest.fixture(scope="module")
def api(kontor_app: Any) -> Iterator[Api]:
    admin = kontor_app.signed_in(patience=20)
    set_up_studio(admin)
    yield admin
    admin.close()


@pytest.fixture(scope="module")
def browser(kontor_app: Any, api: Api) -> Iterator[httpx.Client]:
    """An admin's browser without scripts, in English."""
    with httpx.Client(base_url=kontor_app.url, cookies={"kontor_language": "en"}, timeout=30) as client:
        who = {"email": kontor_app.admin_email, "password": kontor_app.admin_password}
        client.headers["X-CSRF-Token"] = client.post("/api/v1/session", json=who).json()["csrf_token"]
        yield client


@pytest.fixture
def deal(kontor_app: Any, api: Api) -> Deal:
    deal = Deal(api, kontor_app.mails, email=f"kundin+{uuid4().hex[:8]}@example.ch", timeout=60)
    deal.create_customer()
    return deal


def form(deal: Deal, **more: str) -> dict[str, str]:
    return {
        "customer_id": deal.customer["id"],
        "title": "Hochzeit",
        "currency": "CHF",
        "language": "de",
        "price_entry": "net",
        "net_days": "0",
        "lines-0-description": "Reportage",
        "lines-0-quantity": "2.50",
        "lines-0-unit": "hour",
        "lines-0-unit_price": "100",
        "lines-0-vat_rate": "8.1",
        "lines-1-level": "sub",
        "lines-1-description": "Zwei Fotografinnen",
    } | more


def autosave(browser: httpx.Client, pages: str, id: str, fields: dict[str, str]) -> httpx.Response:
    return browser.post(f"{pages}/{id}/save", data=fields, headers={"X-Autosave": "true"})


@EDITORS
def test_a_first_save_whose_answer_was_lost_is_followed_by_what_was_typed_since(
    browser: httpx.Client, api: Api, deal: Deal, pages: str, name: str
) -> None:
    id = str(uuid4())
    first = form(deal, skonto_percent="2.0", skonto_days="0", valid_until="2031-01-31")
    if name == "quotes":
        first |= {"event_start_date": "2031-06-12", "installments-0-label": "Alles", "installments-0-percent": "100.0"}
    assert autosave(browser, pages, id, first | {"net_days": "10"}).json()["version"] == 1
    lost = api.get(f"{name}/{id}")
    assert autosave(browser, pages, id, first | {"net_days": "10"}).json()["version"] == 1, "nothing is new"

    typed = first | {"net_days": "10", "title": "Hochzeit am See", "lines-1-description": "Drei Fotografinnen"}
    answer = autosave(browser, pages, id, typed)
    saved = api.get(f"{name}/{id}")
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert (saved["title"], saved["lines"][0]["sub_lines"][0]["description"]) == (
        "Hochzeit am See",
        "Drei Fotografinnen",
    )
    for line, before in zip(saved["lines"], lost["lines"], strict=True):
        assert (line["id"], line["sub_lines"][0]["id"]) == (before["id"], before["sub_lines"][0]["id"])
    assert autosave(browser, pages, id, typed).json()["version"] == 2, "this answer may get lost too"


@EDITORS
def test_what_somebody_changed_meanwhile_is_not_overwritten_by_a_late_first_save(
    browser: httpx.Client, api: Api, deal: Deal, pages: str, name: str
) -> None:
    id = str(uuid4())
    assert autosave(browser, pages, id, form(deal)).status_code == 200
    changed = api.patch(f"{name}/{id}", {"title": "Von der Kollegin"})
    answer = autosave(browser, pages, id, form(deal, title="Im Zug getippt"))
    assert answer.status_code == 409
    assert "Von der Kollegin" in answer.text
    assert "Im Zug getippt" in answer.text
    assert api.get(f"{name}/{id}")["version"] == changed["version"]


def test_a_first_save_without_a_day_takes_the_default_and_is_one_change(
    browser: httpx.Client, api: Api, deal: Deal
) -> None:
    id = str(uuid4())
    assert autosave(browser, QUOTES, id, form(deal, net_days="")).json()["version"] == 1
    assert api.get(f"quotes/{id}")["valid_until"]


def test_a_deleted_draft_that_is_brought_back_stands_in_its_chain(browser: httpx.Client, api: Api, deal: Deal) -> None:
    quote = api.post("quotes", QUOTE | {"customer_id": deal.customer["id"]})
    until(lambda: quote["id"] in browser.get(f"{QUOTES}/{quote['id']}").text, "its page")
    gone = browser.post(f"{QUOTES}/{quote['id']}/delete", headers={"HX-Request": "true"}).json()
    back = browser.post(gone["restore"], json=gone["content"]).json()["next"]
    assert browser.post(gone["restore"], json=gone["content"]).json()["next"] == back, "asked twice, there is one"
    again = api.get(f"quotes/{back.rpartition('/')[2]}")
    assert again["id"] != quote["id"]
    assert (again["title"], again["total_minor"]) == (quote["title"], quote["total_minor"])

    def chain() -> Any:
        return [one for one in api.get(f"deals/{again['deal_uuid']}")["records"] if one["id"] == again["id"]]

    def told() -> Any:
        answer = browser.get(f"/api/v1/deals/{again['deal_uuid']}")
        return answer.status_code == 200 and chain()

    [shown] = until(told, "the chain shows the draft")
    assert (shown["kind"], shown["state"]) == ("quote", "draft")
    assert [one["title"] for one in api.get("quotes", customer_id=deal.customer["id"])["items"]] == [quote["title"]]


def test_an_answer_says_who_gave_it_and_a_unit_is_always_one(browser: httpx.Client, api: Api, deal: Deal) -> None:
    deal.create_quote()
    edit = browser.get(f"{QUOTES}/{deal.quote['id']}/edit").text
    [units] = re.findall(r'<select[^>]* name="lines-2-unit">(.*?)</select>', edit)
    assert re.findall(r'<option value="(\w*)"', units) == ["hour", "day", "piece", "km", "flat"]
    assert '<option value="km" selected>' in units
    deal.accept(deal.send_quote())
    page = browser.get(f"{QUOTES}/{deal.quote['id']}").text
    assert "<dt>Through</dt><dd>by the customer</dd>" in page


@pytest.fixture
def pages(gateway: Any) -> Any:
    gateway.app = create_app(gateway.kernel, AREAS)
    return gateway.signed_in()


def test_a_file_is_weighed_with_those_that_stand_in_the_draft(pages: Any, script: Any) -> None:
    script.on("documents.store_attachment", lambda id, name, **rest: {"id": id, "name": name})
    file = {"file": ("plan.pdf", b"%PDF-1.7", "application/pdf")}
    assert pages.post(f"{QUOTES}/{ID}/upload", data={"beside": [ID, OTHER]}, files=file).status_code == 200
    assert pages.post(f"{QUOTES}/{ID}/upload", files=file).status_code == 200
    assert [call["beside"] for call in script.called("documents.store_attachment")] == [[ID, OTHER], []]
    script.on("documents.store_attachment", Refused("TOO_LARGE", "The mail would be larger than 15 MB."))
    answer = pages.post(f"{QUOTES}/{ID}/upload", data={"beside": ID}, files=file)
    assert (answer.status_code, answer.json()["detail"]) == (413, "The mail would be larger than 15 MB.")


def test_a_copy_that_is_refused_says_why(pages: Any, script: Any) -> None:
    script.on("quotes.duplicate_quote", Refused("CUSTOMER_FEATURE_DISABLED", "Quotes are off for this customer."))
    answer = pages.post(f"{QUOTES}/{ID}/duplicate")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{QUOTES}/{ID}")
    assert "Quotes are off for this customer." in pages.get("/admin").text
