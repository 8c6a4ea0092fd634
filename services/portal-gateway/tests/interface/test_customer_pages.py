"""Pages about customers, without a browser: what comes back for what somebody sends."""

import base64
import re
from typing import Any

import pytest

from kontor.ids import uuid7
from portal_gateway.app import AREAS, create_app

LIST = "/admin/clients/accounts"
FIELDS = {"email": "lena@example.ch", "last_name": "Müller", "country": "CH", "language": "de", "currency": "CHF"}


@pytest.fixture
def pages(gateway: Any) -> Any:
    """A signed-in admin in front of every page."""
    gateway.app = create_app(gateway.kernel, AREAS)
    gateway.features(customerPortal=True)
    return gateway.signed_in()


def create(pages: Any, **fields: str) -> str:
    id = str(uuid7())
    answer = pages.post(f"{LIST}/new", data={**FIELDS, "id": id, **fields})
    assert answer.status_code == 303, re.findall(r'href="#(.*?)</a>', answer.text)
    return id


def test_every_field_of_the_form_is_kept(pages: Any) -> None:
    typed = {
        "company": "Café AG",
        "salutation": "Frau",
        "first_name": "Lena",
        "billing_email": "rechnung@example.ch",
        "cc_email": "kopie@example.ch",
        "phone": "+41 44 123 45 67",
        "vat_id": "CHE-116.281.710 MWST",
        "leitweg_id": "991-03730-19",
        "buyer_reference": "B-1",
        "street": "Seeweg",
        "house_number": "1",
        "postcode": "8001",
        "town": "Zürich",
        "hourly_rate_minor": "1'250,50",
        "vat_rate": "8,1 %",
        "billing_cadence": "monthly",
        "billing_cycle_day": "31",
        "skonto_opt_out": "on",
        "feature_hours": "on",
        "tags": "VIP, Presse",
        "notes": "Zwei\nZeilen",
    }
    id = create(pages, **typed)
    record = pages.get(f"/api/v1/customers/{id}").json()
    assert (record["hourly_rate_minor"], record["vat_rate"], record["billing_cycle_day"]) == (125050, "8.1", 31)
    assert (record["skonto_opt_out"], record["feature_hours"], record["feature_quotes"]) == (True, True, False)
    assert (record["tags"], record["notes"]) == (["VIP", "Presse"], "Zwei\nZeilen")
    same = {"company", "salutation", "billing_email", "cc_email", "phone", "vat_id", "leitweg_id", "buyer_reference"}
    assert {name: record[name] for name in same} == {name: typed[name] for name in same}
    form = pages.get(f"{LIST}/{id}/edit").text
    assert 'value="1250.50"' in form
    saved = dict(re.findall(r'<input[^>]* name="(\w+)" type="\w+" value="([^"]*)"', form))
    again = {**typed, **FIELDS, **saved, "version": "1", "billing_cadence": "monthly", "billing_cycle_day": "31"}
    assert pages.post(f"{LIST}/{id}/edit", data={**again, "email": "lena@example.ch"}).status_code == 303
    assert pages.get(f"/api/v1/customers/{id}").json()["version"] == 1, "saving what is there changes nothing"
    shown = pages.get(f"{LIST}/{id}").text
    for text in ("Café AG", "VIP", "Leitweg-ID", "8.1", "kopie@example.ch"):
        assert text in shown


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(pages: Any) -> None:
    typed = {**FIELDS, "id": str(uuid7()), "postcode": "80011", "vat_id": "CHE-1", "hourly_rate_minor": "viel"}
    answer = pages.post(f"{LIST}/new", data=typed)
    assert answer.status_code == 422
    for name in ("vat_id", "hourly_rate_minor"):
        assert f'href="#f-{name}"' in answer.text
        assert f'id="f-{name}-error"' in answer.text
    assert 'value="CHE-1"' in answer.text
    assert 'value="viel"' in answer.text
    looked = pages.post(f"{LIST}/check", data={**FIELDS, "postcode": "0800", "email": "x"}).json()
    assert set(looked["errors"]) == {"email", "postcode"}
    looked = pages.post(f"{LIST}/check", data={**FIELDS, "postcode": "0800"}).json()
    assert looked["errors"] == {"postcode": "The country has no such postcode."}
    assert pages.get("/api/v1/customers").json()["items"] == []


