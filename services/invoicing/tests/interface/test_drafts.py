from typing import Any
from uuid import uuid4

import pytest

from kontor.errors import Refused


def refused(call: Any, *arguments: Any, **fields: Any) -> Refused:
    with pytest.raises(Refused) as answer:
        call(*arguments, **fields)
    return answer.value


def test_a_standalone_draft_starts_its_own_deal(studio: Any) -> None:
    one, other = studio.draft(), studio.draft()
    assert (one["state"], one["version"], one["number"]) == ("draft", 1, None)
    assert (one["net_minor"], one["vat_minor"], one["total_minor"]) == (112000, 8412, 120412)
    assert one["vat_groups"] == [
        {"vat_rate": "8.1", "vat_category": "standard", "net_minor": 100000, "vat_minor": 8100},
        {"vat_rate": "2.6", "vat_category": "standard", "net_minor": 12000, "vat_minor": 312},
    ]
    assert [line["net_minor"] for line in one["lines"]] == [100000, 12000]
    assert one["deal_uuid"] != other["deal_uuid"]
    assert one["customer"]["display_name"] == "Petra Hofer"
    assert one["payment"]["net_days"] == 30
    assert one["allowed"] == ["update", "delete", "send"]
    (told,) = studio.told("invoice_drafted.v1", one["id"])
    assert told["total_minor"] == 120412


def test_creating_the_same_id_twice_creates_once(studio: Any) -> None:
    id = str(uuid4())
    fields = {
        "customer_id": studio.customer_id,
        "lines": [{"description": "x", "unit_price_minor": 100, "vat_rate": "0"}],
    }
    first = studio.rpc.create_invoice(id=id, fields=fields)
    assert studio.rpc.create_invoice(id=id, fields=fields) == first
    assert len(studio.told("invoice_drafted.v1", id)) == 1


@pytest.mark.parametrize(
    "changes, code, field",
    [
        ({"lines": []}, "INVALID", "lines"),
        ({"colour": 1}, "INVALID", "colour"),
        (
            {"lines": [{"description": "x", "unit_price_minor": 1.5, "vat_rate": "0"}]},
            "INVALID",
            "lines[0].unit_price_minor",
        ),
        ({"lines": [{"description": "x", "unit_price_minor": -1, "vat_rate": "0"}]}, "TOTAL_NEGATIVE", "lines"),
        ({"currency": "ABC"}, "CURRENCY_UNKNOWN", "currency"),
        ({"customer_id": str(uuid4())}, "CUSTOMER_UNKNOWN", "customer_id"),
    ],
)
def test_what_is_refused_leaves_nothing(studio: Any, changes: dict[str, Any], code: str, field: str) -> None:
    before = studio.harness.sql("SELECT count(*) AS n FROM invoice")[0]["n"]
    answer = refused(studio.draft, **changes)
    assert (answer.code, answer.errors[0].field) == (code, field)
    assert studio.harness.sql("SELECT count(*) AS n FROM invoice")[0]["n"] == before


def test_a_customer_without_invoices_gets_none(studio: Any) -> None:
    closed = studio.customer(feature_bills=False)
    assert refused(studio.draft, customer_id=closed).code == "CUSTOMER_FEATURE_DISABLED"


def test_saving_only_the_intro_keeps_all_lines(studio: Any) -> None:
    one = studio.draft()
    after = studio.rpc.update_invoice(id=one["id"], version=1, changes={"intro": "Guten Tag"})
    assert after["lines"] == one["lines"]
    assert (after["intro"], after["version"], after["total_minor"]) == ("Guten Tag", 2, 120412)
    assert [event["invoice_id"] for event in studio.told("invoice_drafted.v1", one["id"])] == [one["id"]] * 2
    entry = studio.rpc.list_activity(record_id=one["id"])["items"][0]
    assert (entry["action"], entry["before"], entry["after"]) == (
        "invoice.changed",
        {"intro": ""},
        {"intro": "Guten Tag"},
    )


