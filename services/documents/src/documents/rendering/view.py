"""A snapshot as the words and figures a template prints; no rule of business is decided here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from babel import Locale
from markupsafe import Markup

from .commerce import Commerce
from .errors import SnapshotIncomplete, UnknownKind
from .markup import from_html, from_markdown, paragraphs
from .slip_bill import has_slip
from .theme import footer_text
from .wording import Snapshot, Wording

AUDIT_FACTS = ("content_hash", "document_sha256", "log_head", "sent_at", "signed_at", "countersigned_at")
FOOTER_EMS = 56
"""One line of the footer at its size."""
KINDS = ("quote", "quote_accepted", "contract", "contract_final", "invoice")


def view(kind: str, snapshot: Snapshot) -> dict[str, Any]:
    """The template's variables for a document.

    Raises `UnknownKind` and `SnapshotIncomplete`.
    """
    if kind not in KINDS:
        raise UnknownKind(f"There is no document of the kind “{kind}”.")
    for field in ("issuer", "customer", "language", "currency"):
        if not snapshot.get(field):
            raise SnapshotIncomplete(field)
    return _Letter(kind, snapshot).everything()


class _Letter(Wording):
    """The letter around every document, and the whole of a contract."""

    def everything(self) -> dict[str, Any]:
        snapshot, texts = self.snapshot, self.texts
        number = snapshot.get("number")
        heading = " ".join(filter(None, (texts[self.kind], number or texts["no_number"])))
        shared = {
            "kind": self.kind,
            "density": "normal",
            "sheet": not has_slip(self.kind, snapshot),
            "footer": self.footer(),
            "running": clipped(f"{self.issuer.get('name') or ''} · {heading}", FOOTER_EMS),
            "footer_text": footer_text(snapshot),
            "lang": self.language if self.language == "en" else self.locale,
            "t": texts,
            "heading": texts[self.kind],
            "number": number,
            "title": snapshot.get("title") or "",
            "document_title": heading,
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
        return {**shared, **Commerce(self).everything()}

    # --- letter --------------------------------------------------------------------------

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
        name = Locale.parse(self.language).territories.get(code, code)
        return str(name).upper()

    def sender_lines(self) -> list[str]:
        return [*self.place(self.issuer), *self.contacts()]

    def contacts(self) -> list[str]:
        issuer, texts = self.issuer, self.texts
        lines = [f"{texts['phone']} {issuer['phone']}"] if issuer.get("phone") else []
        lines += [issuer[field] for field in ("email", "website") if issuer.get(field)]
        lines += [f"{texts[f]} {issuer[f]}" for f in ("vat_id", "tax_id") if issuer.get(f)]
        return lines

    def footer(self) -> list[str]:
        """The studio's data at the foot of each page, cut so that it stays on the page whatever was entered."""
        who = [self.issuer.get("name"), *self.place(self.issuer)]
        lines = (
            clipped(" · ".join(filter(None, who)), FOOTER_EMS),
            clipped(" · ".join(self.contacts()), 2 * FOOTER_EMS),
            clipped(footer_text(self.snapshot), 2 * FOOTER_EMS),
        )
        return [line for line in lines if line]

    def facts(self) -> Iterator[tuple[str, str]]:
        snapshot, texts = self.snapshot, self.texts
        quote = self.kind.startswith("quote")
        yield texts["number"], snapshot.get("number") or texts["no_number"]
        if quote and snapshot.get("record_version"):
            yield texts["version"], str(snapshot["record_version"])
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
            if references.get(field) and references[field] != snapshot.get("number"):
                yield texts[field], references[field]
        if installment := snapshot.get("installment"):
            words = texts["installment"].format(**installment)
            yield installment.get("label") or texts["installments"], words
        if quote and (contact := self.issuer.get("phone") or self.issuer.get("email")):
            yield texts["contact"], contact

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


def clipped(text: str, ems: float) -> str:
    """The text cut to about that many ems, capitals and signs counted as wide; on one line."""
    words, width = " ".join(text.split()), 0.0
    for index, character in enumerate(words):
        width += 0.55 if character.islower() or character in " .,:;·-/" or character.isdigit() else 0.95
        if width > ems:
            return f"{words[:index].rstrip()}…"
    return words


def _logo(logo: Any) -> str | None:
    """A ``data:`` URL of the logo, given as such or as ``{mime, content_b64}``."""
    if not logo:
        return None
    if isinstance(logo, str):
        return logo if logo.startswith("data:image/") else f"data:image/png;base64,{logo}"
    return f"data:{logo.get('mime') or 'image/png'};base64,{logo['content_b64']}"
