"""What the API keeps, freezes and compares of a quote, and which options an acceptance takes."""

import pytest

from kontor_launcher.story.api import Problem
from kontor_launcher.story.deal import CUSTOMER, Deal, set_up_studio
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


def test_an_acceptance_without_a_selection_takes_what_is_ticked_beforehand(kontor_app: EmbeddedKontor) -> None:
    api = kontor_app.signed_in(patience=60)
    set_up_studio(api)
    option = {"vat_rate": "0", "optional": True, "unit_price_minor": 5000}
    lines = [
        {"id": "work", "description": "Reportage", "unit_price_minor": 40000, "vat_rate": "0"},
        option | {"id": "album", "description": "Album", "selected": True},
        option | {"id": "drone", "description": "Drohne", "selected": False},
    ]
    for way in ("admin", "link"):
        deal = Deal(api, kontor_app.mails, email=f"ticked-{way}@bergwerk.example")
        deal.create_customer()
        path = f"quotes/{deal.create_quote()['id']}"
        api.patch(path, {"lines": lines})
        token = deal.send_quote()
        if way == "link":
            api.anonymous().post(f"public/quotes/{token}/accept", {"name": "Seraina Caduff", "total_minor": 45000})
        else:
            api.post(f"{path}/accept", {"name": "Seraina Caduff"})
        answered = api.get(path)
        assert answered["answer"]["selection"] == {"album": "1"}
        assert (answered["state"], answered["total_minor"]) == ("accepted", 45000)


def test_texts_as_long_as_the_editor_keeps_them_can_be_sent_to_the_api(kontor_app: EmbeddedKontor) -> None:
    api = kontor_app.signed_in(patience=60)
    set_up_studio(api)
    customer = api.post("customers", CUSTOMER | {"email": "lang@bergwerk.example"})
    long = {"intro": "a" * 20_000, "closing": "b" * 20_000, "notes": "c" * 20_000}
    quote = api.post("quotes", {"customer_id": customer["id"], "currency": "CHF", "lines": LINES[1:], **long})
    changed = api.patch(f"quotes/{quote['id']}", {**long, "title": "Lang"})
    assert {name: changed[name] for name in long} == long
    with pytest.raises(Problem) as caught:
        api.patch(f"quotes/{quote['id']}", {"intro": "a" * 20_001})
    assert [error["field"] for error in caught.value.errors] == ["intro"]