def test_an_old_version_is_refused(studio: Any) -> None:
    one = studio.draft()
    studio.rpc.update_invoice(id=one["id"], version=1, changes={"intro": "a"})
    answer = refused(studio.rpc.update_invoice, id=one["id"], version=1, changes={"intro": "b"})
    assert (answer.code, answer.extra) == ("STALE_VERSION", {"given": 1, "current": 2})


def test_new_lines_make_new_totals(studio: Any) -> None:
    one = studio.draft()
    line = {"description": "Retusche", "quantity": "1.5", "unit_price_minor": 12000, "vat_rate": "8.1"}
    after = studio.rpc.update_invoice(id=one["id"], changes={"lines": [line]})
    assert (after["net_minor"], after["vat_minor"], after["total_minor"]) == (18000, 1458, 19458)
    assert [(line["position"], line["description"]) for line in after["lines"]] == [(1, "Retusche")]


def test_a_draft_can_be_deleted_and_is_then_unknown(studio: Any) -> None:
    one = studio.draft()
    assert refused(studio.rpc.delete_invoice, id=one["id"], version=7).code == "STALE_VERSION"
    studio.rpc.delete_invoice(id=one["id"], version=1)
    assert refused(studio.rpc.get_invoice, id=one["id"]).code == "NOT_FOUND"
    assert len(studio.told("invoice_deleted.v1", one["id"])) == 1
    assert studio.harness.sql("SELECT 1 FROM line WHERE invoice_id = %s", [one["id"]]) == []


@pytest.mark.parametrize("id", ["42", "0190d0a0-0000-7000-8000-00000000dead"])
def test_an_unknown_id_is_not_found(studio: Any, id: str) -> None:
    assert refused(studio.rpc.get_invoice, id=id).code == "NOT_FOUND"
    assert refused(studio.rpc.send_invoice, id=id).code == "NOT_FOUND"
    assert refused(studio.rpc.record_payment, id=id, payment_id=str(uuid4()), amount_minor=1).code == "NOT_FOUND"


def test_a_draft_follows_the_customers_name(studio: Any) -> None:
    customer = studio.customer(display_name="Petra Hofer")
    draft, issued = studio.draft(customer_id=customer), studio.issued(customer_id=customer)
    studio.customer(id=customer, display_name="Petra Meier-Hofer")
    assert studio.get(draft["id"])["customer"]["display_name"] == "Petra Meier-Hofer"
    assert studio.get(issued["id"])["customer"]["display_name"] == "Petra Hofer"


def test_a_customer_sees_neither_drafts_nor_notes(studio: Any) -> None:
    draft, issued = studio.draft(notes="schwierig"), studio.issued(notes="schwierig")
    customer = studio.harness.rpc_as({"kind": "customer", "id": studio.customer_id, "name": "Petra"})
    assert refused(customer.get_invoice, id=draft["id"]).code == "NOT_FOUND"
    assert refused(customer.snapshot, id=draft["id"]).code == "NOT_FOUND"
    assert customer.get_invoice(id=issued["id"])["notes"] == ""
    assert studio.get(issued["id"])["notes"] == "schwierig"
    assert "draft" not in customer.list_invoices(customer_id=studio.customer_id)["counts"]


def test_a_preview_shows_the_draft_without_number(studio: Any) -> None:
    snapshot = studio.rpc.snapshot(id=studio.draft()["id"])
    assert (snapshot["number"], snapshot["reference"], snapshot["payment_slip"]) == (None, None, "none")
    assert snapshot["totals"]["total_minor"] == 120412
    assert snapshot["bank"]["iban"] == "CH4431999123000889012"


def test_totals_of_lines_that_are_not_saved(studio: Any) -> None:
    line = {"description": "x", "quantity": "3", "unit_price_minor": 4000, "vat_rate": "2.6"}
    assert studio.rpc.price(lines=[line], currency="CHF")["total_minor"] == 12312
    assert studio.rpc.price(lines=[line], currency="CHF", price_entry="gross")["total_minor"] == 12000
    assert refused(studio.rpc.price, lines=[line], currency="CHF", price_entry="both").code == "INVALID"
