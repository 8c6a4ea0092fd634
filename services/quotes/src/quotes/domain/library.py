"""What the studio writes once and uses often: line-item presets and quote templates. Using one copies it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kontor.errors import FieldError, Invalid
from kontor.fields import Fields
from kontor.lines import Line, parse_lines
from kontor.money import exponent
from quotes.domain import content as contents
from quotes.domain.content import Content, Defaults

MAX_NAME = 120

#: What a template keeps of a quote's content.
TEMPLATE_FIELDS = (
    "language",
    "currency",
    "price_entry",
    "title",
    "intro",
    "closing",
    "lines",
    "payment",
    "installments",
    "exemption_reason",
)
_NOBODY = "00000000-0000-0000-0000-000000000000"
_KNOWN = frozenset({"name", *TEMPLATE_FIELDS})


@dataclass(frozen=True, slots=True)
class Preset:
    """A line item under a name; its price is in ``currency``."""

    id: str
    version: int
    name: str
    currency: str
    line: Line
    created_at: datetime
    updated_at: datetime
    created_by_admin_id: str | None = None

    def fields(self) -> dict[str, Any]:
        """What an admin may change: the name, the currency, and the line item without its ids."""
        return {"name": self.name, "currency": self.currency, **_anonymous(self.line.to_json())}


@dataclass(frozen=True, slots=True)
class Template:
    """A quote without its customer and dates, under a name."""

    id: str
    version: int
    name: str
    content: Content
    created_at: datetime
    updated_at: datetime
    created_by_admin_id: str | None = None

    def fields(self) -> dict[str, Any]:
        """What an admin may change; lines without ids, so that every use gives them new ones."""
        content = self.content.to_json()
        kept = {name: content[name] for name in TEMPLATE_FIELDS}
        kept["lines"] = [_anonymous(line) for line in kept["lines"]]
        return {"name": self.name, **kept}


def _anonymous(line: Mapping[str, Any]) -> dict[str, Any]:
    subs = [{name: value for name, value in sub.items() if name != "id"} for sub in line["sub_lines"]]
    return {name: value for name, value in line.items() if name != "id"} | {"sub_lines": subs}


def read_preset(body: object, currency: str) -> tuple[str, str, Line]:
    """``(name, currency, line)`` of a request; a preset without a name is called like its line begins."""
    if not isinstance(body, Mapping):
        raise Invalid.field("body", "Please send an object.")
    own = {name: body[name] for name in ("name", "currency") if name in body}
    item = {name: value for name, value in body.items() if name not in own and name != "id"}
    fields = Fields(own, "", frozenset(own))
    name = fields.text("name", MAX_NAME, required=False)
    currency = fields.text("currency", 3, required=False) or currency
    line = Line("")
    try:
        exponent(currency)
    except Invalid as invalid:
        fields.errors.extend(invalid.errors)
    try:
        line = parse_lines([item])[0]
    except Invalid as invalid:
        fields.errors.extend(FieldError(e.field.removeprefix("lines[0]."), e.message) for e in invalid.errors)
    fields.raise_errors()
    return name or line.description.partition("\n")[0][:MAX_NAME].strip(), currency, line


def changed_preset(preset: Preset, changes: Mapping[str, Any], now: datetime) -> Preset:
    """The preset with the fields of ``changes`` replaced; the same one if nothing is different."""
    body = _merged(preset.fields(), changes)
    for name, companion in (("vat_rate", "vat_category"), ("optional", "selected"), ("kind", "vat_category")):
        if name in changes and companion not in changes:
            body.pop(companion, None)
    name, currency, line = read_preset(body, preset.currency)
    made = replace(preset, name=name, currency=currency, line=line, version=preset.version + 1, updated_at=now)
    return preset if made.fields() == preset.fields() else made


def read_template(body: object, defaults: Defaults) -> tuple[str, Content]:
    """``(name, content)`` of a request; customer and dates of the content mean nothing."""
    fields = Fields(body, "", _KNOWN)
    name = fields.text("name", MAX_NAME)
    sent = {key: value for key, value in fields.body.items() if key in TEMPLATE_FIELDS}
    try:
        content = contents.read(sent | {"customer_id": _NOBODY}, defaults, str)
    except Invalid as invalid:
        if not fields.errors:
            raise
        fields.errors.extend(invalid.errors)
    fields.raise_errors()
    return name, content


def changed_template(template: Template, changes: Mapping[str, Any], defaults: Defaults, now: datetime) -> Template:
    """The template with the fields of ``changes`` replaced; the same one if nothing is different."""
    name, content = read_template(_merged(template.fields(), changes), defaults)
    made = replace(template, name=name, content=content, version=template.version + 1, updated_at=now)
    return template if made.fields() == template.fields() else made


def _merged(fields: dict[str, Any], changes: object) -> dict[str, Any]:
    if not isinstance(changes, Mapping):
        raise Invalid.field("body", "Please send an object.")
    return fields | dict(changes)
