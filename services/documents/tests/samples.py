"""Snapshots used across the tests, written out by hand."""

from __future__ import annotations

import copy
from typing import Any

ISSUER = {
    "name": "Atelier Lindenhof GmbH",
    "street": "Lindenhofstrasse",
    "house_number": "15",
    "postcode": "8001",
    "town": "Zürich",
    "country": "CH",
    "vat_id": "CHE-106.017.086 MWST",
    "tax_id": None,
    "email": "hallo@lindenhof.example",
    "phone": "+41 44 555 12 12",
    "website": "lindenhof.example",
    "timezone": "Europe/Zurich",
    "default_currency": "CHF",
    "default_language": "de",
    "vat_registered": True,
    "logo": None,
}
CUSTOMER = {
    "number": "C-1007",
    "salutation": "Frau",
    "first_name": "Anna",
    "last_name": "Meier",
    "company": None,
    "display_name": "Anna Meier",
    "email": "anna@meier.example",
    "street": "Rue du Lac",
    "house_number": "1268/2/22",
    "postcode": "2501",
    "town": "Biel",
    "country": "CH",
    "vat_id": None,
}
BANK = {
    "holder": "Atelier Lindenhof GmbH",
    "iban": "CH44 3199 9123 0008 8901 2",
    "bic": "POFICHBEXXX",
    "reference_type": "QRR",
    "qr_bill_enabled": True,
}


def line(position: int, description: str, quantity: str, price: int, net: int, **more: Any) -> dict[str, Any]:
    return {
        "position": position,
        "description": description,
        "quantity": quantity,
        "unit": "hour",
        "unit_price_minor": price,
        "discount_percent": "0",
        "vat_rate": "8.1",
        "net_minor": net,
        "kind": "item",
        "optional": False,
        "selected": True,
        "sub_lines": [],
        **more,
    }


_INVOICE: dict[str, Any] = {
    "template": 1,
    "kind": "invoice",
    "number": "INV-2026-0042",
    "language": "de",
    "locale": "de-CH",
    "currency": "CHF",
    "title": "Hochzeit Meier",
    "issue_date": "2026-11-12",
    "due_date": "2026-12-12",
    "valid_until": None,
    "service_from": "2026-10-03",
    "service_to": "2026-10-04",
    "issuer": ISSUER,
    "bank": BANK,
    "customer": CUSTOMER,
    "intro": "Guten Tag Frau Meier\n\nWir danken für den Auftrag.",
    "closing": "Freundliche Grüsse\nAtelier Lindenhof",
    "price_entry": "net",
    "lines": [
        line(1, "Reportage Trauung", "8", 18000, 144000),
        line(2, "Bildbearbeitung", "12.5", 12000, 135000, discount_percent="10"),
        line(3, "Fotobuch", "1", 30000, 30000, vat_rate="2.6", unit="piece"),
    ],
    # 2790.00 × 8.1 % = 225.99; 300.00 × 2.6 % = 7.80
    "totals": {
        "net_minor": 309000,
        "vat_minor": 23379,
        "total_minor": 332379,
        "vat_groups": [
            {"vat_rate": "8.1", "net_minor": 279000, "vat_minor": 22599},
            {"vat_rate": "2.6", "net_minor": 30000, "vat_minor": 780},
        ],
    },
    "payment": {"net_days": 30, "from": "issue", "skonto_percent": "2", "skonto_days": 10},
    "installment": None,
    "payment_slip": "swiss",
    "reference": "210000000003139471430009017",
    "paid_minor": 0,
    "open_minor": 332379,
    "references": {"quote_number": "Q-2026-0031", "contract_number": None},
}


def invoice(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(_INVOICE), **changes}


def quote(**changes: Any) -> dict[str, Any]:
    lines = [
        *copy.deepcopy(_INVOICE["lines"]),
        line(4, "Drohnenaufnahmen", "1", 45000, 45000, optional=True, selected=False, unit="flat"),
    ]
    return invoice(
        kind="quote",
        number="Q-2026-0031",
        valid_until="2026-12-31",
        due_date=None,
        reference=None,
        lines=lines,
        payment_slip="none",
        installments=[
            {"label": "Anzahlung", "percent": "30", "trigger": "on_acceptance"},
            {"label": "Rest", "percent": "70", "trigger": "on_delivery"},
        ],
        **changes,
    )


# One black pixel; stands for a drawn signature.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


def contract(**changes: Any) -> dict[str, Any]:
    return {
        **invoice(kind="contract", number="K-2026-0012", payment_slip="none", intro=None, closing=None),
        "blocks": [
            {"title": "Gegenstand", "markdown": "Der Fotograf begleitet **die Trauung**.\n\n- Kirche\n- Apéro"},
            {"title": "Honorar", "markdown": "| Leistung | CHF |\n|---|---|\n| Reportage | 1'440.00 |"},
        ],
        "signers": [{"name": "Anna Meier"}],
        **changes,
    }


def contract_final(**changes: Any) -> dict[str, Any]:
    return contract(
        kind="contract_final",
        signatures=[
            {
                "name": "Anna Meier",
                "role": "customer",
                "method": "draw",
                "at": "2026-11-10T13:02:00Z",
                "image_png_b64": PIXEL,
                "ip": "203.0.113.7",
                "email": "anna@meier.example",
            },
            {
                "name": "Lea Roth",
                "role": "issuer",
                "method": "draw",
                "at": "2026-11-11T08:30:00Z",
                "image_png_b64": PIXEL,
                "ip": None,
            },
        ],
        audit={
            "content_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "log_head": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
            "sent_at": "2026-11-09T07:00:00+00:00",
            "signatures": [
                {
                    "name": "Anna Meier",
                    "email": "anna@meier.example",
                    "role": "customer",
                    "method": "draw",
                    "at": "2026-11-10T13:02:00+00:00",
                    "ip": "203.0.113.7",
                    "user_agent": "Firefox/130",
                    "code_verified": False,
                    "consents": [],
                    "evidence_hash": "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13",
                }
            ],
            "log": [
                {
                    "seq": 1,
                    "type": "signed",
                    "at": "2026-11-10T13:02:00+00:00",
                    "actor": "Anna Meier",
                    "hash": "ab" * 32,
                }
            ],
        },
        **changes,
    )
