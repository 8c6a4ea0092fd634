"""The mistakes one can make with a quote, each with its stable code."""

from collections.abc import Mapping, Sequence
from typing import Any

from kontor.errors import FieldError, Gone, Invalid, Locked, Refusal


class TotalMismatch(Refusal):
    """The total the customer saw is not the total of what they selected; nothing is accepted."""

    code = "TOTAL_MISMATCH"

    def __init__(self, total_minor: int, currency: str) -> None:
        super().__init__(
            "The total has changed. Please look at the new total and accept again.",
            errors=[FieldError("total_minor", "This is not the total of the selection.")],
            total_minor=total_minor,
            currency=currency,
        )


class QuoteExpired(Gone):
    """``valid_until`` is over: the quote can still be read, not answered."""

    code = "QUOTE_EXPIRED"


class LinkDead(Gone):
    """The link was revoked: the quote was edited after it went out."""

    code = "LINK_GONE"


class SelectionInvalid(Invalid):
    """The chosen options are not what the quote offers; the fields are ``selection.<line id>``."""

    code = "SELECTION_INVALID"


class BusinessProfileIncomplete(Invalid):
    """The studio's own data is missing or still a placeholder, so nothing can be sent."""

    code = "BUSINESS_PROFILE_INCOMPLETE"

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(
            f"Please complete the business profile first: {', '.join(fields)}.",
            errors=[FieldError(f"business_profile.{name}", "Please fill in this field.") for name in fields],
            fields=list(fields),
        )


class BankAccountMissing(Invalid):
    """There is no bank account in the quote's currency to be paid on."""

    code = "BANK_ACCOUNT_MISSING"


class ExemptionReasonMissing(Invalid):
    """A line is exempt from VAT and nothing says why (EN 16931 BR-E-10, § 14 (4) no. 8 UStG)."""

    code = "EXEMPTION_REASON_MISSING"


class VatIdMissing(Invalid):
    """The customer owes the VAT and has no VAT id on record (EN 16931 BR-AE-2, § 14a (5) UStG)."""

    code = "VAT_ID_MISSING"


class CustomerUnknown(Invalid):
    """The quote names a customer that does not exist."""

    code = "CUSTOMER_UNKNOWN"


class CustomerFeatureDisabled(Refusal):
    """The customer's own toggle for this module is off."""

    code = "CUSTOMER_FEATURE_DISABLED"

    def __init__(self, toggle: str) -> None:
        super().__init__("This module is switched off for this customer.", feature=toggle)


class TermsNotAccepted(Invalid):
    """The installation asks for a tick under its terms of service."""

    code = "TERMS_NOT_ACCEPTED"


class BookingOverlaps(Refusal):
    """Other confirmed bookings are at the same time; ``conflicts`` names them. ``confirm_overlap`` says it is meant."""

    code = "BOOKING_OVERLAPS"

    def __init__(self, conflicts: Sequence[Mapping[str, Any]]) -> None:
        titles = ", ".join(f"“{conflict['title']}”" for conflict in conflicts[:3])
        super().__init__(
            f"At that time there is already: {titles}. Please confirm that both are meant.",
            errors=[FieldError("start", "Another confirmed booking is at the same time.")],
            conflicts=[dict(conflict) for conflict in conflicts],
        )


class ResourceTaken(Refusal):
    """Somebody else has the resource to themselves at that time, or would lose it; ``conflicts`` names them."""

    code = "RESOURCE_TAKEN"

    def __init__(self, resource: str, conflicts: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(
            "This resource is already taken at that time.",
            errors=[FieldError("resource", "This resource is already taken at that time.")],
            resource=resource,
            conflicts=[dict(conflict) for conflict in conflicts],
        )


class AnswerNotFinal(Refusal):
    """The customer may still turn the answer around; nothing is built on it before ``final_at``."""

    code = "ANSWER_NOT_FINAL"

    def __init__(self, final_at: str) -> None:
        super().__init__(
            "The customer can still change the answer. Please wait until the correction time is over.",
            final_at=final_at,
        )


class CodeRequired(Refusal):
    """The link alone shows nothing: the code mailed to the customer has to be typed first."""

    code = "CODE_REQUIRED"

    def __init__(self) -> None:
        super().__init__("Please enter the code that was mailed to you.")


class CodeNotNeeded(Refusal):
    """This quote was sent without asking for a code."""

    code = "CODE_NOT_NEEDED"

    def __init__(self) -> None:
        super().__init__("This quote can be read without a code.")


class CodeWrong(Invalid):
    """Not the code that was mailed; ``tries_left`` more can be wrong before it is locked."""

    code = "CODE_WRONG"

    def __init__(self, tries_left: int) -> None:
        message = "This is not the code that was mailed."
        super().__init__(message, errors=[FieldError("code", message)], tries_left=tries_left)


class CodeExpired(Invalid):
    """There is no code that could still be typed: it is too old, was used, or none was asked for."""

    code = "CODE_EXPIRED"

    def __init__(self) -> None:
        message = "This code is no longer valid. Please ask for a new one."
        super().__init__(message, errors=[FieldError("code", message)])


class CodeLocked(Locked):
    """Too many wrong tries of this code: the right one opens nothing any more, a new one is needed."""

    code = "CODE_LOCKED"

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many wrong codes. Please ask for a new one.", retry_after=retry_after)
