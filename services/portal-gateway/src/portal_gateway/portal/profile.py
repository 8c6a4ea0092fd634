"""The customer's own details: what the studio has, and what the customer may change."""

import re
from typing import Any

from kontor.errors import Invalid, Refusal
from portal_gateway.accounts import customers
from portal_gateway.business import customer_words
from portal_gateway.business.countries import countries
from portal_gateway.portal import records
from portal_gateway.public.dead_ends import not_accepted
from portal_gateway.public.wording import Wording
from portal_gateway.web import Problem, Request, Response, Routes, problem_of

routes = Routes("customer")

#: What customers change themselves. Name, company and VAT id are the parties of contracts: the studio's to change.
OWN_FIELDS = ("street", "house_number", "postcode", "town", "country", "phone", "billing_email")


@routes.get("/customer/profile", name="customer.profile")
def profile_page(request: Request) -> Response:
    """The details the studio has, and the language."""
    return _profile(request)


def _profile(request: Request, problem: Problem | None = None, typed: dict[str, Any] | None = None) -> Response:
    with request.tx() as tx:
        record = customers.find(tx, records.signed_in(request).id)
    wording = Wording(request)
    errors = customer_words.sentences(problem.errors) if problem else []
    sentences = {error.field: wording.gettext(error.message) for error in errors}
    sentences["STALE_VERSION"] = wording.gettext(
        "Your details were changed meanwhile. Please check them and save again."
    )
    return request.render(
        "portal/profile.html",
        status=problem.status if problem else 200,
        here="profile",
        record=record,
        form={**{name: record[name] for name in OWN_FIELDS}, **(typed or {})},
        countries=countries(request.language),
        problem=not_accepted(request, problem, sentences) if problem else None,
    )


@routes.post("/customer/profile", name="customer.profile.save")
def save_profile(request: Request) -> Response:
    """Keep the customer's own changes; the studio sees who made them."""
    form = request.form()
    typed = {name: form[name] for name in OWN_FIELDS if name in form}
    version = form.get("version", "")
    try:
        if not re.fullmatch(r"[0-9]{1,9}", version):
            raise Invalid.field("version", "The form is not complete.")
        with request.tx() as tx:
            customers.change(tx, records.signed_in(request).id, int(version), typed)
    except Refusal as refusal:
        return _profile(request, problem_of(refusal), typed)
    request.flash(Wording(request).gettext("Your details are saved."))
    return request.redirect("customer.profile")


@routes.post("/customer/profile/language", name="customer.profile.language")
def change_language(request: Request) -> Response:
    """The language of the portal, and of documents made from now on."""
    language = request.form().get("language", "")
    with request.tx() as tx:
        record = customers.find(tx, records.signed_in(request).id)
        customers.change(tx, record["id"], record["version"], {"language": language})
    request.set_cookie("kontor_language", language, max_age=365 * 86_400)
    request.speak(language)
    request.flash(Wording(request).gettext("Your language is saved."))
    return request.redirect("customer.profile")
