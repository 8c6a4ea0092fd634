"""A snapshot as the words and figures a template prints; no rule of business is decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from kontor.locale import format_date, format_decimal, format_money, format_percent

from ..texts import catalogue
from .errors import SnapshotIncomplete, UnknownKind
from .markup import from_html, from_markdown, paragraphs
from .slip_bill import has_slip, open_minor

Snapshot = Mapping[str, Any]
AUDIT_FACTS = ("content_hash", "document_sha256", "log_head", "sent_at", "signed_at", "countersigned_at")
KINDS = ("quote", "quote_accepted", "contract", "contract_final", "invoice")
_LOCALES = {"de": "de-CH", "en": "en"}


def view(kind: str, snapshot: Snapshot) -> dict[str, Any]:
    """The template's variables for a document.

    Raises `UnknownKind` and `SnapshotIncomplete`.
    """
    if kind not in KINDS:
        raise UnknownKind(f"There is no document of the kind “{kind}”.")
    for field in ("issuer", "customer", "language", "currency"):
        if not snapshot.get(field):
            raise SnapshotIncomplete(field)
    return _Words(kind, snapshot).everything()


class _Words:
    def __init__(self, kind: str, snapshot: Snapshot) -> None:
        self.kind = kind
        self.snapshot = snapshot
        self.language: str = snapshot["language"]
        self.locale: str = snapshot.get("locale") or _LOCALES.get(self.language, "en")
        self.texts = catalogue(self.language, self.locale)
        self.issuer: Mapping[str, Any] = snapshot["issuer"]
        self.customer: Mapping[str, Any] = snapshot["customer"]
        self.zone = ZoneInfo(self.issuer.get("timezone") or "Europe/Zurich")

    def everything(self) -> dict[str, Any]:
        snapshot, texts = self.snapshot, self.texts
        number = snapshot.get("number")
        shared = {
            "kind": self.kind,
            "density": "normal",
            "lang": self.language if self.language == "en" else self.locale,
            "t": texts,
            "heading": texts[self.kind],
            "number": number,
            "title": snapshot.get("title") or "",
            "document_title": " ".join(filter(None, (texts[self.kind], number or texts["no_number"]))),
            "issuer": self.issuer,
            "logo": _logo(self.issuer.get("logo")),
            "sender_lines": self.sender_lines(),
            "sender_line": " · ".join(filter(None, (self.issuer.get("name"), *self.place(self.issuer)))),
            "recipient": self.recipient(),
            "facts": list(self.facts()),
            "intro": paragraphs(snapshot.get("intro")),
            "closing": paragraphs(snapshot.get("closing")),
        }
        if self.kind.startswith("contract"):
            return {**shared, **self.contract()}
        if not snapshot.get("totals"):
            raise SnapshotIncomplete("totals")
        return {**shared, **self.commerce()}

    # --- letter --------------------------------------------------------------------------

    def place(self, party: Snapshot) -> list[str]:
        street = f"{party.get('street') or ''} {party.get('house_number') or ''}".strip()
        town = f"{party.get('postcode') or ''} {party.get('town') or ''}".strip()
        return [line for line in (street, town) if line]

    def recipient(self) -> list[str]:
        customer = self.customer
        person = " ".join(filter(None, (customer.get("first_name"), customer.get("last_name"))))
        if not person and not customer.get("company"):
            person = customer.get("display_name") or ""
        lines = [customer.get("company"), person, *self.place(customer)]
        if customer.get("country") and customer["country"] != self.issuer.get("country"):
            lines.append(self.country(customer["country"]))
        return [line for line in lines if line]

    def country(self, code: str) -> str:
        from babel import Locale

        name = Locale.parse(self.language).territories.get(code, code)
        return str(name).upper()

    def sender_lines(self) -> list[str]:
        issuer, texts = self.issuer, self.texts
        lines = self.place(issuer)
        lines += [f"{texts['phone']} {issuer['phone']}"] if issuer.get("phone") else []
        lines += [issuer[field] for field in ("email", "website") if issuer.get(field)]
        lines += [f"{texts[f]} {issuer[f]}" for f in ("vat_id", "tax_id") if issuer.get(f)]
        return lines

    def facts(self) -> Iterator[tuple[str, str]]:
        snapshot, texts = self.snapshot, self.texts
        yield texts["number"], snapshot.get("number") or texts["no_number"]
        for field in ("issue_date", "due_date", "valid_until"):
            if snapshot.get(field):
                yield texts[field], self.day(snapshot[field])
        if snapshot.get("service_from"):
            days = [snapshot["service_from"], snapshot.get("service_to") or snapshot["service_from"]]
            yield texts["service_period"], " – ".join(dict.fromkeys(self.day(day) for day in days))
        if self.customer.get("number"):
            yield texts["customer_number"], str(self.customer["number"])
        if self.customer.get("vat_id"):
            yield texts["customer_vat_id"], self.customer["vat_id"]
        references = snapshot.get("references") or {}
        for field in ("quote_number", "contract_number"):
            if references.get(field):
                yield texts[field], references[field]
        if installment := snapshot.get("installment"):
            words = texts["installment"].format(**installment)
            yield installment.get("label") or texts["installments"], words

    # --- quotes and invoices -------------------------------------------------------------

    def commerce(self) -> dict[str, Any]:
        snapshot = self.snapshot
        return {
            "rows": list(self.rows()),
            "shows_vat": self.issuer.get("vat_registered", True) is not False,
            "currency": snapshot["currency"],
            "totals": list(self.totals()),
            "notes": list(self.notes()),
            "terms": list(self.terms()),
            "installments": list(self.installments()),
            "bank": self.bank(),
            "acceptance": list(self.acceptance()),
            "legal_terms": paragraphs((snapshot.get("terms") or {}).get("text")),
            "has_slip": has_slip(self.kind, snapshot),
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        for index, line in enumerate(self.snapshot.get("lines") or (), start=1):
            yield self.row(line, str(line.get("position") or index))
            for sub_line in line.get("sub_lines") or ():
                yield self.row(sub_line, "", sub=True)

    def row(self, line: Snapshot, position: str, *, sub: bool = False) -> dict[str, Any]:
        priced = line.get("unit_price_minor") is not None
        notes = []
        if Decimal(str(line.get("discount_percent") or 0)) and line.get("kind") != "discount":
            notes.append(self.texts["discount_of"].format(percent=self.percent(line["discount_percent"])))
        left_out = bool(line.get("optional")) and line.get("selected") is False
        if line.get("optional"):
            selected = line.get("selected")
            key = {None: "optional", True: "optional_selected", False: "optional_not_selected"}[selected]
            notes.append(self.texts[key])
        net = line.get("net_minor")
        quantity = line.get("quantity")
        return {
            "position": position,
            "description": paragraphs(line.get("description")),
            "notes": notes,
            "quantity": self.quantity(quantity, line.get("unit")) if quantity is not None and priced else "",
            "price": self.figure(line["unit_price_minor"]) if priced else "",
            "vat": self.percent(line["vat_rate"]) if line.get("vat_rate") is not None else "",
            "amount": "" if net is None or (sub and not priced) else self.figure(net),
            "sub": sub,
            "left_out": left_out,
        }

    def quantity(self, quantity: Any, unit: str | None) -> str:
        number = format_decimal(Decimal(str(quantity)).normalize() + 0, self.locale)
        return f"{number}\u00a0{self.texts.get(f'unit_{unit}', unit)}" if unit else number

    def totals(self) -> Iterator[dict[str, Any]]:
        for row in self._total_rows():
            yield {"strong": False, **row}

    def _total_rows(self) -> Iterator[dict[str, Any]]:
        snapshot, texts, totals = self.snapshot, self.texts, self.snapshot["totals"]
        groups = totals.get("vat_groups") or ()
        gross = snapshot.get("price_entry") == "gross"
        registered = self.issuer.get("vat_registered", True) is not False
        if registered and groups and not gross:
            yield {"label": texts["net_total"], "figure": self.figure(totals["net_minor"])}
        vat: list[dict[str, Any]] = [
            {
                "label": texts["vat_included_line" if gross else "vat_line"].format(
                    rate=self.percent(group["vat_rate"]), net=self.figure(group["net_minor"])
                ),
                "figure": self.figure(group["vat_minor"]),
            }
            for group in groups
            if registered
        ]
        label = texts["gross_total" if registered and groups else "total"]
        total: dict[str, Any] = {"label": label, "figure": self.money(totals["total_minor"]), "strong": True}
        yield from ([total, *vat] if gross else [*vat, total])
        paid = int(snapshot.get("paid_minor") or 0)
        if paid:
            yield {"label": texts["already_paid"], "figure": self.figure(-paid)}
            yield {"label": texts["open_amount"], "figure": self.money(open_minor(snapshot)), "strong": True}

    def notes(self) -> Iterator[str]:
        mode = self.snapshot.get("vat_mode") or "standard"
        if self.issuer.get("vat_registered") is False or mode == "small_business":
            country = self.issuer.get("country")
            yield self.texts[f"not_vat_registered_{country if country in ('DE', 'AT', 'LI') else 'CH'}"]
        elif mode != "standard":
            yield self.texts[f"vat_mode_{mode}"]
        elif self.snapshot.get("price_entry") == "gross":
            yield self.texts["gross_note"]

    def terms(self) -> Iterator[str]:
        snapshot, texts = self.snapshot, self.texts
        payment = snapshot.get("payment") or {}
        if self.kind == "invoice" and snapshot.get("due_date"):
            at_once = snapshot["due_date"] == snapshot.get("issue_date")
            yield texts["pay_at_once" if at_once else "pay_by"].format(date=self.day(snapshot["due_date"]))
        elif payment.get("net_days") is not None:
            start = texts[f"from_{payment.get('from') or 'issue'}"]
            key = "pay_within" if payment["net_days"] else "pay_at_once"
            yield texts[key].format(days=payment["net_days"], **{"from": start})
        if payment.get("skonto_percent") and payment.get("skonto_days"):
            percent = self.percent(payment["skonto_percent"])
            yield texts["skonto"].format(percent=percent, days=payment["skonto_days"])

    def installments(self) -> Iterator[dict[str, str]]:
        for part in self.snapshot.get("installments") or ():
            when = self.texts.get(f"trigger_{part.get('trigger')}", "").format(
                date=self.day(part["date"]) if part.get("date") else "", days=part.get("days") or 0
            )
            total = part.get("total_minor")
            yield {
                "label": part.get("label") or "",
                "when": when,
                "percent": self.percent(part["percent"]) if part.get("percent") is not None else "",
                "amount": self.figure(total) if total is not None else "",
            }

    def bank(self) -> list[tuple[str, str]]:
        bank = self.snapshot.get("bank")
        if not bank or self.kind != "invoice":
            return []
        compact = bank["iban"].replace(" ", "")
        grouped = "\u00a0".join(compact[start : start + 4] for start in range(0, len(compact), 4))
        lines = [("IBAN", grouped)]
        lines += [("BIC", bank["bic"])] if bank.get("bic") else []
        lines += [(self.texts["reference"], self.snapshot["reference"])] if self.snapshot.get("reference") else []
        return lines

    def acceptance(self) -> Iterator[tuple[str, str]]:
        acceptance = self.snapshot.get("acceptance")
        if not acceptance:
            return
        texts = self.texts
        if acceptance.get("name"):
            yield texts["accepted_by"], acceptance["name"]
        if acceptance.get("at"):
            yield texts["accepted_at"], self.moment(acceptance["at"])
        if acceptance.get("total_minor") is not None:
            yield texts["accepted_total"], self.money(acceptance["total_minor"])
        if acceptance.get("message"):
            yield texts["accepted_message"], acceptance["message"]
        if acceptance.get("ip"):
            yield texts["ip"], acceptance["ip"]

    # --- contracts -----------------------------------------------------------------------

    def contract(self) -> dict[str, Any]:
        snapshot = self.snapshot
        final = self.kind == "contract_final"
        signatures = [self.signature(signature) for signature in snapshot.get("signatures") or ()]
        if final and not signatures:
            raise SnapshotIncomplete("signatures")
        return {
            "blocks": [
                {"title": block.get("title") or "", "body": self.block_body(block)}
                for block in snapshot.get("blocks") or ()
            ],
            "final": final,
            "signatures": signatures,
            "signers": [signer.get("name") or "" for signer in snapshot.get("signers") or ()],
            "consents": [consent.get("text") or "" for consent in snapshot.get("consents") or ()],
            "audit": self.audit() if final else None,
        }

    def block_body(self, block: Snapshot) -> Markup:
        if block.get("html"):
            return from_html(block["html"])
        return from_markdown(block.get("markdown") or block.get("body_resolved") or "")

    def signature(self, signature: Snapshot) -> dict[str, Any]:
        image = signature.get("image_png_b64")
        return {
            "name": signature.get("name") or "",
            "role": self.texts.get(f"role_{signature.get('role')}", signature.get("role") or ""),
            "method": self.texts.get(f"method_{signature.get('method')}", signature.get("method") or ""),
            "at": self.moment(signature["at"]) if signature.get("at") else "",
            "image": f"data:image/png;base64,{image}" if image else None,
            "email": signature.get("email") or "",
            "ip": signature.get("ip") or "",
        }

    def audit(self) -> dict[str, Any]:
        """The facts of the audit page: hashes and moments, each signer's evidence, the event log."""
        audit = self.snapshot.get("audit") or {}
        facts = [
            (self.texts[name], self.moment(audit[name]) if name.endswith("_at") else str(audit[name]))
            for name in AUDIT_FACTS
            if audit.get(name)
        ]
        log = [
            {
                "at": self.moment(entry["at"]) if entry.get("at") else "",
                "event": self.texts.get(f"event_{entry.get('type')}", entry.get("type") or ""),
                "who": entry.get("actor") or "",
                "hash": (entry.get("hash") or "")[:16],
            }
            for entry in audit.get("log") or ()
        ]
        evidence = [
            {
                **self.signature(one),
                "code_verified": self.texts["yes" if one.get("code_verified") else "no"],
                "user_agent": one.get("user_agent") or "",
                "consents": len(one.get("consents") or ()),
                "evidence_hash": one.get("evidence_hash") or "",
            }
            for one in audit.get("signatures") or self.snapshot.get("signatures") or ()
        ]
        return {"facts": facts, "log": log, "evidence": evidence}

    # --- figures -------------------------------------------------------------------------

    def figure(self, minor: int) -> str:
        return format_money(minor, self.snapshot["currency"], self.locale, symbol=False)

    def money(self, minor: int) -> str:
        return format_money(minor, self.snapshot["currency"], self.locale)

    def percent(self, value: Any) -> str:
        return format_percent(Decimal(str(value)), self.locale)

    def day(self, text: str) -> str:
        return format_date(date.fromisoformat(text[:10]), self.locale)

    def moment(self, text: str) -> str:
        """A UTC timestamp as date and time in the business timezone, which is named."""
        at = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(self.zone)
        return f"{format_date(at.date(), self.locale)}, {at:%H:%M} {at.tzname()}"


def _logo(logo: Any) -> str | None:
    """A ``data:`` URL of the logo, given as such or as ``{mime, content_b64}``."""
    if not logo:
        return None
    if isinstance(logo, str):
        return logo if logo.startswith("data:image/") else f"data:image/png;base64,{logo}"
    return f"data:{logo.get('mime') or 'image/png'};base64,{logo['content_b64']}"
