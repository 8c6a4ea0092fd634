"""The slip as marks at exact places: receipt 62 × 105 mm, payment part 148 × 105 mm.

All lengths are millimetres from the slip's top left corner, y downwards; type sizes are
points. Sections, sizes and positions: IG 2.3 § 3.2–3.7 and the SIX style guide. Only
Arial, Frutiger, Helvetica and Liberation Sans may be used (§ 3.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import cos, pi, sin

from . import iban as ibans
from . import reference as references
from .bill import Address, Bill, payload
from .errors import LanguageUnknown, SlipOverflow
from .labels import LABELS, Labels
from .reference import ReferenceType
from .symbol import Modules, modules

WIDTH, HEIGHT = 210.0, 105.0
RECEIPT_WIDTH = 62.0
MM_PER_POINT = 25.4 / 72
SYMBOL = (67.0, 17.0, 46.0)
CROSS = 7.0
_CORNER = 3.0
_LINE_POINTS = 0.75

Measure = Callable[[str, bool], float]
"""Width of a text at 1 pt in points, regular or bold."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words from ``x`` on the baseline ``y``."""

    x: float
    y: float
    points: float
    bold: bool
    words: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through the points, ``points_wide`` points thick."""

    path: tuple[tuple[float, float], ...]
    points_wide: float


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle, black or white."""

    x: float
    y: float
    width: float
    height: float
    white: bool = False


@dataclass(frozen=True, slots=True)
class Symbol:
    """The QR modules within a square of ``side`` mm."""

    x: float
    y: float
    side: float
    rows: Modules


Mark = Text | Stroke | Box | Symbol


def layout(bill: Bill, language: str, measure: Measure) -> tuple[Mark, ...]:
    """Every mark of the slip, in painting order.

    Long texts wrap; where a section is full, the type shrinks (payment part 10 → 7 pt,
    receipt 8 → 6 pt), then the receipt leaves out the streets, as § 3.6.2 allows.
    Raises what `validate` raises, `LanguageUnknown`, and `SlipOverflow` as the last resort.
    """
    text = payload(bill)
    try:
        labels = LABELS[language]
    except KeyError:
        raise LanguageUnknown("language", "A slip is in de, fr, it or en.") from None
    return (
        *_separation(labels, measure),
        *_receipt(bill, labels, measure),
        *_payment_part(bill, labels, measure),
        Symbol(*SYMBOL, modules(text)),
        *_cross(),
    )


# --- sections ---------------------------------------------------------------------------


def _separation(labels: Labels, measure: Measure) -> Iterator[Mark]:
    yield Stroke(((0, 0), (WIDTH, 0)), 0.5)
    yield Stroke(((RECEIPT_WIDTH, 0), (RECEIPT_WIDTH, HEIGHT)), 0.5)
    yield from _scissors(8.0, 0.0, upright=False)
    yield from _scissors(RECEIPT_WIDTH, 10.0, upright=True)
    width = measure(labels.separate, False) * 7 * MM_PER_POINT
    yield Text((WIDTH - width) / 2, -1.2, 7, False, labels.separate)


def _receipt(bill: Bill, labels: Labels, measure: Measure) -> Iterator[Mark]:
    yield Text(5, _baseline(5, 11), 11, True, labels.receipt)
    yield from _information(_receipt_blocks, bill, labels, measure, (5, 12, 52, 56), ((8, 6), (7, 6), (6, 6)), (52, 20))
    yield from _amount(bill, labels, 5, 18, 68, (6, 8), (27, 68, 30, 10))
    width = measure(labels.acceptance_point, True) * 6 * MM_PER_POINT
    yield Text(57 - width, _baseline(82, 6), 6, True, labels.acceptance_point)


