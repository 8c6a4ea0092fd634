"""What an admin writes into a quote: categories, event, attachments, and what must be said before it goes out."""

import pytest

from kontor.errors import Refused
from kontor.ids import uuid7
from services.quotes.tests.studio import PROFILE, Studio

WEDDING = {
    "title": "Trauung",
    "type": "wedding",
    "start": "2026-06-12T14:00",
    "end": "2026-06-13T02:00",
    "all_day": False,
    "location": "Schloss Rapperswil",
}


def line(**fields):
    return {"description": "Leistung", "unit_price_minor": 10000, "vat_rate": "0"} | fields


def attachment(name="AGB.pdf"):
    return {"document_id": str(uuid7()), "name": name}


def test_lines_and_groups_carry_their_vat_category(studio):
    quote = studio.draft(
        lines=[
            line(vat_rate="8.1"),
            line(),
            line(vat_category="exempt"),
            {"kind": "discount", "description": "Rabatt", "discount_percent": "10"},
        ]
    )
    assert [one["vat_category"] for one in quote["lines"]] == ["standard", "zero", "exempt", None]
    assert quote["vat_groups"] == [
        {"vat_rate": "8.1", "vat_category": "standard", "net_minor": 9000, "vat_minor": 729},
        {"vat_rate": "0", "vat_category": "zero", "net_minor": 9000, "vat_minor": 0},
        {"vat_rate": "0", "vat_category": "exempt", "net_minor": 9000, "vat_minor": 0},
    ]
    read = studio.rpc.get_quote(id=quote["id"])
    assert studio.rpc.update_quote(id=quote["id"], changes={"lines": read["lines"]})["version"] == 1


def test_a_quote_from_before_there_were_categories_is_read_with_those_of_its_rates(studio):
    quote = studio.draft(lines=[line(vat_rate="8.1"), line()])
    studio.harness.sql(
        "UPDATE quote SET version = version + 1, lines = jsonb_build_array(lines->0 #- '{vat_category}',"
        " lines->1 #- '{vat_category}'),"
        " totals = totals #- '{vat_groups,0,vat_category}' #- '{vat_groups,1,vat_category}' WHERE id = %s",
        [quote["id"]],
    )
    read = studio.rpc.get_quote(id=quote["id"])
    assert [one["vat_category"] for one in read["lines"]] == ["standard", "zero"]
    assert read["vat_groups"] == quote["vat_groups"]


def test_exempt_lines_need_a_reason_before_the_quote_goes_out(studio):
    quote = studio.draft(lines=[line(vat_category="exempt")])
    with pytest.raises(Refused) as refusal:
        studio.rpc.send_quote(id=quote["id"])
    assert refusal.value.code == "EXEMPTION_REASON_MISSING"
    assert refusal.value.errors[0].field == "exemption_reason"
    assert studio.rpc.get_quote(id=quote["id"])["number"] is None
    reason = "Unterricht: von der Steuer ausgenommen (Art. 21 Abs. 2 Ziff. 11 MWSTG)"
    studio.rpc.update_quote(id=quote["id"], changes={"exemption_reason": reason})
    sent = studio.rpc.send_quote(id=quote["id"])
    assert sent["exemption_reason"] == reason
    assert studio.rpc.version_snapshot(id=quote["id"], version_no=1)["exemption_reason"] == reason


def test_an_exempt_option_needs_the_reason_too(studio):
    quote = studio.draft(lines=[line(vat_rate="8.1"), line(vat_category="exempt", optional=True)])
    with pytest.raises(Refused) as refusal:
        studio.rpc.send_quote(id=quote["id"])
    assert refusal.value.code == "EXEMPTION_REASON_MISSING"


def test_reverse_charge_needs_the_vat_number_of_the_customer(studio):
    quote = studio.draft(lines=[line(vat_category="reverse_charge")])
    with pytest.raises(Refused) as refusal:
        studio.rpc.send_quote(id=quote["id"])
    assert refusal.value.code == "VAT_ID_MISSING"
    studio.customer(studio.customer_id, vat_id="DE123456788")
    assert studio.rpc.send_quote(id=quote["id"])["state"] == "sent"


