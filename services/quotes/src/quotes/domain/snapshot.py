"""Frozen facts of a quote: what documents renders, and what stays of a version whatever changes later."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kontor.locale import document_locale
from kontor.pricing import Totals, slices
from quotes.domain.content import Content
from quotes.domain.quote import Quote

_ISSUER_ONLY_HERE = frozenset({"placeholders", "missing"})
_CUSTOMER_FIELDS = (
    "salutation",
    "first_name",
    "last_name",
    "company",
    "display_name",
    "email",
    "street",
    "house_number",
    "postcode",
    "town",
    "country",
    "vat_id",
)
_BANK_FIELDS = ("id", "holder", "iban", "bic", "currency", "reference_type", "qr_bill_enabled")


def snapshot(
    quote: Quote,
    *,
    profile: Mapping[str, Any],
    bank: Mapping[str, Any] | None,
    customer: Mapping[str, Any],
    terms: Mapping[str, Any],
    theme: Mapping[str, Any],
) -> dict[str, Any]:
    """The quote as documents prints it. ``terms`` are the terms of service shown beside Accept, ``theme`` its looks."""
    content = quote.content
    return {
        "template": 1,
        "kind": "quote",
        "record_id": quote.id,
        "record_version": quote.sent_version,
        "number": quote.number,
        "language": content.language,
        "locale": document_locale(content.language, str(profile.get("country") or "CH")),
        "currency": content.currency,
        "title": content.title,
        "issue_date": None if quote.issue_date is None else quote.issue_date.isoformat(),
        "due_date": None,
        "valid_until": content.valid_until.isoformat(),
        "service_from": None,
        "service_to": None,
        "issuer": {"logo": None} | {k: v for k, v in profile.items() if k not in _ISSUER_ONLY_HERE},
        "bank": None if bank is None else {name: bank.get(name) for name in _BANK_FIELDS},
        "customer": {"number": customer.get("customer_number")}
        | {name: customer.get(name) for name in _CUSTOMER_FIELDS},
        "intro": content.intro,
        "closing": content.closing,
        "price_entry": content.price_entry,
        "vat_mode": quote.vat_mode,
        "payment": content.payment.to_json(),
        "payment_slip": "none",
        "reference": None,
        "references": {"quote_number": quote.number, "contract_number": None},
        "terms": dict(terms),
        "exemption_reason": content.exemption_reason,
        "event": None if content.event is None else content.event.to_json(),
        "attachments": [attachment.to_json() for attachment in content.attachments],
        "theme": dict(theme),
    } | figures(content, quote.totals)


def figures(content: Content, totals: Totals) -> dict[str, Any]:
    """The part of a snapshot that follows from the lines: lines, totals, amounts of the instalments."""
    return {
        "lines": printed_lines(content, totals),
        "totals": totals.to_json(),
        **figures_of_installments(content, totals),
    }


def figures_of_installments(content: Content, totals: Totals) -> dict[str, Any]:
    """The plan with the amount of each part; together they are the total to the minor unit."""
    return {
        "installments": [
            instalment.to_json() | {"total_minor": part.total_minor}
            for instalment, part in zip(content.installments, _parts(content, totals), strict=True)
        ]
    }


def accepted(sent: Mapping[str, Any], quote: Quote, acceptance: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, with the accepted selection and who accepted it."""
    return {**sent, "kind": "quote_accepted", "acceptance": dict(acceptance), **figures(quote.content, quote.totals)}


def printed_lines(content: Content, totals: Totals) -> list[dict[str, Any]]:
    """The lines with their positions and nets; discounts and items are numbered alike."""
    return [
        line.to_json() | {"position": position, "net_minor": net}
        for position, (line, net) in enumerate(zip(content.lines, totals.line_nets, strict=True), start=1)
    ]


def conversion_slices(content: Content, totals: Totals) -> list[dict[str, Any]]:
    """One entry per invoice to be: the plan's slices, or the whole when there is no plan."""
    if not content.installments:
        whole = replace(totals, line_nets=())
        body = {"label": "", "percent": "100", "trigger": "on_acceptance", "date": None, "days": None}
        return [body | {"totals": whole.to_json()}]
    return [
        instalment.to_json() | {"totals": part.to_json()}
        for instalment, part in zip(content.installments, _parts(content, totals), strict=True)
    ]


def _parts(content: Content, totals: Totals) -> list[Totals]:
    return slices(totals, [part.percent for part in content.installments]) if content.installments else []


def chosen_lines(content: Content, totals: Totals) -> list[dict[str, Any]]:
    """The lines that count, as the documents spawned from the quote take them over: no options any more."""
    return [
        body | {"optional": False, "selected": True, "min_quantity": None, "max_quantity": None, "choice_group": None}
        for line, body in zip(content.lines, printed_lines(content, totals), strict=True)
        if line.counts
    ]
