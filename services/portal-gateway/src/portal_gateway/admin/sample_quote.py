"""A believable quote to try a theme on: the studio's own profile around invented lines."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from kontor.locale import document_locale

_WORDS: dict[str, dict[str, str]] = {
    "de": {
        "studio": "Ihr Atelier",
        "title": "Hochzeit am See",
        "intro": "Liebe Frau Keller\n\nHerzlichen Dank für das schöne Gespräch. Gerne begleiten wir Ihren Tag.",
        "closing": "Freundliche Grüsse",
        "report": "**Reportage**\nVom Ankleiden bis zum ersten Tanz",
        "editing": "Bildbearbeitung",
        "small": "Album 20 Seiten",
        "large": "Album 40 Seiten",
        "album": "Album",
        "drone": "Drohnenaufnahmen",
        "hour": "Zusätzliche Stunde",
        "loyalty": "Treuerabatt",
        "deposit": "Anzahlung",
        "rest": "Rest",
    },
    "en": {
        "studio": "Your studio",
        "title": "A wedding by the lake",
        "intro": "Dear Ms Keller\n\nThank you for the pleasant talk. We would love to be there on your day.",
        "closing": "Kind regards",
        "report": "**Photo report**\nFrom getting dressed to the first dance",
        "editing": "Editing",
        "small": "Album, 20 pages",
        "large": "Album, 40 pages",
        "album": "Album",
        "drone": "Aerial shots",
        "hour": "Additional hour",
        "loyalty": "Loyalty discount",
        "deposit": "Deposit",
        "rest": "Balance",
    },
}
#: 8 × 180 + 12.5 × 120 + 350 + 180 = 3470.00; 5 % off = 3296.50; at 8.1 % VAT 267.02
_NET, _VAT, _DISCOUNT = 329650, 26702, 17350
_RATE = "8.1"


def sample_quote(profile: Mapping[str, Any], theme: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The snapshot of the sample in the studio's language and currency, with ``theme`` and the profile's logo."""
    language = profile.get("default_language") if profile.get("default_language") in _WORDS else "de"
    words = _WORDS[str(language)]
    country = str(profile.get("country") or "CH")
    groups = [{"vat_rate": _RATE, "vat_category": "standard", "net_minor": _NET, "vat_minor": _VAT}]
    whole = _NET + _VAT
    return {
        "template": 1,
        "kind": "quote",
        "number": f"Q-{today.year}-0042",
        "record_version": 1,
        "language": language,
        "locale": document_locale(str(language), country),
        "currency": profile.get("default_currency") or "CHF",
        "title": words["title"],
        "issue_date": today.isoformat(),
        "valid_until": (today + timedelta(days=30)).isoformat(),
        "issuer": {**profile, "name": profile.get("name") or words["studio"], "vat_registered": True},
        "customer": {
            "number": "C-1001",
            "first_name": "Anna",
            "last_name": "Keller",
            "street": "Seestrasse",
            "house_number": "5",
            "postcode": "8700",
            "town": "Küsnacht",
            "country": country,
        },
        "intro": words["intro"],
        "closing": words["closing"],
        "price_entry": "net",
        "vat_mode": "standard",
        "lines": [
            _line(1, words["report"], "8", "hour", 18000, 144000),
            _line(2, words["editing"], "12.5", "hour", 12000, 150000),
            _line(3, words["small"], "1", "piece", 20000, 20000, choice_group=words["album"], selected=False),
            _line(4, words["large"], "1", "piece", 35000, 35000, choice_group=words["album"]),
            _line(5, words["drone"], "1", "flat", 45000, 45000, optional=True, selected=False),
            _line(6, words["hour"], "1", "hour", 18000, 18000, optional=True),
            _line(7, words["loyalty"], "1", "flat", 0, -_DISCOUNT, kind="discount", discount_percent="5"),
        ],
        "totals": {"net_minor": _NET, "vat_minor": _VAT, "total_minor": whole, "vat_groups": groups},
        "payment": {"net_days": 30, "from": "issue", "skonto_percent": "2", "skonto_days": 10},
        "installments": [
            {"label": words["deposit"], "percent": "30", "trigger": "on_acceptance", "total_minor": whole * 3 // 10},
            {"label": words["rest"], "percent": "70", "trigger": "on_delivery", "total_minor": whole - whole * 3 // 10},
        ],
        "payment_slip": "none",
        "theme": dict(theme),
    }


def _line(position: int, text: str, quantity: str, unit: str, price: int, net: int, **more: Any) -> dict[str, Any]:
    return {
        "position": position,
        "kind": "item",
        "description": text,
        "quantity": quantity,
        "unit": unit,
        "unit_price_minor": price,
        "discount_percent": "0",
        "vat_rate": _RATE,
        "net_minor": net,
        "optional": False,
        "selected": True,
        "sub_lines": [],
        **more,
    }
