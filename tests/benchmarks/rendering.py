"""Rendering one invoice with payment slip, warm, in process."""

import tempfile
from pathlib import Path
from typing import Any

from documents.rendering.engine import Renderer
from tests.benchmarks.measuring import Figure, latency


def _snapshot() -> dict[str, Any]:
    lines = [
        {
            "position": n,
            "description": f"Reportage und Bildbearbeitung, Teil {n}",
            "quantity": "2",
            "unit": "hour",
            "unit_price_minor": 12000,
            "discount_percent": "0",
            "vat_rate": "8.1",
            "net_minor": 24000,
            "kind": "item",
            "optional": False,
            "selected": True,
            "sub_lines": [],
        }
        for n in range(1, 13)
    ]
    address = {"house_number": "12", "postcode": "8002", "town": "Zürich", "country": "CH"}
    # 12 × 240.00 = 2880.00; × 8.1 % = 233.28
    groups = [{"vat_rate": "8.1", "net_minor": 288000, "vat_minor": 23328}]
    return {
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
        "issuer": {
            "name": "Atelier Nordwand", "street": "Seestrasse", **address, "vat_id": "CHE-109.322.551 MWST",
            "tax_id": None, "email": "studio@example.test", "phone": None, "website": None,
            "timezone": "Europe/Zurich", "default_currency": "CHF", "default_language": "de",
            "vat_registered": True, "logo": None,
        },
        "bank": {
            "holder": "Atelier Nordwand", "iban": "CH9300762011623852957", "bic": None,
            "reference_type": "SCOR", "qr_bill_enabled": True,
        },
        "customer": {
            "number": None, "salutation": "Frau", "first_name": "Anna", "last_name": "Meier", "company": None,
            "display_name": "Anna Meier", "email": "anna@example.test", "street": "Bahnhofstrasse", **address,
            "vat_id": None,
        },
        "intro": "Guten Tag Frau Meier\n\nWir danken für den Auftrag.",
        "closing": "Freundliche Grüsse",
        "price_entry": "net",
        "lines": lines,
        "totals": {"net_minor": 288000, "vat_minor": 23328, "total_minor": 311328, "vat_groups": groups},
        "payment": {"net_days": 30, "from": "issue", "skonto_percent": None, "skonto_days": None},
        "installment": None,
        "payment_slip": "swiss",
        "reference": "RF18539007547034",
        "paid_minor": 0,
        "open_minor": 311328,
        "references": {"quote_number": "Q-2026-0031", "contract_number": None},
    }  # fmt: skip


def figures() -> list[Figure]:
    """One page, 12 lines, slip, embedded fonts, PDF/A-3."""
    snapshot = _snapshot()
    with tempfile.TemporaryDirectory() as folder:
        renderer = Renderer(Path(folder))
        pages = renderer.render("invoice", snapshot).pages
        figure = latency(
            "render an invoice with slip, warm",
            lambda: renderer.render("invoice", snapshot),
            times=30,
            goal="< 120",
            peer="29 ms",
        )
    return [Figure(figure.name, figure.value, "ms", figure.goal, figure.peer, f"{figure.detail}, {pages} page(s)")]
