"""Line-item presets and quote templates: kept once, copied often."""

import pytest

from kontor.errors import Refused
from kontor.ids import uuid7

HOUR = {
    "name": "Reportage",
    "description": "Reportage vor Ort\nmit Vorgespräch",
    "quantity": "1",
    "unit": "hour",
    "unit_price_minor": 12000,
    "vat_rate": "8.1",
}
#: 8 × 120.00 = 960.00 + 8.1 % 77.76 = 1037.76
TEMPLATE = {
    "name": "Hochzeit, ganzer Tag",
    "title": "Hochzeitsreportage",
    "intro": "Herzlichen Glückwunsch!",
    "closing": "Wir freuen uns auf euch.",
    "language": "de",
    "currency": "CHF",
    "lines": [
        {"description": "Reportage", "quantity": "8", "unit": "hour", "unit_price_minor": 12000, "vat_rate": "8.1"}
    ],
    "payment": {"net_days": 10, "from": "issue"},
    "installments": [
        {"label": "Anzahlung", "percent": "30", "trigger": "on_acceptance"},
        {"label": "Rest", "percent": "70", "trigger": "on_delivery"},
    ],
}


def refused(code, call):
    with pytest.raises(Refused) as refusal:
        call()
    assert refusal.value.code == code, refusal.value
    return refusal.value


def preset(studio, **fields):
    return studio.rpc.create_preset(id=str(uuid7()), fields=HOUR | fields)


def template(studio, **fields):
    return studio.rpc.create_template(id=str(uuid7()), fields=TEMPLATE | fields)


def test_a_preset_is_a_line_under_a_name(studio):
    made = preset(studio, sub_lines=[{"description": "Anfahrt"}])
    assert (made["name"], made["currency"], made["version"]) == ("Reportage", "CHF", 1)
    assert (made["unit_price_minor"], made["vat_rate"], made["vat_category"]) == (12000, "8.1", "standard")
    assert "id" not in made["sub_lines"][0]
    assert studio.rpc.get_preset(id=made["id"]) == made
    line = {name: made[name] for name in ("description", "quantity", "unit", "unit_price_minor", "vat_rate")}
    assert studio.draft(lines=[line])["total_minor"] == 12972
    actions = [entry["action"] for entry in studio.rpc.list_activity(record_id=made["id"])["items"]]
    assert actions == ["preset.created"]


def test_a_preset_saved_from_the_editor_is_called_like_its_line(studio):
    assert preset(studio, name="")["name"] == "Reportage vor Ort"


def test_creating_a_preset_twice_creates_once(studio):
    id = str(uuid7())
    first = studio.rpc.create_preset(id=id, fields=HOUR)
    assert studio.rpc.create_preset(id=id, fields=HOUR | {"name": "anders"}) == first


def test_a_preset_changes_field_by_field(studio):
    made = preset(studio)
    changed = studio.rpc.update_preset(id=made["id"], version=1, changes={"unit_price_minor": 13000})
    assert (changed["unit_price_minor"], changed["description"], changed["version"]) == (13000, HOUR["description"], 2)
    assert studio.rpc.update_preset(id=made["id"], changes={"unit_price_minor": 13000})["version"] == 2
    free = studio.rpc.update_preset(id=made["id"], changes={"vat_rate": "0"})
    assert (free["vat_rate"], free["vat_category"]) == ("0", "zero")
    optional = studio.rpc.update_preset(id=made["id"], changes={"optional": True})
    assert (optional["optional"], optional["selected"]) == (True, False)
    stale = refused("STALE_VERSION", lambda: studio.rpc.delete_preset(id=made["id"], version=1))
    assert stale.extra == {"given": 1, "current": 4}
    studio.rpc.delete_preset(id=made["id"], version=4)
    refused("NOT_FOUND", lambda: studio.rpc.get_preset(id=made["id"]))


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"description": ""}, "description"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\0"}, "name"),
        ({"currency": "XXX"}, "currency"),
        ({"unit_price_minor": 1.5}, "unit_price_minor"),
        ({"quantity": "0"}, "quantity"),
        ({"colour": "red"}, "colour"),
        ({"sub_lines": [{"description": ""}]}, "sub_lines[0].description"),
    ],
)
def test_a_preset_that_is_no_line_is_refused(studio, fields, field):
    refusal = refused("INVALID", lambda: preset(studio, **fields))
    assert [error.field for error in refusal.errors] == [field]