def test_a_small_business_needs_neither(studio):
    studio.settings("business_profile", PROFILE | {"vat_registered": False, "vat_id": ""})
    quote = studio.draft(lines=[line(vat_category="exempt"), line(vat_category="reverse_charge"), line(vat_rate="8.1")])
    sent = studio.rpc.send_quote(id=quote["id"])
    assert sent["vat_mode"] == "small_business"
    assert sent["vat_groups"] == [{"vat_rate": "0", "vat_category": "exempt", "net_minor": 30000, "vat_minor": 0}]


def test_event_attachments_and_looks_are_frozen_with_the_version(studio):
    theme = {"accent": "#0F5C4A", "font": "inter", "window": "left", "footer_text": "Merci!"}
    studio.settings("documents", theme | {"something_else": 1})
    files = [attachment(), attachment("Lageplan.png")]
    quote = studio.draft(event=WEDDING, attachments=files)
    assert (quote["event"], quote["attachments"]) == (WEDDING, files)
    studio.rpc.send_quote(id=quote["id"])
    frozen = studio.rpc.version_snapshot(id=quote["id"], version_no=1)
    assert (frozen["event"], frozen["attachments"], frozen["theme"]) == (WEDDING, files, theme)
    [event] = studio.events(quote["id"], "quote_sent.v1")
    assert event.data["attachments"] == files
    assert event.data["snapshot"]["theme"] == theme
    studio.settings("documents", {})
    studio.rpc.update_quote(id=quote["id"], changes={"event": None, "attachments": []})
    assert studio.rpc.version_snapshot(id=quote["id"], version_no=1) == frozen
    draft = studio.rpc.snapshot(id=quote["id"])
    assert (draft["event"], draft["attachments"]) == (None, [])
    assert draft["theme"] == {"accent": None, "font": None, "window": None, "footer_text": None}


def test_a_duplicate_has_event_attachments_and_reason_too(studio):
    files = [attachment()]
    quote = studio.draft(event=WEDDING, attachments=files, exemption_reason="Unterricht")
    copy = studio.rpc.duplicate_quote(id=quote["id"], new_id=str(uuid7()))
    assert (copy["event"], copy["attachments"], copy["exemption_reason"]) == (WEDDING, files, "Unterricht")


def test_the_reason_goes_on_to_what_is_made_of_the_quote(studio):
    quote = studio.accepted(lines=[line(vat_category="exempt")], exemption_reason="Unterricht")
    studio.rpc.convert_quote(id=quote["id"])
    [event] = studio.events(quote["id"], "quote_converted.v1")
    assert event.data["exemption_reason"] == "Unterricht"
    assert event.data["lines"][0]["vat_category"] == "exempt"
    assert event.data["slices"][0]["totals"]["vat_groups"][0]["vat_category"] == "exempt"


@pytest.mark.parametrize(
    "sent,kept",
    [
        ({"start": "2026-06-12", "all_day": True}, ("2026-06-12", "2026-06-12")),
        ({"start": "2026-06-12", "end": "2026-06-14", "all_day": True}, ("2026-06-12", "2026-06-14")),
        ({"start": "2026-06-12T14:00:00", "end": "2026-06-12T14:30"}, ("2026-06-12T14:00", "2026-06-12T14:30")),
    ],
)
def test_an_event_lasts_an_hour_a_day_or_several(studio, sent, kept):
    event = studio.draft(event=sent)["event"]
    assert (event["start"], event["end"]) == kept
    assert (event["title"], event["type"], event["location"]) == ("", "", "")


