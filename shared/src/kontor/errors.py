"""The vocabulary of refusals: one class per mistake, each with a stable code and the fields concerned.

A refusal is an answer, not a failure: it is never retried, never logged as an error, and leaves
nothing half done because the transaction it is raised in rolls back.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class FieldError(NamedTuple):
    """One field that must change before the request can succeed; ``field`` is a path such as ``lines[2].quantity``."""

    field: str
    message: str


class Refusal(Exception):
    """A request that must not be carried out, with a stable ``code`` and a sentence for a person."""

    code: str = "REFUSED"

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = [FieldError(*error) for error in errors]
        self.extra = extra

    def to_json(self) -> dict[str, Any]:
        """The refusal as it travels between processes; `Refused.from_json` reads it back."""
        return {
            "code": self.code,
            "detail": self.detail,
            "errors": [{"field": error.field, "message": error.message} for error in self.errors],
            "extra": self.extra,
        }


class Refused(Refusal):
    """A refusal raised in another service, with the code it was given there."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail, errors=errors, **dict(extra or {}))
        self.code = code

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Refused":
        errors = [FieldError(error["field"], error["message"]) for error in body.get("errors", ())]
        return cls(body["code"], body["detail"], errors=errors, extra=body.get("extra"))


class NotFound(Refusal):
    """There is no such record, or it belongs to somebody else: the answer does not tell which."""

    code = "NOT_FOUND"


class Invalid(Refusal):
    """A value that cannot be accepted; ``errors`` names each field."""

    code = "INVALID"

    @classmethod
    def field(cls, field: str, message: str) -> "Invalid":
        """The common case: one field, one sentence that serves as the detail too."""
        return cls(message, errors=[FieldError(field, message)])


class InvalidTransition(Refusal):
    """The verb is not possible in the record's present state; ``target`` is the state it would have led to."""

    code = "INVALID_TRANSITION"

    def __init__(self, state: str, verb: str, detail: str | None = None, *, target: str | None = None) -> None:
        super().__init__(detail or f"“{verb}” is not possible while the state is “{state}”.", state=state, verb=verb)
        if target is not None:
            self.extra["target"] = target


class StaleVersion(Refusal):
    """Somebody saved a newer version since the caller read the record."""

    code = "STALE_VERSION"

    def __init__(self, given: int, current: int) -> None:
        super().__init__(
            f"The record was changed meanwhile: you edited version {given}, the current one is {current}.",
            given=given,
            current=current,
        )


class Gone(Refusal):
    """The thing existed and is over: an expired or revoked link."""

    code = "GONE"


class Locked(Refusal):
    """Too many wrong tries; ``extra["retry_after"]`` is in seconds."""

    code = "TOO_MANY_ATTEMPTS"


class FeatureDisabled(Refusal):
    """The module is switched off on this installation."""

    code = "FEATURE_DISABLED"

    def __init__(self, flag: str) -> None:
        super().__init__(f"The feature “{flag}” is switched off.", flag=flag)


class ServiceUnavailable(Refusal):
    """A service that is needed for this does not answer; ``extra["retry_after"]`` is in seconds."""

    code = "SERVICE_UNAVAILABLE"

    def __init__(self, service: str, *, retry_after: int = 5) -> None:
        super().__init__(
            f"The service “{service}” does not answer at the moment. Please try again in a few seconds.",
            service=service,
            retry_after=retry_after,
        )
