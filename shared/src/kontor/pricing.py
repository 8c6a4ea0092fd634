"""From lines to totals, in the order of EN 16931: line nets, discounts, net per rate, VAT per rate, total.

Each figure is computed exactly (fractions) and rounded once, half away from zero, to the minor unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from kontor.errors import FieldError, Invalid
from kontor.lines import VAT_CATEGORIES, Line, SubLine, VatCategory, category_of, parse_lines
from kontor.money import exponent, in_range, plain, round_half_away
from kontor.splitting import split

__all__ = [
    "Line",
    "PercentagesNot100",
    "PriceEntry",
    "SubLine",
    "TotalNegative",
    "Totals",
    "VatCategory",
    "VatGroup",
    "VatMode",
    "line_net",
    "parse_lines",
    "price",
    "slices",
]

PriceEntry = Literal["net", "gross"]
VatMode = Literal["standard", "small_business", "exempt", "reverse_charge", "outside_scope"]

_HUNDRED = Decimal(100)

# What every line is when the whole document charges no VAT; a small business is exempt (§ 19 UStG,
# § 6 (1) 27 UStG AT, art. 10 MWSTG).
_WITHOUT_VAT: Mapping[VatMode, VatCategory] = {
    "small_business": "exempt",
    "exempt": "exempt",
    "reverse_charge": "reverse_charge",
    "outside_scope": "outside_scope",
}

_Group = tuple[VatCategory, Decimal]


class TotalNegative(Invalid):
    """The lines add up to less than nothing; such a document cannot be sent or issued."""

    code = "TOTAL_NEGATIVE"


class PercentagesNot100(Invalid):
    """The parts of a plan must make up the whole: their percentages sum to exactly 100."""

    code = "PERCENTAGES_NOT_100"


@dataclass(frozen=True, slots=True)
class VatGroup:
    """All lines with one VAT category and rate (EN 16931 BG-23): ``vat_rate`` in percent, amounts in minor units."""

    vat_rate: Decimal
    vat_category: VatCategory
    net_minor: int
    vat_minor: int

    def to_json(self) -> dict[str, Any]:
        return {
            "vat_rate": plain(self.vat_rate),
            "vat_category": self.vat_category,
            "net_minor": self.net_minor,
            "vat_minor": self.vat_minor,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "VatGroup":
        """Reads back what `to_json` wrote; without a category, as older records are, the rate tells it."""
        rate = Decimal(body["vat_rate"])
        return cls(rate, body.get("vat_category") or category_of(rate), body["net_minor"], body["vat_minor"])


@dataclass(frozen=True, slots=True)
class Totals:
    """What a document adds up to: ``net_minor + vat_minor == total_minor``, both summed over the groups.

    ``vat_groups`` are ordered by rate, highest first, then by category. ``line_nets`` holds one amount per line,
    as entered (gross where prices were entered gross): for a discount line what it takes off (negative), for an
    optional line nobody chose what it would cost (it is not part of the totals). A slice has no ``line_nets``.
    """

    net_minor: int
    vat_minor: int
    total_minor: int
    vat_groups: tuple[VatGroup, ...]
    line_nets: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "net_minor": self.net_minor,
            "vat_minor": self.vat_minor,
            "total_minor": self.total_minor,
            "vat_groups": [group.to_json() for group in self.vat_groups],
            "line_nets": list(self.line_nets),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Totals":
        """Reads back what `to_json` wrote; the figures are taken as they are, not computed again."""
        return cls(
            net_minor=body["net_minor"],
            vat_minor=body["vat_minor"],
            total_minor=body["total_minor"],
            vat_groups=tuple(VatGroup.from_json(group) for group in body["vat_groups"]),
            line_nets=tuple(body.get("line_nets", ())),
        )

    @classmethod
    def of_groups(cls, groups: Sequence[VatGroup], line_nets: Sequence[int] = ()) -> "Totals":
        """The totals over the groups; raises `MoneyRange` when a figure does not fit 64 bits."""
        net = sum(group.net_minor for group in groups)
        vat = sum(group.vat_minor for group in groups)
        for group in groups:
            in_range(group.net_minor, "vat_groups")
            in_range(group.vat_minor, "vat_groups")
        return cls(
            in_range(net, "net_minor"),
            in_range(vat, "vat_minor"),
            in_range(net + vat, "total_minor"),
            tuple(groups),
            tuple(line_nets),
        )


def line_net(line: Line | SubLine) -> int:
    """round(quantity × unit price × (1 − discount % / 100)), minor units; with priced sub-lines their sum."""
    if isinstance(line, Line):
        priced = [sub for sub in line.sub_lines if sub.unit_price_minor is not None]
        if priced:
            return sum(line_net(sub) for sub in priced)
    full = Fraction(line.quantity) * (line.unit_price_minor or 0)
    return round_half_away(full * Fraction(_HUNDRED - line.discount_percent) / 100)


def price(
    lines: Sequence[Line], currency: str, price_entry: PriceEntry = "net", vat_mode: VatMode = "standard"
) -> Totals:
    """The totals of the lines.

    ``price_entry="gross"``: the entered amounts contain VAT and are kept to the minor unit; net per rate is
    round(gross / (1 + rate)) and VAT the rest. Every ``vat_mode`` but ``standard`` charges no VAT at all
    (§ 19 UStG, § 6 (1) 27 UStG AT, reverse charge, exempt, outside scope): the lines make one group at 0 %.
    Raises `TotalNegative`, `CurrencyUnknown` and `MoneyRange`.
    """
    exponent(currency)
    amounts = _line_amounts(lines)
    per_group: dict[_Group, int] = {}
    for line, amount in zip(lines, amounts, strict=True):
        in_range(amount, "lines")
        if line.counts and line.kind == "item":
            group = _group(line, vat_mode)
            per_group[group] = per_group.get(group, 0) + amount
    _take_discounts(per_group, [-a for line, a in zip(lines, amounts, strict=True) if line.kind == "discount"])
    groups = [_vat_group(group, per_group[group], price_entry) for group in sorted(per_group, key=_printed_order)]
    totals = Totals.of_groups(groups, amounts)
    if totals.total_minor < 0:
        message = "The total is below zero. Please check discounts and negative lines."
        raise TotalNegative(message, errors=[FieldError("lines", message)], total_minor=totals.total_minor)
    return totals


def _group(line: Line, vat_mode: VatMode) -> _Group:
    if vat_mode == "standard":
        return line.vat_category, line.vat_rate
    return _WITHOUT_VAT[vat_mode], Decimal(0)


def _printed_order(group: _Group) -> tuple[Decimal, int]:
    category, rate = group
    return -rate, VAT_CATEGORIES.index(category)


def _line_amounts(lines: Sequence[Line]) -> list[int]:
    """One amount per line. All percentage discounts are on the full subtotal, fixed ones come after them, and
    together they never take off more than the subtotal."""
    amounts = [line_net(line) if line.kind == "item" else 0 for line in lines]
    subtotal = sum(a for line, a in zip(lines, amounts, strict=True) if line.counts and line.kind == "item")
    left = max(subtotal, 0)
    discounts = [index for index, line in enumerate(lines) if line.kind == "discount"]
    for index in sorted(discounts, key=lambda index: lines[index].discount_percent == 0):
        line = lines[index]
        wanted = (
            round_half_away(Fraction(line.discount_percent) * subtotal / 100)
            if line.discount_percent
            else line.unit_price_minor or 0
        )
        taken = min(max(wanted, 0), left)
        left -= taken
        amounts[index] = -taken
    return amounts


def _take_discounts(per_group: dict[_Group, int], discounts: Sequence[int]) -> None:
    """Spreads each discount over the groups in proportion to their subtotals, in place."""
    groups = list(per_group)
    subtotals = [per_group[group] for group in groups]
    for discount in discounts:
        if not discount:
            continue
        left = [per_group[group] for group in groups]
        shares = split(discount, subtotals)
        # Several discounts may together round one small group below zero, and the one that reaches the whole
        # subtotal must leave nothing anywhere: then the proportion is that of what is left.
        after = [rest - share for rest, share in zip(left, shares, strict=True)]
        turned = any(amount * whole < 0 for amount, whole in zip(after, subtotals, strict=True))
        if turned or discount == sum(left):
            shares = split(discount, left)
        for group, share in zip(groups, shares, strict=True):
            per_group[group] -= share


def _vat_group(group: _Group, amount: int, price_entry: PriceEntry) -> VatGroup:
    category, rate = group
    if price_entry == "net":
        return VatGroup(rate, category, amount, round_half_away(amount * Fraction(rate) / 100))
    net = round_half_away(amount / (1 + Fraction(rate) / 100))
    return VatGroup(rate, category, net, amount - net)


def slices(totals: Totals, percents: Sequence[Decimal]) -> list[Totals]:
    """The totals cut into parts of the given percentages.

    For every VAT group, net and VAT are each allocated by largest remainder: the slices sum to the whole in every
    group's net and VAT and in the total, and net + VAT = total within every slice. Raises `PercentagesNot100`.
    """
    if not percents or any(percent <= 0 for percent in percents) or sum(percents) != _HUNDRED:
        message = "The percentages of the instalments must each be above 0 and sum to exactly 100."
        raise PercentagesNot100(message, errors=[FieldError("installments", message)])
    parts: list[list[VatGroup]] = [[] for _ in percents]
    for group in totals.vat_groups:
        nets = split(group.net_minor, percents)
        vats = split(group.vat_minor, percents)
        for part, net, vat in zip(parts, nets, vats, strict=True):
            part.append(replace(group, net_minor=net, vat_minor=vat))
    return [Totals.of_groups(part) for part in parts]
