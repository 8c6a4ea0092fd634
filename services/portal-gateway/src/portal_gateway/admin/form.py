"""The form of the editor: from a record, from the defaults, as typed; and back into the fields of a service."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kontor.errors import FieldError, Invalid
from portal_gateway.accounts import customers
from portal_gateway.admin import figures, lines, quote_form, vat
from portal_gateway.admin.words import _, say
from portal_gateway.business import sections
from portal_gateway.web import Request

if TYPE_CHECKING:
    from portal_gateway.admin.editor import Kind

TEXTS = ("title", "intro", "closing", "notes", "valid_until", "service_from", "service_to", "bank_account_id")
_NAMES = ("customer_id", *TEXTS, "currency", "language", "price_entry", "net_days", "from")
_SKONTO = ("skonto_percent", "skonto_days")
BLANK_SLICE = {"label": "", "percent": "", "trigger": "on_acceptance", "date": "", "days": ""}


def blank(request: Request, kind: "Kind", id: str) -> dict[str, Any]:
    """A new document: defaults of the settings, then of the customer if one is named."""
    with request.tx() as tx:
        defaults = sections.read(tx, kind.section)["value"]
        customer = None
        if request.query.get("customer_id"):
            customer = customers.find(tx, request.query.uuid("customer_id"))
    business = request.business
    return {
        "id": id,
        "version": None,
        "number": None,
        "state": "draft",
        "customer_id": customer["id"] if customer else "",
        "customer_name": customer["display_name"] if customer else "",
        **dict.fromkeys(TEXTS, ""),
        **dict.fromkeys(_SKONTO, ""),
        "currency": (customer or {}).get("currency") or business.get("default_currency") or "CHF",
        "language": (customer or {}).get("language") or business.get("default_language") or "de",
        "price_entry": defaults.get("price_entry", "net"),
        "net_days": str(defaults.get("net_days", 30)),
        "from": "issue",
        "intro": defaults.get("intro", ""),
        "closing": defaults.get("closing", ""),
        "installments": [],
        "lines": [lines.blank(vat.choices(request)[0][0])],
        **quote_form.of_record({}),
    }


def of_record(request: Request, record: Mapping[str, Any]) -> dict[str, Any]:
    """A saved document in the editor."""
    payment = record.get("payment") or {}
    locale = request.locale
    return {
        "id": record["id"],
        "version": record["version"],
        "number": record["number"],
        "state": record["state"],
        "customer_id": record["customer_id"],
        "customer_name": record["customer"]["display_name"],
        **{key: record.get(key) or "" for key in TEXTS},
        "currency": record["currency"],
        "language": record["language"],
        "price_entry": record.get("price_entry") or "net",
        "net_days": "" if payment.get("net_days") is None else str(payment["net_days"]),
        "from": payment.get("from") or "issue",
        "skonto_percent": figures.show_decimal(payment.get("skonto_percent"), locale),
        "skonto_days": payment.get("skonto_days") or "",
        "installments": [shown_slice(one, locale) for one in record.get("installments") or []],
        "lines": lines.to_rows(record["lines"], record["currency"], locale),
        **quote_form.of_record(record),
    }


def shown_slice(one: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """An instalment as its row shows it."""
    return {
        "label": one["label"],
        "percent": figures.show_decimal(one["percent"], locale),
        "trigger": one["trigger"],
        "date": one.get("date") or "",
        "days": "" if one.get("days") is None else str(one["days"]),
    }


def as_typed(
    request: Request, id: str, version: int | None, customer_name: str, state: str, number: str | None
) -> dict[str, Any]:
    """What was submitted, shown again unchanged beside what is wrong with it."""
    sent = request.form()
    blank = lines.blank("0")
    return {
        "id": id,
        "version": version,
        "number": number,
        "state": state,
        "customer_name": customer_name,
        **{name: sent.get(name, "") for name in (*_NAMES, *_SKONTO)},
        "currency": sent.get("currency") or "CHF",
        "installments": [{**BLANK_SLICE, **row} for row in sent.nested("installments")],
        "lines": [{**blank, **row} for row in sent.nested("lines")] or [blank],
        **quote_form.as_typed(sent),
    }


def payment_of(form: Mapping[str, Any]) -> dict[str, Any]:
    """The payment terms a form shows, for saying them in words."""
    days = str(form["net_days"])
    return {
        "net_days": int(days) if re.fullmatch(r"[0-9]{1,4}", days) else None,
        "from": form["from"] or "issue",
        "skonto_percent": form["skonto_percent"] or None,
        "skonto_days": form["skonto_days"] or None,
    }


@dataclass
class Sent:
    """The form as the service wants it. ``errors`` name fields of the form: what could not be read."""

    fields: dict[str, Any] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)
    grid: lines.Grid = field(default_factory=lines.Grid)
    slices: list[int] = field(default_factory=list)

    def checked(self) -> dict[str, Any]:
        """The fields; raises one `Invalid` that names everything that could not be read."""
        if self.errors:
            raise Invalid(self.errors[0].message, errors=self.errors)
        return self.fields

    def on_form(self, errors: list[FieldError]) -> list[FieldError]:
        """What a service refused, by the names the form has for these fields."""
        return [FieldError(self._place(error.field), error.message) for error in errors]

    def _place(self, path: str) -> str:
        if path.startswith("lines["):
            return self.grid.place(path)
        if match := re.fullmatch(r"installments\[(\d+)\]\.(\w+)", path):
            index = int(match[1])
            row = self.slices[index] if index < len(self.slices) else index
            return f"installments-{row}-{match[2]}"
        if path.startswith("payment."):
            return path.removeprefix("payment.")
        return quote_form.place(path)


def read(request: Request, kind: "Kind") -> Sent:
    """Everything that stands in the form."""
    form = request.form()
    currency = form.get("currency") or "CHF"
    sent = Sent(grid=lines.from_rows(form.nested("lines"), currency, request.locale))
    sent.errors += sent.grid.errors
    sent.fields = {
        "customer_id": form.get("customer_id") or None,
        "title": form.get("title", ""),
        "currency": currency,
        "language": form.get("language") or "de",
        "price_entry": form.get("price_entry") or "net",
        "bank_account_id": form.get("bank_account_id") or None,
        "intro": form.get("intro", ""),
        "closing": form.get("closing", ""),
        "notes": form.get("notes", ""),
        "lines": sent.grid.lines,
        "payment": _payment(request, kind, sent.errors),
    }
    if sent.fields["customer_id"]:
        form.uuid("customer_id")
    else:
        sent.errors.append(FieldError("customer_id", say(request, _("Choose a customer."))))
    if kind.name == "quote":
        sent.fields["valid_until"] = form.get("valid_until") or None
        sent.fields["installments"] = _installments(request, sent)
        sent.fields |= quote_form.read(form)
    else:
        sent.fields["service_from"] = form.get("service_from") or None
        sent.fields["service_to"] = form.get("service_to") or None
    return sent


def _payment(request: Request, kind: "Kind", errors: list[FieldError]) -> dict[str, Any]:
    form = request.form()
    payment: dict[str, Any] = {"net_days": _whole(form.get("net_days", ""), "net_days", errors)}
    if kind.name == "quote":
        payment["from"] = form.get("from") or "issue"
    payment["skonto_percent"] = _percent(request, form.get("skonto_percent", ""), "skonto_percent", errors)
    payment["skonto_days"] = _whole(form.get("skonto_days", ""), "skonto_days", errors)
    return {key: value for key, value in payment.items() if value is not None or key.startswith("skonto")}


def _whole(text: str, name: str, errors: list[FieldError]) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", text):
        errors.append(FieldError(name, f"“{text}” is not a number of days."))
        return None
    return int(text)


def _percent(request: Request, text: str, name: str, errors: list[FieldError]) -> str | None:
    if not text:
        return None
    try:
        return f"{figures.read_decimal(text, request.locale, name):f}"
    except Invalid as refusal:
        errors += refusal.errors
        return None


def _installments(request: Request, sent: Sent) -> list[dict[str, Any]]:
    plan = []
    for index, row in enumerate(request.form().nested("installments")):
        if not (row.get("label") or row.get("percent")):
            continue
        trigger = row.get("trigger") or "on_acceptance"
        sent.slices.append(index)
        plan.append(
            {
                "label": row.get("label", ""),
                "percent": _percent(request, row.get("percent", ""), f"installments-{index}-percent", sent.errors),
                "trigger": trigger,
                "date": (row.get("date") or None) if trigger == "scheduled" else None,
                "days": _whole(row.get("days", ""), f"installments-{index}-days", sent.errors)
                if trigger in ("before_event", "after_event")
                else None,
            }
        )
    return plan
