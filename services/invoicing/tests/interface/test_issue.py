"""Issue: complete, numbered, frozen, announced; or refused with the field, and nothing happened."""

from collections.abc import Callable
from typing import Any

import pytest

from kontor.errors import Refused


def refused(call: Any, **fields: Any) -> Refused:
    with pytest.raises(Refused) as answer:
        call(**fields)
    return answer.value


def test_an_issued_invoice_is_numbered_dated_and_announced(studio: Any) -> None:
    one = studio.draft(payment={"net_days": 14})
    sent = studio.rpc.send_invoice(id=one["id"], version=1)
    assert (sent["state"], sent["version"]) == ("issuing", 2)
    assert sent["number"].startswith("INV-2026-")
    assert (sent["issue_date"], sent["due_date"]) == ("2026-03-02", "2026-03-16")
    assert sent["allowed"] == ["record_payment"]
    seq = int(sent["number"][-4:])
    assert sent["reference"].startswith(f"0000000000002026{seq:010d}")
    (told,) = studio.told("invoice_issued.v1", one["id"])
    assert told["number"] == sent["number"]
    assert told["recipient"] == {"email": "petra@hofer.example", "name": "Petra Hofer", "cc": []}
    snapshot = told["snapshot"]
    assert snapshot["issuer"]["vat_id"] == "CHE-123.456.788 MWST"
    assert snapshot["customer"]["town"] == "Vaduz"
    assert snapshot["bank"]["iban"] == "CH4431999123000889012"
    assert (snapshot["payment_slip"], snapshot["open_minor"]) == ("swiss", 120412)
    assert [line["net_minor"] for line in snapshot["lines"]] == [100000, 12000]
    assert studio.rpc.snapshot(id=one["id"]) == snapshot


def test_the_account_decides_the_reference(studio: Any) -> None:
    scor = studio.issued(bank_account_id="22222222-2222-7222-8222-222222222222")
    assert (scor["reference_type"], scor["reference"][:2]) == ("SCOR", "RF")
    euro = studio.issued(currency="EUR")
    assert (euro["reference_type"], euro["reference"]) == ("NON", None)
    assert studio.rpc.snapshot(id=euro["id"])["payment_slip"] == "none"


def test_the_frozen_snapshot_does_not_follow_the_profile(studio: Any, profile: dict[str, Any]) -> None:
    one = studio.issued()
    studio.settings("business_profile", profile | {"name": "Anderer Name"})
    try:
        assert studio.rpc.snapshot(id=one["id"])["issuer"]["name"] == "Atelier Muster"
    finally:
        studio.settings("business_profile", profile)


def test_an_incomplete_profile_is_named_and_nothing_issued(studio: Any, profile: dict[str, Any]) -> None:
    one = studio.draft()
    before = studio.rpc.verify_numbers()
    studio.settings("business_profile", profile | {"street": "", "vat_id": ""})
    try:
        answer = refused(studio.rpc.send_invoice, id=one["id"])
    finally:
        studio.settings("business_profile", profile)
    assert answer.code == "BUSINESS_PROFILE_INCOMPLETE"
    assert [error.field for error in answer.errors] == ["business_profile.street", "business_profile.vat_id"]
    assert studio.get(one["id"])["state"] == "draft"
    assert studio.rpc.verify_numbers() == before


def test_a_currency_without_account_is_refused(studio: Any) -> None:
    one = studio.draft(currency="USD")
    assert refused(studio.rpc.send_invoice, id=one["id"]).code == "BANK_ACCOUNT_MISSING"


def test_an_incomplete_address_is_refused(studio: Any) -> None:
    one = studio.draft(customer_id=studio.customer(street="", town=""))
    answer = refused(studio.rpc.send_invoice, id=one["id"])
    assert answer.code == "CUSTOMER_INCOMPLETE"
    assert [error.field for error in answer.errors] == ["customer.street", "customer.town"]


def test_issued_is_neither_edited_nor_deleted_nor_issued_again(studio: Any) -> None:
    one = studio.issued()
    for call, fields in (
        (studio.rpc.update_invoice, {"changes": {"intro": "x"}}),
        (studio.rpc.delete_invoice, {}),
        (studio.rpc.send_invoice, {}),
    ):
        answer = refused(call, id=one["id"], **fields)
        assert (answer.code, answer.extra["state"]) == ("INVALID_TRANSITION", "issuing")


def test_an_old_version_is_not_issued(studio: Any) -> None:
    one = studio.draft()
    studio.rpc.update_invoice(id=one["id"], changes={"intro": "neu"})
    assert refused(studio.rpc.send_invoice, id=one["id"], version=1).code == "STALE_VERSION"


def test_the_format_may_change_within_the_year(studio: Any) -> None:
    first = studio.issued()["number"]
    studio.settings("numbering", {"invoice": "R{YEAR}/{MONTH:02d}-{SEQ:05d}"})
    second = studio.issued()["number"]
    studio.settings("numbering", {"invoice": "INV-{YEAR}-{SEQ:04d}"})
    assert int(second[-5:]) == int(first[-4:]) + 1
    assert studio.rpc.verify_numbers()["problems"] == []


def test_an_invoice_over_nothing_is_issued_without_slip_and_paid_once_handed_over(studio: Any) -> None:
    line = {"description": "Kulanz", "unit_price_minor": 0, "vat_rate": "8.1"}
    one = studio.issued(lines=[line])
    assert studio.rpc.snapshot(id=one["id"])["payment_slip"] == "none"
    studio.mailed(one["id"])
    assert studio.get(one["id"])["state"] == "paid"
    assert len(studio.told("invoice_paid.v1", one["id"])) == 1


def test_a_slip_that_breaks_a_rule_blocks_the_issue(make_studio: Callable[..., Any]) -> None:
    problem = {"field": "creditor.town", "rule": "too_long", "message": "At most 35 characters."}
    studio = make_studio(fakes={"documents": {"check_qrbill": {"problems": [problem]}}})
    one = studio.draft()
    answer = refused(studio.rpc.send_invoice, id=one["id"])
    assert (answer.code, answer.extra) == ("QRBILL_INVALID", {"rules": ["too_long"]})
    assert answer.errors[0].field == "payment_slip.creditor.town"
    assert studio.get(one["id"])["state"] == "draft"
    assert studio.rpc.verify_numbers()["count"] == 0
    euro = studio.draft(currency="EUR")
    assert studio.rpc.send_invoice(id=euro["id"])["number"] == studio.get(euro["id"])["number"]


def test_without_documents_a_slip_is_not_issued(make_studio: Callable[..., Any]) -> None:
    studio = make_studio(fakes={})
    one = studio.draft()
    answer = refused(studio.rpc.send_invoice, id=one["id"])
    assert (answer.code, answer.extra["service"]) == ("SERVICE_UNAVAILABLE", "documents")
    assert studio.get(one["id"])["state"] == "draft"
    assert studio.rpc.verify_numbers()["count"] == 0
    assert studio.issued(payment_slip="none")["state"] == "issuing"


def test_switched_off_nothing_is_created(studio: Any) -> None:
    studio.features(bills=False)
    try:
        answer = refused(studio.draft)
    finally:
        studio.features(bills=True)
    assert (answer.code, answer.extra) == ("FEATURE_DISABLED", {"flag": "bills"})
