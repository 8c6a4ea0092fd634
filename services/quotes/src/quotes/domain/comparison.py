"""What changed between two versions of a quote as they were sent, told so that a person can read it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from kontor.money import Money, exponent, plain

Record = Mapping[str, Any]

_TEXTS = ("intro", "closing", "exemption_reason")
_FACTS = ("valid_until", "currency", "language", "price_entry", "vat_mode")
_CUSTOMER = ("display_name", "email", "street", "house_number", "postcode", "town", "country", "vat_id")
_PAYMENT = ("net_days", "from", "skonto_percent", "skonto_days")
_INSTALMENT = ("label", "percent", "trigger", "date", "days")
_EVENT = ("title", "type", "start", "end", "location")
_LABEL = 120


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    ``what`` it concerns: ``title``, ``text``, ``line``, ``payment``, ``installments``, ``event``, ``attachments``,
    ``customer``, ``bank``, ``terms``, or ``valid_until``, ``currency``, ``language``, ``price_entry``, ``vat_mode``.
    ``field`` is the part of it, None when the whole was added or removed: of a line ``description``, ``quantity``
    (with its unit: ``"2 hour"``), ``unit_price``, ``discount``, ``vat`` (rate and category: ``"8.1 standard"``),
    ``option`` (see `_option`) or ``sub_line``; of the others the name in the snapshot. ``label`` names what is
    meant: a line, sub-line or file by its own words, an instalment by its label or number, anything else by ``field``.

    ``before`` and ``after`` are None where there is nothing. They are neutral text: ISO dates, decimals with a
    point and words of the API, to be put into a language by whoever shows them. Where they are money,
    ``before_minor`` and ``after_minor`` hold the exact amount in the currency of their version.
    """

    what: str
    label: str
    kind: Literal["added", "removed", "changed"]
    field: str | None = None
    before: str | None = None
    after: str | None = None
    before_minor: int | None = None
    after_minor: int | None = None
    line_id: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def compare(older: Record, newer: Record) -> dict[str, Any]:
    """The differences of two snapshots, lines in the order of the newer one, and both totals.

    Lines are the same when their id is; one that only moved is no difference. A snapshot from before a field
    existed counts as having it empty.
    """
    changes = [
        *_one("title", "title", older, newer),
        *(change for name in _TEXTS for change in _one("text", name, older, newer)),
        *(change for name in _FACTS for change in _one(name, name, older, newer)),
        *_parts("customer", _CUSTOMER, older, newer),
        *_lines(older, newer),
        *_parts("payment", _PAYMENT, older, newer),
        *_instalments(older.get("installments") or (), newer.get("installments") or ()),
        *_event(older.get("event"), newer.get("event")),
        *_attachments(older.get("attachments") or (), newer.get("attachments") or ()),
        *_parts("bank", ("iban",), older, newer),
        *_parts("terms", ("text",), older, newer),
    ]
    return {
        "changes": [change.to_json() for change in changes],
        "total_before_minor": older["totals"]["total_minor"],
        "total_after_minor": newer["totals"]["total_minor"],
        "currency_before": older["currency"],
        "currency": newer["currency"],
    }


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _differing(what: str, label: str, field: str, before: Any, after: Any) -> Iterator[Change]:
    old, new = _text(before), _text(after)
    if old != new:
        kind: Literal["added", "removed", "changed"] = (
            "added" if old is None else "removed" if new is None else "changed"
        )
        yield Change(what, label, kind, field, old, new)


def _one(what: str, name: str, older: Record, newer: Record) -> Iterator[Change]:
    yield from _differing(what, name, name, older.get(name), newer.get(name))


def _parts(what: str, names: Sequence[str], older: Record, newer: Record) -> Iterator[Change]:
    before, after = older.get(what) or {}, newer.get(what) or {}
    for name in names:
        yield from _differing(what, name, name, before.get(name), after.get(name))


def _lines(older: Record, newer: Record) -> Iterator[Change]:
    before = {line["id"]: line for line in older["lines"]}
    after = {line["id"]: line for line in newer["lines"]}
    currencies = (older["currency"], newer["currency"])
    for id, line in after.items():
        if id in before:
            yield from _line(before[id], line, currencies)
        else:
            net = line["net_minor"]
            yield Change("line", _label(line), "added", None, None, _quantity(line), None, net, id)
    for id, line in before.items():
        if id not in after:
            net = line["net_minor"]
            yield Change("line", _label(line), "removed", None, _quantity(line), None, net, None, id)


