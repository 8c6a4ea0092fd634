"""Customers as a table of text: reading a CSV file as it comes out of other programs, and writing one."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale

from kontor.errors import FieldError, Invalid, Refusal
from kontor.money import exponent
from portal_gateway.accounts.customer_fields import folded, validated

MOST_ROWS = 5_000
DELIMITERS = (";", ",", "\t")

#: Titles of the columns: English, German, and what else other programs call them. Their order is the export's.
COLUMNS: dict[str, tuple[str, ...]] = {
    "customer_number": ("Customer number", "Kundennummer", "Kunden-Nr", "Customer no", "Number", "Nummer"),
    "company": ("Company", "Firma", "Unternehmen", "Organisation", "Organization", "Firmenname", "Company name"),
    "salutation": ("Salutation", "Anrede"),
    "first_name": ("First name", "Vorname", "Given name"),
    "last_name": ("Last name", "Nachname", "Surname", "Family name", "Name", "Familienname"),
    "display_name": ("Display name", "Anzeigename"),
    "email": ("E-mail", "E-Mail", "Mail", "E-Mail-Adresse", "E-mail address", "Mailadresse"),
    "billing_email": ("Billing e-mail", "E-Mail für Rechnungen", "Rechnungs-E-Mail", "Invoice e-mail"),
    "cc_email": ("CC", "Kopie an", "CC e-mail"),
    "phone": ("Phone", "Telefon", "Tel", "Telephone", "Telefonnummer", "Phone number", "Mobile", "Mobil", "Handy"),
    "street": ("Street", "Strasse", "Adresse", "Address", "Street address"),
    "house_number": ("House number", "Hausnummer", "Haus-Nr"),
    "postcode": ("Postcode", "PLZ", "Postleitzahl", "Zip", "Zip code", "Postal code"),
    "town": ("Town", "Ort", "City", "Stadt", "Wohnort"),
    "country": ("Country", "Land", "Country code", "Ländercode"),
    "language": ("Language", "Sprache"),
    "currency": ("Currency", "Währung"),
    "vat_id": ("VAT id", "MWST-Nummer", "VAT number", "VAT no", "MWST-Nr", "USt-IdNr", "USt-ID", "UID", "UID-Nummer"),
    "leitweg_id": ("Leitweg-ID", "Leitweg-ID"),
    "buyer_reference": ("Buyer reference", "Käuferreferenz", "Bestellreferenz"),
    "hourly_rate_minor": ("Hourly rate", "Stundensatz"),
    "vat_rate": ("VAT rate", "MWST-Satz", "USt-Satz", "Steuersatz"),
    "billing_cadence": ("Billing cadence", "Abrechnung"),
    "billing_cycle_day": ("Billing day", "Abrechnungstag"),
    "skonto_opt_out": ("No early-payment discount", "Kein Skonto"),
    "feature_quotes": ("Sees quotes", "Sieht Offerten"),
    "feature_contracts": ("Sees contracts", "Sieht Verträge"),
    "feature_bills": ("Sees bills", "Sieht Rechnungen"),
    "feature_hours": ("Sees hours", "Sieht Stunden"),
    "tags": ("Tags", "Gruppen", "Groups", "Gruppe", "Group", "Schlagwörter", "Kategorien", "Kategorie", "Category"),
    "notes": ("Notes", "Notizen", "Note", "Bemerkung", "Bemerkungen", "Notiz", "Kommentar"),
}

_YES = {"yes", "ja", "y", "j", "true", "wahr", "1", "x", "oui"}
_NO = {"no", "nein", "n", "false", "falsch", "0", "non"}
_LANGUAGES = {"de": "de", "deutsch": "de", "german": "de", "en": "en", "englisch": "en", "english": "en"}
_CADENCES = {"per_event": "per_event", "monthly": "monthly", "monatlich": "monthly", "einzeln": "per_event"}
_STREET = re.compile(r"(\D.*?)\s+(\d{1,5}\s?[a-zA-Z]?(?:\s?[-/]\s?\d{1,5}\s?[a-zA-Z]?)?)")

#: What is longer is no street and refused as it is; the pattern takes quadratic time.
_LONGEST_STREET = 200

#: A cell that begins so is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass
class Row:
    """One line of the file. ``value`` is the whole checked record, None where ``errors`` say why not."""

    line: int
    name: str
    email: str
    value: dict[str, Any] | None = None
    errors: list[FieldError] = field(default_factory=list)


@dataclass
class Table:
    delimiter: str
    columns: list[tuple[str, str | None]]
    rows: list[Row]


def read(
    content: bytes | str,
    defaults: Mapping[str, Any],
    *,
    delimiter: str = "auto",
    mapping: Mapping[str, str] | None = None,
) -> Table:
    """The file as rows that could be customers.

    Understands UTF-8 with and without BOM, UTF-16 with BOM and Windows-1252; semicolons, commas and tabs; German
    and English column titles, or ``mapping`` from titles to fields ("" leaves a column out). Empty cells take
    ``defaults``. Raises `Invalid` when the file as a whole cannot be used.
    """
    text = content if isinstance(content, str) else _decoded(content)
    text = text.removeprefix("\ufeff")
    sign = _delimiter(text) if delimiter == "auto" else delimiter
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    try:
        header = next((cells for cells in reader if any(cell.strip() for cell in cells)), [])
        columns = _columns([title.strip() for title in header], mapping or {})
        rows: list[Row] = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) == MOST_ROWS:
                raise Invalid.field("csv", f"The file has more than {MOST_ROWS} rows. Please split it.")
            rows.append(_row(reader.line_num, cells, columns, defaults))
    except csv.Error as error:
        raise Invalid.field("csv", "The file is no readable CSV.") from error
    return Table(sign, columns, rows)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        codings = ["utf-16"]
    else:
        codings = ["utf-8-sig", "cp1252"]
    for coding in codings:
        try:
            return content.decode(coding)
        except UnicodeDecodeError:
            continue
    raise Invalid.field("csv", "The file is no text: save it as CSV in UTF-8.")


def _delimiter(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "")
    outside = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=outside.count)


def _plain_title(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", folded(title))


@cache
def _known_titles() -> dict[str, str]:
    known: dict[str, str] = {}
    for name, titles in COLUMNS.items():
        for title in (name, name.removesuffix("_minor"), *titles):
            known.setdefault(_plain_title(title), name)
    return known


def _columns(header: list[str], mapping: Mapping[str, str]) -> list[tuple[str, str | None]]:
    columns: list[tuple[str, str | None]] = []
    taken: set[str] = set()
    for title in header:
        name = mapping[title] or None if title in mapping else _known_titles().get(_plain_title(title))
        if name is not None and name not in COLUMNS:
            raise Invalid.field("mapping", f"{name} is no field of a customer.")
        if name in taken:
            if title in mapping:
                raise Invalid.field("mapping", f"Two columns are to be {name}.")
            name = None
        if name:
            taken.add(name)
        columns.append((title, name))
    if "email" not in taken:
        raise Invalid.field(
            "csv",
            "There is no column for the e-mail address. The first row must hold the titles of the columns.",
        )
    return columns


def _row(line: int, cells: list[str], columns: list[tuple[str, str | None]], defaults: Mapping[str, Any]) -> Row:
    texts = {
        name: _unescaped(cell.strip()) for (_, name), cell in zip(columns, cells, strict=False) if name and cell.strip()
    }
    row = Row(line, _shown(texts), texts.get("email", ""))
    if any(cell.strip() for cell in cells[len(columns) :]):
        row.errors = [FieldError("csv", "The row has more cells than there are titles.")]
        return row
    street = " ".join(texts.get("street", "")[:_LONGEST_STREET].split())
    if "house_number" not in texts and (match := _STREET.fullmatch(street)):
        texts["street"], texts["house_number"] = match[1], match[2]
    value: dict[str, Any] = {**defaults, "email": ""}
    for name, text in texts.items():
        try:
            value[name] = _converted(name, text, texts.get("currency") or str(defaults.get("currency") or "CHF"))
        except ValueError as problem:
            row.errors.append(FieldError(name, str(problem)))
    try:
        checked = validated({key: item for key, item in value.items() if key not in {e.field for e in row.errors}})
    except Invalid as refusal:
        row.errors += [error for error in refusal.errors if error.field not in {e.field for e in row.errors}]
        return row
    if not row.errors:
        row.value, row.name = checked, checked["display_name"]
    return row


def _shown(texts: Mapping[str, str]) -> str:
    person = f"{texts.get('first_name', '')} {texts.get('last_name', '')}".strip()
    return (texts.get("company") or person)[:200]


def _converted(name: str, text: str, currency: str) -> Any:
    """A cell as the field's type; raises ValueError with a sentence."""
    plain = folded(text)
    if name == "country":
        return _country(text)
    if name == "language":
        return _LANGUAGES.get(plain, plain)
    if name == "currency":
        return text.upper()
    if name == "billing_cadence":
        return _CADENCES.get(plain, plain)
    if name == "billing_cycle_day":
        if not re.fullmatch(r"\d{1,2}", text, re.ASCII):
            raise ValueError("The billing day is a number from 1 to 31.")
        return int(text)
    if name == "vat_rate":
        return text.replace("%", "").replace(",", ".").strip()
    if name == "hourly_rate_minor":
        return minor_of(text, currency)
    if name == "tags":
        return [tag.strip() for tag in re.split(r"[,;|\n]", text) if tag.strip()]
    if name == "skonto_opt_out" or name.startswith("feature_"):
        if plain in _YES | _NO:
            return plain in _YES
        raise ValueError(f"“{text[:40]}” is neither yes nor no.")
    return text


