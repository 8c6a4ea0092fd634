"""The line table of a quote or an invoice: positions, choices, options, discounts and the carry-over figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from .markup import rich
from .vat import VatNotes
from .wording import Snapshot, Wording


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``style``: ``item``, ``sub`` (``sub last``), ``group`` (a heading), ``subtotal``, ``discount``.

    ``mark`` stands before what the customer chooses: ``radio`` or ``box``, with ``-on`` when it is chosen.
    ``carry`` is the sum of the counting lines down to this row, printed where a page ends behind it.
    """

    style: str
    description: Markup | str
    position: str = ""
    notes: tuple[str, ...] = ()
    quantity: str = ""
    price: str = ""
    vat: str = ""
    amount: str = ""
    mark: str = ""
    left_out: bool = False
    keeps_next: bool = False
    carry: str = ""


@dataclass
class _Sum:
    """What counts so far, in minor units."""

    minor: int = field(default=0)


class ItemRows:
    """Lines in reading order: fixed ones, choices, options, then discounts, which are on all of them."""

    def __init__(self, words: Wording, vat: VatNotes) -> None:
        self.words = words
        self.texts = words.texts
        self.vat = vat
        lines = list(words.snapshot.get("lines") or ())
        numbered = [{**line, "position": line.get("position") or index} for index, line in enumerate(lines, start=1)]
        self.discounts = [line for line in numbered if line.get("kind") == "discount"]
        items = [line for line in numbered if line.get("kind") != "discount"]
        self.fixed = [line for line in items if not line.get("choice_group") and not line.get("optional")]
        self.options = [line for line in items if line.get("optional") and not line.get("choice_group")]
        self.choices: dict[str, list[dict[str, Any]]] = {}
        for line in items:
            if line.get("choice_group"):
                self.choices.setdefault(line["choice_group"], []).append(line)

    def all(self) -> list[Row]:
        """Every row of the table, each with its carry-over."""
        total = _Sum()
        rows = []
        for row, net in self._rows():
            total.minor += net
            rows.append(replace(row, carry=f"{self.texts['carry_over']}   {self.words.figure(total.minor)}"))
        return rows

    def chosen(self) -> list[str]:
        """The first words of each chosen option or choice, with its quantity."""
        lines = [*(line for group in self.choices.values() for line in group), *self.options]
        return [
            f"{self.words.quantity(line['quantity'], line.get('unit'))} {_first_line(line.get('description'))}"
            for line in lines
            if _counts(line)
        ]

    @property
    def has_choices(self) -> bool:
        return bool(self.choices or self.options)

    def _rows(self) -> Iterator[tuple[Row, int]]:
        for line in self.fixed:
            yield from self._line(line)
        accepted = self.words.kind == "quote_accepted"
        for name, lines in self.choices.items():
            heading = self.texts["choice_accepted" if accepted else "choice_heading"].format(name=name)
            yield Row("group", heading, keeps_next=True), 0
            for line in lines:
                yield from self._line(line, "radio-on" if _counts(line) else "radio")
        if self.options:
            words = self.texts["options_accepted" if accepted else "options_heading"]
            note = self.texts["options_accepted_note" if accepted else "options_note"]
            yield Row("group", words, notes=(note,), keeps_next=True), 0
            for line in self.options:
                yield from self._line(line, "box-on" if _counts(line) else "box")
        if self.discounts:
            items = [*self.fixed, *self.options, *(line for group in self.choices.values() for line in group)]
            subtotal = sum(int(line.get("net_minor") or 0) for line in items if _counts(line))
            yield Row("subtotal", self.texts["subtotal"], amount=self.words.figure(subtotal), keeps_next=True), 0
            for line in self.discounts:
                yield self._discount(line)

    def _line(self, line: Snapshot, mark: str = "") -> Iterator[tuple[Row, int]]:
        subs: Sequence[Snapshot] = line.get("sub_lines") or ()
        net = line.get("net_minor")
        priced_subs = any(sub.get("unit_price_minor") is not None for sub in subs)
        priced = line.get("unit_price_minor") is not None and not priced_subs
        left_out = not _counts(line)
        row = Row(
            "item",
            rich(line.get("description")),
            position=str(line["position"]),
            notes=tuple(self._notes(line, bool(mark))),
            quantity=self._quantity(line) if priced else "",
            price=self.words.figure(line["unit_price_minor"]) if priced else "",
            vat=self.vat.cell(line),
            amount="" if net is None else self.words.figure(net),
            mark=mark,
            left_out=left_out,
            keeps_next=bool(subs),
        )
        yield row, 0 if left_out or net is None else int(net)
        for number, sub in enumerate(subs, start=1):
            yield self._sub_line(sub, left_out, last=number == len(subs)), 0

    def _sub_line(self, sub: Snapshot, left_out: bool, *, last: bool) -> Row:
        priced = sub.get("unit_price_minor") is not None
        return Row(
            "sub last" if last else "sub",
            rich(sub.get("description")),
            notes=tuple(self._discount_note(sub)),
            quantity=self._quantity(sub) if priced else "",
            price=self.words.figure(sub["unit_price_minor"]) if priced else "",
            left_out=left_out,
        )

    def _discount(self, line: Snapshot) -> tuple[Row, int]:
        net = int(line.get("net_minor") or 0)
        percent = Decimal(str(line.get("discount_percent") or 0))
        row = Row(
            "discount",
            rich(line.get("description")),
            position=str(line["position"]),
            price=self.words.percent(-percent) if percent else "",
            amount=self.words.figure(net),
        )
        return row, net

    def _quantity(self, line: Snapshot) -> str:
        quantity = line.get("quantity")
        return "" if quantity is None else self.words.quantity(quantity, line.get("unit"))

    def _notes(self, line: Snapshot, choice: bool) -> Iterator[str]:
        yield from self._discount_note(line)
        if not choice or self.words.kind == "quote_accepted":
            return
        low, high = line.get("min_quantity"), line.get("max_quantity")
        if low is not None or high is not None:
            key = (
                "quantity_from_to"
                if low is not None and high is not None
                else "quantity_to"
                if high
                else "quantity_from"
            )
            yield self.texts[key].format(low=self.words.number(low or 0), high=self.words.number(high or 0))
        if line.get("optional") and not line.get("choice_group"):
            yield self.texts["optional_selected" if _counts(line) else "optional_not_selected"]

    def _discount_note(self, line: Snapshot) -> Iterator[str]:
        if Decimal(str(line.get("discount_percent") or 0)):
            yield self.texts["discount_of"].format(percent=self.words.percent(line["discount_percent"]))


def _counts(line: Snapshot) -> bool:
    return not (line.get("optional") or line.get("choice_group")) or line.get("selected") is not False


def _first_line(text: Any) -> str:
    words = str(text or "").strip().partition("\n")[0].strip("*_-# ")
    return words if len(words) <= 80 else f"{words[:79]}…"
