"""The review before a send: what is missing, and the hash that binds the send to what was reviewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from contracts.domain.canonical import sha256_of
from contracts.domain.errors import BusinessProfileIncomplete, CodeNotAvailable, ContractNotReady
from kontor.errors import FieldError

PROFILE_FIELDS = ("name", "street", "postcode", "town", "country", "email", "timezone")
CUSTOMER_FIELDS = ("email", "street", "postcode", "town", "country")


class Problem(NamedTuple):
    """One reason why the contract cannot be sent: a stable code, a sentence, the field concerned."""

    code: str
    message: str
    field: str

    def to_json(self) -> dict[str, str]:
        return self._asdict()


def refuse_problems(problems: Sequence[Problem]) -> None:
    """Raise `ContractNotReady` (or `BusinessProfileIncomplete`) naming every problem, if there is one."""
    if problems:
        errors = [FieldError(problem.field, problem.message) for problem in problems]
        codes = [problem.code for problem in problems]
        raise (BusinessProfileIncomplete if BusinessProfileIncomplete.code in codes else ContractNotReady)(
            errors, codes
        )


def review_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 over the content as it would be sent, before it has a number."""
    return sha256_of(dict(content) | {"number": None})


def problems_of(
    *,
    issuer: Mapping[str, Any],
    customer: Mapping[str, Any] | None,
    blocks: Sequence[tuple[str, Sequence[str]]],
    signers: int,
    valid_until: date | None,
    today: date,
    code_required: bool = False,
) -> list[Problem]:
    """Everything that stops the send.

    `blocks` are pairs of title and unresolved placeholders; `customer` is None when
    the record is unknown here.
    """
    found: list[Problem] = []
    missing = [name for name in PROFILE_FIELDS if not issuer.get(name)]
    if issuer.get("vat_registered") and not issuer.get("vat_id"):
        missing.append("vat_id")
    if missing:
        found.append(
            Problem(
                "BUSINESS_PROFILE_INCOMPLETE",
                f"The business profile is incomplete: {', '.join(missing)}.",
                "business_profile",
            )
        )
    if customer is None:
        found.append(Problem("CUSTOMER_UNKNOWN", "The customer of this contract does not exist.", "customer_id"))
    else:
        lacking = [name for name in CUSTOMER_FIELDS if not customer.get(name)]
        if lacking:
            found.append(Problem("CUSTOMER_INCOMPLETE", f"The customer lacks: {', '.join(lacking)}.", "customer_id"))
    if not blocks:
        found.append(Problem("NO_BLOCKS", "The contract has no text. Add at least one block.", "blocks"))
    for index, (title, unresolved) in enumerate(blocks):
        for name in unresolved:
            found.append(
                Problem(
                    "PLACEHOLDER_UNRESOLVED",
                    f"“{{{{{name}}}}}” in “{title}” has no value for this contract.",
                    f"blocks[{index}].body_markdown",
                )
            )
    if not signers:
        found.append(Problem("NO_SIGNERS", "Nobody is named who should sign.", "signers"))
    if valid_until is None:
        found.append(Problem("VALID_UNTIL_MISSING", "The last day to sign is not set.", "valid_until"))
    elif valid_until < today:
        found.append(Problem("VALID_UNTIL_PAST", "The last day to sign has passed.", "valid_until"))
    if code_required:
        code = CodeNotAvailable()
        found.append(Problem(code.code, code.detail, "code_required"))
    return found
