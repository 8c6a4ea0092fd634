"""A contract as its signer sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from portal_gateway.public.clauses import to_html
from portal_gateway.public.wording import Wording


@dataclass(frozen=True)
class Section:
    title: str
    html: Markup


@dataclass(frozen=True)
class ContractView:
    """What the templates read; see `contract_view`."""

    id: str
    number: str
    title: str
    state: str
    language: str
    customer_name: str
    valid_until: str | None
    time_left: str
    sections: list[Section]
    consents: list[dict[str, Any]]
    signer_name: str
    signer_email: str
    signed_at: str | None
    can_sign: bool
    waiting_text: str
    declined_at: str | None
    decline_reason: str
    document_id: str | None
    final_document_id: str | None

    @property
    def has_pdf(self) -> bool:
        return self.document_id is not None

    @property
    def has_final(self) -> bool:
        return self.final_document_id is not None

    @property
    def is_open(self) -> bool:
        """The signer may still answer, now or when the turn comes."""
        return self.state == "sent" and self.signed_at is None


def contract_view(wording: Wording, found: Mapping[str, Any]) -> ContractView:
    """Shape the answer of ``public_contract`` for the page."""
    contract, signer = found["contract"], found["signer"]
    before = found.get("waiting_for") or ""
    _ = wording.gettext
    return ContractView(
        id=contract["id"],
        number=contract.get("number") or "",
        title=contract.get("title") or _("Contract"),
        state=found["state"],
        language=contract["language"],
        customer_name=(contract.get("customer") or {}).get("display_name") or signer["name"],
        valid_until=contract.get("valid_until"),
        time_left=wording.time_left(contract.get("valid_until")),
        sections=[
            Section(block["title"], to_html(block.get("body_resolved") or block.get("body_markdown") or ""))
            for block in contract["blocks"]
        ],
        consents=list(contract.get("consents") or []),
        signer_name=signer["name"],
        signer_email=signer["email"],
        signed_at=signer.get("signed_at"),
        can_sign="sign" in (found.get("allowed") or []),
        waiting_text=_("%(name)s signs first. We write to you when it is your turn.", name=before)
        if before
        else _("Somebody else signs first. We write to you when it is your turn."),
        declined_at=contract.get("declined_at"),
        decline_reason=contract.get("decline_reason") or "",
        document_id=found.get("document_id"),
        final_document_id=found.get("final_document_id"),
    )
