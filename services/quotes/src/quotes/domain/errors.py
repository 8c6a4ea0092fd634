"""The mistakes one can make with a quote, each with its stable code."""

from collections.abc import Sequence

from kontor.errors import FieldError, Gone, Invalid, Refusal


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
