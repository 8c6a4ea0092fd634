"""The values of the placeholders for one contract, as Markdown in the contract's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.domain.placeholders import one_line, plain
from kontor.locale import format_date, format_decimal, format_money, format_percent

Record = Mapping[str, Any]

_WORDS: dict[str, dict[str, str]] = {
    "de": {
        "description": "Beschreibung",
        "quantity": "Menge",
        "price": "Einzelpreis",
        "vat": "MWST",
        "amount": "Betrag",
        "net": "Zwischensumme",
        "gross": "Preise inkl. MWST",
        "vat_of": "MWST {rate} auf {net}",
        "exempt": "Von der MWST ausgenommen: {net}",
        "reverse_charge": "MWST schuldet der Empfänger: {net}",
        "outside_scope": "Nicht der MWST unterstellt: {net}",
        "total": "Gesamtbetrag",
        "discount": "abzüglich {percent} Rabatt",
        "hour": "Std.",
        "day": "Tage",
        "piece": "Stk.",
        "km": "km",
        "flat": "pauschal",
        "at_once": "Zahlbar sofort",
        "in_days": "Zahlbar innerhalb von {days} Tagen",
        "from_issue": "ab Rechnungsdatum",
        "from_acceptance": "ab Annahme der Offerte",
        "from_delivery": "ab Ablieferung",
        "skonto": "{percent} Skonto bei Zahlung innerhalb von {days} Tagen",
        "on_acceptance": "bei Auftragserteilung",
        "on_delivery": "nach Ablieferung",
        "on_date": "am {date}",
        "days_after": "{days} Tage nach Auftragserteilung",
        "number_later": "(wird beim Versand vergeben)",
        "and": "und",
    },
    "en": {
        "description": "Description",
        "quantity": "Quantity",
        "price": "Unit price",
        "vat": "VAT",
        "amount": "Amount",
        "net": "Subtotal",
        "gross": "Prices include VAT",
        "vat_of": "VAT {rate} on {net}",
        "exempt": "Exempt from VAT: {net}",
        "reverse_charge": "VAT due from the recipient: {net}",
        "outside_scope": "Outside the scope of VAT: {net}",
        "total": "Total",
        "discount": "less {percent} discount",
        "hour": "h",
        "day": "days",
        "piece": "pcs",
        "km": "km",
        "flat": "flat",
        "at_once": "Payable at once",
        "in_days": "Payable within {days} days",
        "from_issue": "of the invoice date",
        "from_acceptance": "of acceptance of the quote",
        "from_delivery": "of delivery",
        "skonto": "{percent} early-payment discount if paid within {days} days",
        "on_acceptance": "on placing the order",
        "on_delivery": "after delivery",
        "on_date": "on {date}",
        "days_after": "{days} days after placing the order",
        "number_later": "(given at sending)",
        "and": "and",
    },
}


_OTHER_WORDS = {
    "vat": "USt.",
    "vat_of": "USt. {rate} auf {net}",
    "exempt": "Steuerfrei: {net}",
    "reverse_charge": "Steuerschuldnerschaft des Leistungsempfängers: {net}",
    "outside_scope": "Nicht steuerbar: {net}",
    "gross": "Preise inkl. USt.",
}


@dataclass(frozen=True)
class Facts:
    """What the placeholders draw on; `quote` and `booking` are None when the contract has none."""

    language: str
    locale: str
    currency: str
    title: str
    today: date
    valid_until: date | None
    number: str | None
    issuer: Record
    customer: Record
    signers: Sequence[str]
    quote: Record | None = None
    booking: Record | None = field(default=None)


def _words(facts: Facts) -> dict[str, str]:
    """Words of the contract's language; value added tax is MWST in Switzerland, USt. in Germany and Austria."""
    own = _OTHER_WORDS if facts.locale in ("de-DE", "de-AT") else {}
    return _WORDS[facts.language] | own


