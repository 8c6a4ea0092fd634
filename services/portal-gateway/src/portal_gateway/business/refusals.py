"""What pydantic finds wrong, in the project's words: a path of the field and a sentence."""

from typing import Any

from pydantic import ValidationError

from kontor.errors import FieldError, Invalid, Refusal
from portal_gateway.web.problems import UnknownField

_SENTENCES = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this resource",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "date_type": "must be a date such as 2026-03-01",
    "date_from_datetime_parsing": "must be a date such as 2026-03-01",
    "date_from_datetime_inexact": "must be a date such as 2026-03-01",
    "date_parsing": "must be a date such as 2026-03-01",
    "uuid_parsing": "must be an id",
    "uuid_type": "must be an id",
    "string_too_short": "must not be empty",
}


def path(location: tuple[Any, ...]) -> str:
    """``("lines", 2, "quantity")`` as ``lines[2].quantity``."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part not in {"function-after", "constrained-str"} and "[" not in str(part):
            text += f".{part}" if text else str(part)
    return text


def invalid(error: ValidationError) -> Refusal:
    """The refusal for a model that did not validate."""
    found = []
    for item in error.errors(include_url=False, include_input=False, include_context=True):
        field = path(item["loc"])
        sentence = _SENTENCES.get(item["type"]) or item["msg"].removeprefix("Value error, ")
        found.append(FieldError(field, f"{field or 'The body'} {sentence}." if " " in sentence else sentence))
    kinds = {item["type"] for item in error.errors(include_url=False, include_input=False, include_context=False)}
    detail = found[0].message if len(found) == 1 else f"{len(found)} fields were not accepted."
    if kinds == {"extra_forbidden"}:
        return UnknownField(detail, errors=found)
    return Invalid(detail, errors=found)
