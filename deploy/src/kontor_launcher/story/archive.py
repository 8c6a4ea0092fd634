"""The months before today: customers, quotes and what became of them, played through HTTP under a moved clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kontor_launcher.story.api import Api, until
from kontor_launcher.story.clients import CUSTOMERS
from kontor_launcher.story.offers import OFFERS, Offer, item

Record = dict[str, Any]

EURO_ACCOUNT: Record = {
    "holder": "Atelier Lindenhof GmbH",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
    "currency": "EUR",
    "is_default": True,
    "reference_type": "SCOR",
    "qr_bill_enabled": False,
}
PRESETS: tuple[tuple[str, Record], ...] = (
    ("Reportage, Stunde", item("Reportage", "1", "hour", 19500)),
    ("Bildbearbeitung, Stunde", item("Bildbearbeitung", "1", "hour", 9500)),
    ("Anfahrt, Kilometer", item("Anfahrt", "1", "km", 70)),
    ("Fotobuch", item("Fotobuch, gedruckt und gebunden", "1", "piece", 14950, "2.6")),
)
TEMPLATES = (("Hochzeit", "Hochzeit Anna und Simon"), ("Portraits of a team", "Portraits of the partners"))
BOOKINGS: tuple[Record, ...] = (
    {"title": "Studio: Umbau", "type": "Intern", "first": 6, "last": 7, "all_day": True, "status": "confirmed"},
    {"title": "Besichtigung Schloss Rapperswil", "type": "Besichtigung", "first": 9, "status": "tentative"},
    {"title": "Reportage Weihnachtsmarkt", "type": "Reportage", "first": 14, "last": 16, "all_day": True},
)


@dataclass(frozen=True)
class _Step:
    days_ago: int
    offer: Offer
    act: Callable[["Archive", Offer], None]


class Archive:
    """Plays the past. ``told`` hears of every step: its number, how many there are, and what it is about."""

    def __init__(self, api: Api, told: Callable[[int, int, str], None] = lambda *_: None) -> None:
        self._api, self._told = api, told
        self._customers: dict[str, str] = {}
        self._quotes: dict[str, str] = {}
        self._now = datetime.now(UTC)

    def is_there(self) -> bool:
        """Whether this installation has been given its past already."""
        address = CUSTOMERS["brandt"]["email"]
        return bool(self._api.get("customers", q=address)["items"])

    def play(self) -> dict[str, int]:
        """Play everything, oldest first, and return to the present; the number of quotes per state."""
        steps = sorted(_steps(), key=lambda step: -step.days_ago)
        try:
            self._set_clock(days_ago=steps[0].days_ago + 1, minute=0)
            self._prepare()
            for number, step in enumerate(steps, 1):
                self._set_clock(days_ago=step.days_ago, minute=number)
                self._told(number, len(steps), step.offer.title)
                step.act(self, step.offer)
        finally:
            self._api.put("developer/clock", {"now": None})
        self._library()
        counts: dict[str, int] = self._api.get("quotes", limit=1)["counts"]
        return counts

    def await_expiry(self, seconds: float = 60) -> int:
        """Wait until what has run out says so; the number of expired quotes."""
        wanted = sum(offer.outcome == "expired" for offer in OFFERS)

        def expired() -> int:
            count: int = self._api.get("quotes", limit=1)["counts"]["expired"]
            return count if count >= wanted else 0

        return until(expired, "quotes have run out", seconds, every=0.5)

    # -- steps --------------------------------------------------------------------------------

    def _set_clock(self, *, days_ago: int, minute: int) -> None:
        """That day, in the order of the steps: never back, so that what waits for a moment meets it."""
        moment = self._now - timedelta(days=days_ago, hours=2) + timedelta(minutes=minute)
        self._api.put("developer/clock", {"now": moment.isoformat()})

    def _prepare(self) -> None:
        accounts = self._api.get("bank-accounts")["items"]
        if not any(account["currency"] == "EUR" for account in accounts):
            self._api.post("bank-accounts", EURO_ACCOUNT)
        for name, fields in CUSTOMERS.items():
            self._customers[name] = self._api.post("customers", fields)["id"]

    def draft(self, offer: Offer) -> None:
        customer = CUSTOMERS[offer.customer]
        sent_days_ago = offer.days_ago[1] if len(offer.days_ago) > 1 else offer.days_ago[0]
        valid_until = self._now - timedelta(days=sent_days_ago - offer.valid_days)
        body = {
            "customer_id": self._customers[offer.customer],
            "title": offer.title,
            "currency": customer["currency"],
            "language": customer["language"],
            "lines": list(offer.lines),
            "valid_until": valid_until.date().isoformat(),
            "intro": offer.intro,
            "closing": offer.closing,
            "payment": {"net_days": 30, "from": "issue"},
            "installments": list(offer.installments),
        }
        if offer.event:
            body["event"] = self._event(offer.event)
        self._quotes[offer.title] = self._api.post("quotes", body)["id"]

    def send(self, offer: Offer) -> None:
        self._api.post(f"{self._path(offer)}/send")

    def accept(self, offer: Offer) -> None:
        quote = self._api.get(self._path(offer))
        customer = CUSTOMERS[offer.customer]
        name = f"{customer['first_name']} {customer['last_name']}"
        preselected = {
            line["id"]: line["quantity"]
            for line in quote["lines"]
            if line["selected"] and (line["optional"] or line["choice_group"])
        }
        body = {
            "name": name,
            "message": offer.words,
            "total_minor": quote["total_minor"],
            "selection": preselected,
        }
        self._api.post(f"{self._path(offer)}/accept", body)

    def decline(self, offer: Offer) -> None:
        self._api.post(f"{self._path(offer)}/decline", {"reason": offer.words})

    def withdraw(self, offer: Offer) -> None:
        self._api.post(f"{self._path(offer)}/withdraw")

    def convert(self, offer: Offer) -> None:
        body = {"contract": False, "invoice": True, "booking": offer.event is not None}
        self._api.post(f"{self._path(offer)}/convert", body)

    def _path(self, offer: Offer) -> str:
        return f"quotes/{self._quotes[offer.title]}"

    def _event(self, event: Record) -> Record:
        first = (self._now + timedelta(days=event["start"])).date()
        told = {name: event[name] for name in ("title", "type", "location")}
        if "days" in event:
            last = first + timedelta(days=event["days"] - 1)
            return told | {"start": first.isoformat(), "end": last.isoformat(), "all_day": True}
        end = 10 + event["hours"]
        return told | {"start": f"{first}T10:00", "end": f"{first}T{end:02}:00", "all_day": False}

    def _library(self) -> None:
        """Presets, templates and a few dates ahead."""
        for name, line in PRESETS:
            self._api.post("line-item-presets", {"name": name, "currency": "CHF"} | line)
        for name, title in TEMPLATES:
            self._api.post("quote-templates", {"name": name, "quote_id": self._quotes[title]})
        for booking in BOOKINGS:
            body = dict(booking)
            first = (self._now + timedelta(days=body.pop("first"))).date()
            last = (self._now + timedelta(days=body.pop("last", 0))).date()
            whole = body.get("all_day", False)
            times = (
                {"start": f"{first}", "end": f"{last}"}
                if whole
                else {"start": f"{first}T14:00", "end": f"{first}T16:00"}
            )
            self._api.post("bookings", {"all_day": whole, "confirm_overlap": True} | body | times)


_VERBS: dict[str, tuple[Callable[[Archive, Offer], None], ...]] = {
    "draft": (),
    "sent": (Archive.send,),
    "expired": (Archive.send,),
    "accepted": (Archive.send, Archive.accept),
    "converted": (Archive.send, Archive.accept, Archive.convert),
    "declined": (Archive.send, Archive.decline),
    "withdrawn": (Archive.send, Archive.withdraw),
}


def _steps() -> Iterator[_Step]:
    for offer in OFFERS:
        for days_ago, act in zip(offer.days_ago, (Archive.draft, *_VERBS[offer.outcome]), strict=True):
            yield _Step(days_ago, offer, act)
