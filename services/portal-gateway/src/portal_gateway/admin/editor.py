"""The editor of quotes and invoices: one form, saved by itself while somebody types."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from kontor.errors import Invalid, NotFound, Refusal, StaleVersion
from kontor.locale import format_money, format_percent
from portal_gateway.accounts import customers
from portal_gateway.admin import figures, lines, quote_form, records, same, vat
from portal_gateway.admin import form as forms
from portal_gateway.admin.words import _, say, told
from portal_gateway.business import bank_accounts, payment_terms
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
    "notes": _("Notes for admins"),
    "exemption_reason": _("Reason for the exemption"),
    "event": _("Event"),
    "attachments": _("Attachments"),
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
    #: The primary action of the editor leads on to sending.
    sends: bool
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
        terms = [one for one in payment_terms.all(tx) if one["active"]]
    rates = vat.choices(request, [row["vat_rate"] for row in form["lines"] if row["vat_rate"]])
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
        new_href=request.url(kind.route("new")),
        price_href=request.url(kind.route("price")),
        preview_href=request.url(kind.route("preview"), id=id) if form["version"] else "",
        preview_pdf_href="",
        preview_pages=[],
        preview_problem="",
        saved_words=say(request, _("Saved")) if form["version"] else say(request, _("Not saved yet")),
        form=form,
        problem=problem,
        units=units(request),
        vat_rates=rates,
        blank_line=lines.blank(rates[0][0]),
        choices=_choices(request, kind),
        currencies=[(code, code) for code in currencies],
        bank_accounts=[(str(one["id"]), f"{one['currency']} {one['iban']}") for one in accounts],
        triggers=triggers(request),
        terms=[_term(one, request.locale) for one in terms],
        blank_slice=forms.BLANK_SLICE,
        sends=kind.sends,
        presets_href=request.url("admin.quote.presets") if _may_use_presets(request) else "",
        upload_href=request.url(kind.route("upload"), id=id) if kind.sends else "",
        event_words=records.event_words(request, quote_form.event_of(form)),
        terms_words=records.payment_words(request, forms.payment_of(form)),
        problem_ids=_ids(problem),
        totals=None,
        totals_problem="",
        currency=form["currency"],
        stale=None,
    )


def _may_use_presets(request: Request) -> bool:
    return request.may("quotes.manage") and bool(request.features.get("quotes"))


def units(request: Request) -> list[tuple[str, str]]:
    words = {"hour": _("h"), "day": _("days"), "piece": _("pcs"), "km": _("km"), "flat": _("flat")}
    return [(unit, say(request, words[unit])) for unit in lines.UNITS]


def triggers(request: Request) -> list[tuple[str, str]]:
    words = {
        "on_acceptance": _("on acceptance"),
        "on_delivery": _("on delivery"),
        "scheduled": _("on a date"),
        "before_event": _("before the event"),
        "after_event": _("after the event"),
    }
    return [(key, say(request, word)) for key, word in words.items()]


def _choices(request: Request, kind: Kind) -> list[tuple[str, str]]:
    """What a line can be, and what the customer decides about it."""
    words = {"": _("fixed")}
    if kind.name == "quote":
        words |= {
            "option": _("optional"),
            "option_on": _("optional, ticked"),
            "package": _("package"),
            "package_on": _("package, ticked"),
        }
    return [(key, say(request, word)) for key, word in (words | {"discount": _("discount")}).items()]


def _term(term: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """A template of payment terms as the fields that picking it fills in."""
    skonto = Decimal(term["skonto_percent"] or 0) > 0
    return {
        "name": term["name"],
        "fields": {
            "net_days": str(term["net_days"]),
            "from": term["from"],
            "skonto_percent": figures.show_decimal(term["skonto_percent"], locale) if skonto else "",
            "skonto_days": str(term["skonto_days"]) if skonto else "",
        },
        "installments": [forms.shown_slice(one, locale) for one in term["installments"]],
    }


def _ids(problem: Any) -> dict[str, str]:
    """Where the summary of what is wrong leads to, for the fields that are not called like their input."""
    return {"customer_id": "f-customer_name"} if problem else {}


def save(request: Request, kind: Kind, id: str) -> Response:
    """Create or change the draft: a redirect for a submit, JSON for a save while typing.

    A version that is no longer the saved one answers 409 with both: nothing is overwritten silently.
    """
    quiet = "x-autosave" in request.headers
    version = records.version_of(request)
    record: dict[str, Any] | None = None
    sent = forms.Sent()
    try:
        if version is not None:
            record = kind.get(request.services, id)
        sent = forms.read(request, kind)
        if record is None:
            saved = _created(request, kind, id, sent.checked())
        else:
            saved = kind.update(request.services, id, version, sent.checked())
    except StaleVersion:
        return _stale(request, kind, id)
    except Refusal as refusal:
        if refusal.code == "STALE_VERSION":
            return _stale(request, kind, id)
        problem = problem_of(refusal)
        if problem.status >= 500:
            raise
        errors = sent.on_form(problem.errors)
        if quiet:
            body = {
                "detail": told(request, problem.detail),
                "errors": {error.field: told(request, error.message) for error in errors},
            }
            return request.answer_json(body, 422)
        shown = problem_of(Invalid(problem.detail, errors=errors))
        form = forms.as_typed(
            request,
            id,
            version,
            _customer_name(request),
            record["state"] if record else "draft",
            record["number"] if record else None,
        )
        return page(request, kind, id, form, problem=shown, status=problem.status)
    if not quiet:
        if request.form().get("then") == "send":
            return request.redirect_to(request.url(kind.route(), id=id) + "#send")
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


def _created(request: Request, kind: Kind, id: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The draft with these fields, also where it was created before and the answer never reached the browser.

    Raises `StaleVersion` where somebody has changed it since.
    """
    saved = kind.create(request.services, id, fields)
    if same.says(saved, fields):
        return saved
    if saved["version"] > 1:
        raise StaleVersion(1, saved["version"])
    return kind.update(request.services, id, saved["version"], same.with_ids(fields, saved))