def values(facts: Facts) -> dict[str, str | None]:
    """Every published placeholder with its value; None where this contract has none."""
    words = _words(facts)
    issuer, customer = facts.issuer, facts.customer
    return {
        "customer.name": _text(display_name(customer)),
        "customer.address": _text(address(customer)),
        "customer.email": _text(customer.get("email")),
        "customer.number": _text(customer.get("customer_number")),
        "customer.vat_id": _text(customer.get("vat_id")),
        "issuer.name": _text(issuer.get("name")),
        "issuer.address": _text(address(issuer)),
        "issuer.town": _text(issuer.get("town")),
        "issuer.email": _text(issuer.get("email")),
        "issuer.phone": _text(issuer.get("phone")),
        "issuer.website": _text(issuer.get("website")),
        "issuer.vat_id": _text(issuer.get("vat_id")),
        "contract.number": plain(facts.number or words["number_later"]),
        "contract.title": _text(facts.title),
        "contract.date": plain(format_date(facts.today, facts.locale, "long")),
        "contract.valid_until": (
            plain(format_date(facts.valid_until, facts.locale, "long")) if facts.valid_until else None
        ),
        "contract.signers": _list_of(facts.signers, words["and"]),
        **_quote_values(facts),
        **_booking_values(facts),
    }


def display_name(customer: Record) -> str:
    """The company, else first and last name, else what the record calls itself."""
    person = " ".join(part for part in (customer.get("first_name"), customer.get("last_name")) if part)
    return str(customer.get("company") or person or customer.get("display_name") or "")


def address(party: Record) -> str | None:
    """Street, postcode and town in one line; None while a part is missing."""
    if not (party.get("street") and party.get("postcode") and party.get("town")):
        return None
    street = f"{party['street']} {party.get('house_number') or ''}".strip()
    return f"{street}, {party['postcode']} {party['town']}"


def _text(value: Any) -> str | None:
    return plain(str(value)) if value else None


def _list_of(names: Sequence[str], last: str) -> str | None:
    if not names:
        return None
    escaped = [plain(name) for name in names]
    return escaped[0] if len(escaped) == 1 else f"{', '.join(escaped[:-1])} {last} {escaped[-1]}"


def _quote_values(facts: Facts) -> dict[str, str | None]:
    quote = facts.quote
    names = ("quote.number", "quote.title", "quote.document_sha256", "quote.payment", "quote.table")
    if quote is None:
        more = ("quote.instalments", "deal.total", "deal.net", "deal.vat", "deal.currency")
        return dict.fromkeys((*names, *more))
    totals = quote["totals"]

    def amount(minor: int) -> str:
        return plain_money(minor, facts)

    return {
        "quote.number": _text(quote.get("number")),
        "quote.title": _text(quote.get("title")),
        "quote.document_sha256": _text(quote.get("quote_document_sha256")),
        "quote.payment": payment_words(quote.get("payment") or {}, facts),
        "quote.table": quote_table(quote, facts),
        "quote.instalments": instalments(quote.get("slices") or [], facts),
        "deal.total": amount(totals["total_minor"]),
        "deal.net": amount(totals["net_minor"]),
        "deal.vat": amount(totals["vat_minor"]),
        "deal.currency": _text(facts.currency),
    }


def _booking_values(facts: Facts) -> dict[str, str | None]:
    booking = facts.booking or {}
    day = booking.get("date")
    return {
        "booking.title": _text(booking.get("title")),
        "booking.location": _text(booking.get("location")),
        "booking.date": plain(format_date(date.fromisoformat(day), facts.locale, "long")) if day else None,
    }


def plain_money(minor: int, facts: Facts) -> str:
    return plain(format_money(minor, facts.currency, facts.locale))


def _counts(line: Record) -> bool:
    is_choice = bool(line.get("optional")) or bool(line.get("choice_group"))
    return bool(line.get("selected", True)) or not is_choice