def minor_of(text: str, currency: str) -> int:
    """An amount as typed, with any separator of thousands, in minor units; raises ValueError with a sentence."""
    compact = re.sub(r"[ '’\u00a0\u202f]", "", text)
    if "," in compact and "." not in compact:
        compact = compact.replace(",", ".")
    try:
        minor = Decimal(compact).scaleb(exponent(currency.upper()))
    except (ArithmeticError, Refusal) as error:
        raise ValueError(f"“{text[:40]}” is no amount.") from error
    if not minor.is_finite() or minor != minor.to_integral_value() or abs(minor) > 10**12:
        raise ValueError(f"“{text[:40]}” is no amount.")
    return int(minor)


@cache
def _countries() -> dict[str, str]:
    return {
        folded(name): code
        for language in ("fr", "it", "en", "de")
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }


def _country(text: str) -> str:
    if len(text) == 2:
        return text.upper()
    return _countries().get(folded(text), text)


def _unescaped(cell: str) -> str:
    """Undo what `neutral` did, so that an exported file reads back as it was."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def neutral(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula: an apostrophe before what could begin one."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def written(records: Iterable[Mapping[str, Any]], language: str) -> bytes:
    """A CSV file of customers that spreadsheets open and `read` understands: UTF-8 with BOM, semicolons."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    title = 1 if language == "de" else 0
    writer.writerow([titles[title] for titles in COLUMNS.values()])
    for record in records:
        writer.writerow([neutral(_cell(name, record, language)) for name in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def _cell(name: str, record: Mapping[str, Any], language: str) -> str:
    value = record[name]
    if value is None:
        return ""
    if name == "hourly_rate_minor":
        places = exponent(record["currency"])
        return f"{Decimal(value).scaleb(-places):.{places}f}"
    if name == "tags":
        return ", ".join(value)
    if isinstance(value, bool):
        return {True: ("yes", "ja"), False: ("no", "nein")}[value][language == "de"]
    return str(value)
