"""What the studio has set about contracts, read from this service's copy of the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kontor import replica
from kontor.database import Tx

DEFAULT_PATTERN = "K-{YEAR}-{SEQ:04d}"

EXPIRE_SECONDS = 60
REMIND_SECONDS = 300
TIDY_SECONDS = 3600


@dataclass(frozen=True)
class ContractSettings:
    """Settings → Contracts and Document numbering; the defaults hold until the studio saves its own."""

    valid_days: int = 30
    reminder_days: tuple[int, ...] = (3, 7)
    record_ip: bool = True
    code_required: bool = False
    signing_order: str = "parallel"
    number_pattern: str = DEFAULT_PATTERN


def contract_settings(tx: Tx) -> ContractSettings:
    own = replica.settings(tx, "contracts")
    defaults = ContractSettings()
    return ContractSettings(
        valid_days=int(own.get("valid_days", defaults.valid_days)),
        reminder_days=tuple(int(day) for day in own.get("reminder_days", defaults.reminder_days)),
        record_ip=bool(own.get("record_ip", defaults.record_ip)),
        code_required=bool(own.get("code_required", defaults.code_required)),
        signing_order=str(own.get("signing_order", defaults.signing_order)),
        number_pattern=str(replica.settings(tx, "numbering").get("contract") or defaults.number_pattern),
    )


def timezone(issuer: dict[str, Any]) -> str:
    """The business timezone; before a profile is known, the one most of our users live in."""
    return str(issuer.get("timezone") or "Europe/Zurich")