def quote_table(quote: Record, facts: Facts) -> str | None:
    """The chosen lines and the totals as a Markdown table; None for a quote without lines.

    Without VAT on the whole quote (small business) no rate and no VAT is shown.
    """
    words = _words(facts)
    charged = (quote.get("vat_mode") or "standard") == "standard"
    line_nets = quote["totals"].get("line_nets") or []
    head = [words[name] for name in ("description", "quantity", "price", "vat", "amount")]
    rows = [f"| {' | '.join(head)} |", "| --- | ---: | ---: | ---: | ---: |"]
    for index, line in enumerate(quote.get("lines") or []):
        if not _counts(line):
            continue
        net = line.get("net_minor")
        if net is None and index < len(line_nets):
            net = line_nets[index]
        rows.append(_row(line, net, facts, charged))
    if len(rows) == 2:
        return None
    totals = quote["totals"]
    if quote.get("price_entry") != "gross":
        rows.append(f"| {words['net']} | | | | {plain_money(totals['net_minor'], facts)} |")
    for group in totals["vat_groups"] if charged else ():
        rate = format_percent(Decimal(group["vat_rate"]), facts.locale)
        pattern = words.get(str(group.get("vat_category")), words["vat_of"])
        label = pattern.format(rate=plain(rate), net=plain_money(group["net_minor"], facts))
        rows.append(f"| {label} | | | | {plain_money(group['vat_minor'], facts)} |")
    rows.append(f"| **{words['total']}** | | | | **{plain_money(totals['total_minor'], facts)}** |")
    exempt = charged and any(group.get("vat_category") == "exempt" for group in totals["vat_groups"])
    notes = [words["gross"]] if charged and quote.get("price_entry") == "gross" else []
    notes += [plain(quote["exemption_reason"])] if exempt and quote.get("exemption_reason") else []
    return "\n\n".join(["\n".join(rows), *notes])


def _row(line: Record, net: int | None, facts: Facts, charged: bool) -> str:
    words = _words(facts)
    description = one_line(str(line["description"]))
    for sub in line.get("sub_lines") or []:
        description += " · " + one_line(str(sub["description"]))
    if line.get("kind") == "discount":
        cells = [description, "", "", "", plain_money(net or 0, facts)]
        return f"| {' | '.join(cells)} |"
    discount = Decimal(str(line.get("discount_percent") or "0"))
    if discount:
        percent = plain(format_percent(discount, facts.locale))
        description += f" ({words['discount'].format(percent=percent)})"
    unit = words.get(str(line.get("unit") or "piece"), "")
    number = format_decimal(Decimal(str(line["quantity"])), facts.locale)
    flat = line.get("unit") == "flat" and number == "1"
    cells = [
        description,
        words["flat"] if flat else f"{plain(number)} {plain(unit)}",
        plain_money(line["unit_price_minor"] or 0, facts),
        plain(format_percent(Decimal(str(line["vat_rate"])), facts.locale)) if charged else "",
        plain_money(net or 0, facts),
    ]
    return f"| {' | '.join(cells)} |"


def payment_words(payment: Record, facts: Facts) -> str | None:
    """The payment terms as half a sentence: “Zahlbar innert 30 Tagen ab Rechnungsdatum”."""
    words = _words(facts)
    if payment.get("net_days") is None:
        return None
    days = int(payment["net_days"])
    start = words[f"from_{payment.get('from') or 'issue'}"]
    text = f"{words['in_days'].format(days=days)} {start}" if days else words["at_once"]
    if payment.get("skonto_percent") and payment.get("skonto_days"):
        percent = plain(format_percent(Decimal(str(payment["skonto_percent"])), facts.locale))
        text += ", " + words["skonto"].format(percent=percent, days=int(payment["skonto_days"]))
    return text


def instalments(slices: Sequence[Record], facts: Facts) -> str | None:
    """The instalments as a Markdown list; None when the quote has no plan."""
    rows = []
    for part in slices:
        amount = plain_money(part["totals"]["total_minor"], facts)
        percent = plain(format_percent(Decimal(str(part["percent"])), facts.locale))
        when = _when(part, facts)
        label = plain(str(part.get("label") or ""))
        rows.append(f"- {label + ': ' if label else ''}{amount} ({percent}){' ' + when if when else ''}")
    return "\n".join(rows) or None


def _when(part: Record, facts: Facts) -> str:
    words = _words(facts)
    trigger = part.get("trigger")
    if trigger == "on_date" and part.get("date"):
        day = format_date(date.fromisoformat(part["date"]), facts.locale, "long")
        return words["on_date"].format(date=plain(day))
    if trigger == "days_after" or (part.get("days") and trigger == "on_acceptance"):
        return words["days_after"].format(days=part.get("days"))
    return words.get(str(trigger), "")
