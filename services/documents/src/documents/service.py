"""The documents service's surface: RPCs, event handlers, the mail timer."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from kontor import replica
from kontor.database import Tx
from kontor.envelope import Event
from kontor.errors import Refusal
from kontor.locale import document_locale
from kontor.runtime import handles, rpc
from swissqrbill import QrBillInvalid, validate

from . import queries
from .mail_calls import MailCalls
from .rendering.slip_bill import bill_from_json, bill_of, has_slip
from .tools import Tools
from .use_cases import attachments, calling_off, produce
from .use_cases.queueing import Letter, Recipient, facts_of, locale_of, queue
from .workshop import Workshop

QUOTE_LINK = "/quotes/respond/"
CONTRACT_LINK = "/contracts/sign/"
INVITATION_LINK = "/customer/invitation/"
CUSTOMER_LINKS = {
    "password_reset": ("customer_password_reset", "/customer/reset/"),
    "sign_in": ("customer_sign_in_link", "/customer/sign-in/"),
}
OPEN_QUOTE_MAILS = ("quote_sent", "quote_expiring", "quote_code")


class DocumentsService(MailCalls):
    """Turns frozen snapshots into PDFs, keeps them, and mails them."""

    name = "documents"
    tools: Tools = Workshop()

    # --- stateless: any service may call these -------------------------------------------

    @rpc
    def check_qrbill(
        self, *, bill: dict[str, Any] | None = None, snapshot: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """``{"problems": [{field, rule, message}]}`` of a payment slip; empty when it may be printed.

        Give either an invoice's ``snapshot`` (the slip it would print is checked; there is none when its
        ``payment_slip`` is not ``swiss``) or a ``bill`` field by field: ``iban``, ``creditor`` and ``debtor``
        (``name, street, building, postal_code, town, country``), ``currency``, ``amount_minor``,
        ``reference_type``, ``reference``, ``message``, ``billing_information``, ``alternative_schemes``.
        """
        try:
            if snapshot is None and bill and "issuer" in bill:
                snapshot = bill  # a snapshot handed over as bill
            if snapshot is None:
                validate(bill_from_json(bill or {}))
            elif has_slip(snapshot.get("kind") or "invoice", snapshot):
                validate(bill_of(snapshot))
        except QrBillInvalid as mistake:
            return {"problems": [{"field": mistake.field, "rule": mistake.rule, "message": mistake.sentence}]}
        except Refusal as refusal:
            first = refusal.errors[0].field if refusal.errors else "bill"
            return {"problems": [{"field": first, "rule": "missing", "message": refusal.detail}]}
        return {"problems": []}

    @rpc
    def preview(self, *, kind: str, snapshot: dict[str, Any], width: int | None = None) -> dict[str, Any]:
        """The PDF of a snapshot with a DRAFT watermark, nothing stored: ``{content_b64, pages}``.

        With ``width`` (pixels) also ``page_pngs``: every page as a picture, base64.
        """
        rendered = self.tools.renderer.render(kind, snapshot, draft=True)
        answer: dict[str, Any] = {"content_b64": b64encode(rendered.content).decode(), "pages": rendered.pages}
        if width is not None:
            pages = range(1, rendered.pages + 1)
            pictures = [self.tools.renderer.page_png(rendered.content, page, width) for page in pages]
            answer["page_pngs"] = [b64encode(picture).decode() for picture in pictures]
        return answer

    # --- documents -----------------------------------------------------------------------

    @rpc
    def get_document(self, *, id: str) -> dict[str, Any]:
        """The document's row: kind, number, sha256, size (bytes), pages, name, record_id, deal_uuid."""
        with self.transaction() as tx:
            return queries.document(tx, id)

    @rpc
    def get_content(self, *, id: str) -> dict[str, Any]:
        """The stored bytes, their hash checked: ``{content_b64, sha256, name, mime}``."""
        row, content = self._stored(id)
        return {
            "content_b64": b64encode(content).decode(),
            "sha256": row["sha256"],
            "name": row["name"],
            "mime": row["mime"],
        }

    @rpc
    def get_page_png(self, *, id: str, page: int, width: int = 1200) -> dict[str, Any]:
        """Page ``page`` (from 1) as a PNG ``width`` pixels wide (64 to 2400): ``{content_b64}``."""
        _, content = self._stored(id)
        return {"content_b64": b64encode(self.tools.renderer.page_png(content, page, width)).decode()}

    @rpc
    def store_attachment(
        self,
        *,
        id: str,
        name: str,
        content_b64: str,
        deal_uuid: str | None = None,
        record_id: str | None = None,
        beside: list[str] | None = None,
    ) -> dict[str, Any]:
        """Store a PDF, PNG or JPEG of at most 5 MB and answer its row; the same id again answers the same row.

        ``beside`` are ids of documents that go with the same mail, which has at most 15 MB. Refused with
        ``ATTACHMENT_INVALID`` or ``TOO_LARGE``.
        """
        return attachments.store(
            self.db,
            self.tools,
            id=id,
            name=name,
            content_b64=content_b64,
            deal_uuid=deal_uuid,
            record_id=record_id,
            beside=beside or (),
        )

    @rpc
    def list_documents(self, *, deal_uuid: str | None = None, record_id: str | None = None) -> dict[str, Any]:
        """``{"items": [row]}`` of a deal or a record, newest first."""
        with self.transaction() as tx:
            return {"items": queries.document_list(tx, deal_uuid, record_id)}

    def _stored(self, id: str) -> tuple[dict[str, Any], bytes]:
        with self.transaction() as tx:
            row = queries.document(tx, id)
        return row, self.tools.storage.get(row["key"], row["sha256"])

    # --- events --------------------------------------------------------------------------

    @handles("settings_changed.v1")
    def keep_settings(self, tx: Tx, event: Event) -> None:
        replica.keep_settings(tx, event)

    @handles("quote_sent.v1")
    def make_quote(self, tx: Tx, event: Event) -> None:
        """The PDF and its mail; sent again, the PDF of that version is the one that is stored already."""
        data = event.data
        document = None
        if data.get("resent"):
            document = queries.document_of_version(tx, data["quote_id"], "quote", data["quote_version"])
        document = document or self._produce(tx, event, "quote", data["quote_id"])
        self._call_off(tx, event, ("quote_sent", "quote_expiring"), calling_off.SUPERSEDED)
        letter = self._letter("quote_sent", "quote", data, document, QUOTE_LINK, data["link_sealed"])
        files = [document, *attachments.for_mail(tx, data.get("attachments") or (), document)]
        letter = replace(letter, record_version=event.aggregate_version, attachments=files)
        queue(tx, self.tools, event, letter, Recipient.of(data["recipient"]), data["snapshot"]["issuer"])

    @handles("quote_expiring.v1")
    def mail_quote_expiring(self, tx: Tx, event: Event) -> None:
        data = event.data
        document = queries.document_of_version(tx, data["quote_id"], "quote", data["quote_version"])
        letter = self._quote_letter(event, "quote_expiring")
        letter = replace(
            letter,
            attachments=[document] if document else [],
            link_path=QUOTE_LINK,
            link_sealed=data["link_sealed"],
        )
        queue(tx, self.tools, event, letter, Recipient.of(data["recipient"]), self._issuer(tx, data))

    @handles("quote_code_requested.v1")
    def mail_quote_code(self, tx: Tx, event: Event) -> None:
        letter = replace(self._quote_letter(event, "quote_code"), code_sealed=event.data["code_sealed"])
        queue(tx, self.tools, event, letter, Recipient.of(event.data["recipient"]), self._issuer(tx, event.data))

    @handles("quote_withdrawn.v1")
    def call_off_withdrawn(self, tx: Tx, event: Event) -> None:
        self._call_off(tx, event, OPEN_QUOTE_MAILS, calling_off.WITHDRAWN)

    @handles("quote_reopened.v1")
    def call_off_reopened(self, tx: Tx, event: Event) -> None:
        self._call_off(tx, event, OPEN_QUOTE_MAILS, calling_off.REOPENED)

    def _call_off(self, tx: Tx, event: Event, templates: Sequence[str], reason: str) -> None:
        calling_off.call_off(tx, templates, event.data["quote_id"], below=event.aggregate_version, reason=reason)

    def _quote_letter(self, event: Event, template: str) -> Letter:
        """A mail about a quote whose event carries no snapshot."""
        data = event.data
        language = data["language"]
        country = (data.get("issuer") or {}).get("country") or "CH"
        facts = {name: data.get(name) for name in ("number", "title", "valid_until")}
        facts["totals"] = {"total_minor": data.get("total_minor")}
        facts["customer"] = {"display_name": (data.get("recipient") or {}).get("name")}
        locale = document_locale(language, country)
        return Letter(
            template=template,
            record="quote",
            record_id=data["quote_id"],
            language=language,
            locale=locale,
            facts=facts_of({**facts, "language": language, "locale": locale, "currency": data["currency"]}),
            record_version=event.aggregate_version,
        )

    def _issuer(self, tx: Tx, data: Mapping[str, Any]) -> dict[str, Any]:
        """The business as the event names it, else as it is now."""
        given = {name: value for name, value in (data.get("issuer") or {}).items() if value}
        return {**replica.settings(tx, "business_profile"), **given}

    @handles("quote_accepted.v1")
    def make_accepted_quote(self, tx: Tx, event: Event) -> None:
        data = event.data
        document = self._produce(tx, event, "quote_accepted", data["quote_id"])
        self._call_off(tx, event, ("quote_expiring",), calling_off.ANSWERED)
        issuer = data["snapshot"]["issuer"]
        if (data.get("recipient") or {}).get("email"):
            letter = self._letter("quote_accepted_customer", "quote", data, document)
            queue(tx, self.tools, event, letter, Recipient.of(data["recipient"]), issuer)
        if issuer.get("email") and data.get("by") != "admin":
            facts = {"message": data.get("message"), "customer_name": data.get("name")}
            letter = self._letter("quote_accepted_admin", "quote", data, document, facts=facts)
            queue(tx, self.tools, event, letter, Recipient(issuer["email"]), issuer)

    @handles("quote_declined.v1")
    def tell_quote_declined(self, tx: Tx, event: Event) -> None:
        data = event.data
        self._call_off(tx, event, ("quote_expiring",), calling_off.ANSWERED)
        profile = replica.settings(tx, "business_profile")
        if data.get("by") == "admin" or not profile.get("email"):
            return  # the admin knows; or there is no address to tell
        language = profile.get("default_language") or "de"
        letter = Letter(
            template="quote_declined_admin",
            record="quote",
            record_id=data["quote_id"],
            language=language,
            locale=document_locale(language, profile.get("country") or "CH"),
            facts={
                "number": data.get("number"),
                "title": data.get("title"),
                "reason": data.get("reason"),
                "customer_name": data.get("name") or (data.get("recipient") or {}).get("name"),
            },
        )
        queue(tx, self.tools, event, letter, Recipient(profile["email"]), profile)

    @handles("contract_sent.v1")
    def make_contract(self, tx: Tx, event: Event) -> None:
        data = event.data
        document = self._produce(tx, event, "contract", data["contract_id"])
        for signer in data["signers"]:
            if not signer.get("link_sealed"):
                continue  # sequential signing: not this signer's turn yet
            letter = self._letter("contract_sent", "contract", data, document, CONTRACT_LINK, signer["link_sealed"])
            queue(tx, self.tools, event, letter, Recipient.of(signer), data["snapshot"]["issuer"])

    @handles("contract_reminded.v1")
    def remind_signer(self, tx: Tx, event: Event) -> None:
        data = event.data
        issuer = {**replica.settings(tx, "business_profile"), **(data.get("issuer") or {})}
        template = "contract_sent" if data.get("reason") == "your_turn" else "contract_signature_reminder"
        signer = data["signer"]
        facts = {"language": data["language"], "issuer": issuer, "kind": "contract", "currency": None}
        letter = Letter(
            template=template,
            record="contract",
            record_id=data["contract_id"],
            language=data["language"],
            locale=document_locale(data["language"], issuer.get("country") or "CH"),
            facts=facts_of({**facts, **{key: data.get(key) for key in ("number", "title", "valid_until")}}),
            attachments=self._latest(tx, data["contract_id"], "contract"),
            link_path=CONTRACT_LINK,
            link_sealed=signer["link_sealed"],
        )
        queue(tx, self.tools, event, letter, Recipient.of(signer), issuer)

    @handles("contract_countersigned.v1")
    def make_final_contract(self, tx: Tx, event: Event) -> None:
        self._produce(tx, event, "contract_final", event.data["contract_id"])

    @handles("contract_fully_signed.v1")
    def mail_final_contract(self, tx: Tx, event: Event) -> None:
        data = event.data
        profile = replica.settings(tx, "business_profile")
        letter = Letter(
            template="contract_fully_signed",
            record="contract",
            record_id=data["contract_id"],
            language=data["language"],
            locale=document_locale(data["language"], profile.get("country") or "CH"),
            facts={"number": data.get("number"), "integrity_hash": data.get("integrity_hash")},
            attachments=[UUID(data["document_id"])],
        )
        for recipient in data["recipients"]:
            queue(tx, self.tools, event, letter, Recipient.of(recipient), profile)

    @handles("invoice_issued.v1")
    def make_invoice(self, tx: Tx, event: Event) -> None:
        data = event.data
        document = self._produce(tx, event, "invoice", data["invoice_id"])
        letter = self._letter("invoice_sent", "invoice", data, document)
        queue(tx, self.tools, event, letter, Recipient.of(data["recipient"]), data["snapshot"]["issuer"])

    @handles("customer_invited.v1")
    def mail_invitation(self, tx: Tx, event: Event) -> None:
        data = event.data
        profile = replica.settings(tx, "business_profile")
        language = data.get("language") or profile.get("default_language") or "de"
        letter = Letter(
            template="customer_invitation",
            record="customer",
            record_id=data["customer_id"],
            language=language,
            locale=document_locale(language, profile.get("country") or "CH"),
            facts={},
            link_path=INVITATION_LINK,
            link_sealed=data["link_sealed"],
        )
        recipient = data.get("recipient") or {"email": data.get("email"), "name": data.get("display_name")}
        queue(tx, self.tools, event, letter, Recipient.of(recipient), profile)

    @handles("customer_link_requested.v1")
    def mail_customer_link(self, tx: Tx, event: Event) -> None:
        data = event.data
        template, path = CUSTOMER_LINKS[data["purpose"]]
        profile = replica.settings(tx, "business_profile")
        language = data.get("language") or profile.get("default_language") or "de"
        letter = Letter(
            template=template,
            record="customer",
            record_id=data["customer_id"],
            language=language,
            locale=document_locale(language, profile.get("country") or "CH"),
            facts={},
            link_path=path,
            link_sealed=data["link_sealed"],
        )
        queue(tx, self.tools, event, letter, Recipient.of(data["recipient"]), profile)

    def _produce(self, tx: Tx, event: Event, kind: str, record_id: str) -> UUID:
        snapshot = event.data["snapshot"]
        try:
            return produce.produce(tx, self.tools, event, kind, record_id, snapshot)
        except Refusal as refusal:
            produce.report_failure(self.db, event, kind, record_id, snapshot.get("number"), refusal)
            raise

    def _letter(
        self,
        template: str,
        record: str,
        data: Mapping[str, Any],
        document: UUID,
        link_path: str | None = None,
        link_sealed: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> Letter:
        """A mail about the snapshot in an event, with its document attached."""
        snapshot = data["snapshot"]
        return Letter(
            template=template,
            record=record,
            record_id=data[f"{record}_id"],
            language=data.get("language") or snapshot["language"],
            locale=locale_of(snapshot),
            facts={**facts_of(snapshot), **(facts or {})},
            attachments=[document],
            link_path=link_path,
            link_sealed=link_sealed,
        )

    def _latest(self, tx: Tx, record_id: str, kind: str) -> list[UUID]:
        rows = queries.document_list(tx, None, record_id)
        return [row["id"] for row in rows if row["kind"] == kind][:1]