def _payment_part(bill: Bill, labels: Labels, measure: Measure) -> Iterator[Mark]:
    yield Text(67, _baseline(5, 11), 11, True, labels.payment_part)
    yield from _information(
        _payment_blocks,
        bill,
        labels,
        measure,
        (118, 5, 87, 85),
        ((10, 8), (9, 7), (8, 6), (7, 6)),
        (65, 25),
    )
    yield from _amount(bill, labels, 67, 82, 68, (8, 10), (78, 72.5, 40, 15))
    for number, scheme in enumerate(bill.alternative_schemes):
        yield from _scheme(scheme, 67, _baseline(91, 7) + number * 8 * MM_PER_POINT, measure)


@dataclass(frozen=True, slots=True)
class _Block:
    """A heading and its paragraphs; None stands for an empty field with corner marks."""

    heading: str
    paragraphs: tuple[str, ...] | None


def _receipt_blocks(bill: Bill, labels: Labels, *, streets: bool) -> list[_Block]:
    account = (ibans.grouped(ibans.compact(bill.iban)), *_address(bill.creditor, streets))
    blocks = [_Block(labels.account, account)]
    if reference := _reference(bill):
        blocks.append(_Block(labels.reference, (reference,)))
    blocks.append(_debtor(bill, labels, streets))
    return blocks


def _payment_blocks(bill: Bill, labels: Labels, *, streets: bool) -> list[_Block]:
    *blocks, debtor = _receipt_blocks(bill, labels, streets=True)
    texts = tuple(text for text in (bill.message, bill.billing_information) if text)
    if texts:
        blocks.append(_Block(labels.additional_information, texts))
    return [*blocks, debtor]


def _debtor(bill: Bill, labels: Labels, streets: bool) -> _Block:
    if bill.debtor is None:
        return _Block(labels.payable_by_blank, None)
    return _Block(labels.payable_by, tuple(_address(bill.debtor, streets)))


def _reference(bill: Bill) -> str:
    compact = ibans.compact(bill.reference)
    return references.grouped(ReferenceType(bill.reference_type), compact) if compact else ""


def _address(address: Address, streets: bool) -> list[str]:
    street = f"{address.street} {address.building}".strip() if streets else ""
    town = f"{address.postal_code} {address.town}"
    if address.country not in ("CH", "LI"):
        town = f"{address.country}-{town}"
    return [line for line in (address.name, street, town) if line.strip()]


def _information(
    blocks_of: Callable[..., list[_Block]],
    bill: Bill,
    labels: Labels,
    measure: Measure,
    section: tuple[float, float, float, float],
    sizes: tuple[tuple[float, float], ...],
    blank: tuple[float, float],
) -> list[Mark]:
    """The marks of an information section at the largest size that fits."""
    x, top, width, height = section
    for streets in (True, False):
        blocks = blocks_of(bill, labels, streets=streets)
        for value_points, heading_points in sizes:
            marks, bottom = _set(blocks, measure, x, top, width, value_points, heading_points, blank)
            if bottom <= top + height + 1e-6:
                return marks
    raise SlipOverflow("slip", "The texts do not fit on the payment slip; shorten them.")


def _set(
    blocks: list[_Block],
    measure: Measure,
    x: float,
    top: float,
    width: float,
    value_points: float,
    heading_points: float,
    blank: tuple[float, float],
) -> tuple[list[Mark], float]:
    marks: list[Mark] = []
    leading = (value_points + 1) * MM_PER_POINT
    y = top
    for number, block in enumerate(blocks):
        y += leading if number else 0
        marks.append(Text(x, _baseline(y, heading_points), heading_points, True, block.heading))
        y += (heading_points + 1) * MM_PER_POINT
        if block.paragraphs is None:
            marks.extend(_corners(x, y + 0.5, *blank))
            y += 0.5 + blank[1]
            continue
        for paragraph in block.paragraphs:
            for line in _wrapped(paragraph, measure, width / (value_points * MM_PER_POINT)):
                marks.append(Text(x, _baseline(y, value_points), value_points, False, line))
                y += leading
    return marks, y


