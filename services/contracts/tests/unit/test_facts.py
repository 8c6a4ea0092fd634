"""The values of the placeholders, written out by hand for one deal."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from contracts.adapters import markdown
from contracts.domain import facts
from contracts.domain.facts import Facts

LINES: list[dict[str, Any]] = [
    {
        "description": "**Reportage** Hochzeit\n- 300 Bilder",
        "kind": "item",
        "quantity": "8",
        "unit": "hour",
        "unit_price_minor": 18000,
        "discount_percent": "10",
        "vat_rate": "8.1",
        "net_minor": 129600,
        "optional": False,
        "selected": True,
        "sub_lines": [{"description": "zweite Kamera"}],
    },
    {
        "description": "Fotobuch | gebunden",
        "kind": "item",
        "quantity": "1",
        "unit": "flat",
        "unit_price_minor": 24000,
        "discount_percent": "0",
        "vat_rate": "2.6",
        "net_minor": None,
        "optional": True,
        "selected": True,
    },
    {
        "description": "Drohne",
        "kind": "item",
        "quantity": "1",
        "unit": "piece",
        "unit_price_minor": 50000,
        "discount_percent": "0",
        "vat_rate": "8.1",
        "net_minor": 50000,
        "optional": True,
        "selected": False,
    },
]
TOTALS = {
    "net_minor": 153600,
    "vat_minor": 11122,
    "total_minor": 164722,
    "vat_groups": [
        {"vat_rate": "8.1", "net_minor": 129600, "vat_minor": 10498},
        {"vat_rate": "2.6", "net_minor": 24000, "vat_minor": 624},
    ],
    "line_nets": [129600, 24000, 50000],
}
QUOTE: dict[str, Any] = {
    "number": "Q-2026-0007",
    "title": "Hochzeit Meier",
    "lines": LINES,
    "totals": TOTALS,
    "price_entry": "net",
    "payment": {"net_days": 30, "from": "issue", "skonto_percent": "2", "skonto_days": 10},
    "slices": [
        {"label": "Anzahlung", "percent": "30", "trigger": "on_acceptance", "totals": {"total_minor": 49417}},
        {
            "label": "Rest",
            "percent": "70",
            "trigger": "on_date",
            "date": "2026-08-01",
            "totals": {"total_minor": 115305},
        },
    ],
    "quote_document_sha256": "a" * 64,
}
GERMAN = Facts(
    language="de",
    locale="de-CH",
    currency="CHF",
    title="Hochzeit Meier",
    today=date(2026, 3, 9),
    valid_until=date(2026, 4, 8),
    number=None,
    issuer={"name": "Studio Licht", "street": "Gasse", "house_number": "1", "postcode": "8000", "town": "Zürich"},
    customer={"first_name": "Anna", "last_name": "Meier", "street": "Weg", "postcode": "9000", "town": "St. Gallen"},
    signers=["Anna Meier", "Beat Kunz", "Cleo *"],
    quote=QUOTE,
)
NBSP = "\N{NO-BREAK SPACE}"


def test_the_facts_of_the_parties_and_the_contract() -> None:
    values = facts.values(GERMAN)
    assert values["customer.name"] == "Anna Meier"
    assert values["customer.address"] == "Weg, 9000 St. Gallen"
    assert values["issuer.address"] == "Gasse 1, 8000 Zürich"
    assert values["contract.date"] == r"9\. März 2026"
    assert values["contract.signers"] == r"Anna Meier, Beat Kunz und Cleo \*"
    assert values["contract.number"] == "(wird beim Versand vergeben)"
    assert facts.values(replace(GERMAN, number="K-2026-0001"))["contract.number"] == "K-2026-0001"
    assert values["customer.email"] is None
    assert values["booking.date"] is None


def test_every_published_placeholder_has_an_entry() -> None:
    from contracts.domain.placeholders import NAMES

    assert set(facts.values(GERMAN)) == NAMES
    assert set(facts.values(replace(GERMAN, quote=None))) == NAMES


def _kurs(category: str, **more: Any) -> dict[str, Any]:
    line = LINES[1] | {"description": "Kurs", "vat_rate": "0", "vat_category": category, "net_minor": 24000}
    group = {"vat_rate": "0", "vat_category": category, "net_minor": 24000, "vat_minor": 0}
    totals = {"net_minor": 24000, "vat_minor": 0, "total_minor": 24000, "vat_groups": [group], "line_nets": [24000]}
    return QUOTE | {"lines": [line], "totals": totals} | more


@pytest.mark.parametrize(
    "category,words",
    [
        ("zero", f"MWST 0{NBSP}% auf CHF{NBSP}240.00"),
        ("exempt", f"Von der MWST ausgenommen: CHF{NBSP}240.00"),
        ("reverse_charge", f"MWST schuldet der Empfänger: CHF{NBSP}240.00"),
        ("outside_scope", f"Nicht der MWST unterstellt: CHF{NBSP}240.00"),
    ],
)
def test_the_table_says_why_there_is_no_vat(category: str, words: str) -> None:
    table = facts.values(replace(GERMAN, quote=_kurs(category, exemption_reason="Unterricht")))["quote.table"]
    assert table is not None
    assert f"| {words} | | | | CHF{NBSP}0.00 |" in table.splitlines()
    assert table.endswith("Unterricht") == (category == "exempt")


def test_the_table_of_a_small_business_knows_no_vat() -> None:
    quote = _kurs("exempt", vat_mode="small_business")
    table = facts.values(replace(GERMAN, quote=quote))["quote.table"]
    assert table is not None
    assert table.splitlines()[2:] == [
        f"| Kurs | pauschal | CHF{NBSP}240.00 |  | CHF{NBSP}240.00 |",
        f"| Zwischensumme | | | | CHF{NBSP}240.00 |",
        f"| **Gesamtbetrag** | | | | **CHF{NBSP}240.00** |",
    ]


def test_the_table_lists_what_was_chosen_with_its_totals() -> None:
    table = facts.values(GERMAN)["quote.table"]
    assert table is not None
    assert table.splitlines() == [
        "| Beschreibung | Menge | Einzelpreis | MWST | Betrag |",
        "| --- | ---: | ---: | ---: | ---: |",
        f"| **Reportage** Hochzeit · 300 Bilder · zweite Kamera (abzüglich 10{NBSP}% Rabatt) | 8 Std. "
        f"| CHF{NBSP}180.00 | 8.1{NBSP}% | CHF{NBSP}1’296.00 |",
        f"| Fotobuch \\| gebunden | pauschal | CHF{NBSP}240.00 | 2.6{NBSP}% | CHF{NBSP}240.00 |",
        f"| Zwischensumme | | | | CHF{NBSP}1’536.00 |",
        f"| MWST 8.1{NBSP}% auf CHF{NBSP}1’296.00 | | | | CHF{NBSP}104.98 |",
        f"| MWST 2.6{NBSP}% auf CHF{NBSP}240.00 | | | | CHF{NBSP}6.24 |",
        f"| **Gesamtbetrag** | | | | **CHF{NBSP}1’647.22** |",
    ]
    html = markdown.to_html(f"Davor\n\n{table}\n\nDanach")
    assert html.count("<tr>") == 7
    assert "<td>Fotobuch | gebunden</td>" in html


def test_terms_and_instalments_in_words() -> None:
    values = facts.values(GERMAN)
    assert values["quote.payment"] == (
        f"Zahlbar innerhalb von 30 Tagen ab Rechnungsdatum, 2{NBSP}% Skonto bei Zahlung innerhalb von 10 Tagen"
    )
    assert values["quote.instalments"] == (
        f"- Anzahlung: CHF{NBSP}494.17 (30{NBSP}%) bei Auftragserteilung\n"
        f"- Rest: CHF{NBSP}1’153.05 (70{NBSP}%) am 1\\. August 2026"
    )
    english = facts.values(replace(GERMAN, language="en", locale="en"))
    assert english["quote.payment"] == (
        "Payable within 30 days of the invoice date, 2% early-payment discount if paid within 10 days"
    )
    assert english["contract.signers"] == r"Anna Meier, Beat Kunz and Cleo \*"


def test_tax_is_called_by_its_name_in_germany() -> None:
    table = facts.values(replace(GERMAN, locale="de-DE", currency="EUR"))["quote.table"]
    assert table is not None
    assert f"| USt. 8,1{NBSP}% auf 1.296,00{NBSP}€ | | | | 104,98{NBSP}€ |" in table
    assert "MWST" not in table


def test_a_quote_without_terms_leaves_them_unresolved() -> None:
    values = facts.values(replace(GERMAN, quote=QUOTE | {"payment": None, "slices": []}))
    assert values["quote.payment"] is None
    assert values["quote.instalments"] is None
