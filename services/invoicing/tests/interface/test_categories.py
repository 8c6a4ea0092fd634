"""Lines without VAT say why: the categories, what they need before the issue, and what the invoice shows of them."""

from typing import Any
from uuid import uuid4

import pytest

from kontor.errors import Refused
from kontor.pricing import parse_lines, price

EXEMPT = [
    {"description": "Workshop", "unit_price_minor": 40000, "vat_rate": "0", "vat_category": "exempt"},
    {"description": "Unterlagen", "unit_price_minor": 10000, "vat_rate": "2.6"},
]
GROUPS = [
    {"vat_rate": "2.6", "vat_category": "standard", "net_minor": 10000, "vat_minor": 260},
    {"vat_rate": "0", "vat_category": "exempt", "net_minor": 40000, "vat_minor": 0},
]


def test_exempt_lines_need_a_reason_and_print_it(studio: Any) -> None:
    draft = studio.draft(lines=EXEMPT)
    with pytest.raises(Refused) as refusal:
        studio.rpc.send_invoice(id=draft["id"])
    assert refusal.value.code == "EXEMPTION_REASON_MISSING"
    assert refusal.value.errors[0].field == "exemption_reason"
    studio.rpc.update_invoice(id=draft["id"], changes={"exemption_reason": "Unterricht"})
    issued = studio.rpc.send_invoice(id=draft["id"])
    assert (issued["exemption_reason"], issued["vat_groups"]) == ("Unterricht", GROUPS)
    frozen = studio.rpc.snapshot(id=draft["id"])
    assert frozen["exemption_reason"] == "Unterricht"
    assert frozen["totals"]["vat_groups"] == GROUPS
    assert [line["vat_category"] for line in frozen["lines"]] == ["exempt", "standard"]


def test_reverse_charge_needs_the_vat_number_of_the_customer(studio: Any) -> None:
    lines = [{"description": "Konzept", "unit_price_minor": 40000, "vat_rate": "0", "vat_category": "reverse_charge"}]
    customer = studio.customer(country="DE", postcode="10115", town="Berlin")
    draft = studio.draft(customer_id=customer, lines=lines)
    with pytest.raises(Refused) as refusal:
        studio.rpc.send_invoice(id=draft["id"])
    assert refusal.value.code == "VAT_ID_MISSING"
    studio.customer(customer, country="DE", postcode="10115", town="Berlin", vat_id="DE123456788")
    assert studio.rpc.send_invoice(id=draft["id"])["number"]


def test_slices_of_a_quote_keep_the_categories_and_the_reason(studio: Any) -> None:
    totals = price(parse_lines(EXEMPT), "CHF")
    ids = [str(uuid4()), str(uuid4())]
    half = {
        "net_minor": 25000,
        "vat_minor": 130,
        "total_minor": 25130,
        "vat_groups": [
            {"vat_rate": "2.6", "vat_category": "standard", "net_minor": 5000, "vat_minor": 130},
            {"vat_rate": "0", "vat_category": "exempt", "net_minor": 20000, "vat_minor": 0},
        ],
    }
    part = {"label": "", "percent": "50", "trigger": "on_acceptance", "date": None, "days": None, "totals": half}
    data = {
        "quote_id": str(uuid4()),
        "number": "Q-2026-0009",
        "customer_id": studio.customer_id,
        "customer": {"id": studio.customer_id, "display_name": "Petra Hofer", "email": "petra@hofer.example"},
        "title": "Workshop",
        "currency": "CHF",
        "language": "de",
        "contract": False,
        "contract_id": None,
        "invoice": True,
        "invoice_ids": ids,
        "installment_plan_id": str(uuid4()),
        "lines": EXEMPT,
        "price_entry": "net",
        "totals": totals.to_json(),
        "slices": [part, part],
        "payment": {"net_days": 14, "from": "issue", "skonto_percent": None, "skonto_days": None},
        "bank_account_id": None,
        "exemption_reason": "Unterricht",
    }
    studio.harness.emit("quote_converted.v1", data, deal_uuid=uuid4(), aggregate_id=data["quote_id"])
    for id in ids:
        one = studio.get(id)
        assert (one["exemption_reason"], one["vat_groups"]) == ("Unterricht", half["vat_groups"])
        assert [(line["vat_category"], line["net_minor"]) for line in one["lines"]] == [
            ("standard", 5000),
            ("exempt", 20000),
        ]


def test_the_looks_are_frozen_with_the_invoice(studio: Any) -> None:
    theme = {"accent": "#113355", "font": "inter", "window": "left", "footer_text": "Merci!"}
    studio.settings("documents", theme)
    issued = studio.issued()
    studio.settings("documents", {})
    assert studio.rpc.snapshot(id=issued["id"])["theme"] == theme
