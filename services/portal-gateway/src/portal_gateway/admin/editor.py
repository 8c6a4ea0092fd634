"""The editor of quotes and invoices: one form, saved by itself while somebody types."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from kontor.errors import FieldError, Invalid, NotFound, Refusal, StaleVersion
from kontor.locale import format_money
from portal_gateway.accounts import customers
from portal_gateway.admin import figures, lines, records
from portal_gateway.admin.words import _, say, told
from portal_gateway.business import bank_accounts, sections
from portal_gateway.web import Request, Response, problem_of

CURRENCIES = ("CHF", "EUR")
PREVIEW_WIDTH = 1000

_LABELS = {
    "customer_id": _("Customer"),
    "title": _("Title"),
    "currency": _("Currency"),
    "language": _("Language"),
    "price_entry": _("Prices are"),
    "valid_until": _("Valid until"),
    "service_from": _("Service from"),
    "service_to": _("Service to"),
    "intro": _("Opening text"),
    "closing": _("Closing text"),
    "lines": _("Line items"),
    "payment": _("Payment"),
    "installments": _("Instalments"),
}


@dataclass(frozen=True)
class Kind:
    """What differs between the two editors."""

    name: str
    noun: str
    heading: str
    list_label: str
    service: str
    list_route: str
    section: str
    get: Callable[[Any, str], dict[str, Any]]
    create: Callable[[Any, str, dict[str, Any]], dict[str, Any]]
    update: Callable[[Any, str, int | None, dict[str, Any]], dict[str, Any]]

    def route(self, what: str = "") -> str:
        return f"admin.{self.name}.{what}" if what else f"admin.{self.name}"


def page(
    request: Request,
    kind: Kind,
    id: str,
    form: Mapping[str, Any],
    *,
    problem: Any = None,
    status: int = 200,
) -> Response:
    """The whole editor."""
    with request.tx() as tx:
        accounts = bank_accounts.all(tx)
    used = [row["vat_rate"] for row in form["lines"]]
    rates = lines.vat_rates(request.business.get("country") or "CH", bool(request.business.get("vat_registered")), used)
    currencies = list(dict.fromkeys([*CURRENCIES, *(one["currency"] for one in accounts), form["currency"]]))
    return request.render(
        "admin/records/editor.html",
        status=status,
        kind=kind.name,
        heading=say(request, kind.heading) if not form["version"] else (form["title"] or say(request, kind.noun)),
        list_href=request.url(kind.list_route),
        list_label=say(request, kind.list_label),
        record_href=request.url(kind.route(), id=id) if form["version"] else "",
        save_href=request.url(kind.route("save"), id=id),
        price_href=request.url(kind.route("price")),
        preview_href=request.url(kind.route("preview"), id=id) if form["version"] else "",
        preview_pdf_href="",
        preview_pages=[],
        preview_problem="",
        done_label=say(request, _("Done")) if form["version"] else say(request, _("Save draft")),
        saved_words=say(request, _("Saved")) if form["version"] else say(request, _("Not saved yet")),
        form=form,
        problem=problem,
        units=units(request),
        vat_rates=rates,
        blank_line=lines.blank(rates[0]),
        currencies=[(code, code) for code in currencies],
        bank_accounts=[(str(one["id"]), f"{one['currency']} {one['iban']}") for one in accounts],
        triggers=triggers(request),
        terms_words=records.payment_words(request, _payment_of(form)),
        totals=None,
        totals_problem="",
        currency=form["currency"],
        stale=None,
    )


def units(request: Request) -> list[tuple[str, str]]:
    words = {"hour": _("h"), "day": _("days"), "piece": _("pcs"), "km": _("km"), "flat": _("flat")}
    return [("", "–"), *((unit, say(request, words[unit])) for unit in lines.UNITS)]


def triggers(request: Request) -> list[tuple[str, str]]:
    words = {
        "on_acceptance": _("on acceptance"),
        "on_delivery": _("on delivery"),
        "scheduled": _("on a date"),
    }
    return [(key, say(request, word)) for key, word in words.items()]


def blank_form(request: Request, kind: Kind, id: str) -> dict[str, Any]:
    """A new document: defaults of the settings, then of the customer if one is named."""
    with request.tx() as tx:
        defaults = sections.read(tx, kind.section)["value"]
        customer = None
        if request.query.get("customer_id"):
            customer = customers.find(tx, request.query.uuid("customer_id"))
    business = request.business
    rates = lines.vat_rates(business.get("country") or "CH", bool(business.get("vat_registered")))
    return {
        "id": id,
        "version": None,
        "number": None,
        "state": "draft",
        "customer_id": customer["id"] if customer else "",
        "customer_name": customer["display_name"] if customer else "",
        "title": "",
        "currency": (customer or {}).get("currency") or business.get("default_currency") or "CHF",
        "language": (customer or {}).get("language") or business.get("default_language") or "de",
        "price_entry": defaults.get("price_entry", "net"),
        "bank_account_id": "",
        "valid_until": "",
        "service_from": "",
        "service_to": "",
        "net_days": str(defaults.get("net_days", 30)),
        "from": "issue",
        "skonto_percent": "",
        "skonto_days": "",
        "intro": defaults.get("intro", ""),
        "closing": defaults.get("closing", ""),
        "installments": [],
        "lines": [lines.blank(rates[0])],
    }


def form_of_record(request: Request, record: Mapping[str, Any]) -> dict[str, Any]:
    """A saved document in the editor."""
    payment = record.get("payment") or {}
    return {
        "id": record["id"],
        "version": record["version"],
        "number": record["number"],
        "state": record["state"],
        "customer_id": record["customer_id"],
        "customer_name": record["customer"]["display_name"],
        **{key: record.get(key) or "" for key in ("title", "intro", "closing", "valid_until", "service_from")},
        "service_to": record.get("service_to") or "",
        "currency": record["currency"],
        "language": record["language"],
        "price_entry": record.get("price_entry") or "net",
        "bank_account_id": record.get("bank_account_id") or "",
        "net_days": "" if payment.get("net_days") is None else str(payment["net_days"]),
        "from": payment.get("from") or "issue",
        "skonto_percent": figures.show_decimal(payment.get("skonto_percent"), request.locale),
        "skonto_days": payment.get("skonto_days") or "",
        "installments": [
            {
                "label": one["label"],
                "percent": figures.show_decimal(one["percent"], request.locale),
                "trigger": one["trigger"],
                "date": one.get("date") or "",
            }
            for one in record.get("installments") or []
        ],
        "lines": lines.to_rows(record["lines"], record["currency"], request.locale),
    }


def form_as_typed(request: Request, id: str, customer_name: str, state: str, number: str | None) -> dict[str, Any]:
    """What was submitted, shown again unchanged beside what is wrong with it."""
    sent = request.form()
    names = (
        "customer_id",
        "title",
        "currency",
        "language",
        "price_entry",
        "bank_account_id",
        "valid_until",
        "service_from",
        "service_to",
        "net_days",
        "from",
        "skonto_percent",
        "skonto_days",
        "intro",
        "closing",
    )
    blank = lines.blank("0")
    return {
        "id": id,
        "version": records.version_of(request),
        "number": number,
        "state": state,
        "customer_name": customer_name,
        **{name: sent.get(name, "") for name in names},
        "currency": sent.get("currency") or "CHF",
        "installments": [
            {"label": "", "percent": "", "trigger": "on_acceptance", "date": "", **row}
            for row in sent.nested("installments")
        ],
        "lines": [{**blank, **row, "optional": row.get("optional") == "true"} for row in sent.nested("lines")]
        or [blank],
    }


def _payment_of(form: Mapping[str, Any]) -> dict[str, Any]:
    days = str(form["net_days"])
    return {
        "net_days": int(days) if re.fullmatch(r"[0-9]{1,4}", days) else None,
        "from": form["from"] or "issue",
        "skonto_percent": form["skonto_percent"] or None,
        "skonto_days": form["skonto_days"] or None,
    }


def fields_of_form(request: Request, kind: Kind, kept: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The form as the service wants it; raises one `Invalid` that names everything that could not be read."""
    form = request.form()
    currency = form.get("currency") or "CHF"
    rows = form.nested("lines")
    sent_lines, errors, _understood = lines.from_rows(rows, currency, request.locale, kept)
    fields: dict[str, Any] = {
        "customer_id": form.get("customer_id") or None,
        "title": form.get("title", ""),
        "currency": currency,
        "language": form.get("language") or "de",
        "price_entry": form.get("price_entry") or "net",
        "bank_account_id": form.get("bank_account_id") or None,
        "intro": form.get("intro", ""),
        "closing": form.get("closing", ""),
        "lines": sent_lines,
        "payment": _payment(request, kind, errors),
    }
    if fields["customer_id"]:
        form.uuid("customer_id")
    else:
        errors.append(FieldError("customer_id", say(request, _("Choose a customer."))))
    if kind.name == "quote":
        fields["valid_until"] = form.get("valid_until") or None
        fields["installments"] = _installments(request, errors)
    else:
        fields["service_from"] = form.get("service_from") or None
        fields["service_to"] = form.get("service_to") or None
    if errors:
        raise Invalid(errors[0].message, errors=errors)
    return fields


