"""The line item of a document: what was entered, checked and exact. `kontor.pricing` makes totals of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from kontor.errors import FieldError, Invalid
from kontor.fields import Fields
from kontor.money import plain

UNITS = ("hour", "day", "piece", "km", "flat")
VatCategory = Literal["standard", "zero", "exempt", "reverse_charge", "outside_scope"]
VAT_CATEGORIES: tuple[VatCategory, ...] = ("standard", "zero", "exempt", "reverse_charge", "outside_scope")
MAX_LINES = 500
MAX_SUB_LINES = 100
MAX_DESCRIPTION = 5000
MAX_QUANTITY = Decimal("999999999")

# Computed by the server and sent back by editors that return what they read; never trusted, never stored.
_COMPUTED = frozenset({"net_minor", "position"})
_SUB_LINE_FIELDS = frozenset({"id", "description", "quantity", "unit", "unit_price_minor", "discount_percent"})
_LINE_FIELDS = _SUB_LINE_FIELDS | {
    "kind",
    "vat_rate",
    "vat_category",
    "optional",
    "selected",
    "min_quantity",
    "max_quantity",
    "choice_group",
    "sub_lines",
}


def category_of(vat_rate: Decimal) -> VatCategory:
    """The category of a rate about which nothing more is said."""
    return "standard" if vat_rate else "zero"


@dataclass(frozen=True, slots=True)
class SubLine:
    """A detail of a line. Without a price (None) it only describes; with one it counts into the net."""

    description: str
    id: str | None = None
    quantity: Decimal = Decimal(1)
    unit: str = "piece"
    unit_price_minor: int | None = None
    discount_percent: Decimal = Decimal(0)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "description": self.description,
            "quantity": plain(self.quantity),
            "unit": self.unit,
            "unit_price_minor": self.unit_price_minor,
            "discount_percent": plain(self.discount_percent),
        }


@dataclass(frozen=True, slots=True)
class Line:
    """One position of a document.

    Kind ``item``: quantity × unit price less discount, at a VAT rate in percent; when sub-lines carry
    prices, their sum instead. Kind ``discount``: takes ``discount_percent`` of the subtotal of the items, or
    the fixed amount ``unit_price_minor`` (entered positive), off all VAT rates in proportion; it has no rate
    and no category of its own.

    ``vat_category`` says why a rate is what it is (EN 16931 BT-151: S, Z, E, AE, O). Only ``standard`` has a
    rate above 0, and it always has one; anything else raises ValueError.

    An ``optional`` line counts only while ``selected``; on a draft that is the preselection, on an accepted
    quote the customer's choice. Of the lines that share a ``choice_group`` exactly one is selected.
    """

    description: str
    id: str | None = None
    kind: Literal["item", "discount"] = "item"
    quantity: Decimal = Decimal(1)
    unit: str = "piece"
    unit_price_minor: int = 0
    discount_percent: Decimal = Decimal(0)
    vat_rate: Decimal = Decimal(0)
    vat_category: VatCategory = "zero"
    optional: bool = False
    selected: bool = True
    min_quantity: Decimal | None = None
    max_quantity: Decimal | None = None
    choice_group: str | None = None
    sub_lines: tuple[SubLine, ...] = field(default=())

    def __post_init__(self) -> None:
        if (self.vat_category == "standard") != bool(self.vat_rate):
            raise ValueError(f"the category {self.vat_category} does not go with {self.vat_rate} %")

    @property
    def is_choice(self) -> bool:
        """The customer decides about this line."""
        return self.optional or self.choice_group is not None

    @property
    def counts(self) -> bool:
        """The line is part of the totals."""
        return self.selected or not self.is_choice

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "description": self.description,
            "quantity": plain(self.quantity),
            "unit": self.unit,
            "unit_price_minor": self.unit_price_minor,
            "discount_percent": plain(self.discount_percent),
            "vat_rate": plain(self.vat_rate),
            "vat_category": self.vat_category if self.kind == "item" else None,
            "optional": self.optional,
            "selected": self.selected,
            "min_quantity": None if self.min_quantity is None else plain(self.min_quantity),
            "max_quantity": None if self.max_quantity is None else plain(self.max_quantity),
            "choice_group": self.choice_group,
            "sub_lines": [sub.to_json() for sub in self.sub_lines],
        }

    @classmethod
    def from_json(cls, body: object, index: int, *, described: bool = True) -> "Line":
        """The line at ``index`` of a request. Raises `Invalid` naming each wrong field."""
        fields = Fields(body, f"lines[{index}].", _LINE_FIELDS, _COMPUTED)
        kind = fields.one_of("kind", ("item", "discount"), "item")
        line = _discount(fields, described) if kind == "discount" else _item(fields, described)
        fields.raise_errors()
        return line


def parse_lines(body: object, *, described: bool = True) -> tuple[Line, ...]:
    """All lines of a request. Raises one `Invalid` with the wrong fields of all lines, ids used twice too.

    ``described=False`` lets descriptions be empty, for totals while somebody is still typing.
    """
    if not isinstance(body, Sequence) or isinstance(body, str | bytes):
        raise Invalid.field("lines", "Please send a list of lines.")
    if len(body) > MAX_LINES:
        raise Invalid.field("lines", f"A document has at most {MAX_LINES} lines.")
    lines: list[Line] = []
    errors: list[FieldError] = []
    for index, one in enumerate(body):
        try:
            lines.append(Line.from_json(one, index, described=described))
        except Invalid as invalid:
            errors.extend(invalid.errors)
    if errors:
        raise Invalid("Please check the lines.", errors=errors)
    seen: set[str] = set()
    for index, line in enumerate(lines):
        if line.id is not None and line.id in seen:
            errors.append(FieldError(f"lines[{index}].id", "Two lines have the same id."))
        seen.add(line.id or "")
    for group in dict.fromkeys(line.choice_group for line in lines if line.choice_group):
        members = [(index, line) for index, line in enumerate(lines) if line.choice_group == group]
        if sum(line.selected for _, line in members) != 1:
            where = f"lines[{members[0][0]}].selected"
            errors.append(FieldError(where, f"Exactly one line of the choice “{group}” is preselected."))
    if errors:
        raise Invalid("Please check the lines.", errors=errors)
    return tuple(lines)


def _item(fields: Fields, described: bool) -> Line:
    sub_lines = _sub_lines(fields, described)
    priced = any(sub.unit_price_minor is not None for sub in sub_lines)
    optional = fields.flag("optional", False)
    choice_group = fields.text("choice_group", 60, required=False) or None
    is_choice = optional or choice_group is not None
    vat_rate = fields.percent("vat_rate", required=True) or Decimal(0)
    line = Line(
        id=fields.identifier("id"),
        description=fields.text("description", MAX_DESCRIPTION, required=described),
        quantity=_quantity(fields, "quantity") or Decimal(1),
        unit=fields.one_of("unit", UNITS, "piece"),
        unit_price_minor=fields.amount("unit_price_minor", required=not priced) or 0,
        discount_percent=fields.percent("discount_percent") or Decimal(0),
        vat_rate=vat_rate,
        vat_category=_vat_category(fields, vat_rate),
        optional=optional,
        selected=fields.flag("selected", not is_choice),
        min_quantity=fields.decimal("min_quantity", 4, low=Decimal(0), high=MAX_QUANTITY),
        max_quantity=fields.decimal("max_quantity", 4, low=Decimal("0.0001"), high=MAX_QUANTITY),
        choice_group=choice_group,
        sub_lines=sub_lines,
    )
    if priced and line.discount_percent:
        fields.refuse("discount_percent", "The price comes from the sub-lines; put the discount there.")
    if not is_choice:
        if not line.selected:
            fields.refuse("selected", "Only an optional line can be left out.")
        if line.min_quantity is not None or line.max_quantity is not None:
            fields.refuse("max_quantity", "Only an optional line has a range of quantities.")
    else:
        _check_range(fields, line, priced)
    return line


def _vat_category(fields: Fields, vat_rate: Decimal) -> VatCategory:
    """The category sent, otherwise that of the rate. ``standard`` at 0 % is ``zero``."""
    derived = category_of(vat_rate)
    category: VatCategory = fields.one_of("vat_category", VAT_CATEGORIES, derived)
    if category == "standard":
        return derived
    if vat_rate:
        fields.refuse("vat_rate", "Only the standard category has a VAT rate above 0.")
        return derived
    return category


def _check_range(fields: Fields, line: Line, priced: bool) -> None:
    low, high = line.min_quantity, line.max_quantity
    if (low is not None or high is not None) and priced:
        fields.refuse("max_quantity", "The price comes from the sub-lines, so the quantity cannot be chosen.")
    if low is not None and high is not None and low > high:
        fields.refuse("max_quantity", "The largest quantity is below the smallest.")
    elif (low is not None and line.quantity < low) or (high is not None and line.quantity > high):
        fields.refuse("quantity", "The quantity lies outside the range the customer may choose.")


def _discount(fields: Fields, described: bool) -> Line:
    percent = fields.percent("discount_percent") or Decimal(0)
    amount = fields.amount("unit_price_minor") or 0
    if amount < 0:
        fields.refuse("unit_price_minor", "Please enter what is taken off as a positive amount.")
    if bool(percent) == bool(amount):
        fields.refuse("discount_percent", "Please enter either a percentage or an amount above 0.")
    for name in ("optional", "choice_group", "sub_lines", "min_quantity", "max_quantity"):
        if fields.body.get(name):
            fields.refuse(name, "A discount line has no such field.")
    return Line(
        id=fields.identifier("id"),
        kind="discount",
        description=fields.text("description", MAX_DESCRIPTION, required=described),
        unit="flat",
        unit_price_minor=amount,
        discount_percent=percent,
    )


def _sub_lines(fields: Fields, described: bool) -> tuple[SubLine, ...]:
    subs: list[SubLine] = []
    for nested in fields.objects("sub_lines", MAX_SUB_LINES, _SUB_LINE_FIELDS, _COMPUTED):
        subs.append(
            SubLine(
                id=nested.identifier("id"),
                description=nested.text("description", MAX_DESCRIPTION, required=described),
                quantity=_quantity(nested, "quantity") or Decimal(1),
                unit=nested.one_of("unit", UNITS, "piece"),
                unit_price_minor=nested.amount("unit_price_minor"),
                discount_percent=nested.percent("discount_percent") or Decimal(0),
            )
        )
    return tuple(subs)


def _quantity(fields: Fields, name: str) -> Decimal | None:
    """Up to 4 decimal places, negative for a return or a rebate, never 0."""
    value = fields.decimal(name, 4, low=-MAX_QUANTITY, high=MAX_QUANTITY)
    if value == 0:
        fields.refuse(name, "The quantity must not be 0.")
        return None
    return value
