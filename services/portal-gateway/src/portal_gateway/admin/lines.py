"""Line items between the grid of the editor and the JSON the services speak."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from kontor.errors import FieldError, Invalid
from kontor.money import exponent, plain
from portal_gateway.admin import figures

UNITS = ("hour", "day", "piece", "km", "flat")
#: Current rates by country (the date of supply decides; these are what the editor offers).
VAT_RATES = {
    "CH": ("8.1", "2.6", "3.8", "0"),
    "LI": ("8.1", "2.6", "3.8", "0"),
    "DE": ("19", "7", "0"),
    "AT": ("20", "13", "10", "0"),
}


def vat_rates(country: str, registered: bool, used: Sequence[str] = ()) -> list[str]:
    """The rates to choose from, the usual one first; a rate in use stays offered."""
    rates = list(VAT_RATES.get(country, VAT_RATES["CH"]))
    if not registered:
        rates = ["0", *(rate for rate in rates if rate != "0")]
    return rates + [rate for rate in used if rate not in rates]


def blank(rate: str) -> dict[str, Any]:
    return {
        "id": "",
        "description": "",
        "quantity": "1",
        "unit": "piece",
        "unit_price": "",
        "discount_percent": "",
        "vat_rate": rate,
        "optional": False,
    }


def to_rows(lines: Sequence[Mapping[str, Any]], currency: str, locale: str) -> list[dict[str, Any]]:
    """Saved lines as the grid shows them."""
    return [
        {
            "id": line.get("id") or "",
            "description": line["description"],
            "quantity": figures.show_decimal(line["quantity"], locale),
            "unit": line.get("unit") or "",
            "unit_price": figures.show_money(line["unit_price_minor"], currency, locale),
            "discount_percent": ""
            if Decimal(line.get("discount_percent") or 0) == 0
            else figures.show_decimal(line["discount_percent"], locale),
            "vat_rate": line["vat_rate"],
            "optional": bool(line.get("optional")),
        }
        for line in lines
    ]


def is_empty(row: Mapping[str, str]) -> bool:
    """A row nobody wrote anything into; it is not sent."""
    return not (row.get("description") or row.get("unit_price"))


def from_rows(
    rows: Sequence[Mapping[str, str]], currency: str, locale: str, kept: Mapping[str, Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[FieldError], list[dict[str, str]]]:
    """``(lines, errors, understood)``. ``errors`` name the row of the grid (``lines[2].quantity``); ``understood``
    holds per row how its figures were read, to be shown back. ``kept`` are the saved lines by id: what the grid
    does not show of them (sub-lines, choice groups) stays.
    """
    exponent(currency)
    lines: list[dict[str, Any]] = []
    errors: list[FieldError] = []
    understood: list[dict[str, str]] = []
    for index, row in enumerate(rows):
        if is_empty(row):
            understood.append({})
            continue
        reader = _Reader(row, index, currency, locale)
        line = reader.line()
        errors += reader.errors
        understood.append(reader.understood)
        saved = kept.get(row.get("id", ""))
        lines.append({**_hidden(saved), **line} if saved else line)
    return lines, errors, understood


def _hidden(saved: Mapping[str, Any]) -> dict[str, Any]:
    shown = {"id", "kind", "selected", "min_quantity", "max_quantity", "choice_group", "sub_lines"}
    return {key: value for key, value in saved.items() if key in shown}


class _Reader:
    def __init__(self, row: Mapping[str, str], index: int, currency: str, locale: str) -> None:
        self.row, self.index, self.currency, self.locale = row, index, currency, locale
        self.errors: list[FieldError] = []
        self.understood: dict[str, str] = {}

    def line(self) -> dict[str, Any]:
        unit = self.row.get("unit", "")
        quantity, typed_unit = self._quantity()
        unit = typed_unit or unit
        if typed_unit:
            self.understood["unit"] = typed_unit
        line: dict[str, Any] = {
            "description": self.row.get("description", ""),
            "quantity": plain(quantity),
            "unit": unit or None,
            "unit_price_minor": self._price(),
            "discount_percent": plain(self._discount()),
            "vat_rate": self.row.get("vat_rate") or "0",
            "optional": self.row.get("optional") == "true",
        }
        if line["optional"]:
            line["selected"] = False
        return line

    def _quantity(self) -> tuple[Decimal, str | None]:
        typed = self.row.get("quantity", "")
        if not typed:
            return Decimal(1), None
        try:
            value, unit = figures.read_quantity(typed, self.locale, self._field("quantity"))
        except Invalid as refusal:
            self.errors += refusal.errors
            return Decimal(0), None
        self.understood["quantity"] = figures.show_decimal(value, self.locale)
        return value, unit

    def _price(self) -> int:
        typed = self.row.get("unit_price", "")
        if not typed:
            return 0
        try:
            minor = figures.read_money(typed, self.currency, self.locale, self._field("unit_price"))
        except Invalid as refusal:
            self.errors += refusal.errors
            return 0
        self.understood["unit_price"] = figures.show_money(minor, self.currency, self.locale)
        return minor

    def _discount(self) -> Decimal:
        typed = self.row.get("discount_percent", "")
        if not typed:
            return Decimal(0)
        try:
            return figures.read_decimal(typed, self.locale, self._field("discount_percent"))
        except Invalid as refusal:
            self.errors += refusal.errors
            return Decimal(0)

    def _field(self, name: str) -> str:
        return f"lines[{self.index}].{name}"


def on_grid(errors: Sequence[FieldError], rows: Sequence[Mapping[str, str]]) -> list[FieldError]:
    """Errors of a service name the lines that were sent; the grid has empty rows in between."""
    places = [index for index, row in enumerate(rows) if not is_empty(row)]
    moved = []
    for error in errors:
        field = error.field
        if field.startswith("lines[") and "]" in field:
            index, rest = field[6:].split("]", 1)
            if index.isdigit() and int(index) < len(places):
                field = f"lines[{places[int(index)]}]{rest.replace('.unit_price_minor', '.unit_price')}"
        moved.append(FieldError(field, error.message))
    return moved
