"""What a refusal looks like from outside: one table from code to HTTP status, and RFC 9457 bodies."""

from dataclasses import dataclass, field
from typing import Any

from kontor.errors import FieldError, Refusal

#: The only place where a code becomes an HTTP status. A code that is missing here answers 422 and fails a test.
STATUS: dict[str, int] = {
    # the request itself
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "REQUEST_TIMEOUT": 408,
    "BODY_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "MALFORMED_JSON": 400,
    "INVALID": 422,
    "UNKNOWN_FIELD": 422,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "REQUEST_IN_PROGRESS": 409,
    # who asks
    "UNAUTHENTICATED": 401,
    "SIGN_IN_REFUSED": 401,
    "FORBIDDEN": 403,
    "CSRF": 403,
    "FEATURE_DISABLED": 403,
    "TOO_MANY_ATTEMPTS": 429,
    # records and their states
    "INVALID_TRANSITION": 409,
    "STALE_VERSION": 409,
    "CONFLICT": 409,
    "GONE": 410,
    "LINK_GONE": 410,
    "MONEY_RANGE": 422,
    "CURRENCY_MISMATCH": 422,
    "TOTAL_NEGATIVE": 422,
    "PERCENTAGES_NOT_100": 422,
    "REFUSED": 422,
    "SEAL_BROKEN": 422,
    # accounts, customers, settings
    "EMAIL_IN_USE": 409,
    "CUSTOMER_FEATURE_DISABLED": 409,
    "CUSTOMER_DEACTIVATED": 409,
    "PASSWORD_WEAK": 422,
    "LAST_SUPER_ADMIN": 409,
    "SET_UP_DONE": 409,
    "TOTAL_MISMATCH": 409,
    "CONTRACT_CHANGED": 409,
    "NOT_YOUR_TURN": 409,
    "BUSINESS_PROFILE_INCOMPLETE": 422,
    "BANK_ACCOUNT_MISSING": 422,
    "QRBILL_INVALID": 422,
    # quotes
    "QUOTE_EXPIRED": 410,
    "ANSWER_NOT_FINAL": 409,
    "CODE_REQUIRED": 403,
    "CODE_NOT_NEEDED": 409,
    "CODE_WRONG": 422,
    "CODE_EXPIRED": 422,
    "CODE_LOCKED": 429,
    "SELECTION_INVALID": 422,
    "TERMS_NOT_ACCEPTED": 422,
    "CUSTOMER_UNKNOWN": 422,
    "RECIPIENT_MISSING": 422,
    # bookings
    "BOOKING_OVERLAPS": 409,
    "RESOURCE_TAKEN": 409,
    # contracts
    "CONTRACT_NOT_READY": 422,
    "PLACEHOLDER_UNKNOWN": 422,
    "HTML_NOT_ALLOWED": 422,
    "CODE_NOT_AVAILABLE": 422,
    "SIGNING_MODE_NOT_AVAILABLE": 422,
    "SIGNATURE_REFUSED": 422,
    "CONTENT_MISMATCH": 409,
    "SYSTEM_BLOCK": 409,
    # invoicing
    "CUSTOMER_INCOMPLETE": 422,
    "INSTALLMENT_FIXED": 409,
    "ISSUE_DATE_BEFORE_LAST": 409,
    "PAYMENT_ID_REUSED": 422,
    "FACTS_CHANGED": 409,
    # documents
    "SNAPSHOT_INCOMPLETE": 422,
    "DOCUMENT_KIND_UNKNOWN": 422,
    "FONT_MISSING": 503,
    "RENDERING_FAILED": 503,
    "STORAGE_UNAVAILABLE": 503,
    "STORED_FILE_MISSING": 503,
    "STORED_FILE_CHANGED": 503,
    "STORED_FILE_CONFLICT": 409,
    "PAGE_OUT_OF_RANGE": 404,
    "ATTACHMENT_INVALID": 422,
    "TOO_LARGE": 413,
    # money and the runtime
    "CURRENCY_UNKNOWN": 422,
    "NUMBER_FORMAT_INVALID": 422,
    "DEADLINE_PASSED": 503,
    # the installation
    "SERVICE_UNAVAILABLE": 503,
    "INTERNAL": 500,
}

TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timed out",
    409: "Conflict",
    410: "Gone",
    413: "Too large",
    415: "Unsupported media type",
    422: "Not accepted",
    429: "Too many attempts",
    500: "Internal error",
    503: "Temporarily unavailable",
}


class Unauthenticated(Refusal):
    """Nobody is signed in, or the session or token is over."""

    code = "UNAUTHENTICATED"


class Forbidden(Refusal):
    """Signed in, but the role or the token's scopes do not allow it; ``extra["permission"]`` is what is missing."""

    code = "FORBIDDEN"


class CsrfMissing(Refusal):
    """An unsafe request that carries a cookie but not the token that proves it came from our own page."""

    code = "CSRF"

    def __init__(self) -> None:
        super().__init__("This form has expired or did not come from this site. Reload the page and try again.")


class BodyTooLarge(Refusal):
    code = "BODY_TOO_LARGE"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request is larger than the {limit} bytes accepted here.", limit=limit)


class RequestTimeout(Refusal):
    code = "REQUEST_TIMEOUT"

    def __init__(self) -> None:
        super().__init__("The request did not arrive completely in time.")


class UnsupportedMediaType(Refusal):
    code = "UNSUPPORTED_MEDIA_TYPE"


class MalformedJson(Refusal):
    code = "MALFORMED_JSON"


class UnknownField(Refusal):
    """The body names a field the resource does not have."""

    code = "UNKNOWN_FIELD"


class MethodNotAllowed(Refusal):
    code = "METHOD_NOT_ALLOWED"

    def __init__(self, allowed: list[str]) -> None:
        super().__init__("This address does not know that method.", allowed=allowed)


@dataclass(frozen=True)
class Problem:
    """A refusal on its way out. ``of("lines[2].quantity")`` is the sentence beside that field, or empty."""

    status: int
    code: str
    detail: str
    errors: list[FieldError] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return TITLES.get(self.status, "Problem")

    @property
    def retry_after(self) -> int | None:
        value = self.extra.get("retry_after")
        return int(value) if value is not None else None

    def of(self, field_name: str) -> str:
        return next((error.message for error in self.errors if error.field == field_name), "")

    def to_json(self, *, instance: str | None = None) -> dict[str, Any]:
        """The body of RFC 9457, with our ``code`` and ``errors`` and the facts of the refusal beside them."""
        body: dict[str, Any] = dict(self.extra)
        body.update(
            type="about:blank",
            title=self.title,
            status=self.status,
            code=self.code,
            detail=self.detail,
            errors=[{"field": error.field, "message": error.message} for error in self.errors],
        )
        if instance:
            body["instance"] = instance
        return body


def problem_of(refusal: Refusal) -> Problem:
    """The refusal with its HTTP status."""
    return Problem(
        status=STATUS.get(refusal.code, 422),
        code=refusal.code,
        detail=refusal.detail,
        errors=list(refusal.errors),
        extra=dict(refusal.extra),
    )