def test_presets_are_found_by_name_and_text_page_by_page(studio):
    word = "Zölestin"
    for name in ("c", "a", "b"):
        preset(studio, name=f"{name} {word}")
    preset(studio, name="Euro", description=f"mit {word}", currency="EUR")

    def names(**filters):
        return [item["name"] for item in studio.rpc.list_presets(**filters)["items"]]

    assert names(q="zolestin") == ["Euro", f"a {word}", f"b {word}", f"c {word}"]
    assert names(q=word, currency="EUR") == ["Euro"]
    assert names(q=f"b {word}") == [f"b {word}"]
    assert names(q="100%") == []
    first = studio.rpc.list_presets(q=word, limit=3)
    second = studio.rpc.list_presets(q=word, limit=3, cursor=first["next_cursor"])
    assert ([item["name"] for item in second["items"]], second["next_cursor"]) == ([f"c {word}"], None)
    refused("INVALID", lambda: studio.rpc.list_presets(cursor="x"))
    refused("INVALID", lambda: studio.rpc.list_presets(q="a\0"))


def test_a_quote_from_a_template_is_a_copy(studio):
    made = template(studio)
    assert (made["net_minor"], made["vat_minor"], made["total_minor"]) == (96000, 7776, 103776)
    quote_id = str(uuid7())
    use = {"id": quote_id, "template_id": made["id"], "customer_id": studio.customer_id}
    quote = studio.rpc.create_quote_from_template(**use)
    assert (quote["state"], quote["version"], quote["total_minor"]) == ("draft", 1, 103776)
    assert (quote["title"], quote["intro"], quote["payment"]["net_days"]) == (TEMPLATE["title"], TEMPLATE["intro"], 10)
    assert [part["percent"] for part in quote["installments"]] == ["30", "70"]
    assert quote["valid_until"] == "2026-04-09"
    assert studio.rpc.create_quote_from_template(**use) == quote
    other = studio.rpc.create_quote_from_template(**use | {"id": str(uuid7())})
    assert other["lines"][0]["id"] != quote["lines"][0]["id"]

    changed = studio.rpc.update_template(id=made["id"], version=1, changes={"title": "Neu", "intro": ""})
    assert (changed["title"], changed["intro"], changed["version"]) == ("Neu", "", 2)
    assert changed["lines"] == made["lines"]
    studio.rpc.delete_template(id=made["id"], version=2)
    assert studio.rpc.get_quote(id=quote_id) == quote
    refused("NOT_FOUND", lambda: studio.rpc.create_quote_from_template(**use | {"id": str(uuid7())}))


def test_a_quote_is_kept_as_a_template(studio):
    draft = studio.draft(intro="Liebe Anna", notes="geheim")
    made = studio.rpc.create_template_from_quote(id=str(uuid7()), quote_id=draft["id"], name="Am See")
    assert (made["name"], made["title"], made["intro"]) == ("Am See", "Hochzeit am See", "Liebe Anna")
    assert made["total_minor"] == draft["total_minor"]
    assert not {"customer_id", "notes", "valid_until"} & made.keys()
    assert all("id" not in line for line in made["lines"])
    studio.rpc.update_quote(id=draft["id"], changes={"title": "anders"})
    assert studio.rpc.get_template(id=made["id"]) == made
    refused("NOT_FOUND", lambda: studio.rpc.create_template_from_quote(id=str(uuid7()), quote_id="x", name="A"))


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"name": " "}, "name"),
        ({"lines": []}, "lines"),
        ({"language": "fr"}, "language"),
        ({"customer_id": "x"}, "customer_id"),
        ({"valid_until": "2026-12-31"}, "valid_until"),
        ({"name": "", "lines": []}, "name"),
    ],
)
def test_a_template_that_cannot_become_a_quote_is_refused(studio, fields, field):
    refusal = refused("INVALID", lambda: template(studio, **fields))
    assert refusal.errors[0].field == field


def test_percentages_of_a_template_sum_to_100(studio):
    half = [{"label": "A", "percent": "50", "trigger": "on_acceptance"}]
    refused("PERCENTAGES_NOT_100", lambda: template(studio, installments=half))


def test_a_template_needs_a_customer_that_is_there(studio):
    made = template(studio)
    use = {"id": str(uuid7()), "template_id": made["id"]}
    refused("INVALID", lambda: studio.rpc.create_quote_from_template(**use, customer_id="x"))
    refused("CUSTOMER_UNKNOWN", lambda: studio.rpc.create_quote_from_template(**use, customer_id=str(uuid7())))
    assert [one["name"] for one in studio.rpc.list_templates(q="ganzer tag")["items"]][:1] == [TEMPLATE["name"]]


def test_customers_see_nothing_of_the_library(studio):
    kept, made = preset(studio), template(studio)
    customer = studio.harness.rpc_as({"kind": "customer", "id": studio.customer_id, "name": "Anna"})
    for call in (
        lambda: customer.list_presets(),
        lambda: customer.get_preset(id=kept["id"]),
        lambda: customer.delete_preset(id=kept["id"]),
        lambda: customer.list_templates(),
        lambda: customer.get_template(id=made["id"]),
        lambda: customer.create_quote_from_template(
            id=str(uuid7()), template_id=made["id"], customer_id=studio.customer_id
        ),
    ):
        refused("NOT_FOUND", call)
