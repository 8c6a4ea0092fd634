"""What the customer chose: optional lines, quantities, one of each choice group."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from kontor.errors import FieldError, Invalid
from kontor.money import parse_decimal, plain
from kontor.pricing import Line
from quotes.domain.errors import SelectionInvalid

Selection = Mapping[str, object]
"""Quantity by line id, as decimal text; absent or "0" means not chosen."""


def choose(lines: Sequence[Line], selection: Selection | None) -> tuple[Line, ...]:
    """The lines with the customer's choice applied; without a selection, with what is preselected.

    Raises `SelectionInvalid` for lines of another quote, lines that are no option, quantities outside the offered
    range, and anything but exactly one line of each choice group.
    """
    if selection is None:
        return tuple(lines)
    if not isinstance(selection, Mapping):
        raise SelectionInvalid.field("selection", "Please send the quantity of each chosen line by its id.")
    errors: list[FieldError] = []
    by_id = {line.id: line for line in lines}
    wanted: dict[str, Decimal] = {}
    for line_id, text in selection.items():
        field = f"selection.{str(line_id)[:64]}"
        line = by_id.get(line_id)
        try:
            quantity = parse_decimal(text, 4, field)
        except Invalid as invalid:
            errors.extend(invalid.errors)
            continue
        if line is None or not line.is_choice:
            errors.append(FieldError(field, "This is no option of this quote."))
        elif quantity:
            wanted[line_id] = quantity
            if problem := _out_of_range(line, quantity):
                errors.append(FieldError(field, problem))
    chosen = tuple(
        replace(line, selected=line.id in wanted, quantity=wanted.get(line.id or "", line.quantity))
        if line.is_choice
        else line
        for line in lines
    )
    errors.extend(_choices_not_made(chosen))
    if errors:
        raise SelectionInvalid(errors[0].message, errors=errors)
    return chosen


def selection_of(lines: Sequence[Line]) -> dict[str, str]:
    """The selection that these lines hold, in the form it is sent in."""
    return {line.id or "": plain(line.quantity) for line in lines if line.is_choice and line.selected}


def _out_of_range(line: Line, quantity: Decimal) -> str | None:
    if line.min_quantity is None and line.max_quantity is None:
        return None if quantity == line.quantity else f"The quantity is {plain(line.quantity)}."
    low = line.min_quantity or Decimal(0)
    if quantity < low or (line.max_quantity is not None and quantity > line.max_quantity):
        high = "" if line.max_quantity is None else f" to {plain(line.max_quantity)}"
        return f"Please choose a quantity from {plain(low)}{high}."
    return None


def _choices_not_made(lines: Sequence[Line]) -> list[FieldError]:
    errors = []
    for group in dict.fromkeys(line.choice_group for line in lines if line.choice_group):
        members = [line for line in lines if line.choice_group == group]
        if sum(line.selected for line in members) != 1:
            errors.append(FieldError(f"selection.{members[0].id}", f"Please choose exactly one of “{group}”."))
    return errors
