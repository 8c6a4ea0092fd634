"""Features, settings, bank accounts, payment terms through the API."""

from typing import Any

ACCOUNT = {"holder": "Atelier Nord", "iban": "CH9300762011623852957", "currency": "CHF"}


def test_switching_features_applies_the_rules_and_is_recorded_as_a_difference(gateway: Any) -> None:
    client = gateway.bearer("admin")
    answer = client.patch("/api/v1/features", json={"quotes": False, "messaging": True}).json()
    assert (answer["flags"]["quotes"], answer["flags"]["bills"], answer["flags"]["messaging"]) == (False, False, False)
    assert answer["quotes"] is False
    with gateway.db.transaction() as tx:
        entry = tx.execute(
            "SELECT before, after FROM activity WHERE action = 'features.changed' ORDER BY seq DESC LIMIT 1"
        ).one()
    assert entry.before == {"quotes": True, "bills": True}
    assert entry.after == {"quotes": False, "bills": False}


def test_unknown_features_and_other_types_are_refused(gateway: Any) -> None:
    client = gateway.bearer()
    for body, field in (({"bill": True}, "bill"), ({"bills": 1}, "bills"), ({"bills": None}, "bills")):
        answer = client.patch("/api/v1/features", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field
    assert len(gateway.events("features_changed.v1")) == 2


def test_the_business_profile_tells_what_is_missing(gateway: Any) -> None:
    client = gateway.bearer()
    profile = client.get("/api/v1/settings/business-profile").json()
    assert profile["missing"] == ["name", "street", "postcode", "town", "email"]
    changed = client.patch(
        "/api/v1/settings/business-profile",
        json={
            "name": "Atelier Nord",
            "street": "Seeweg",
            "house_number": "3a",
            "postcode": "8001",
            "town": "Zürich",
            "email": "hallo@atelier-nord.example",
            "vat_registered": True,
            "vat_id": "CHE-116.281.710 MWST",
            "website": "atelier-nord.example",
        },
        headers={"If-Match": f'"{profile["version"]}"'},
    ).json()
    assert changed["missing"] == []
    assert changed["website"] == "https://atelier-nord.example"
    assert changed["version"] == profile["version"] + 1
    told = [e["data"] for e in gateway.events("settings_changed.v1") if e["data"]["section"] == "business_profile"]
    assert [(data["version"], data["value"]["town"]) for data in told] == [(1, ""), (2, "Zürich")]


def test_what_is_not_built_cannot_be_switched_on(gateway: Any) -> None:
    client = gateway.bearer()
    codes = client.patch("/api/v1/settings/contracts", json={"code_required": True})
    assert (codes.status_code, codes.json()["code"]) == (422, "CODE_NOT_AVAILABLE")
    modes = client.patch("/api/v1/settings/contracts", json={"signing_modes": ["draw", "type"]})
    assert (modes.status_code, modes.json()["code"]) == (422, "SIGNING_MODE_NOT_AVAILABLE")


def test_a_logo_is_told_by_its_content(gateway: Any) -> None:
    client = gateway.bearer()
    path = "/api/v1/settings/business-profile"
    png = "data:image/png;base64,iVBORw0KGgo="
    assert client.patch(path, json={"logo": png}).json()["logo"] == png
    for wrong in ("data:image/png;base64,PHN2Zz4=", "data:image/svg+xml;base64,PHN2Zz4=", "https://example.com/x.png"):
        assert client.patch(path, json={"logo": wrong}).status_code == 422
    assert client.patch(path, json={"logo": None}).json()["logo"] is None


def test_one_default_account_for_each_currency(gateway: Any) -> None:
    client = gateway.bearer()
    first = client.post("/api/v1/bank-accounts", json=ACCOUNT).json()
    assert (first["is_default"], first["reference_type"]) == (True, "SCOR")
    second = client.post(
        "/api/v1/bank-accounts",
        json={
            **ACCOUNT,
            "iban": "CH44 3199 9123 0008 8901 2",
            "reference_type": "QRR",
            "qr_bill_enabled": True,
            "is_default": True,
        },
    ).json()
    accounts = client.get("/api/v1/bank-accounts").json()["items"]
    assert {account["id"]: account["is_default"] for account in accounts} == {first["id"]: False, second["id"]: True}
    told = [e["data"] for e in gateway.events("settings_changed.v1") if e["data"]["section"] == "bank_accounts"]
    assert [len(data["value"]["accounts"]) for data in told] == [0, 1, 2]
    again = client.post("/api/v1/bank-accounts", json=ACCOUNT)
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    assert client.delete(f"/api/v1/bank-accounts/{first['id']}").status_code == 204
    assert client.get(f"/api/v1/bank-accounts/{first['id']}").status_code == 404


def test_payment_terms_are_seeded_and_sum_to_100(gateway: Any) -> None:
    client = gateway.bearer()
    names = [term["name"] for term in client.get("/api/v1/payment-terms").json()["items"]]
    assert sorted(names) == sorted(
        [
            "Sofort fällig",
            "Net 14",
            "Net 30",
            "Komplettzahlung nach Auslieferung",
            "10 % Anzahlung / 90 % nach Lieferung",
            "30/30/40",
        ]
    )
    plan = [{"label": "A", "percent": "30"}, {"label": "B", "percent": "69.999"}]
    answer = client.post("/api/v1/payment-terms", json={"name": "Odd", "installments": plan})
    assert (answer.status_code, answer.json()["code"]) == (422, "PERCENTAGES_NOT_100")
    plan[1]["percent"] = "70"
    made = client.post("/api/v1/payment-terms", json={"name": "Half", "from": "delivery", "installments": plan})
    assert made.status_code == 201, made.text
    assert made.json()["from"] == "delivery"


def test_activity_joins_the_logs_of_all_services(gateway: Any, script: Any) -> None:
    client = gateway.bearer()
    for index, service in enumerate(("quotes", "contracts", "invoicing", "portal_gateway")):
        entries = [
            {"seq": seq, "at": f"2026-03-0{seq}T0{index}:00:00+00:00", "action": f"{service}.{seq}"}
            for seq in (3, 2, 1)
        ]

        def page(
            record_id: Any, deal_uuid: Any, cursor: Any, limit: int, entries: list[dict[str, Any]] = entries
        ) -> dict[str, Any]:
            return {"items": [e for e in entries if cursor is None or e["seq"] < cursor][:limit]}

        script.on(f"{service}.list_activity", page)
    seen, query = [], "?limit=5"
    while query:
        answer = client.get(f"/api/v1/activity{query}").json()
        assert answer["unavailable"] == ["documents"]
        seen += [entry["action"] for entry in answer["items"]]
        query = f"?limit=5&cursor={answer['next_cursor']}" if answer["next_cursor"] else ""
    assert len(seen) == len(set(seen)) == 12
    assert seen[:4] == ["portal_gateway.3", "invoicing.3", "contracts.3", "quotes.3"]


def test_parked_messages_of_every_service_can_be_retried(gateway: Any, script: Any) -> None:
    client = gateway.bearer("admin")
    event = "0190d0a0-0000-7000-8000-000000000001"
    for service in ("portal_gateway", "quotes", "contracts", "documents"):
        script.on(f"{service}.list_parked", [])
    script.on("invoicing.list_parked", [{"event_id": event, "handler": "spawn_invoices", "last_error": "Boom"}])
    script.on("invoicing.retry_parked", lambda event_id, handler: {"state": "done"})
    [item] = client.get("/api/v1/operations/parked-messages").json()["items"]
    assert (item["service"], item["last_error"]) == ("invoicing", "Boom")
    path = f"/api/v1/operations/parked-messages/invoicing/{event}/spawn_invoices"
    assert client.post(f"{path}/retry").json() == {"state": "done"}
    assert client.post(f"{path}/discard", json={}).status_code == 422
    assert client.post(path.replace("invoicing", "elsewhere") + "/retry").status_code == 404


def test_a_percentage_is_written_in_plain_digits(gateway: Any) -> None:
    """Services read ASCII digits only: one stored full-width digit would refuse every new invoice."""
    client = gateway.bearer()
    answer = client.patch("/api/v1/settings/invoices", json={"skonto_percent": "\uff12"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "skonto_percent")
    assert client.patch("/api/v1/settings/invoices", json={"skonto_percent": "2.5"}).status_code == 200


def test_what_no_service_carries_out_yet_cannot_be_switched_on(gateway: Any) -> None:
    client = gateway.bearer()
    answer = client.patch("/api/v1/settings/invoices", json={"cash_rounding": True})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cash_rounding")
    assert client.patch("/api/v1/settings/invoices", json={"cash_rounding": False}).status_code == 200


def test_how_quotes_are_answered_is_a_setting_within_limits(gateway: Any) -> None:
    client = gateway.bearer()
    path = "/api/v1/settings/quotes"
    chosen = {"code_required": True, "auto_convert": True, "correction_minutes": 120, "expiring_days": 60}
    assert chosen.items() <= client.patch(path, json=chosen).json().items()
    assert chosen.items() <= client.get(path).json().items()
    for name, value in (("correction_minutes", 121), ("correction_minutes", -1), ("expiring_days", 61)):
        answer = client.patch(path, json={name: value})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, name)
