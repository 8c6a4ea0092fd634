"""Twelve documents whose totals are worked out by hand, for every place that computes or shows a total."""

from dataclasses import dataclass, field
from typing import Any, Literal

Lines = list[dict[str, Any]]


@dataclass(frozen=True)
class Example:
    """Lines and what they come to, in minor units. ``groups`` are (category, rate, net, VAT) in printed order.

    ``printed`` are amounts as a Swiss document shows them, without currency: the total first, then every VAT
    amount that is charged.
    """

    name: str
    lines: Lines
    line_nets: list[int]
    groups: list[tuple[str, str, int, int]]
    net_minor: int
    vat_minor: int
    total_minor: int
    printed: list[str]
    currency: str = "CHF"
    price_entry: Literal["net", "gross"] = "net"
    vat_mode: Literal["standard", "small_business"] = "standard"
    more: dict[str, Any] = field(default_factory=dict)


def item(description: str, price_minor: int, rate: str = "8.1", quantity: str = "1", **fields: Any) -> dict[str, Any]:
    return {
        "description": description,
        "unit_price_minor": price_minor,
        "vat_rate": rate,
        "quantity": quantity,
        **fields,
    }


def off(description: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "discount", "description": description, **fields}


EXAMPLES = [
    Example(
        # 7.5 × 120.00 = 900.00, VAT 72.90; 2 × 199.50 = 399.00, VAT 15.162; 3 × 45.00 = 135.00, VAT 3.51
        name="three rates",
        lines=[
            item("Reportage", 12000, quantity="7.5", unit="hour"),
            item("Übernachtung", 19950, "3.8", "2"),
            item("Fotobuch", 4500, "2.6", "3"),
        ],
        line_nets=[90000, 39900, 13500],
        groups=[("standard", "8.1", 90000, 7290), ("standard", "3.8", 39900, 1516), ("standard", "2.6", 13500, 351)],
        net_minor=143400,
        vat_minor=9157,
        total_minor=152557,
        printed=["1’525.57", "72.90", "15.16", "3.51"],
    ),
    Example(
        # 2 × 150.00 = 300.00 and 1.5 × 90.00 less 10 % = 121.50; the line's own price does not count; VAT 34.1415
        name="sub-lines",
        lines=[
            item(
                "Porträts",
                99999,
                sub_lines=[
                    {"description": "Aufnahme", "quantity": "2", "unit_price_minor": 15000},
                    {"description": "Auswahl mit Ihnen"},
                    {"description": "Retusche", "quantity": "1.5", "unit_price_minor": 9000, "discount_percent": "10"},
                ],
            )
        ],
        line_nets=[42150],
        groups=[("standard", "8.1", 42150, 3414)],
        net_minor=42150,
        vat_minor=3414,
        total_minor=45564,
        printed=["455.64", "34.14"],
    ),
    Example(
        # 10 % of 1500.00 = 150.00: 100.00 and 50.00; then 20.00: 13.33 and 6.67
        # 1000.00 − 113.33 = 886.67, VAT 71.82027; 500.00 − 56.67 = 443.33, VAT 11.52658
        name="percentage and fixed discount over two rates",
        lines=[
            item("Film", 100000),
            item("Bildband", 50000, "2.6"),
            off("Stammkunde", discount_percent="10"),
            off("Gutschein", unit_price_minor=2000),
        ],
        line_nets=[100000, 50000, -15000, -2000],
        groups=[("standard", "8.1", 88667, 7182), ("standard", "2.6", 44333, 1153)],
        net_minor=133000,
        vat_minor=8335,
        total_minor=141335,
        printed=["1’413.35", "71.82", "11.53"],
    ),
    Example(
        # 500.00 − 50.00 = 450.00, VAT 36.45; 80.00, VAT 2.08
        name="negative line",
        lines=[item("Beratung", 50000), item("Treuerabatt", -5000), item("Broschüren", 8000, "2.6")],
        line_nets=[50000, -5000, 8000],
        groups=[("standard", "8.1", 45000, 3645), ("standard", "2.6", 8000, 208)],
        net_minor=53000,
        vat_minor=3853,
        total_minor=56853,
        printed=["568.53", "36.45", "2.08"],
    ),
    Example(
        # 108.10 / 1.081 = 100.00; 99.95 / 1.026 = 97.4171…
        name="gross entry",
        lines=[item("Passfotos", 10810), item("Kalender", 9995, "2.6")],
        line_nets=[10810, 9995],
        groups=[("standard", "8.1", 10000, 810), ("standard", "2.6", 9742, 253)],
        net_minor=19742,
        vat_minor=1063,
        total_minor=20805,
        printed=["208.05", "8.10", "2.53"],
        price_entry="gross",
    ),
    Example(
        # 3 × 333 = 999, VAT 99.9; 12000, VAT 960: the yen has no smaller unit
        name="no decimal places",
        lines=[item("Abzug", 333, "10", "3"), item("Reise", 12000, "8")],
        line_nets=[999, 12000],
        groups=[("standard", "10", 999, 100), ("standard", "8", 12000, 960)],
        net_minor=12999,
        vat_minor=1060,
        total_minor=14059,
        printed=["14’059", "100", "960"],
        currency="JPY",
    ),
    Example(
        # 1.5 × 12.345 = 18.5175, VAT on 18.518 = 0.9259; 250.000 without VAT
        name="three decimal places",
        lines=[item("Assistenz", 12345, "5", "1.5"), item("Lizenz", 250000, "0")],
        line_nets=[18518, 250000],
        groups=[("standard", "5", 18518, 926), ("zero", "0", 250000, 0)],
        net_minor=268518,
        vat_minor=926,
        total_minor=269444,
        printed=["269.444", "0.926"],
        currency="KWD",
    ),
    Example(
        # 2 × 950.00 = 1900.00 and 3 × 0.42 = 1.26: the customer owes the VAT
        name="reverse charge",
        lines=[
            item("Konzept", 95000, "0", "2", unit="day", vat_category="reverse_charge"),
            item("Fahrt", 42, "0", "3", unit="km", vat_category="reverse_charge"),
        ],
        line_nets=[190000, 126],
        groups=[("reverse_charge", "0", 190126, 0)],
        net_minor=190126,
        vat_minor=0,
        total_minor=190126,
        printed=["1’901.26"],
        currency="EUR",
    ),
    Example(
        # 900.00 + 135.00; whoever is not registered charges no VAT, whatever the lines say
        name="small business",
        lines=[item("Reportage", 12000, quantity="7.5", unit="hour"), item("Fotobuch", 4500, "2.6", "3")],
        line_nets=[90000, 13500],
        groups=[("exempt", "0", 103500, 0)],
        net_minor=103500,
        vat_minor=0,
        total_minor=103500,
        printed=["1’035.00"],
        vat_mode="small_business",
    ),
    Example(
        # 400.00 exempt; 100.00, VAT 2.60
        name="exempt",
        lines=[item("Kurs", 40000, "0", vat_category="exempt"), item("Unterlagen", 10000, "2.6")],
        line_nets=[40000, 10000],
        groups=[("standard", "2.6", 10000, 260), ("exempt", "0", 40000, 0)],
        net_minor=50000,
        vat_minor=260,
        total_minor=50260,
        printed=["502.60", "2.60"],
        more={"exemption_reason": "Unterricht, von der Steuer ausgenommen"},
    ),
    Example(
        # 0.5 × 24.49 = 12.245 → 12.25; −0.5 × 4.15 = −2.075 → −2.08; VAT on 10.17 = 0.82377
        name="half a Rappen in a line, up and down",
        lines=[item("Abzug", 2449, quantity="0.5"), item("Rücknahme", 415, quantity="-0.5")],
        line_nets=[1225, -208],
        groups=[("standard", "8.1", 1017, 82)],
        net_minor=1017,
        vat_minor=82,
        total_minor=1099,
        printed=["10.99", "0.82"],
    ),
    Example(
        # VAT on 5.00 = 0.405 → 0.41; on 1.00 + 1.50 = 2.50: 0.065 → 0.07 (line by line it would be 0.03 + 0.04)
        name="half a Rappen in the VAT",
        lines=[item("Abzug", 500), item("Karte", 100, "2.6"), item("Umschlag", 150, "2.6")],
        line_nets=[500, 100, 150],
        groups=[("standard", "8.1", 500, 41), ("standard", "2.6", 250, 7)],
        net_minor=750,
        vat_minor=48,
        total_minor=798,
        printed=["7.98", "0.41", "0.07"],
    ),
]
