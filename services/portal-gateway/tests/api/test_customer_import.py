"""Customers from CSV and into it."""

import base64
import csv
import io
from typing import Any

import pytest

GERMAN = (
    "Kundennummer;Firma;Anrede;Vorname;Nachname;E-Mail;Strasse;PLZ;Ort;Land;Sprache;Stundensatz;Kein Skonto;Gruppen;"
    "Notizen\r\n"
    "K-7;;Frau;Zoë;Müller;zoe@example.ch;Bahnhofstrasse 12a;CH-8001;Zürich;Schweiz;Deutsch;1'250.50;ja;"
    "VIP, Hochzeit;Mag Größe\r\n"
    ';"Groß; Söhne GmbH";;;;info@gross.example;Am Markt;80331;München;Deutschland;englisch;;;;\r\n'
    ";;;;;;;;;;;;;;\r\n"
    ";Ohne Mail AG;;;;;;;;;;;;;\r\n"
    ";Falsche PLZ AG;;;;plz@example.ch;;0800;Basel;CH;;12 Franken;;;\r\n"
)


def send(client: Any, content: str | bytes, **options: Any) -> Any:
    body = {"csv": content} if isinstance(content, str) else {"content_b64": base64.b64encode(content).decode()}
    return client.post("/api/v1/customers/import", json={**body, **options})


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_is_looked_at_and_then_brought_in_once(gateway: Any, coding: str) -> None:
    client = gateway.bearer()
    looked = send(client, GERMAN.encode(coding))
    assert looked.status_code == 200, looked.text
    answer = looked.json()
    assert (answer["dry_run"], answer["delimiter"]) == (True, ";")
    assert answer["counts"] == {"would_create": 2, "refused": 2}
    assert [row["result"] for row in answer["rows"]] == ["would_create", "would_create", "refused", "refused"]
    assert [error["field"] for error in answer["rows"][2]["errors"]] == ["email"]
    assert {error["field"] for error in answer["rows"][3]["errors"]} == {"postcode", "hourly_rate_minor"}
    assert gateway.count("customer") == 0

    made = send(client, GERMAN.encode(coding), dry_run=False).json()
    assert made["counts"] == {"created": 2, "refused": 2}
    zoe, gross = (client.get(f"/api/v1/customers/{row['customer_id']}").json() for row in made["rows"][:2])
    assert (zoe["display_name"], zoe["customer_number"], zoe["salutation"]) == ("Zoë Müller", "K-7", "Frau")
    assert (zoe["street"], zoe["house_number"], zoe["postcode"]) == ("Bahnhofstrasse", "12a", "8001")
    assert (zoe["country"], zoe["language"], zoe["currency"]) == ("CH", "de", "CHF")
    assert (zoe["hourly_rate_minor"], zoe["skonto_opt_out"], zoe["tags"]) == (125050, True, ["VIP", "Hochzeit"])
    assert (gross["company"], gross["country"], gross["language"]) == ("Groß; Söhne GmbH", "DE", "en")
    assert gross["customer_number"].endswith("-0001")
    assert gross["feature_quotes"] is True, "the installation's default"
    told = [event["data"]["customer"]["id"] for event in gateway.events("customer_changed.v1")]
    assert told == [zoe["id"], gross["id"]]

    again = send(client, GERMAN.encode(coding), dry_run=False).json()
    assert again["counts"] == {"duplicate": 2, "refused": 2}
    assert [(row["same"], row["customer_id"]) for row in again["rows"][:2]] == [
        ("email", zoe["id"]),
        ("email", gross["id"]),
    ]
    assert gateway.count("customer") == 2


def test_the_same_address_twice_in_one_file_is_one_customer(gateway: Any) -> None:
    client = gateway.bearer()
    file = "email,last_name,customer_number\na@example.ch,Eins,N1\nA@EXAMPLE.ch,Zwei,N2\nb@example.ch,Drei,N1\n"
    rows = send(client, file, dry_run=False).json()["rows"]
    assert [(row["result"], row.get("same"), row.get("of_line")) for row in rows] == [
        ("created", None, None),
        ("duplicate", "email", 2),
        ("duplicate", "customer_number", 2),
    ]


