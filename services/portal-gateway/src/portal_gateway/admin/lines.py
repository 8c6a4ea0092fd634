"""Line items between the grid of the editor and the JSON the services speak.

The grid is flat: a row with ``level`` "sub" is a detail (sub-line) of the line above it. ``choice`` says what the
customer decides about a line: nothing, "option" or "option_on" (an add-on, the latter preselected), "package" or
"package_on" (one of several of the same ``choice_group``), and "discount" makes it a discount line.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kontor.errors import FieldError, Invalid
from kontor.money import exponent, plain
from portal_gateway.admin import figures, vat

UNITS = ("hour", "day", "piece", "km", "flat")
_PATH = re.compile(r"lines\[(\d+)\](?:\.sub_lines\[(\d+)\])?\.?(.*)")
#: What a service calls a field, and the column of the grid that shows it.
_COLUMNS = {
    "unit_price_minor": "unit_price",
    "vat_category": "vat_rate",
    "selected": "choice",
    "optional": "choice",
    "kind": "choice",
    "": "description",
    "id": "description",
    "sub_lines": "description",
}


def blank(rate: str) -> dict[str, Any]:
    return {
        "id": "",
        "level": "",
        "description": "",
        "quantity": "1",
        "unit": "piece",
        "unit_price": "",
        "discount_percent": "",
        "vat_rate": rate,
        "choice": "",
        "choice_group": "",
        "min_quantity": "",
        "max_quantity": "",
    }


def to_rows(lines: Sequence[Mapping[str, Any]], currency: str, locale: str) -> list[dict[str, Any]]:
    """Saved lines as the grid shows them, each followed by its details."""
    rows = []
    for line in lines:
        summed = any(sub["unit_price_minor"] is not None for sub in line.get("sub_lines") or [])
        priceless = summed or (line.get("kind") == "discount" and not line["unit_price_minor"])
        rows.append(
            _row(line, currency, locale)
            | {
                "unit_price": "" if priceless else figures.show_money(line["unit_price_minor"], currency, locale),
                "vat_rate": vat.of_line(line),
                "choice": _choice(line),
                "choice_group": line.get("choice_group") or "",
                "min_quantity": figures.show_decimal(line.get("min_quantity"), locale),
                "max_quantity": figures.show_decimal(line.get("max_quantity"), locale),
            }
        )
        rows += [_row(sub, currency, locale) | {"level": "sub"} for sub in line.get("sub_lines") or []]
    return rows


def _row(line: Mapping[str, Any], currency: str, locale: str) -> dict[str, Any]:
    discount = Decimal(line.get("discount_percent") or 0)
    return blank("") | {
        "id": line.get("id") or "",
        "description": line["description"],
        "quantity": figures.show_decimal(line["quantity"], locale),
        "unit": line.get("unit") or "piece",
        "unit_price": figures.show_money(line["unit_price_minor"], currency, locale),
        "discount_percent": figures.show_decimal(discount, locale) if discount else "",
    }


def _choice(line: Mapping[str, Any]) -> str:
    if line.get("kind") == "discount":
        return "discount"
    chosen = "_on" if line.get("selected") else ""
    if line.get("choice_group"):
        return f"package{chosen}"
    return f"option{chosen}" if line.get("optional") else ""


def is_empty(row: Mapping[str, str]) -> bool:
    """A row nobody wrote anything into; it is not sent."""
    return not (row.get("description") or row.get("unit_price"))


@dataclass
class Grid:
    """The rows as they were read. ``errors`` name the field of the form (``lines-2-quantity``); ``understood``
    holds per row how its figures were read, to be shown back."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)
    understood: list[dict[str, str]] = field(default_factory=list)
    #: Per row the index of its line, or None for an empty row or a detail.
    line_of_row: list[int | None] = field(default_factory=list)
    _rows_of: list[list[int]] = field(default_factory=list)

    def place(self, path: str) -> str:
        """``lines[1].sub_lines[0].unit_price_minor``, as a service names it, as the form names that field."""
        match = _PATH.fullmatch(path)
        if match is None or int(match[1]) >= len(self._rows_of):
            return path
        rows = self._rows_of[int(match[1])]
        row = rows[int(match[2]) + 1] if match[2] and int(match[2]) + 1 < len(rows) else rows[0]
        return f"lines-{row}-{_COLUMNS.get(match[3], match[3])}"


