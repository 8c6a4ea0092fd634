"""Settings: business profile, bank accounts, features, parked messages."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from kontor.database import Tx
from kontor.errors import Refusal
from kontor.ids import uuid7
from portal_gateway.admin import records
from portal_gateway.admin.words import _, say
from portal_gateway.business import bank_accounts, flags, sections
from portal_gateway.business.countries import countries
from portal_gateway.web import Request, Response, Routes, problem_of

routes = Routes("admin")

PATH = "/admin/settings"
_PAGES = (
    (_("Business profile"), "admin.settings.business_profile", "settings.manage"),
    (_("Bank accounts"), "admin.settings.bank_accounts", "settings.banking"),
    (_("Quotes"), "admin.settings.quotes", "settings.manage"),
    (_("Documents & themes"), "admin.settings.documents", "settings.manage"),
    (_("Features"), "admin.settings.features", "settings.features"),
    (_("Parked messages"), "admin.settings.parked", "operations.manage"),
)
_PROFILE_TEXTS = (
    "name",
    "street",
    "house_number",
    "postcode",
    "town",
    "country",
    "vat_id",
    "tax_id",
    "email",
    "phone",
    "website",
    "timezone",
    "default_currency",
    "default_language",
)
_FIELD_WORDS = {
    "name": _("Name"),
    "street": _("Street"),
    "postcode": _("Postcode"),
    "town": _("Town"),
    "country": _("Country"),
    "email": _("E-mail"),
    "vat_id": _("VAT id"),
    "phone": _("Phone"),
}
#: flag, label, sentence, parent
_CARDS = (
    ("clients", _("Clients"), _("Customers, and everything that hangs on them."), None),
    ("quotes", _("Quotes"), _("Write quotes, send them, let customers accept through a link."), "clients"),
    ("contracts", _("Contracts"), _("Compose contracts from blocks and have them signed."), "clients"),
    ("bills", _("Invoices"), _("Issue invoices with payment slip, record payments."), "quotes"),
    ("hoursLogging", _("Hours"), _("Log hours and bill them."), "clients"),
    ("calendar", _("Calendar"), _("Bookings, hours and due dates in one calendar."), "clients"),
    ("accounting", _("Accounting"), _("Comes with invoices."), "clients"),
    ("taxReport", _("Tax report"), _("What the tax return asks for, per period."), "accounting"),
    ("customerPortal", _("Customer portal"), _("Customers sign in and find their documents."), "clients"),
    ("crmDevelopment", _("Developer tools"), _("Try mail templates."), "clients"),
    ("reminderEmails", _("Reminder mails"), _("Not built yet."), "clients"),
    ("calendarBooking", _("Booking by customers"), _("Not built yet."), "calendar"),
    ("messaging", _("Messaging"), _("Not built yet."), "clients"),
)


def navigation(request: Request) -> list[dict[str, Any]]:
    """The settings pages somebody may see."""
    return [
        {"label": say(request, label), "href": request.url(name), "current": request.path.startswith(request.url(name))}
        for label, name, permission in _PAGES
        if request.may(permission)
    ]


@routes.get(PATH, name="admin.settings", permission="settings.manage")
def settings(request: Request) -> Response:
    return request.redirect("admin.settings.business_profile")


@routes.get(f"{PATH}/business-profile", name="admin.settings.business_profile", permission="settings.manage")
def business_profile(request: Request) -> Response:
    with request.tx() as tx:
        section = sections.read(tx, "business_profile")
    return _profile(request, section["value"], section["version"], section["missing"])


@routes.post(f"{PATH}/business-profile", name="admin.settings.business_profile.save", permission="settings.manage")
def business_profile_save(request: Request) -> Response:
    form = request.form()
    typed: dict[str, Any] = {name: form.get(name, "") for name in _PROFILE_TEXTS}
    typed["vat_registered"] = form.checked("vat_registered")
    try:
        with request.tx() as tx:
            sections.change(tx, "business_profile", records.version_of(request), typed)
    except Refusal as refusal:
        return _profile(request, typed, records.version_of(request), [], problem_of(refusal))
    request.flash(say(request, _("Business profile saved.")))
    return request.redirect("admin.settings.business_profile")


def _profile(
    request: Request, form: dict[str, Any], version: int | None, missing: list[str], problem: Any = None
) -> Response:
    return request.render(
        "admin/settings/business_profile.html",
        status=problem.status if problem else 200,
        heading=say(request, _("Business profile")),
        settings_nav=navigation(request),
        form=form,
        version=version,
        missing=[say(request, _FIELD_WORDS.get(name, name)) for name in missing],
        countries=countries(request.language),
        currencies=[("CHF", "CHF"), ("EUR", "EUR")],
        problem=problem,
    )


@routes.get(f"{PATH}/bank-accounts", name="admin.settings.bank_accounts", permission="settings.banking")
def bank_account_list(request: Request) -> Response:
    with request.tx() as tx:
        accounts = bank_accounts.all(tx)
    return _bank(request, accounts=accounts, editing=False, form={})


@routes.get(f"{PATH}/bank-accounts/new", name="admin.settings.bank_account.new", permission="settings.banking")
def bank_account_new(request: Request) -> Response:
    profile = request.business
    form: dict[str, Any] = {
        "id": str(uuid7()),
        "version": None,
        "holder": profile.get("name") or "",
        "iban": "",
        "bic": "",
        "currency": profile.get("default_currency") or "CHF",
        "is_default": True,
        "reference_type": "SCOR",
        "qr_bill_enabled": True,
    }
    return _bank(request, accounts=[], editing=True, form=form)


@routes.get(f"{PATH}/bank-accounts/{{id:uuid}}", name="admin.settings.bank_account", permission="settings.banking")
def bank_account(request: Request, id: str) -> Response:
    with request.tx() as tx:
        return _bank(request, accounts=[], editing=True, form=bank_accounts.find(tx, UUID(id)))


@routes.post(f"{PATH}/bank-accounts/new", name="admin.settings.bank_account.create", permission="settings.banking")
def bank_account_create(request: Request) -> Response:
    id = request.form().uuid("id")
    return _save_account(request, str(id), lambda tx, fields: bank_accounts.create(tx, id, fields))


@routes.post(
    f"{PATH}/bank-accounts/{{id:uuid}}", name="admin.settings.bank_account.save", permission="settings.banking"
)
def bank_account_save(request: Request, id: str) -> Response:
    version = records.version_of(request)
    return _save_account(request, id, lambda tx, fields: bank_accounts.change(tx, UUID(id), version, fields))


def _save_account(request: Request, id: str, save: Callable[[Tx, dict[str, Any]], object]) -> Response:
    form = request.form()
    fields: dict[str, Any] = {name: form.get(name, "") for name in ("holder", "iban", "currency", "reference_type")}
    fields |= {"bic": form.get("bic") or None, "is_default": form.checked("is_default")}
    fields["qr_bill_enabled"] = form.checked("qr_bill_enabled")
    try:
        with request.tx() as tx:
            save(tx, fields)
    except Refusal as refusal:
        typed = {**fields, "id": id, "version": records.version_of(request)}
        return _bank(request, accounts=[], editing=True, form=typed, problem=problem_of(refusal))
    request.flash(say(request, _("Bank account saved.")))
    return request.redirect("admin.settings.bank_accounts")


@routes.post(
    f"{PATH}/bank-accounts/{{id:uuid}}/delete",
    name="admin.settings.bank_account.delete",
    permission="settings.banking",
)
def bank_account_delete(request: Request, id: str) -> Response:
    try:
        with request.tx() as tx:
            bank_accounts.delete(tx, UUID(id))
    except Refusal as refusal:
        return records.refused(request, refusal, "admin.settings.bank_accounts")
    request.flash(say(request, _("Bank account deleted.")))
    return request.redirect("admin.settings.bank_accounts")


def _bank(request: Request, problem: Any = None, **shown: Any) -> Response:
    return request.render(
        "admin/settings/bank_accounts.html",
        status=problem.status if problem else 200,
        heading=say(request, _("Bank accounts")),
        settings_nav=navigation(request),
        currencies=[("CHF", "CHF"), ("EUR", "EUR")],
        problem=problem,
        **shown,
    )


@routes.get(f"{PATH}/features", name="admin.settings.features", permission="settings.features")
def feature_list(request: Request) -> Response:
    with request.tx() as tx:
        stored = flags.read(tx)
    return _features(request, stored)


@routes.post(f"{PATH}/features", name="admin.settings.features.save", permission="settings.features")
def feature_save(request: Request) -> Response:
    on = set(request.form().getlist("flag"))
    wanted = {flag: flag in on for flag, *_rest in _CARDS if flag not in flags.ROADMAP}
    try:
        with request.tx() as tx:
            flags.change(tx, wanted, records.version_of(request))
    except Refusal as refusal:
        with request.tx() as tx:
            stored = flags.read(tx)
        return _features(request, stored, problem_of(refusal))
    request.flash(say(request, _("Features saved.")))
    return request.redirect("admin.settings.features")


def _features(request: Request, stored: dict[str, Any], problem: Any = None) -> Response:
    labels = {flag: say(request, label) for flag, label, _text, _parent in _CARDS}
    return request.render(
        "admin/settings/features.html",
        status=problem.status if problem else 200,
        heading=say(request, _("Features")),
        settings_nav=navigation(request),
        version=stored["version"],
        cards=[
            {
                "flag": flag,
                "label": labels[flag],
                "text": say(request, text),
                "parent": labels[parent] if parent else None,
                "on": stored["flags"].get(flag, False),
                "locked": flag in flags.ROADMAP,
            }
            for flag, _label, text, parent in _CARDS
        ],
        problem=problem,
    )