def test_the_list_has_views_tags_and_an_end(pages: Any) -> None:
    assert "No customer yet" in pages.get(LIST).text
    first = create(pages, tags="VIP")
    create(pages, email="b@example.ch", last_name="Zett")
    pages.post(f"{LIST}/{first}/invite")
    text = pages.get(LIST).text
    assert re.findall(r'class="count">(\d+)<', text) == ["2", "1", "1", "0", "0"]
    assert "Zett" not in pages.get(f"{LIST}?state=invited").text
    assert "Zett" not in pages.get(f"{LIST}?tag=VIP").text
    assert "Nothing matches" in pages.get(f"{LIST}?state=deactivated").text
    order = re.findall(r'class="rec" href="[^"]*">([^<]*)<', pages.get(f"{LIST}?sort=-name").text)
    assert order == ["Zett", "Müller"]
    assert "/api/v1/customers.csv?language=en&amp;tag=VIP" in pages.get(f"{LIST}?tag=VIP").text


def test_the_portal_state_is_explained_and_moved(pages: Any, gateway: Any) -> None:
    id = create(pages)
    page = f"{LIST}/{id}"
    assert "Without an account." in pages.get(page).text
    pages.post(f"{page}/invite")
    assert "Withdraw the invitation" in pages.get(page).text
    pages.post(f"{page}/invite")
    assert len(gateway.events("customer_invited.v1")) == 2
    with gateway.db.transaction() as tx:
        tx.execute("UPDATE invitation SET expires_at = created_at WHERE revoked_at IS NULL")
    assert "not answered within seven days" in pages.get(page).text
    pages.post(f"{page}/withdraw-invitation")
    assert "Without an account." in pages.get(page).text
    pages.post(f"{page}/deactivate")
    assert "nobody signs in" in pages.get(page).text
    pages.post(f"{page}/reactivate")
    assert pages.post(f"{page}/delete").headers["location"] == LIST
    assert pages.get(page).status_code == 404


def test_a_file_is_shown_before_it_is_brought_in(pages: Any, gateway: Any) -> None:
    content = "Name;E-Mail;Wo\nMüller;lena@example.ch;Zürich\n;kaputt;\n<b>Zett</b>;z@example.ch;\n".encode("cp1252")
    looked = pages.post(f"{LIST}/import", files={"file": ("kunden.csv", content, "text/csv")}, data={"x": "1"})
    assert looked.status_code == 200
    assert "Import 2 customers" in looked.text
    assert "Enter an e-mail address" in looked.text
    assert "<b>Zett</b>" not in looked.text
    assert gateway.count("customer") == 0
    kept = {"content_b64": base64.b64encode(content).decode()}
    columns = {}
    for index, (title, name) in enumerate([("Name", "last_name"), ("E-Mail", "email"), ("Wo", "town")]):
        columns |= {f"columns-{index}-title": title, f"columns-{index}-field": name}
    done = pages.post(f"{LIST}/import/run", data={**kept, **columns})
    assert done.status_code == 303
    assert "Imported: 2. Known already: 0. Not accepted: 1." in pages.get(done.headers["location"]).text
    towns = {item["town"] for item in pages.get("/api/v1/customers").json()["items"]}
    assert towns == {"Zürich", ""}
    pages.post(f"{LIST}/import/run", data={**kept, **columns})
    assert gateway.count("customer") == 2
    assert pages.post(f"{LIST}/import", data={"x": "1"}).status_code == 422
    refused = pages.post(f"{LIST}/import", files={"file": ("x.csv", b"nothing\nhere", "text/csv")})
    assert refused.status_code == 422
    assert pages.get(f"{LIST}/import").status_code == 200
    assert pages.get(f"{LIST}/import-example.csv").content.startswith(b"\xef\xbb\xbfCustomer number;")


def test_hostile_text_stays_text_on_every_page(pages: Any) -> None:
    hostile = '"><script>alert(1)</script>\u202e🎞️=1+1'
    texts = dict.fromkeys(("company", "first_name", "last_name", "phone", "buyer_reference", "notes"), hostile)
    id = create(pages, **texts, tags="<i>tag</i>")
    for path in (LIST, f"{LIST}/{id}", f"{LIST}/{id}/edit", f"{LIST}/pick", f"{LIST}/new"):
        text = pages.get(path).text
        assert "<script>alert" not in text
        assert "<i>tag" not in text
    for name in texts:
        for refused in ("x" * 10_001, "a\x00b"):
            answer = pages.post(f"{LIST}/new", data={**FIELDS, "id": str(uuid7()), name: refused})
            assert answer.status_code == 422, name
