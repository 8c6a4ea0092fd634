"""The form of a customer: new and changed, checked field by field while it is filled in."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from kontor.errors import FieldError, Invalid, Refusal
from kontor.ids import uuid7
from kontor.money import exponent
from portal_gateway.accounts import customer_fields, customers
from portal_gateway.accounts.customer_csv import minor_of
from portal_gateway.admin import records
from portal_gateway.admin.customers import DO, PATH
from portal_gateway.admin.words import _, say, told
from portal_gateway.business import customer_words
from portal_gateway.business.countries import countries
from portal_gateway.web import Form, Problem, Request, Response, Routes, problem_of

routes = Routes("admin")

_TEXTS = (
    "company",
    "salutation",
    "first_name",
    "last_name",
    "email",
    "billing_email",
    "cc_email",
    "phone",
    "vat_id",
    "leitweg_id",
    "buyer_reference",
    "street",
    "house_number",
    "postcode",
    "town",
    "country",
    "language",
    "currency",
    "billing_cadence",
    "notes",
)
_TOGGLES = ("feature_quotes", "feature_contracts", "feature_bills", "feature_hours", "skonto_opt_out")
#: Fields that are typed as text and are something else.
_READ = ("hourly_rate_minor", "vat_rate", "billing_cycle_day", "tags")


@routes.get(f"{PATH}/new", name="admin.customer.new", **DO)
def customer_new(request: Request) -> Response:
    with request.tx() as tx:
        record = {**customer_fields.DEFAULTS, "email": "", **customers.defaults(tx)}
    return _editor(request, {**_shown(record), "id": str(uuid7()), "version": None})


@routes.post(f"{PATH}/new", name="admin.customer.create", **DO)
def customer_create(request: Request) -> Response:
    new_id = request.form().uuid("id")
    try:
        fields = _fields(request.form())
        with request.tx() as tx:
            customers.create(tx, new_id, fields)
    except Refusal as refusal:
        return _editor(request, _typed(request, str(new_id)), problem_of(refusal))
    request.flash(say(request, _("Customer saved.")))
    return request.redirect("admin.customer", id=str(new_id))


@routes.get(f"{PATH}/{{id:uuid}}/edit", name="admin.customer.edit", **DO)
def customer_edit(request: Request, id: str) -> Response:
    with request.tx() as tx:
        record = customers.find(tx, UUID(id))
    return _editor(request, {**_shown(record), "id": id, "version": record["version"]})


@routes.post(f"{PATH}/{{id:uuid}}/edit", name="admin.customer.save", **DO)
def customer_save(request: Request, id: str) -> Response:
    try:
        fields = _fields(request.form())
        with request.tx() as tx:
            customers.change(tx, UUID(id), records.version_of(request), fields)
    except Refusal as refusal:
        return _editor(request, _typed(request, id), problem_of(refusal))
    request.flash(say(request, _("Customer saved.")))
    return request.redirect("admin.customer", id=id)


@routes.post(f"{PATH}/check", name="admin.customer.check", **DO)
def customer_check(request: Request) -> Response:
    """What is wrong with the form as it stands; nothing is saved."""
    try:
        customer_fields.validated(
            {**_fields(request.form()), "customer_number": request.form().get("customer_number", "")}
        )
    except Refusal as refusal:
        return request.answer_json({"errors": _by_field(request, refusal.errors)})
    return request.answer_json({"errors": {}})


def _by_field(request: Request, errors: list[FieldError]) -> dict[str, str]:
    return {error.field: told(request, error.message) for error in customer_words.sentences(errors)}


def _fields(form: Form) -> dict[str, Any]:
    """The form as fields of the record; raises `Invalid` for an amount that cannot be read, with what else is wrong."""
    fields: dict[str, Any] = {name: form[name] for name in _TEXTS if name in form}
    fields |= {name: form.checked(name) for name in _TOGGLES}
    if form.get("customer_number"):
        fields["customer_number"] = form["customer_number"]
    fields["tags"] = [tag.strip() for tag in re.split(r"[,;]", form.get("tags", "")) if tag.strip()]
    rate = form.get("vat_rate", "").replace("%", "").replace(",", ".").strip()
    fields["vat_rate"] = rate or None
    day = form.get("billing_cycle_day", "1")
    fields["billing_cycle_day"] = int(day) if re.fullmatch(r"[0-9]{1,2}", day) else 0
    amount = form.get("hourly_rate_minor", "")
    try:
        fields["hourly_rate_minor"] = minor_of(amount, fields.get("currency") or "CHF") if amount else None
    except ValueError as error:
        wrong = [FieldError("hourly_rate_minor", str(error))]
        try:
            customer_fields.validated(fields)
        except Invalid as refusal:
            wrong += refusal.errors
        raise Invalid(wrong[0].message, errors=wrong) from error
    return fields


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    """The record as the form shows it."""
    minor = record["hourly_rate_minor"]
    places = exponent(record["currency"])
    return {
        "display_name": record["display_name"],
        **{name: record[name] for name in (*_TEXTS, "customer_number", *_TOGGLES)},
        "hourly_rate_minor": "" if minor is None else f"{Decimal(minor).scaleb(-places):.{places}f}",
        "vat_rate": record["vat_rate"] or "",
        "billing_cycle_day": str(record["billing_cycle_day"]),
        "tags": ", ".join(record["tags"]),
    }


def _typed(request: Request, id: str) -> dict[str, Any]:
    form = request.form()
    return {
        "id": id,
        "version": records.version_of(request),
        "display_name": "",
        **{name: form.get(name, "") for name in (*_TEXTS, "customer_number", *_READ)},
        **{name: form.checked(name) for name in _TOGGLES},
    }


def _editor(request: Request, form: dict[str, Any], problem: Problem | None = None) -> Response:
    known = form["version"] is not None
    heading = form.get("display_name") or say(request, _("Customer")) if known else say(request, _("New customer"))
    if problem and problem.errors:
        several = say(request, _("Some fields were not accepted. Nothing is saved yet."))
        problem = replace(problem, detail=several, errors=customer_words.sentences(problem.errors))
    with request.tx() as tx:
        tags = [one["tag"] for one in customer_fields.known_tags(tx)[:30]]
    return request.render(
        "admin/customers/editor.html",
        status=problem.status if problem else 200,
        form=form,
        heading=heading,
        countries=countries(request.language),
        currencies=[(code, code) for code in dict.fromkeys(("CHF", "EUR", form["currency"] or "CHF"))],
        days=[*((str(day), str(day)) for day in range(1, 29)), ("31", say(request, _("last day of the month")))],
        tags=tags,
        back_href=request.url("admin.customer", id=form["id"]) if known else request.url("admin.customers"),
        problem=problem,
    )
