"""Facts of an invented deal, for previews and sample mails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from kontor.locale import format_date, format_money

from ..texts import catalogue
from .templates import Template

CODE = "402 915"
_SHA256 = "5a7f0c7d1d8e9b46a3e0c2f4b6d8091a2b3c4d5e6f708192a3b4c5d6e7f80912"
_NUMBERS = {"quote": "Q-2026-0042", "contract": "V-2026-0017", "invoice": "INV-2026-0063"}
_TITLES = {"de": "Hochzeit am See", "en": "Wedding by the lake"}
_MESSAGES = {
    "de": "Vielen Dank, wir freuen uns auf den Tag mit Ihnen.",
    "en": "Thank you, we are looking forward to the day with you.",
}
_REASONS = {"de": "Wir haben uns für ein kleineres Paket entschieden.", "en": "We have decided on a smaller package."}


def sample_facts(template: Template, language: str, locale: str, issuer: Mapping[str, object]) -> dict[str, str]:
    """A finished value for every placeholder of the template; the issuer is the real one where it is known."""
    texts = catalogue(language, locale)
    record = template.name.partition("_")[0]
    valid = "mail_contract_sent_valid" if record == "contract" else "mail_quote_sent_valid"
    admin = template.name.endswith("_admin")
    currency = "CHF" if locale in {"de-CH", "en"} else "EUR"
    facts = {
        "name": "" if admin else "Anna Meier",
        "issuer_name": str(issuer.get("name") or "Atelier Lindenhof"),
        "number": _NUMBERS.get(record, ""),
        "title": _TITLES[language],
        "total": format_money(323_780, currency, locale),
        "valid_until": texts[valid].format(date=format_date(date(2026, 6, 30), locale)),
        "due_date": texts["mail_invoice_sent_due"].format(date=format_date(date(2026, 7, 15), locale)),
        "customer_name": "Anna Meier",
        "message": _MESSAGES[language],
        "reason": _REASONS[language],
        "integrity_hash": _SHA256,
        "code": CODE,
    }
    return {name: facts[name] for name in template.placeholders}
