"""What changed between two sent versions of a quote, told in the viewer's words."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from kontor.errors import NotFound
from kontor.locale import format_date, format_decimal, format_money, format_percent
from portal_gateway.admin.quotes import PATH, SEE
from portal_gateway.admin.words import _, say
from portal_gateway.web import Request, Response, Routes

routes = Routes("admin")

_FIELDS = {
    "title": _("Title"),
    "intro": _("Opening text"),
    "closing": _("Closing text"),
    "exemption_reason": _("Reason for the exemption"),
    "valid_until": _("Valid until"),
    "currency": _("Currency"),
    "language": _("Language"),
    "price_entry": _("Prices are"),
    "vat_mode": _("VAT"),
    "vat": _("VAT"),
    "description": _("Description"),
    "quantity": _("Quantity"),
    "unit_price": _("Unit price"),
    "discount": _("Discount %%"),
    "option": _("Choice"),
    "sub_line": _("Detail"),
    "net_days": _("Net days"),
    "from": _("Counted from"),
    "skonto_percent": _("Skonto %%"),
    "skonto_days": _("Skonto days"),
    "label": _("Label"),
    "percent": _("Percent"),
    "trigger": _("When"),
    "date": _("Date"),
    "days": _("Days"),
    "type": _("Type"),
    "start": _("Begins"),
    "end": _("Ends"),
    "location": _("Place"),
    "name": _("Name"),
    "display_name": _("Name"),
    "email": _("E-mail"),
    "street": _("Street"),
    "house_number": _("House number"),
    "postcode": _("Postcode"),
    "town": _("Town"),
    "country": _("Country"),
    "vat_id": _("VAT id"),
    "iban": _("Bank account"),
    "text": _("Terms of service"),
}
_GROUPS = {
    "line": _("Line items"),
    "payment": _("Payment"),
    "installments": _("Instalments"),
    "event": _("Event"),
    "attachments": _("Attachments"),
    "customer": _("Customer"),
    "bank": _("Bank account"),
    "terms": _("Terms of service"),
}
_KINDS = {"added": _("added"), "removed": _("removed"), "changed": _("changed")}
_WORDS = {
    "de": _("German"),
    "en": _("English"),
    "net": _("net, VAT is added"),
    "gross": _("gross, VAT included"),
    "issue": _("issue"),
    "acceptance": _("acceptance"),
    "delivery": _("delivery"),
    "on_acceptance": _("on acceptance"),
    "on_delivery": _("on delivery"),
    "scheduled": _("on a date"),
    "before_event": _("before the event"),
    "after_event": _("after the event"),
    "hour": _("h"),
    "day": _("days"),
    "piece": _("pcs"),
    "flat": _("flat"),
    "exempt": _("exempt"),
    "reverse_charge": _("reverse charge"),
    "outside_scope": _("outside scope"),
    "zero": _("export"),
    "optional": _("optional"),
    "choice": _("package"),
    "selected": _("ticked"),
}
_PERCENT = {"percent", "discount", "skonto_percent"}
#: Fields whose text is words of the API rather than somebody's own.
_SPOKEN = {"language", "price_entry", "from", "trigger", "quantity", "vat", "vat_mode", "option"}


@routes.get(f"{PATH}/{{id:uuid}}/versions", name="admin.quote.versions", **SEE)
def quote_versions(request: Request, id: str) -> Response:
    """Two versions side by side; without a choice the last two."""
    record = request.services.quotes.get_quote(id=id)
    versions = request.services.quotes.list_versions(id=id)["items"]
    numbers = [one["version_no"] for one in versions]
    if len(numbers) < 2:
        raise NotFound("There are no two versions to compare.")
    newer = request.query.int("newer", max(numbers), least=min(numbers), most=max(numbers))
    older = request.query.int("older", max(newer - 1, min(numbers)), least=min(numbers), most=max(numbers))
    older, newer = min(older, newer), max(older, newer)
    found = request.services.quotes.compare_versions(id=id, older=older, newer=newer)
    locale = request.locale
    groups: dict[str, list[dict[str, Any]]] = {}
    for change in found["changes"]:
        groups.setdefault(_GROUPS.get(change["what"], _("Facts and texts")), []).append(_row(request, change, found))
    delta = found["total_after_minor"] - found["total_before_minor"]
    same = found.get("currency_before", found["currency"]) == found["currency"]
    return request.render(
        "admin/records/quote_versions.html",
        record=record,
        versions=versions,
        older=older,
        newer=newer,
        groups=[(say(request, label), rows) for label, rows in groups.items()],
        total_before=format_money(found["total_before_minor"], found.get("currency_before", found["currency"]), locale),
        total_after=format_money(found["total_after_minor"], found["currency"], locale),
        delta=("+" if delta > 0 else "") + format_money(delta, found["currency"], locale) if same and delta else "",
    )


def _row(request: Request, change: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    field = change.get("field")
    about = say(request, _FIELDS[field]).replace("%%", "%") if field in _FIELDS else ""
    own = change["label"] != field
    return {
        "label": change["label"] if own else about,
        "about": about if own else "",
        "kind": change["kind"],
        "word": say(request, _KINDS[change["kind"]]),
        "before": _value(request, change, "before", found.get("currency_before", found["currency"])),
        "after": _value(request, change, "after", found["currency"]),
    }


def _value(request: Request, change: Mapping[str, Any], side: str, currency: str) -> str:
    text, minor, field = change[side], change.get(f"{side}_minor"), change.get("field")
    amount = "" if minor is None else format_money(minor, currency, request.locale)
    if text is None:
        return amount
    if minor is not None and field in ("unit_price", "sub_line") and change["kind"] == "changed":
        return amount
    return " · ".join(part for part in (_said(request, str(text), change), amount) if part)


def _said(request: Request, text: str, change: Mapping[str, Any]) -> str:
    field = change.get("field")
    if change["what"] == "installments" and field is None:
        field = "percent"
    if field in _PERCENT:
        return format_percent(Decimal(text), request.locale)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?", text):
        day = format_date(date.fromisoformat(text[:10]), request.locale)
        return f"{day}, {text[11:]}" if "T" in text else day
    if field in _SPOKEN or (change["what"] == "line" and field is None):
        return _spoken(request, text)
    return text


def _spoken(request: Request, text: str) -> str:
    """Words of the API and figures, one by one: ``"2 hour"``, ``"8.1 standard"``, ``"choice Album, selected"``."""
    parts = []
    for word in text.split(" "):
        bare = word.rstrip(",")
        if bare in _WORDS:
            parts.append(say(request, _WORDS[bare]) + word[len(bare) :])
        elif bare == "standard":
            parts[-1] = f"{parts[-1]} %"
        elif re.fullmatch(r"-?\d+(\.\d+)?", bare):
            parts.append(format_decimal(Decimal(bare), request.locale) + word[len(bare) :])
        else:
            parts.append(word)
    return " ".join(parts)
