"""The months before today, as the demonstration plays them."""

from datetime import UTC, datetime, timedelta

from kontor_launcher.story.archive import Archive
from kontor_launcher.story.deal import set_up_studio
from kontor_launcher.story.offers import OFFERS
from tests.support.running import EmbeddedKontor


def test_the_demonstration_has_quotes_in_every_state_on_their_own_days(fresh_kontor: EmbeddedKontor) -> None:
    api = fresh_kontor.signed_in(patience=20)
    set_up_studio(api)
    heard: list[int] = []
    archive = Archive(api, lambda number, of, title: heard.append(number))
    assert not archive.is_there()
    archive.play()
    assert archive.is_there()
    assert archive.await_expiry(90) == 4
    assert heard == list(range(1, sum(len(offer.days_ago) for offer in OFFERS) + 1))
    page = api.get("quotes", limit=200)
    assert page["counts"] == {
        "draft": 4, "sent": 5, "accepted": 3, "declined": 3, "expired": 4, "converted": 6, "withdrawn": 3,
    }  # fmt: skip
    assert {item["currency"] for item in page["items"]} == {"CHF", "EUR"}
    assert {item["language"] for item in page["items"]} == {"de", "en"}
    ages = [datetime.now(UTC) - datetime.fromisoformat(item["created_at"]) for item in page["items"]]
    assert max(ages) > timedelta(days=160)
    assert min(ages) < timedelta(days=2)
    numbers = [item["number"] for item in api.get("quotes", limit=200, sort="number")["items"] if item["number"]]
    sent = {item["number"]: item["sent_at"] for item in page["items"]}
    assert [sent[number] for number in numbers] == sorted(sent[number] for number in numbers)
    assert len(api.get("bookings")["items"]) >= 5
    assert len(api.get("quote-templates")["items"]) == 2