def from_rows(rows: Sequence[Mapping[str, str]], currency: str, locale: str) -> Grid:
    """Read the grid; a detail without a line above it counts as a line."""
    exponent(currency)
    grid = Grid()
    for index, row in enumerate(rows):
        grid.line_of_row.append(None)
        if is_empty(row):
            grid.understood.append({})
            continue
        reader = _Reader(row, index, currency, locale)
        parent = grid.lines[-1] if grid.lines else None
        if row.get("level") == "sub" and parent is not None and parent["kind"] == "item":
            parent.setdefault("sub_lines", []).append(reader.detail())
            grid._rows_of[-1].append(index)
        else:
            grid.lines.append(reader.discount() if row.get("choice") == "discount" else reader.item())
            grid._rows_of.append([index])
            grid.line_of_row[-1] = len(grid.lines) - 1
        grid.errors += reader.errors
        grid.understood.append(reader.understood)
    return grid


class _Reader:
    def __init__(self, row: Mapping[str, str], index: int, currency: str, locale: str) -> None:
        self.row, self.index, self.currency, self.locale = row, index, currency, locale
        self.errors: list[FieldError] = []
        self.understood: dict[str, str] = {}

    def item(self) -> dict[str, Any]:
        line = self._counted() | {
            "kind": "item",
            "unit_price_minor": self._price() or 0,
            **vat.to_line(self.row.get("vat_rate", "")),
        }
        choice = self.row.get("choice", "")
        if choice:
            line |= {
                "optional": choice.startswith("option"),
                "selected": choice.endswith("_on"),
                "choice_group": (self.row.get("choice_group") or None) if choice.startswith("package") else None,
                "min_quantity": self._decimal("min_quantity"),
                "max_quantity": self._decimal("max_quantity"),
            }
            if choice.startswith("package") and not line["choice_group"]:
                self.errors.append(FieldError(self._field("choice_group"), "Please name what is chosen from."))
        return line

    def detail(self) -> dict[str, Any]:
        return self._counted() | {"unit_price_minor": self._price()}

    def discount(self) -> dict[str, Any]:
        return self._known() | {
            "kind": "discount",
            "description": self.row.get("description", ""),
            "unit_price_minor": abs(self._price() or 0),
            "discount_percent": self._decimal("discount_percent") or "0",
        }

    def _known(self) -> dict[str, Any]:
        return {"id": self.row["id"]} if self.row.get("id") else {}

    def _counted(self) -> dict[str, Any]:
        unit = self.row.get("unit", "")
        quantity, typed_unit = self._quantity()
        if typed_unit:
            self.understood["unit"] = typed_unit
        return self._known() | {
            "description": self.row.get("description", ""),
            "quantity": plain(quantity),
            "unit": typed_unit or unit or None,
            "discount_percent": self._decimal("discount_percent") or "0",
        }

    def _quantity(self) -> tuple[Decimal, str | None]:
        typed = self.row.get("quantity", "")
        if not typed:
            return Decimal(1), None
        try:
            value, unit = figures.read_quantity(typed, self.locale, self._field("quantity"))
        except Invalid as refusal:
            self.errors += refusal.errors
            return Decimal(1), None
        self.understood["quantity"] = figures.show_decimal(value, self.locale)
        return value, unit

    def _price(self) -> int | None:
        typed = self.row.get("unit_price", "")
        if not typed:
            return None
        try:
            minor = figures.read_money(typed, self.currency, self.locale, self._field("unit_price"))
        except Invalid as refusal:
            self.errors += refusal.errors
            return 0
        self.understood["unit_price"] = figures.show_money(minor, self.currency, self.locale)
        return minor

    def _decimal(self, name: str) -> str | None:
        typed = self.row.get(name, "")
        if not typed:
            return None
        try:
            return plain(figures.read_decimal(typed, self.locale, self._field(name)))
        except Invalid as refusal:
            self.errors += refusal.errors
            return None

    def _field(self, name: str) -> str:
        return f"lines-{self.index}-{name}"
