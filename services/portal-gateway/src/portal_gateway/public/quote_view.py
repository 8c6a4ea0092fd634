"""A quote as its page shows it. Every figure here was computed by the quotes service."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal_gateway.public.wording import Wording

Selection = dict[str, str]


@dataclass(frozen=True)
class LineView:
    """One position, ready to print. ``chosen`` matters for options only."""

    id: str
    kind: str
    description: str
    quantity: str
    unit_word: str
    unit_price_minor: int
    discount: str
    vat_rate: str
    net_minor: int | None
    sub_lines: list[dict[str, Any]]
    is_option: bool = False
    chosen: bool = True
    group: str | None = None
    group_starts: bool = False
    min_quantity: str | None = None
    max_quantity: str | None = None

    @property
    def priced_by_parts(self) -> bool:
        return any(sub["unit_price_minor"] is not None for sub in self.sub_lines)

    @property
    def adjustable(self) -> bool:
        """The customer may choose how many."""
        return self.min_quantity != self.max_quantity


@dataclass(frozen=True)
class AnswerView:
    """The recorded answer; ``final_at`` is the moment until which the customer may change it, if any."""

    by_admin: bool
    name: str
    at: str | None
    message: str
    total_minor: int | None
    final_at: str | None = None


@dataclass(frozen=True)
class QuoteView:
    """What the templates read; see `quote_view`."""

    id: str
    number: str
    title: str
    state: str
    language: str
    currency: str
    customer_name: str
    valid_until: str | None
    time_left: str
    intro: str
    closing: str
    all_lines: list[LineView]
    payment: str
    instalments: list[dict[str, Any]]
    terms: str
    terms_required: bool
    document_id: str | None
    answer: AnswerView
    attachments: list[dict[str, str]]
    notes: list[str]

    @property
    def lines(self) -> list[LineView]:
        return [line for line in self.all_lines if not line.is_option]

    @property
    def options(self) -> list[LineView]:
        return [line for line in self.all_lines if line.is_option]

    @property
    def chosen_lines(self) -> list[LineView]:
        return [line for line in self.all_lines if line.chosen or not line.is_option]

    @property
    def has_pdf(self) -> bool:
        return self.document_id is not None


def has_options(quote: Mapping[str, Any]) -> bool:
    """The customer has something to choose."""
    return any(_is_option(line) for line in quote["lines"])


def preselection(quote: Mapping[str, Any]) -> Selection:
    """What is chosen before the customer touches anything."""
    return {line["id"]: line["quantity"] for line in quote["lines"] if _is_option(line) and line.get("selected")}


def selection_of(fields: Mapping[str, str], quote: Mapping[str, Any]) -> Selection:
    """The options ticked in a form or in the address, with their quantities as typed."""
    chosen: Selection = {}
    for line in quote["lines"]:
        if not _is_option(line):
            continue
        group = line.get("choice_group")
        ticked = fields.get(f"choice.{group}", "") == line["id"] if group else f"option.{line['id']}" in fields
        if ticked:
            chosen[line["id"]] = fields.get(f"quantity.{line['id']}", "").replace(",", ".") or line["quantity"]
    return chosen


def quote_view(
    wording: Wording,
    quote: Mapping[str, Any],
    *,
    selection: Selection,
    document_id: str | None,
    line_nets: list[int] | None = None,
) -> QuoteView:
    """Shape a quote record for the page, with the given options chosen.

    ``line_nets`` are the amounts the service computed for these quantities, one per line; without them the
    amounts stored with the lines stand.
    """
    answer = quote.get("answer") or {}
    return QuoteView(
        id=quote["id"],
        number=quote.get("number") or "",
        title=quote.get("title") or wording.gettext("Quote"),
        state=quote["state"],
        language=quote["language"],
        currency=quote["currency"],
        customer_name=(quote.get("customer") or {}).get("display_name") or "",
        valid_until=quote.get("valid_until"),
        time_left=wording.time_left(quote.get("valid_until")),
        intro=quote.get("intro") or "",
        closing=quote.get("closing") or "",
        all_lines=_lines(wording, quote["lines"], selection, line_nets),
        payment=wording.payment(quote.get("payment")),
        instalments=[_instalment(wording, part, quote["currency"]) for part in quote.get("installments") or []],
        terms=(quote.get("terms") or {}).get("text") or "",
        terms_required=bool((quote.get("terms") or {}).get("required")),
        document_id=document_id,
        answer=AnswerView(
            by_admin=answer.get("by") == "admin",
            name=answer.get("name") or "",
            at=answer.get("at") or quote.get("answered_at"),
            message=answer.get("message") or answer.get("reason") or "",
            total_minor=answer.get("total_minor"),
            final_at=answer.get("final_at"),
        ),
        attachments=[dict(one) for one in quote.get("attachments") or []],
        notes=wording.vat_notes(quote),
    )


def _is_option(line: Mapping[str, Any]) -> bool:
    return bool(line.get("optional") or line.get("choice_group"))


def _lines(
    wording: Wording, lines: list[dict[str, Any]], selection: Selection, nets: list[int] | None
) -> list[LineView]:
    views: list[LineView] = []
    seen: set[str] = set()
    for index, line in enumerate(lines):
        group = line.get("choice_group")
        chosen = not _is_option(line) or line["id"] in selection
        quantity = selection.get(line["id"], line["quantity"])
        discount = line.get("discount_percent") or "0"
        views.append(
            LineView(
                id=line["id"],
                kind=line.get("kind") or "item",
                description=line["description"],
                quantity=quantity,
                unit_word=wording.unit(line.get("unit") or "piece", line["quantity"]),
                unit_price_minor=line["unit_price_minor"],
                discount=discount if line.get("kind") != "discount" and Decimal(discount) else "",
                vat_rate=line.get("vat_rate") or "0",
                net_minor=nets[index] if nets else line.get("net_minor"),
                sub_lines=[
                    {**sub, "unit_word": wording.unit(sub.get("unit") or "piece", sub.get("quantity") or "1")}
                    for sub in line.get("sub_lines") or []
                ],
                is_option=_is_option(line),
                chosen=chosen,
                group=group,
                group_starts=group is not None and group not in seen,
                min_quantity=line.get("min_quantity"),
                max_quantity=line.get("max_quantity"),
            )
        )
        if group:
            seen.add(group)
    return views


def _instalment(wording: Wording, part: Mapping[str, Any], currency: str) -> dict[str, Any]:
    return {
        "label": part.get("label") or "",
        "percent": part["percent"],
        "when": wording.instalment_when(part),
        "total_minor": part.get("total_minor"),
        "currency": currency,
    }
