"""Which mails there are, which placeholders each knows, and what an edited template may say.

The words as delivered stand in ``documents/texts``; an `Edit` lies over them. A template is plain text
with ``{placeholder}``: it is filled in one pass and never evaluated, and HTML is made from it by
escaping, so neither an edit nor a fact can bring in code, markup or a header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from kontor.errors import FieldError, Invalid, NotFound

from ..texts import LANGUAGES, catalogue

CODE_MARK = "{{code}}"
"""Stands in stored texts where a code goes; the code itself is never stored in clear."""

FIELDS = ("subject", "body", "button")
LIMITS = {"subject": 200, "body": 10_000, "button": 80}

MEANINGS: Mapping[str, str] = {
    "name": "Name of the recipient; empty where it is not known.",
    "issuer_name": "Name of your business.",
    "number": "Number of the quote, contract or invoice.",
    "title": "Title of the quote, contract or invoice.",
    "total": "Total with currency.",
    "valid_until": "A sentence with the last day of validity; empty without one.",
    "due_date": "A sentence with the due date; empty without one.",
    "customer_name": "Name of the customer.",
    "message": "What the customer wrote with the answer; often empty.",
    "reason": "The reason the customer gave; often empty.",
    "integrity_hash": "SHA-256 of the final document.",
    "code": "The six-digit code. It is taken out of the stored copy once the mail is sent.",
}


@dataclass(frozen=True, slots=True)
class Template:
    """A mail Kontor sends. ``required`` placeholders must stay in its text; ``lifetime`` is that of its secret."""

    name: str
    placeholders: tuple[str, ...]
    button: bool = False
    required: tuple[str, ...] = ()
    lifetime: timedelta | None = None


def _template(
    name: str, *own: str, button: bool = False, required: tuple[str, ...] = (), lifetime: timedelta | None = None
) -> tuple[str, Template]:
    return name, Template(name, (*own, "name", "issuer_name"), button, required, lifetime)


_QUOTE = ("number", "title", "total", "valid_until", "customer_name")

TEMPLATES: Mapping[str, Template] = dict(
    (
        _template("quote_sent", *_QUOTE, button=True),
        _template("quote_expiring", *_QUOTE, button=True),
        _template("quote_code", "code", "number", "title", required=("code",), lifetime=timedelta(minutes=10)),
        _template("quote_accepted_customer", *_QUOTE),
        _template("quote_accepted_admin", *_QUOTE, "message"),
        _template("quote_declined_admin", "number", "title", "customer_name", "reason"),
        _template("contract_sent", "number", "title", "valid_until", "customer_name", button=True),
        _template("contract_signature_reminder", "number", "title", "valid_until", "customer_name", button=True),
        _template("contract_fully_signed", "number", "integrity_hash"),
        _template("invoice_sent", "number", "title", "total", "due_date", "customer_name"),
        _template("customer_invitation", button=True),
        _template("customer_password_reset", button=True, lifetime=timedelta(hours=1)),
        _template("customer_sign_in_link", button=True, lifetime=timedelta(minutes=15)),
    )
)


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody changed of a template; None: as delivered."""

    subject: str | None = None
    body: str | None = None
    button: str | None = None

    def field(self, field: str) -> str | None:
        value: str | None = getattr(self, field)
        return value


UNEDITED = Edit()

_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_TWO_BRACES = re.compile(r"\{(?=\{)")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def template_of(name: str, language: str) -> Template:
    """The template; raises `NotFound` for names and languages there are no mails of."""
    if name not in TEMPLATES or language not in LANGUAGES:
        raise NotFound("There is no such mail template.")
    return TEMPLATES[name]


def delivered(template: Template, language: str, locale: str) -> Edit:
    """The template's words as Kontor brings them, for a locale."""
    texts = catalogue(language, locale)
    button = texts[f"mail_{template.name}_button"] if template.button else None
    return Edit(texts[f"mail_{template.name}_subject"], texts[f"mail_{template.name}_body"], button)


def effective(template: Template, language: str, locale: str, edit: Edit) -> Edit:
    """What is sent: each field as edited, or as delivered where it was not or where the edit no longer fits.

    An edit is checked when it is saved; should a later release take a placeholder away, that field
    falls back to the words as delivered instead of stopping the mail.
    """
    words = delivered(template, language, locale)
    chosen = {}
    for field in FIELDS:
        own = edit.field(field)
        fits = own is not None and words.field(field) is not None and not _problem(template, field, own)
        chosen[field] = own if fits else words.field(field)
    return Edit(**chosen)


def check(template: Template, edit: Edit) -> None:
    """Raise `Invalid`, naming every field with what is wrong in it."""
    errors = []
    for field in FIELDS:
        value = edit.field(field)
        if value is not None and (sentence := _problem(template, field, value)):
            errors.append(FieldError(field, sentence))
    if errors:
        raise Invalid(errors[0].message, errors=errors)


def _problem(template: Template, field: str, value: str) -> str | None:
    if field == "button" and not template.button:
        return "This mail has no button."
    if not value.strip():
        return "This must not be empty."
    if len(value) > LIMITS[field]:
        return f"At most {LIMITS[field]} characters are possible here."
    if _CONTROL.search(value) or _BIDI.search(value):
        return "The text contains characters that cannot be sent."
    if field != "body" and "\n" in value:
        return "One line only."
    if "{{" in value or "}}" in value:
        return "A placeholder stands in single braces, such as {number}."
    known = [name for name in template.placeholders if field == "body" or name not in template.required]
    for name in _PLACEHOLDER.findall(value):
        if name not in known:
            return f"The placeholder {{{name}}} is not known here."
    missing = [name for name in template.required if field == "body" and f"{{{name}}}" not in value]
    if missing:
        return f"The placeholder {{{missing[0]}}} must stay in the text."
    return None


def fill(text: str, facts: Mapping[str, str]) -> str:
    """The text with its placeholders replaced, in one pass: what a fact contains is never read as placeholder."""
    return _PLACEHOLDER.sub(lambda found: facts.get(found[1], found[0]), text)


def clean(fact: object) -> str:
    """A fact as text for a mail: no control characters, no direction overrides, no marks of ours."""
    text = "" if fact is None else str(fact).replace("\r\n", "\n").replace("\r", "\n")
    return _TWO_BRACES.sub("{ ", _BIDI.sub("", _CONTROL.sub("", text)))


def one_line(text: str, limit: int) -> str:
    """The text on one line, at most ``limit`` characters, ending in an ellipsis where it was cut."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
