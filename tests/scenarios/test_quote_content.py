"""A quote with an event and an exempt course, sent twice: what the API keeps, freezes and compares."""

from kontor_launcher.story.deal import CUSTOMER, set_up_studio
from tests.support.running import EmbeddedKontor

EVENT = {
    "title": "Kurs Porträt",
    "type": "Kurs",
    "start": "2026-06-12T14:00",
    "end": "2026-06-13T17:00",
    "all_day": False,
    "location": "Lindenhofgasse 7, Zürich",
}
LINES = [
    {"description": "Kurs", "unit_price_minor": 40000, "vat_rate": "0", "vat_category": "exempt"},
    {"description": "Unterlagen", "unit_price_minor": 10000, "vat_rate": "2.6"},
]


def test_a_quote_keeps_its_content_and_tells_what_changed(kontor_app: EmbeddedKontor) -> None:
    api = kontor_app.signed_in(patience=60)
    set_up_studio(api)
    customer = api.post("customers", CUSTOMER | {"email": "kurse@bergwerk.example"})
    body = {"customer_id": customer["id"], "title": "Kurs", "lines": LINES, "event": EVENT}
    quote = api.post("quotes", body | {"currency": "CHF", "exemption_reason": "Unterricht"})
    path = f"quotes/{quote['id']}"
    assert quote["event"] == EVENT
    assert [line["vat_category"] for line in quote["lines"]] == ["exempt", "standard"]

    changed = api.patch(path, {"title": "Kurs am See", "version": quote["version"]})
    for name in ("lines", "event", "attachments", "exemption_reason", "intro", "payment", "valid_until"):
        assert changed[name] == quote[name]

    api.post(f"{path}/send", {})
    lines = changed["lines"]
    lines[0]["quantity"] = "2"
    lines[1]["unit_price_minor"] = 9000
    api.patch(path, {"lines": lines, "event": EVENT | {"location": "Chur"}})
    api.post(f"{path}/send", {})

    # 400.00 + 100.00 + 2.60, then 800.00 + 90.00 + 2.34
    versions = api.get(f"{path}/versions")["items"]
    assert [(one["version_no"], one["total_minor"]) for one in versions] == [(1, 50260), (2, 89234)]
    told = api.get(f"{path}/versions/compare", older=1, newer=2)
    assert [(one["label"], one["field"], one["before"], one["after"]) for one in told["changes"]] == [
        ("Kurs", "quantity", "1 piece", "2 piece"),
        ("Unterlagen", "unit_price", "100.00", "90.00"),
        ("location", "location", EVENT["location"], "Chur"),
    ]
    assert (told["total_before_minor"], told["total_after_minor"]) == (50260, 89234)
