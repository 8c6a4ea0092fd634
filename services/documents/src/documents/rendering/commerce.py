"""What quotes and invoices print beside the letter: the line table, totals, terms, plan, acceptance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from .item_rows import ItemRows
from .markup import paragraphs
from .slip_bill import has_slip, open_minor
from .vat import VatNotes
from .wording import Snapshot, Wording


class Commerce:
    """The part of a quote or an invoice that follows from its lines and terms."""

    def __init__(self, words: Wording) -> None:
        self.words = words
        self.texts = words.texts
        self.snapshot: Snapshot = words.snapshot
        self.vat = VatNotes(words)
        self.items = ItemRows(words, self.vat)

    def everything(self) -> dict[str, Any]:
        rows = [asdict(row) for row in self.items.all()]
        totals = list(self.totals())
        figures = [row["amount"] for row in rows]
        slip = has_slip(self.words.kind, self.snapshot)
        return {
            "rows": rows,
            "columns": self.columns(rows),
            "shows_vat": self.vat.charged,
            "currency": self.snapshot["currency"],
            "totals": totals,
            "sum_width": _millimetres([*figures, *(row["figure"] for row in totals)], 38, 2.5),
            "notes": list(self.vat.notes()),
            "terms": list(self.terms()),
            "installments": list(self.installments()),
            "bank": self.bank(),
            "acceptance": list(self.acceptance()),
            "sign_here": self.words.kind == "quote",
            "sign_words": self.sign_words(),
            "legal_terms": paragraphs((self.snapshot.get("terms") or {}).get("text")),
            "has_slip": slip,
        }

    def columns(self, rows: list[dict[str, Any]]) -> dict[str, float]:
        """Widths in millimetres: what the figures need; the description has the rest of the 165."""
        widths = {
            "pos": 10.0,
            "qty": _millimetres([row["quantity"] for row in rows], 22, 1.8),
            "price": _millimetres([row["price"] for row in rows], 25, 1.9),
            "vat": 16.0 if self.vat.charged else 0.0,
            "sum": _millimetres([row["amount"] for row in rows], 28, 1.9),
        }
        return {**widths, "what": 165 - sum(widths.values())}

    def totals(self) -> Iterator[dict[str, Any]]:
        for row in self._total_rows():
            yield {"strong": False, **row}

    def _total_rows(self) -> Iterator[dict[str, Any]]:
        snapshot, texts, totals = self.snapshot, self.texts, self.snapshot["totals"]
        gross = snapshot.get("price_entry") == "gross"
        vat = list(self.vat.rows(gross))
        if vat and not gross:
            yield {"label": texts["net_total"], "figure": self.words.figure(totals["net_minor"])}
        label = texts["gross_total" if vat else "total"]
        total: dict[str, Any] = {"label": label, "figure": self.words.money(totals["total_minor"]), "strong": True}
        yield from ([total, *vat] if gross else [*vat, total])
        paid = int(snapshot.get("paid_minor") or 0)
        if paid:
            yield {"label": texts["already_paid"], "figure": self.words.figure(-paid)}
            yield {"label": texts["open_amount"], "figure": self.words.money(open_minor(snapshot)), "strong": True}

    def terms(self) -> Iterator[str]:
        snapshot, texts = self.snapshot, self.texts
        payment = snapshot.get("payment") or {}
        if self.words.kind == "invoice" and snapshot.get("due_date"):
            at_once = snapshot["due_date"] == snapshot.get("issue_date")
            yield texts["pay_at_once" if at_once else "pay_by"].format(date=self.words.day(snapshot["due_date"]))
        elif payment.get("net_days") is not None:
            start = texts[f"from_{payment.get('from') or 'issue'}"]
            key = "pay_within" if payment["net_days"] else "pay_at_once"
            yield texts[key].format(days=payment["net_days"], **{"from": start})
        if payment.get("skonto_percent") and payment.get("skonto_days"):
            percent = self.words.percent(payment["skonto_percent"])
            yield texts["skonto"].format(percent=percent, days=payment["skonto_days"])

    def installments(self) -> Iterator[dict[str, str]]:
        for part in self.snapshot.get("installments") or ():
            when = self.texts.get(f"trigger_{part.get('trigger')}", "").format(
                date=self.words.day(part["date"]) if part.get("date") else "", days=part.get("days") or 0
            )
            total = part.get("total_minor")
            yield {
                "label": part.get("label") or "",
                "when": when,
                "percent": self.words.percent(part["percent"]) if part.get("percent") is not None else "",
                "amount": self.words.money(total) if total is not None else "",
            }

    def bank(self) -> list[tuple[str, str]]:
        bank = self.snapshot.get("bank")
        if not bank or self.words.kind != "invoice":
            return []
        compact = bank["iban"].replace(" ", "")
        grouped = "\u00a0".join(compact[start : start + 4] for start in range(0, len(compact), 4))
        lines = [("IBAN", grouped)]
        lines += [("BIC", bank["bic"])] if bank.get("bic") else []
        lines += [(self.texts["reference"], self.snapshot["reference"])] if self.snapshot.get("reference") else []
        return lines

    def sign_words(self) -> str:
        """The sentence above the places to sign on paper."""
        key = "sign_options" if self.items.has_choices else "sign_total"
        number = self.snapshot.get("number") or self.texts["no_number"]
        return self.texts[key].format(
            number=number,
            total=self.words.money(self.snapshot["totals"]["total_minor"]),
            email=self.words.issuer.get("email") or self.words.issuer.get("name") or "",
        )

    def acceptance(self) -> Iterator[tuple[str, str]]:
        """The facts of the electronic acceptance: who, when, what exactly, and the hashes that prove it."""
        acceptance = self.snapshot.get("acceptance")
        if not acceptance:
            return
        texts = self.texts
        if acceptance.get("name"):
            yield texts["accepted_by"], acceptance["name"]
        if acceptance.get("by") == "admin":
            yield texts["accepted_recorded"], texts["accepted_by_admin"]
        if acceptance.get("at"):
            yield texts["accepted_at"], self.words.moment(acceptance["at"])
        if acceptance.get("quote_version"):
            yield texts["version"], str(acceptance["quote_version"])
        if chosen := self.items.chosen():
            yield texts["accepted_selection"], " · ".join(chosen)
        elif self.items.has_choices:
            yield texts["accepted_selection"], texts["accepted_no_options"]
        if acceptance.get("total_minor") is not None:
            yield texts["accepted_total"], self.words.money(acceptance["total_minor"])
        if acceptance.get("message"):
            yield texts["accepted_message"], acceptance["message"]
        if acceptance.get("ip"):
            yield texts["ip"], acceptance["ip"]
        for field in ("document_sha256", "terms_sha256"):
            if acceptance.get(field):
                yield texts[f"accepted_{field}"], acceptance[field]


def _millimetres(texts: list[str], least: float, per_character: float) -> float:
    """Width of a column for the longest of the texts."""
    return max([least, *(round(len(text) * per_character + 4, 1) for text in texts)])
