"""What the quotes service reads from the installation's settings, with the defaults of a fresh installation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kontor import replica
from kontor.database import Tx
from kontor.pricing import PriceEntry, VatMode

#: Wrong look-ups of quote links from one address before it is locked out, and the window they are counted in.
WRONG_LOOK_UPS, LOOK_UP_WINDOW_SECONDS = 20, 15 * 60

#: A code before the content: how long it can be typed, wrong tries before it is locked, the pause between two
#: requests, the most requests of one link in an hour, and how long the right code keeps the page open.
CODE_MINUTES, CODE_TRIES, CODE_PAUSE_SECONDS, CODES_PER_HOUR, SESSION_HOURS = 10, 5, 60, 5, 12

_REQUIRED_TO_SEND = ("name", "street", "postcode", "town", "country", "email")


@dataclass(frozen=True, slots=True)
class QuoteSettings:
    """The settings that concern quotes, as the service's replica holds them at this moment."""

    profile: Mapping[str, Any]
    number_pattern: str
    valid_days: int
    net_days: int
    price_entry: PriceEntry
    intro: str
    closing: str
    terms_text: str
    terms_required: bool
    correction_minutes: int = 0
    code_required: bool = False
    auto_convert: bool = False
    expiring_days: int = 3

    @property
    def timezone(self) -> str:
        """The business timezone: it decides every calendar date."""
        return str(self.profile.get("timezone") or "Europe/Zurich")

    @property
    def vat_mode(self) -> VatMode:
        """Who is not registered for VAT charges none (§ 19 UStG, § 6 (1) 27 UStG AT, art. 10 MWSTG)."""
        return "small_business" if self.profile.get("vat_registered") is False else "standard"

    def missing_in_profile(self) -> list[str]:
        """Fields of the business profile that are empty or still placeholders, and needed on a quote."""
        placeholders = set(self.profile.get("placeholders") or ())
        required = [*_REQUIRED_TO_SEND, *(["vat_id"] if self.profile.get("vat_registered") else [])]
        return [name for name in required if not self.profile.get(name) or name in placeholders]


def read(tx: Tx) -> QuoteSettings:
    """The settings now."""
    quotes = replica.settings(tx, "quotes")
    return QuoteSettings(
        profile=replica.settings(tx, "business_profile"),
        number_pattern=replica.settings(tx, "numbering").get("quote") or "Q-{YEAR}-{SEQ:04d}",
        valid_days=quotes.get("valid_days", 30),
        net_days=quotes.get("net_days", 30),
        price_entry="gross" if quotes.get("price_entry") == "gross" else "net",
        intro=str(quotes.get("intro") or ""),
        closing=str(quotes.get("closing") or ""),
        terms_text=str(quotes.get("terms_text") or ""),
        terms_required=bool(quotes.get("terms_required", False)),
        correction_minutes=int(quotes.get("correction_minutes") or 0),
        code_required=bool(quotes.get("code_required", False)),
        auto_convert=bool(quotes.get("auto_convert", False)),
        expiring_days=int(quotes.get("expiring_days", 3)),
    )
