"""What can be written about a customer, and when it is right."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import AfterValidator, Field, StringConstraints
from pydantic import ValidationError as ModelInvalid

from kontor.database import Tx
from kontor.errors import FieldError, Invalid
from portal_gateway.adapters.tables import customer
from portal_gateway.business import values as v
from portal_gateway.business.refusals import invalid

MOST_TAGS = 20

House = Annotated[str, StringConstraints(max_length=16), AfterValidator(v._one_line)]
Town = Annotated[str, StringConstraints(max_length=35), AfterValidator(v._one_line)]
CustomerNumber = Annotated[str, StringConstraints(max_length=40), AfterValidator(v._one_line)]


def _tag(value: str) -> str:
    value = " ".join(v._one_line(value).split())
    if "," in value or ";" in value:
        raise ValueError("must not contain a comma or semicolon")
    return value


Tag = Annotated[str, StringConstraints(max_length=40), AfterValidator(_tag), AfterValidator(v._required)]


def _once(tags: list[str]) -> list[str]:
    """Each tag once; upper and lower case are the same tag, the first spelling stays."""
    kept: dict[str, str] = {}
    for tag in tags:
        kept.setdefault(tag.casefold(), tag)
    return list(kept.values())


class CustomerFields(v.Strict):
    """What can be written. Lengths of the address are those a QR-bill can print (IG 2.3 § 4.2.2).

    ``billing_cycle_day`` 31 is the last day of the month. ``leitweg_id`` and ``buyer_reference`` go into
    e-invoices (EN 16931 BT-10).
    """

    email: v.Email
    salutation: v.Line = ""
    first_name: v.Line = ""
    last_name: v.Line = ""
    company: v.Line = ""
    display_name: v.Line = ""
    street: v.ShortLine = ""
    house_number: House = ""
    postcode: House = ""
    town: Town = ""
    country: v.Country = "CH"
    language: v.Language = "de"
    currency: v.Currency = "CHF"
    billing_email: v.OptionalEmail = ""
    cc_email: v.OptionalEmail = ""
    phone: v.Line = ""
    vat_id: v.VatId = ""
    leitweg_id: v.LeitwegId = ""
    buyer_reference: v.Line = ""
    hourly_rate_minor: Annotated[int, Field(ge=0, le=10**12)] | None = None
    vat_rate: v.Percent | None = None
    billing_cadence: Literal["per_event", "monthly"] = "per_event"
    billing_cycle_day: Annotated[int, Field(ge=1, le=31)] = 1
    skonto_opt_out: bool = False
    feature_quotes: bool = True
    feature_contracts: bool = True
    feature_bills: bool = True
    feature_hours: bool = False
    customer_number: CustomerNumber = ""
    tags: Annotated[list[Tag], Field(max_length=MOST_TAGS, default_factory=list), AfterValidator(_once)]
    notes: v.LongText = ""


NAMES = tuple(CustomerFields.model_fields)

#: What a record stored before a field existed has in it.
DEFAULTS = {
    name: field.get_default(call_default_factory=True)
    for name, field in CustomerFields.model_fields.items()
    if name != "email"
}


def display_name(fields: dict[str, Any]) -> str:
    """The name in lists while nobody chose another one: the company, else the person, else the address."""
    person = f"{fields['first_name']} {fields['last_name']}".strip()
    return str(fields["company"] or person or fields["email"])


def validated(fields: dict[str, Any]) -> dict[str, Any]:
    """All fields, checked alone and against each other; raises `Invalid` naming each wrong one."""
    try:
        value = CustomerFields.model_validate(fields).model_dump()
    except ModelInvalid as error:
        refusal = invalid(error)
        if isinstance(refusal, Invalid):
            together = _together(fields, {found.field for found in refusal.errors})
            raise _refused([*refusal.errors, *together]) from error
        raise refusal from error
    value["postcode"] = v.postcode(value["postcode"], value["country"])
    errors = _together(value, set())
    if errors:
        raise _refused(errors)
    value["display_name"] = value["display_name"] or display_name(value)
    return value


def _refused(errors: list[FieldError]) -> Invalid:
    detail = errors[0].message if len(errors) == 1 else f"{len(errors)} fields were not accepted."
    return Invalid(detail, errors=errors)


def _together(fields: Mapping[str, Any], wrong: set[str]) -> list[FieldError]:
    """What is wrong between fields, apart from those that are ``wrong`` by themselves."""
    errors = []
    names = ("company", "last_name", "first_name")
    if not wrong.intersection(names) and not any(fields.get(name) for name in names):
        errors.append(FieldError("last_name", "Enter a name or a company."))
    if not wrong.intersection(("postcode", "country")):
        country = fields.get("country", DEFAULTS["country"])
        problem = v.postcode_problem(v.postcode(fields.get("postcode", ""), country), country)
        if problem:
            errors.append(FieldError("postcode", problem))
    return errors


def folded(text: str) -> str:
    """Text for searching: without accents and case, so that "muller" finds "Müller"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def search_text(value: dict[str, Any]) -> str:
    """What the search of the list looks into."""
    names = ("display_name", "company", "first_name", "last_name", "email", "customer_number", "town", "phone")
    return folded(" ".join([*(str(value[name]) for name in names), *value["tags"]]))


def known_tags(tx: Tx) -> list[dict[str, Any]]:
    """Every tag in use with its number of customers, the most used first."""
    each = sa.select(sa.func.unnest(customer.c.tags, type_=sa.Text).label("tag")).subquery()
    count = sa.func.count().label("count")
    rows = tx.execute(sa.select(each.c.tag, count).group_by(each.c.tag).order_by(count.desc(), each.c.tag))
    return [{"tag": row.tag, "count": row.count} for row in rows]


def spelled(tx: Tx, tags: list[str]) -> list[str]:
    """The tags in the spelling other customers have them in: "vip" joins "VIP"."""
    if not tags:
        return tags
    known = {one["tag"].casefold(): one["tag"] for one in reversed(known_tags(tx))}
    return [known.get(tag.casefold(), tag) for tag in tags]