def _line(old: Record, new: Record, currencies: tuple[str, str]) -> Iterator[Change]:
    id, label = new["id"], _label(new)
    for name, read in (
        ("description", lambda line: _text(line["description"])),
        ("quantity", _quantity),
        ("discount", lambda line: _percent(line["discount_percent"])),
        ("vat", _vat),
        ("option", _option),
    ):
        before, after = read(old), read(new)
        if before != after:
            yield Change("line", label, "changed", name, before, after, line_id=id)
    yield from _price(old, new, "unit_price", id, currencies)
    subs_before = {sub["id"]: sub for sub in old.get("sub_lines") or ()}
    subs_after = {sub["id"]: sub for sub in new.get("sub_lines") or ()}
    for sub_id, sub in subs_after.items():
        if sub_id not in subs_before:
            yield _sub_line(sub, "added", id)
            continue
        was = subs_before[sub_id]
        before, after = _sub_line_text(was), _sub_line_text(sub)
        if before != after:
            yield Change("line", _label(sub), "changed", "sub_line", before, after, line_id=id)
        yield from _price(was, sub, "sub_line", id, currencies)
    for sub_id, sub in subs_before.items():
        if sub_id not in subs_after:
            yield _sub_line(sub, "removed", id)


def _price(old: Record, new: Record, field: str, line_id: str, currencies: tuple[str, str]) -> Iterator[Change]:
    before, after = old["unit_price_minor"], new["unit_price_minor"]
    if before != after:
        old_text, new_text = _amount(before, currencies[0]), _amount(after, currencies[1])
        yield Change("line", _label(new), "changed", field, old_text, new_text, before, after, line_id)


def _sub_line(sub: Record, kind: Literal["added", "removed"], line_id: str) -> Change:
    text, minor = _sub_line_text(sub), sub["unit_price_minor"]
    if kind == "added":
        return Change("line", _label(sub), kind, "sub_line", None, text, None, minor, line_id)
    return Change("line", _label(sub), kind, "sub_line", text, None, minor, None, line_id)


def _sub_line_text(sub: Record) -> str:
    parts = (sub["description"], _quantity(sub), _percent(sub["discount_percent"]))
    return ", ".join(part for part in parts if part)


def _label(line: Record) -> str:
    first = str(line["description"]).strip().partition("\n")[0]
    return first if len(first) <= _LABEL else f"{first[:_LABEL]}…"


def _quantity(line: Record) -> str:
    return f"{line['quantity']} {line['unit']}"


def _percent(value: Any) -> str | None:
    number = Decimal(str(value or 0))
    return plain(number) if number else None


def _vat(line: Record) -> str | None:
    if line.get("kind") == "discount":
        return None
    rate = Decimal(line["vat_rate"])
    return f"{plain(rate)} {line.get('vat_category') or ('standard' if rate else 'zero')}"


def _option(line: Record) -> str | None:
    """None for a fixed line, else ``optional`` or ``choice <group>``, ``selected`` when preselected, ``1-3`` for the
    quantities that may be chosen."""
    if not (line.get("optional") or line.get("choice_group")):
        return None
    words = [f"choice {line['choice_group']}" if line.get("choice_group") else "optional"]
    if line.get("selected"):
        words.append("selected")
    low, high = line.get("min_quantity"), line.get("max_quantity")
    if low is not None or high is not None:
        words.append(f"{low or ''}-{high or ''}")
    return ", ".join(words)


def _amount(minor: int | None, currency: str) -> str | None:
    if minor is None:
        return None
    return f"{Money(minor, currency).to_decimal():.{exponent(currency)}f}"


def _instalments(older: Sequence[Record], newer: Sequence[Record]) -> Iterator[Change]:
    for index in range(max(len(older), len(newer))):
        old = older[index] if index < len(older) else None
        new = newer[index] if index < len(newer) else None
        label = str((new or old or {}).get("label") or index + 1)
        if old is None and new is not None:
            yield Change("installments", label, "added", None, None, new["percent"], None, new["total_minor"])
        elif new is None and old is not None:
            yield Change("installments", label, "removed", None, old["percent"], None, old["total_minor"], None)
        elif old is not None and new is not None:
            for name in _INSTALMENT:
                yield from _differing("installments", label, name, old.get(name), new.get(name))


def _event(old: Record | None, new: Record | None) -> Iterator[Change]:
    if old is None and new is not None:
        yield Change("event", str(new["title"]), "added", None, None, new["start"])
    elif new is None and old is not None:
        yield Change("event", str(old["title"]), "removed", None, old["start"], None)
    elif old is not None and new is not None:
        for name in _EVENT:
            yield from _differing("event", name, name, old.get(name), new.get(name))


def _attachments(older: Sequence[Record], newer: Sequence[Record]) -> Iterator[Change]:
    before = {file["document_id"]: file["name"] for file in older}
    after = {file["document_id"]: file["name"] for file in newer}
    for id, name in after.items():
        if id not in before:
            yield Change("attachments", name, "added", None, None, name)
        elif before[id] != name:
            yield Change("attachments", name, "changed", "name", before[id], name)
    for id, name in before.items():
        if id not in after:
            yield Change("attachments", name, "removed", None, name, None)