def _customer_name(request: Request) -> str:
    try:
        with request.tx() as tx:
            return str(customers.find(tx, UUID(request.form().get("customer_id", "")))["display_name"])
    except (ValueError, NotFound):
        return ""


def _stale(request: Request, kind: Kind, id: str) -> Response:
    theirs = kind.get(request.services, id)
    mine = forms.read(request, kind).fields
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
            f"{line.get('quantity') or 1} × {line['description']}: "
            f"{format_money(line['unit_price_minor'], saved['currency'], request.locale)}"
            + "".join(f"\n   {sub['description']}" for sub in line.get("sub_lines") or [])
            for line in value or []
        )
    if name == "payment":
        return records.payment_words(request, value)
    if name == "installments":
        return "\n".join(f"{one['label']} {one['percent']} %" for one in value or [])
    if name == "customer_id":
        with request.tx() as tx:
            return str(customers.find(tx, value)["display_name"]) if value else ""
    if name == "attachments":
        return "\n".join(one["name"] for one in value or [])
    if name == "event":
        return records.event_words(request, value)
    return str(value or "")


def price(request: Request, kind: Kind) -> Response:
    """The totals of what stands in the form now, computed by the service, and what could not be read of it."""
    sent = forms.read(request, kind)
    currency = sent.fields["currency"]
    totals, problem = None, ""
    errors = list(sent.errors)
    if sent.grid.lines and not sent.grid.errors:
        try:
            totals = request.services.named(kind.service).price(
                lines=sent.grid.lines, currency=currency, price_entry=sent.fields["price_entry"]
            )
        except Refusal as refusal:
            known = problem_of(refusal)
            problem = told(request, known.detail)
            errors += sent.on_form(known.errors)
    nets = totals["line_nets"] if totals else []
    answers = [
        {
            "net": ""
            if line is None or line >= len(nets)
            else format_money(nets[line], currency, request.locale, symbol=False),
            "as": as_read,
        }
        for line, as_read in zip(sent.grid.line_of_row, sent.grid.understood, strict=True)
    ]
    rendered = request.render(
        "admin/records/editor.html", block="totals", totals=totals, totals_problem=problem, currency=currency
    )
    return request.answer_json(
        {
            "totals": rendered.body.decode(),
            "rows": answers,
            "errors": {error.field: told(request, error.message) for error in errors},
            "plan": _plan_words(request, sent),
        }
    )


def _plan_words(request: Request, sent: forms.Sent) -> dict[str, Any]:
    """What the instalments add up to; ``ok`` while there is nothing to mend."""
    plan = sent.fields.get("installments") or []
    if not plan:
        return {"text": "", "ok": True}
    whole = sum((Decimal(one["percent"]) for one in plan if one["percent"]), Decimal(0))
    said = format_percent(whole, request.locale)
    if whole == 100:
        return {"text": say(request, _("Together %(sum)s: complete."), sum=said), "ok": True}
    rest = format_percent(abs(100 - whole), request.locale)
    sentence = (
        _("Together %(sum)s: %(rest)s are missing.") if whole < 100 else _("Together %(sum)s: %(rest)s too much.")
    )
    return {"text": say(request, sentence, sum=said, rest=rest), "ok": False}


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