def _payment(request: Request, kind: Kind, errors: list[FieldError]) -> dict[str, Any]:
    form = request.form()
    payment: dict[str, Any] = {"net_days": _whole(form, "net_days", errors)}
    if kind.name == "quote":
        payment["from"] = form.get("from") or "issue"
    payment["skonto_percent"] = None
    if form.get("skonto_percent"):
        try:
            payment["skonto_percent"] = (
                f"{figures.read_decimal(form['skonto_percent'], request.locale, 'skonto_percent'):f}"
            )
        except Invalid as refusal:
            errors += refusal.errors
    payment["skonto_days"] = _whole(form, "skonto_days", errors)
    return {key: value for key, value in payment.items() if value is not None or key.startswith("skonto")}


def _whole(form: Mapping[str, str], name: str, errors: list[FieldError]) -> int | None:
    text = form.get(name, "")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", text):
        errors.append(FieldError(name, f"“{text}” is not a number of days."))
        return None
    return int(text)


def _installments(request: Request, errors: list[FieldError]) -> list[dict[str, Any]]:
    plan = []
    for index, row in enumerate(request.form().nested("installments")):
        if not (row.get("label") or row.get("percent")):
            continue
        field = f"installments-{index}-percent"
        try:
            percent = figures.read_decimal(row.get("percent", ""), request.locale, field)
        except Invalid as refusal:
            errors += refusal.errors
            continue
        trigger = row.get("trigger") or "on_acceptance"
        plan.append(
            {
                "label": row.get("label", ""),
                "percent": f"{percent:f}",
                "trigger": trigger,
                "date": (row.get("date") or None) if trigger == "scheduled" else None,
            }
        )
    return plan


