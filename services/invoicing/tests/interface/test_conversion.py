"""From an accepted quote to its invoices."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from kontor.errors import Refused
from kontor.pricing import parse_lines, price, slices
from tests.support.harness import ADMIN


def converted(studio: Any, percents: list[str], **changes: Any) -> dict[str, Any]:
    lines = [
        {"description": "Fotografie", "quantity": "2", "unit_price_minor": 50000, "vat_rate": "8.1"},
        {"description": "Bildband", "quantity": "3", "unit_price_minor": 4000, "vat_rate": "2.6"},
    ]
    totals = price(parse_lines(lines), "CHF")
    parts = slices(totals, [Decimal(percent) for percent in percents]) if percents else []
    return {
        "quote_id": str(uuid4()),
        "number": "Q-2026-0003",
        "customer_id": studio.customer_id,
        "customer": {"id": studio.customer_id, "display_name": "Petra Hofer", "email": "petra@hofer.example"},
        "title": "Hochzeit",
        "currency": "CHF",
        "language": "de",
        "contract": False,
        "contract_id": None,
        "invoice": True,
        "invoice_ids": [str(uuid4()) for _ in parts or "1"],
        "installment_plan_id": str(uuid4()) if parts else None,
        "lines": lines,
        "price_entry": "net",
        "totals": totals.to_json(),
        "slices": [
            {
                "label": ["Anzahlung", "Rest"][index],
                "percent": percent,
                "trigger": ["on_acceptance", "on_delivery"][index],
                "date": None,
                "days": None,
                "totals": part.to_json(),
            }
            for index, (percent, part) in enumerate(zip(percents, parts, strict=True))
        ],
        "payment": {"net_days": 14, "from": "issue", "skonto_percent": "2", "skonto_days": 10},
        "bank_account_id": None,
        "intro": "Vielen Dank",
        "closing": "",
        "quote_document_sha256": None,
    } | changes


def convert(studio: Any, data: dict[str, Any], deal: str | None = None) -> list[dict[str, Any]]:
    studio.harness.emit("quote_converted.v1", data, deal_uuid=deal or uuid4(), aggregate_id=data["quote_id"])
    return [studio.get(id) for id in data["invoice_ids"]]


def test_a_plan_of_two_spawns_two_siblings(studio: Any) -> None:
    deal = str(uuid4())
    data = converted(studio, ["30", "70"])
    first, second = convert(studio, data, deal)
    assert (first["state"], second["state"]) == ("draft", "pending_delivery")
    assert (first["total_minor"], second["total_minor"]) == (36124, 84288)
    assert {one["deal_uuid"] for one in (first, second)} == {deal}
    assert {one["installment_plan_id"] for one in (first, second)} == {data["installment_plan_id"]}
    assert [
        (one["installment_index"], one["installment_count"], one["installment_label"]) for one in (first, second)
    ] == [
        (1, 2, "Anzahlung"),
        (2, 2, "Rest"),
    ]
    assert first["payment"] == data["payment"]
    assert first["created_by_admin_id"] == ADMIN["id"]
    assert (first["quote_id"], first["quote_number"]) == (data["quote_id"], "Q-2026-0003")
    told = studio.told("invoice_drafted.v1", second["id"])
    assert [(one["installment_index"], one["state"]) for one in told] == [(2, "pending_delivery")]


def test_the_same_conversion_again_spawns_nothing_twice(studio: Any) -> None:
    data = converted(studio, ["30", "70"])
    convert(studio, data)
    convert(studio, data)
    (row,) = studio.harness.sql("SELECT count(*) AS n FROM invoice WHERE quote_id = %s", [data["quote_id"]])
    assert row["n"] == 2
    assert len(studio.told("invoice_drafted.v1", data["invoice_ids"][0])) == 1


def test_a_deleted_slice_does_not_come_back(studio: Any) -> None:
    data = converted(studio, ["30", "70"])
    convert(studio, data)
    studio.rpc.delete_invoice(id=data["invoice_ids"][1])
    studio.harness.emit("quote_converted.v1", data, deal_uuid=uuid4())
    with pytest.raises(Refused):
        studio.get(data["invoice_ids"][1])


def test_without_a_plan_there_is_one_draft_with_the_lines_of_the_quote(studio: Any) -> None:
    (one,) = convert(studio, converted(studio, []))
    assert [line["description"] for line in one["lines"]] == ["Fotografie", "Bildband"]
    assert (one["state"], one["installment_plan_id"], one["total_minor"]) == ("draft", None, 120412)


def test_a_conversion_without_invoice_spawns_none(studio: Any) -> None:
    data = converted(studio, [], invoice=False)
    studio.harness.emit("quote_converted.v1", data, deal_uuid=uuid4())
    assert studio.harness.sql("SELECT 1 FROM plan WHERE quote_id = %s", [data["quote_id"]]) == []


def test_slices_that_do_not_sum_up_spawn_nothing_and_stay_visible(studio: Any) -> None:
    data = converted(studio, ["30", "70"])
    data["slices"][0]["totals"]["vat_groups"][0]["vat_minor"] += 1
    event = studio.harness.emit("quote_converted.v1", data, deal_uuid=uuid4(), expect="waiting")
    assert studio.harness.sql("SELECT 1 FROM invoice WHERE quote_id = %s", [data["quote_id"]]) == []
    (row,) = studio.harness.sql("SELECT last_error FROM inbox WHERE event_id = %s", [event.event_id])
    assert "the slices sum to" in row["last_error"]


def test_amounts_of_a_slice_are_fixed_its_texts_are_not(studio: Any) -> None:
    first, _ = convert(studio, converted(studio, ["30", "70"]))
    with pytest.raises(Refused) as answer:
        studio.rpc.update_invoice(
            id=first["id"], changes={"lines": [{"description": "x", "unit_price_minor": 1, "vat_rate": "0"}]}
        )
    assert (answer.value.code, answer.value.errors[0].field) == ("INSTALLMENT_FIXED", "lines")
    after = studio.rpc.update_invoice(id=first["id"], changes={"intro": "Neu", "lines": first["lines"]})
    assert (after["intro"], after["total_minor"]) == ("Neu", 36124)
    assert after["lines"] == first["lines"]


def test_a_waiting_slice_can_be_issued(studio: Any) -> None:
    _, second = convert(studio, converted(studio, ["30", "70"]))
    issued = studio.rpc.send_invoice(id=second["id"])
    assert issued["state"] == "issuing"
    (told,) = studio.told("invoice_issued.v1", second["id"])
    assert told["snapshot"]["installment"] == {"index": 2, "count": 2, "label": "Rest", "percent": "70"}
    assert told["snapshot"]["references"]["quote_number"] == "Q-2026-0003"
    assert told["snapshot"]["totals"]["total_minor"] == 84288
    assert UUID(told["invoice_id"]) == UUID(second["id"])


@pytest.fixture
def unregistered(studio: Any, profile: dict[str, Any]) -> Any:
    """The studio as a small business: not registered for VAT."""
    studio.settings("business_profile", profile | {"vat_registered": False})
    yield studio
    studio.settings("business_profile", profile)


def test_who_is_not_registered_charges_no_vat(unregistered: Any, profile: dict[str, Any]) -> None:
    """Art. 27 MWSTG, § 14c UStG: VAT that is shown is owed."""
    lines = converted(unregistered, [])["lines"]
    assert unregistered.rpc.price(lines=lines, currency="CHF")["total_minor"] == 112000
    draft = unregistered.draft()
    assert (draft["net_minor"], draft["vat_minor"], draft["total_minor"]) == (112000, 0, 112000)
    edited = unregistered.rpc.update_invoice(id=draft["id"], changes={"title": "Taufe"})
    assert edited["total_minor"] == 112000
    sent = unregistered.rpc.send_invoice(id=draft["id"])
    assert (sent["vat_minor"], sent["total_minor"]) == (0, 112000)


@pytest.mark.parametrize("entry, totals", [("net", (112000, 8412, 120412)), ("gross", (104203, 7797, 112000))])
def test_an_invoice_is_issued_with_the_vat_that_is_owed_on_the_day(
    unregistered: Any, profile: dict[str, Any], entry: str, totals: tuple[int, int, int]
) -> None:
    draft = unregistered.draft(price_entry=entry)
    assert draft["total_minor"] == 112000
    unregistered.settings("business_profile", profile)
    sent = unregistered.rpc.send_invoice(id=draft["id"])
    assert (sent["net_minor"], sent["vat_minor"], sent["total_minor"]) == totals
    assert unregistered.get(draft["id"])["lines"] == sent["lines"]


def test_a_quote_without_vat_becomes_one_invoice_without_vat(unregistered: Any) -> None:
    lines = converted(unregistered, [])["lines"]
    totals = price(parse_lines(lines), "CHF", "net", "small_business").to_json()
    data = converted(unregistered, [], totals=totals, vat_mode="small_business")
    [only] = convert(unregistered, data)
    assert (only["vat_minor"], only["total_minor"]) == (0, 112000)


def test_a_deactivated_customer_gets_no_new_invoice(studio: Any) -> None:
    gone = studio.customer(active=False)
    with pytest.raises(Refused) as refused:
        studio.draft(customer_id=gone)
    assert [error.field for error in refused.value.errors] == ["customer_id"]