def test_columns_can_be_named_by_hand(gateway: Any) -> None:
    client = gateway.bearer()
    file = "Kontakt\tWer\tEgal\nc@example.ch\tAda\tx\n"
    refused = send(client, file)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "csv")
    answer = send(client, file, mapping={"Kontakt": "email", "Wer": "first_name", "Egal": ""}).json()
    assert answer["columns"] == [
        {"title": "Kontakt", "field": "email"},
        {"title": "Wer", "field": "first_name"},
        {"title": "Egal", "field": None},
    ]
    assert answer["rows"][0]["name"] == "Ada"
    unknown = send(client, file, mapping={"Kontakt": "email", "Wer": "id"})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "mapping")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"csv": "email\na@b.ch", "content_b64": "eA=="},
        {"content_b64": "not base64!"},
        {"content_b64": base64.b64encode(b"\xff\xfe\x00").decode()},
        {"content_b64": base64.b64encode(b"email;name\n\x81\x8d").decode()},
        {"csv": ""},
        {"csv": "email\n" + "x@example.ch\n" * 5001},
        {"csv": 'email\n"' + "x" * 200_000 + '"'},
    ],
)
def test_a_file_that_cannot_be_used_is_refused_whole(gateway: Any, body: dict[str, Any]) -> None:
    answer = gateway.bearer().post("/api/v1/customers/import", json={**body, "dry_run": False})
    assert answer.status_code == 422, answer.text
    assert gateway.count("customer") == 0


def test_five_thousand_rows_come_in_with_a_number_each(gateway: Any) -> None:
    client = gateway.bearer()
    client.post("/api/v1/customers", json={"email": "x@example.ch", "last_name": "X", "customer_number": "C-2026-0007"})
    file = "email;last_name\n" + "".join(f"c{n}@example.ch;Kunde {n}\n" for n in range(5000))
    answer = send(client, file, dry_run=False).json()
    assert answer["counts"] == {"created": 5000}
    with gateway.db.transaction() as tx:
        numbers = tx.execute("SELECT count(DISTINCT customer_number) FROM customer").scalar_one()
    assert numbers == 5001
    assert len(gateway.events("customer_changed.v1")) == 5001


def test_an_export_has_no_formulas_and_reads_back_as_it_was(gateway: Any) -> None:
    client = gateway.bearer()
    hostile = ["=1+1|cmd", "+41 44 123 45 67", "-2", "@SUM(A1)", "＝1", 'a;"b"', "<script>", "\u202eשלום 🎞️"]
    for index, text in enumerate(hostile):
        fields = {"email": f"h{index}@example.ch", "company": text, "phone": text, "notes": f"{text}\n{text}"}
        extra = {"tags": ["VIP"], "hourly_rate_minor": 12050, "vat_rate": "8.1", "skonto_opt_out": True}
        assert client.post("/api/v1/customers", json={**fields, **extra}).status_code == 201
    for language in ("en", "de"):
        answer = client.get(f"/api/v1/customers.csv?language={language}")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in answer.headers["content-disposition"]
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        assert len(rows) == 9
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "＝"))]
        again = send(client, answer.content).json()
        assert again["counts"] == {"duplicate": 8}
    before = {item["email"]: item for item in client.get("/api/v1/customers").json()["items"]}
    with gateway.db.transaction() as tx:
        tx.execute("DELETE FROM customer")
    assert send(client, answer.content, dry_run=False).json()["counts"] == {"created": 8}
    after = {item["email"]: item for item in client.get("/api/v1/customers").json()["items"]}
    same = set(before["h0@example.ch"]) - {"id", "created_at", "updated_at", "created_by_admin_id"}
    for email, record in before.items():
        assert {name: record[name] for name in same} == {name: after[email][name] for name in same}
    assert client.get("/api/v1/customers.csv?tag=nobody").content.decode("utf-8-sig").count("\r\n") == 1


def test_only_who_may_create_customers_imports(gateway: Any) -> None:
    assert send(gateway.bearer("viewer"), "email\na@b.ch").status_code == 403
    assert gateway.bearer("viewer").get("/api/v1/customers.csv").status_code == 200
    assert gateway.bearer("accountant").get("/api/v1/customers.csv").status_code == 403


def test_a_street_of_blanks_and_an_amount_beyond_all_bounds_are_answered_at_once(gateway: Any) -> None:
    """Neither a pattern that backtracks nor an exponent that overflows may stop the process."""
    street = "a" + " " * 100_000 + "b"
    content = f'email,last_name,street,hourly_rate\na@b.ch,A,"{street}",1E+999999\n'
    answer = send(gateway.signed_in(), content, dry_run=True)
    assert answer.status_code == 200
    [row] = answer.json()["rows"]
    assert "hourly_rate_minor" in {error["field"] for error in row["errors"]}