def _amount(
    bill: Bill,
    labels: Labels,
    x: float,
    amount_x: float,
    top: float,
    sizes: tuple[float, float],
    blank: tuple[float, float, float, float],
) -> Iterator[Mark]:
    heading, value = sizes
    first = _baseline(top, heading)
    second = _baseline(top + (heading + 3) * MM_PER_POINT, value)
    yield Text(x, first, heading, True, labels.currency)
    yield Text(amount_x, first, heading, True, labels.amount)
    yield Text(x, second, value, False, bill.currency)
    if bill.amount_minor is None:
        yield from _corners(*blank)
    else:
        yield Text(amount_x, second, value, False, printed_amount(bill.amount_minor))


def printed_amount(amount_minor: int) -> str:
    """``194975`` → ``1 949.75``: blanks between thousands, always two decimals (§ 3.5.3)."""
    return f"{amount_minor // 100:,}".replace(",", " ") + f".{amount_minor % 100:02d}"


def _scheme(scheme: str, x: float, y: float, measure: Measure) -> Iterator[Mark]:
    """One scheme on one line, its name bold, cut with “...” at 138 mm (§ 3.5.5)."""
    end = next((i for i, character in enumerate(scheme) if character in ":/"), -1) + 1
    name, rest = scheme[:end], scheme[end:]
    name_width = measure(name, True)
    room = 138 / (7 * MM_PER_POINT) - name_width
    if measure(rest, False) > room:
        while rest and measure(rest + "...", False) > room:
            rest = rest[:-1]
        rest += "..."
    if name:
        yield Text(x, y, 7, True, name)
    yield Text(x + name_width * 7 * MM_PER_POINT, y, 7, False, rest)


# --- shapes -----------------------------------------------------------------------------


def _baseline(top: float, points: float) -> float:
    return top + 0.905 * points * MM_PER_POINT  # ascent of Arial and its metric twins


def _cross() -> Iterator[Mark]:
    """The Swiss cross, 7 × 7 mm with its white rim, in the middle of the symbol (§ 6.4.2)."""
    x, y, side = SYMBOL
    middle_x, middle_y = x + side / 2, y + side / 2
    arm, reach = 7 / 6, 35 / 9
    yield Box(middle_x - CROSS / 2, middle_y - CROSS / 2, CROSS, CROSS, white=True)
    yield Box(middle_x - 3, middle_y - 3, 6, 6)
    yield Box(middle_x - arm / 2, middle_y - reach / 2, arm, reach, white=True)
    yield Box(middle_x - reach / 2, middle_y - arm / 2, reach, arm, white=True)


def _corners(x: float, y: float, width: float, height: float) -> Iterator[Mark]:
    """Corner marks of a field the payer fills in by hand, 0.75 pt black (§ 3.5.3)."""
    for left, inward_x in ((x, _CORNER), (x + width, -_CORNER)):
        for edge, inward_y in ((y, _CORNER), (y + height, -_CORNER)):
            path = ((left + inward_x, edge), (left, edge), (left, edge + inward_y))
            yield Stroke(path, _LINE_POINTS)


def _scissors(x: float, y: float, *, upright: bool) -> Iterator[Mark]:
    """A small pair of scissors on the separation line, blades towards the cut."""

    def turned(along: float, across: float) -> tuple[float, float]:
        return (x + across, y + along) if upright else (x + along, y + across)

    for side in (1.0, -1.0):
        ring = [turned(-1.6 + 0.65 * cos(step * pi / 8), side * 0.8 + 0.65 * sin(step * pi / 8)) for step in range(17)]
        yield Stroke(tuple(ring), 0.6)
        yield Stroke((turned(-1.1, side * 0.45), turned(2.4, -side * 0.6)), 0.6)


def _wrapped(text: str, measure: Measure, room: float) -> list[str]:
    """Lines no wider than ``room`` (points at 1 pt), broken at blanks, else within a word."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if measure(candidate, False) <= room:
            line = candidate
            continue
        if line:
            lines.append(line)
        while measure(word, False) > room:
            fits = next(n for n in range(len(word), 0, -1) if measure(word[:n], False) <= room)
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return [*lines, line] if line or not lines else lines
