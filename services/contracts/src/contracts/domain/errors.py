"""The mistakes one can make with a contract, one class each."""

from __future__ import annotations

from collections.abc import Sequence

from kontor.errors import FieldError, Gone, Invalid, NotFound, Refusal


class ContractChanged(Refusal):
    """What would be sent is no longer what was reviewed (409)."""

    code = "CONTRACT_CHANGED"

    def __init__(self, current_hash: str) -> None:
        super().__init__(
            "The contract is not what you reviewed any more. Review it again, then send it.",
            review_hash=current_hash,
        )


class ContractNotReady(Invalid):
    """The review found problems that stop the send (422); each is named with its field."""

    code = "CONTRACT_NOT_READY"

    def __init__(self, errors: Sequence[FieldError], codes: Sequence[str]) -> None:
        super().__init__(
            "The contract cannot be sent yet: " + " ".join(error.message for error in errors),
            errors=list(errors),
            problems=list(codes),
        )


class BusinessProfileIncomplete(ContractNotReady):
    """As `ContractNotReady`, and the business profile is among what is missing (422)."""

    code = "BUSINESS_PROFILE_INCOMPLETE"


class PlaceholderUnknown(Invalid):
    """A text uses a placeholder that is not on the published list (422)."""

    code = "PLACEHOLDER_UNKNOWN"


class CodeNotAvailable(Invalid):
    """Signing codes by mail are not part of this version (422)."""

    code = "CODE_NOT_AVAILABLE"

    def __init__(self) -> None:
        detail = "This version sends no signing codes; leave “code_required” off."
        super().__init__(detail, errors=[FieldError("code_required", detail)])


class SigningModeNotAvailable(Invalid):
    """Only drawn signatures are taken in this version (422)."""

    code = "SIGNING_MODE_NOT_AVAILABLE"

    def __init__(self, mode: str, field: str) -> None:
        detail = f"This version takes drawn signatures only; “{mode}” is not available."
        super().__init__(detail, errors=[FieldError(field, detail)])


class NotYourTurn(Refusal):
    """The signers sign one after the other, and somebody is before this one (409)."""

    code = "NOT_YOUR_TURN"

    def __init__(self, waiting_for: str) -> None:
        super().__init__(f"{waiting_for} signs first. We write to you when it is your turn.")


class SignatureRefused(Invalid):
    """The drawing is no usable signature (422)."""

    code = "SIGNATURE_REFUSED"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, errors=[FieldError("signature_png", detail)])


class ContentMismatch(Refusal):
    """The stored content no longer matches the hash it was sent with: signing stops (409)."""

    code = "CONTENT_MISMATCH"

    def __init__(self, contract_id: str, reason: str) -> None:
        super().__init__(
            "This contract cannot be signed at the moment: its content does not match what was sent. "
            "The studio has been told.",
        )
        self.contract_id = contract_id
        self.reason = reason


class LinkUnknown(NotFound):
    """No link has this token (404)."""

    def __init__(self) -> None:
        super().__init__("This link does not exist.")


class LinkClosed(Gone):
    """The link was revoked, or the time to sign is over (410)."""

    def __init__(self, detail: str, state: str) -> None:
        super().__init__(detail, state=state)


class CustomerUnknown(Invalid):
    """No such customer has been told to this service (422)."""

    code = "CUSTOMER_UNKNOWN"

    def __init__(self) -> None:
        detail = "There is no such customer."
        super().__init__(detail, errors=[FieldError("customer_id", detail)])


class CustomerFeatureDisabled(Refusal):
    """Contracts are switched off for this customer (409)."""

    code = "CUSTOMER_FEATURE_DISABLED"

    def __init__(self) -> None:
        super().__init__("Contracts are switched off for this customer.", feature="feature_contracts")


class SystemBlock(Refusal):
    """System blocks can be edited and deactivated, never deleted (409)."""

    code = "SYSTEM_BLOCK"

    def __init__(self) -> None:
        super().__init__("A system block cannot be deleted. Deactivate it instead.")