@pytest.mark.parametrize(
    "fields,field",
    [
        ({"event": "tomorrow"}, "event"),
        ({"event": {}}, "event.start"),
        ({"event": WEDDING | {"start": "2026-06-12"}}, "event.start"),
        ({"event": WEDDING | {"start": "2026-06-12T14:00Z"}}, "event.start"),
        ({"event": WEDDING | {"start": "2026-06-31T14:00"}}, "event.start"),
        ({"event": WEDDING | {"start": "0026-06-12T14:00"}}, "event.start"),
        ({"event": WEDDING | {"all_day": True}}, "event.start"),
        ({"event": WEDDING | {"end": None}}, "event.end"),
        ({"event": WEDDING | {"start": "2026-03-29T02:30"}}, "event.start"),
        ({"event": WEDDING | {"end": "2026-06-12T14:00"}}, "event.end"),
        ({"event": {"start": "2026-06-12", "end": "2026-06-11", "all_day": True}}, "event.end"),
        ({"event": WEDDING | {"location": "x" * 501}}, "event.location"),
        ({"event": WEDDING | {"guests": 80}}, "event.guests"),
        ({"attachments": "AGB.pdf"}, "attachments"),
        ({"attachments": [attachment() for _ in range(11)]}, "attachments"),
        ({"attachments": [{"name": "AGB.pdf"}]}, "attachments[0].document_id"),
        ({"attachments": [{"document_id": "1", "name": "AGB.pdf"}]}, "attachments[0].document_id"),
        ({"attachments": [attachment(" ")]}, "attachments[0].name"),
        ({"attachments": [attachment() | {"size": 1}]}, "attachments[0].size"),
        ({"exemption_reason": "x" * 501}, "exemption_reason"),
        ({"exemption_reason": 5}, "exemption_reason"),
    ],
)
def test_what_cannot_be_kept_is_named(studio, fields, field):
    with pytest.raises(Refused) as refusal:
        studio.draft(**fields)
    assert refusal.value.errors[0].field == field


def test_a_file_is_attached_once(studio):
    file = attachment()
    with pytest.raises(Refused) as refusal:
        studio.draft(attachments=[file, file])
    assert refusal.value.errors[0].field == "attachments[1].document_id"


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Anderer Titel"},
        {"intro": "Guten Tag"},
        {"closing": "Bis bald"},
        {"notes": "ruft am Montag an"},
        {"exemption_reason": "Unterricht"},
    ],
)
def test_a_change_of_one_text_leaves_everything_else(studio, changes):
    before = studio.draft(
        event=WEDDING,
        attachments=[attachment()],
        installments=[{"label": "Alles", "percent": "100"}],
        payment={"net_days": 14, "skonto_percent": "2", "skonto_days": 7},
        lines=[line(sub_lines=[{"description": "Detail"}]), line(optional=True, min_quantity="1", max_quantity="3")],
    )
    after = studio.rpc.update_quote(id=before["id"], changes=changes)
    different = {name for name in before if before[name] != after[name]}
    assert different == {*changes, "version", "updated_at"}


HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "formula": "=1+1",
    "long": "x" * 10_000,
    "right to left": "\u202eעברית مرحبا\u202c",
    "emoji": "👰🏽‍♀️🎉",
    "null byte": "a\0b",
    "half a character": "a\ud800b",
    "template": "{{ 7*7 }}{% raw %}",
}
TEXTS = {
    "title": lambda text: {"title": text},
    "intro": lambda text: {"intro": text},
    "closing": lambda text: {"closing": text},
    "notes": lambda text: {"notes": text},
    "exemption_reason": lambda text: {"exemption_reason": text},
    "lines[0].description": lambda text: {"lines": [line(description=text)]},
    "lines[0].choice_group": lambda text: {"lines": [line(choice_group=text, selected=True)]},
    "lines[0].sub_lines[0].description": lambda text: {"lines": [line(sub_lines=[{"description": text}])]},
    "installments[0].label": lambda text: {"installments": [{"label": text, "percent": "100"}]},
    "event.title": lambda text: {"event": WEDDING | {"title": text}},
    "event.type": lambda text: {"event": WEDDING | {"type": text}},
    "event.location": lambda text: {"event": WEDDING | {"location": text}},
    "attachments[0].name": lambda text: {"attachments": [attachment(text)]},
}

LONGEST = {"intro": 20_000, "closing": 20_000, "notes": 20_000}


def _at(record, path):
    for part in path.replace("]", "").replace("[", ".").split("."):
        record = record[int(part) if part.isdigit() else part]
    return record


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("field", TEXTS)
def test_every_text_is_kept_as_it_is_or_refused_by_name(studio: Studio, field, text):
    storable = "\0" not in text and "\ud800" not in text
    if not storable or len(text) > LONGEST.get(field, 200):
        with pytest.raises(Refused) as refusal:
            studio.draft(**TEXTS[field](text))
        assert (refusal.value.code, [error.field for error in refusal.value.errors]) == ("INVALID", [field])
        return
    quote = studio.draft(**TEXTS[field](text))
    assert _at(studio.rpc.get_quote(id=quote["id"]), field) == text
    if field != "notes":
        assert _at(studio.rpc.snapshot(id=quote["id"]), field) == text