def save(request: Request, kind: Kind, id: str) -> Response:
    """Create or change the draft: a redirect for a submit, JSON for a save while typing.

    A version that is no longer the saved one answers 409 with both: nothing is overwritten silently.
    """
    quiet = "x-autosave" in request.headers
    version = records.version_of(request)
    record: dict[str, Any] | None = None
    try:
        if version is not None:
            record = kind.get(request.services, id)
        fields = fields_of_form(request, kind, {one["id"]: one for one in record["lines"]} if record else {})
        if record is None:
            saved = kind.create(request.services, id, fields)
        else:
            saved = kind.update(request.services, id, version, fields)
    except StaleVersion:
        return _stale(request, kind, id)
    except Refusal as refusal:
        if refusal.code == "STALE_VERSION":
            return _stale(request, kind, id)
        problem = problem_of(refusal)
        if problem.status >= 500:
            raise
        errors = lines.on_grid(problem.errors, request.form().nested("lines"))
        if quiet:
            body = {
                "detail": told(request, problem.detail),
                "errors": {error.field: told(request, error.message) for error in errors},
            }
            return request.answer_json(body, 422)
        shown = Invalid(problem.detail, errors=errors)
        form = form_as_typed(request, id, _customer_name(request), record["state"] if record else "draft", None)
        return page(request, kind, id, form, problem=problem_of(shown), status=problem.status)
    if not quiet:
        request.flash(say(request, _("Draft saved.")))
        return request.redirect(kind.route(), id=id)
    at = request.now().astimezone(ZoneInfo(request.timezone))
    record_href = request.url(kind.route(), id=id)
    return request.answer_json(
        {
            "version": saved["version"],
            "saved": say(request, _("Saved %(time)s"), time=f"{at:%H:%M}"),
            "edit_url": request.url(kind.route("edit"), id=id),
            "preview_url": request.url(kind.route("preview"), id=id),
            "links": {"back-link": record_href},
        }
    )


