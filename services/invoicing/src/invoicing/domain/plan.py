"""From a converted quote to its invoices: one draft, or N siblings of an instalment plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from invoicing.domain.content import Content, calendar_day
from invoicing.domain.errors import PlanInconsistent
from invoicing.domain.invoice import Installment, Invoice, Origin, Party, draft
from invoicing.domain.states import State
from invoicing.domain.terms import PaymentTerms
from kontor.locale import format_decimal
from kontor.pricing import Line, PriceEntry, Totals, parse_lines

_QUOTE_WORD = {"de-CH": "der Offerte", "de-DE": "des Angebots", "de-AT": "des Angebots"}


@dataclass(frozen=True, slots=True)
class Conversion:
    """The accepted quote as invoicing needs it, read from ``quote_converted.v1``."""

    quote_id: UUID
    quote_number: str
    deal_uuid: UUID
    contract_id: UUID | None
    plan_id: UUID
    invoice_ids: tuple[UUID, ...]
    content: Content
    customer: Party
    totals: Totals
    slices: tuple[Mapping[str, Any], ...]

    @classmethod
    def read(cls, deal_uuid: UUID, data: Mapping[str, Any], customer: Party) -> "Conversion":
        """Raises `PlanInconsistent` when ids and slices do not belong together."""
        ids = tuple(UUID(id) for id in data["invoice_ids"])
        slices = tuple(data["slices"] or ())
        if len(ids) != max(len(slices), 1):
            raise PlanInconsistent(f"{len(ids)} invoice ids for {len(slices)} slices")
        content = Content(
            customer_id=UUID(data["customer_id"]),
            currency=data["currency"],
            language=data["language"],
            lines=_chosen(parse_lines(data["lines"])),
            payment=PaymentTerms.from_json(data["payment"], 30),
            title=data["title"],
            intro=data.get("intro") or "",
            closing=data.get("closing") or "",
            exemption_reason=data.get("exemption_reason") or "",
            price_entry=data["price_entry"],
            bank_account_id=data.get("bank_account_id"),
            vat_mode=data.get("vat_mode") or "standard",
        )
        return cls(
            quote_id=UUID(data["quote_id"]),
            quote_number=data["number"],
            deal_uuid=deal_uuid,
            contract_id=UUID(data["contract_id"]) if data.get("contract") and data.get("contract_id") else None,
            plan_id=UUID(data["installment_plan_id"]) if data.get("installment_plan_id") else ids[0],
            invoice_ids=ids,
            content=content,
            customer=customer,
            totals=Totals.from_json(data["totals"]),
            slices=slices,
        )


def spawn(conversion: Conversion, locale: str, now: datetime) -> list[Invoice]:
    """The drafts of the conversion, which together are the quote to the minor unit.

    A slice due on acceptance is a draft at once; the others wait for their trigger. Raises `PlanInconsistent`
    when the slices do not sum to the whole in any VAT group.
    """
    if len(conversion.slices) <= 1:
        part = conversion.slices[0] if conversion.slices else None
        totals = conversion.content.totals()
        if (totals.net_minor, totals.total_minor) != (conversion.totals.net_minor, conversion.totals.total_minor):
            raise PlanInconsistent("the lines do not add up to the total of the quote")
        return [_slice(conversion, 0, part, conversion.content, totals, now)]
    parts = [Totals.from_json(part["totals"]) for part in conversion.slices]
    _require_whole(conversion.totals, parts)
    drafts = []
    for index, (part, totals) in enumerate(zip(conversion.slices, parts, strict=True)):
        lines, nets = summary_lines(
            totals,
            conversion.content.price_entry,
            _description(conversion, part, locale),
            conversion.invoice_ids[index],
        )
        content = replace(conversion.content, lines=lines)
        drafts.append(_slice(conversion, index, part, content, replace(totals, line_nets=nets), now))
    return drafts


def summary_lines(
    totals: Totals, price_entry: PriceEntry, description: str, invoice_id: UUID
) -> tuple[tuple[Line, ...], tuple[int, ...]]:
    """One line per VAT group with the slice's amount as it is entered (gross where prices are gross)."""
    groups = [g for g in totals.vat_groups if g.net_minor or g.vat_minor] or list(totals.vat_groups[:1])
    nets = tuple(g.net_minor + (g.vat_minor if price_entry == "gross" else 0) for g in groups)
    lines = tuple(
        Line(
            id=f"{invoice_id}.{n}",
            description=description,
            unit="flat",
            unit_price_minor=net,
            vat_rate=g.vat_rate,
            vat_category=g.vat_category,
        )
        for n, (g, net) in enumerate(zip(groups, nets, strict=True), start=1)
    )
    return lines, nets


def _chosen(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines the customer took, as plain lines of an invoice."""
    return tuple(
        replace(line, optional=False, choice_group=None, selected=True, min_quantity=None, max_quantity=None)
        for line in lines
        if line.counts
    )


def _description(conversion: Conversion, part: Mapping[str, Any], locale: str) -> str:
    percent = format_decimal(Decimal(part["percent"]), locale)
    if locale == "en":
        text = f"{percent} % of quote {conversion.quote_number}"
    else:
        text = f"{percent} % {_QUOTE_WORD[locale]} {conversion.quote_number}"
    return ", ".join(words for words in (text, conversion.content.title) if words)


def _slice(
    conversion: Conversion,
    index: int,
    part: Mapping[str, Any] | None,
    content: Content,
    totals: Totals,
    now: datetime,
) -> Invoice:
    installment = None
    if part is not None:
        installment = Installment(
            plan_id=conversion.plan_id,
            index=index + 1,
            count=len(conversion.slices),
            label=part.get("label") or "",
            percent=Decimal(part["percent"]),
            trigger=part.get("trigger") or "on_acceptance",
            date=calendar_day(part.get("date"), "date"),
            days=part.get("days"),
        )
    waits = installment is not None and installment.trigger != "on_acceptance"
    return draft(
        conversion.invoice_ids[index],
        conversion.deal_uuid,
        content,
        conversion.customer,
        now=now,
        created_by=None,
        origin=Origin(conversion.quote_id, conversion.quote_number, conversion.contract_id, installment),
        totals=totals,
        state=State.PENDING_DELIVERY if waits else State.DRAFT,
    )


def _require_whole(whole: Totals, parts: Sequence[Totals]) -> None:
    for group in whole.vat_groups:
        key = (group.vat_category, group.vat_rate)
        same = [g for part in parts for g in part.vat_groups if (g.vat_category, g.vat_rate) == key]
        net, vat = sum(g.net_minor for g in same), sum(g.vat_minor for g in same)
        if (net, vat) != (group.net_minor, group.vat_minor):
            raise PlanInconsistent(f"the slices sum to {net} + {vat} at {group.vat_rate} %, the quote to more or less")
    if sum(part.total_minor for part in parts) != whole.total_minor:
        raise PlanInconsistent("the slices do not sum to the total of the quote")