def _customer_name(request: Request) -> str:
    try:
        with request.tx() as tx:
            return str(customers.find(tx, UUID(request.form().get("customer_id", "")))["display_name"])
    except (ValueError, NotFound):
        return ""


def _stale(request: Request, kind: Kind, id: str) -> Response:
    theirs = kind.get(request.services, id)
    kept = {one["id"]: one for one in theirs["lines"]}
    try:
        mine = fields_of_form(request, kind, kept)
    except Invalid:
        mine = {}
    rows = []
    for name, label in _LABELS.items():
        if name not in mine:
            continue
        ours, saved = _in_words(request, name, mine, theirs), _in_words(request, name, theirs, theirs)
        if ours != saved:
            rows.append({"label": say(request, label), "mine": ours, "theirs": saved})
    stale = {
        "rows": rows,
        "version": theirs["version"],
        "reload_href": request.url(kind.route("edit"), id=id),
    }
    return request.render("admin/records/editor.html", block="stale", status=409, stale=stale)


def _in_words(request: Request, name: str, record: Mapping[str, Any], saved: Mapping[str, Any]) -> str:
    value = record.get(name)
    if name == "lines":
        return "\n".join(
            f"{line['quantity']} × {line['description']}: "
            f"{format_money(line['unit_price_minor'], saved['currency'], request.locale)}"
            for line in value or []
        )
    if name == "payment":
        return records.payment_words(request, value)
    if name == "installments":
        return "\n".join(f"{one['label']} {one['percent']} %" for one in value or [])
    if name == "customer_id":
        with request.tx() as tx:
            return str(customers.find(tx, value)["display_name"]) if value else ""
    return str(value or "")


def price(request: Request, kind: Kind) -> Response:
    """The totals of what stands in the form now, computed by the service; nothing is saved."""
    form = request.form()
    currency = form.get("currency") or "CHF"
    rows = form.nested("lines")
    sent, errors, understood = lines.from_rows(rows, currency, request.locale, {})
    totals, problem = None, ""
    shown: dict[str, str] = {error.field: error.message for error in errors}
    if sent and not errors:
        try:
            totals = request.services.named(kind.service).price(
                lines=sent, currency=currency, price_entry=form.get("price_entry") or "net"
            )
        except Refusal as refusal:
            known = problem_of(refusal)
            problem = told(request, known.detail)
            shown |= {error.field: told(request, error.message) for error in lines.on_grid(known.errors, rows)}
    nets = iter(totals["line_nets"] if totals else [])
    answers = []
    for row, as_read in zip(rows, understood, strict=True):
        net = None if lines.is_empty(row) else next(nets, None)
        answers.append(
            {
                "net": "" if net is None else format_money(net, currency, request.locale, symbol=False),
                "as": as_read,
            }
        )
    rendered = request.render(
        "admin/records/editor.html", block="totals", totals=totals, totals_problem=problem, currency=currency
    )
    return request.answer_json({"totals": rendered.body.decode(), "rows": answers, "errors": shown})


def preview(request: Request, kind: Kind, id: str) -> Response:
    """The pages of the draft as its PDF would show them, from the template the real one is made with."""
    pages: Sequence[str] = []
    problem = ""
    try:
        snapshot = request.services.named(kind.service).snapshot(id=id)
        made = request.services.documents.preview(kind=kind.name, snapshot=snapshot, width=PREVIEW_WIDTH)
        pages = made.get("page_pngs") or []
    except Refusal as refusal:
        known = problem_of(refusal)
        problem = " ".join(told(request, one) for one in [known.detail, *(error.message for error in known.errors)])
    return request.render(
        "admin/records/editor.html",
        block="preview",
        preview_pages=pages,
        preview_problem=problem,
        preview_pdf_href=request.url(kind.route("preview_pdf"), id=id) if not problem else "",
    )


def preview_pdf(request: Request, kind: Kind, id: str) -> Response:
    """The draft as a PDF to look at; it is not stored and has no number."""
    snapshot = request.services.named(kind.service).snapshot(id=id)
    made = request.services.documents.preview(kind=kind.name, snapshot=snapshot)
    return request.pdf(base64.b64decode(made["content_b64"]), f"{kind.name}-preview.pdf", inline=False)
