"""A day is a day: wherever the server stands, no save moves it."""

from collections.abc import Callable

import pytest

from services.quotes.tests.studio import Studio
from tests.support.harness import ServiceHarness

# Half past one in Zurich on the day summer time begins; still the 28th in UTC and in Honolulu.
NIGHT = "2026-03-29T00:30:00+00:00"
WEEKEND = {"title": "", "type": "", "start": "2026-03-28", "end": "2026-03-29", "all_day": True, "location": ""}


@pytest.fixture(scope="module", params=["Europe/Zurich", "UTC", "Pacific/Honolulu"])
def studio(module_harness: Callable[..., ServiceHarness], request: pytest.FixtureRequest) -> Studio:
    """A studio in Zurich whose server's clock shows another zone."""
    return Studio(module_harness("quotes", environment={"TZ": request.param}))


def test_a_day_is_the_same_after_ten_saves(studio: Studio) -> None:
    studio.harness.clock.set(NIGHT)
    quote = studio.draft(
        valid_until="2026-10-25",
        event=WEEKEND,
        installments=[{"label": "Rate", "percent": "100", "trigger": "scheduled", "date": "2028-02-29"}],
    )
    for number in range(10):
        read = studio.rpc.get_quote(id=quote["id"])
        again = {name: read[name] for name in ("valid_until", "event", "installments", "lines", "payment")}
        quote = studio.rpc.update_quote(id=quote["id"], changes=again | {"notes": f"Fassung {number}"})
        assert quote["version"] == number + 2
    assert (quote["valid_until"], quote["event"], quote["installments"][0]["date"]) == (
        "2026-10-25",
        WEEKEND,
        "2028-02-29",
    )
    sent = studio.rpc.send_quote(id=quote["id"])
    assert sent["issue_date"] == "2026-03-29"
    frozen = studio.rpc.version_snapshot(id=quote["id"], version_no=1)
    assert (frozen["valid_until"], frozen["issue_date"]) == ("2026-10-25", "2026-03-29")
    # 30 days from the 29th in Zurich
    assert studio.draft()["valid_until"] == "2026-04-28"


def test_a_quote_may_be_accepted_until_midnight_at_the_studio(studio: Studio) -> None:
    # summer time ends on 25 October: midnight in Zurich is 22:00 UTC before it, 23:00 after it
    for day, last, over in (
        ("2026-10-24", "2026-10-24T21:59:00+00:00", "2026-10-24T22:01:00+00:00"),
        ("2026-10-25", "2026-10-25T22:59:00+00:00", "2026-10-25T23:01:00+00:00"),
    ):
        studio.harness.clock.set("2026-10-20T09:00:00+00:00")
        in_time, late = studio.sent(valid_until=day), studio.sent(valid_until=day)
        studio.harness.clock.set(last)
        assert studio.rpc.accept_quote(id=in_time["id"], name="Anna Keller")["state"] == "accepted"
        studio.harness.clock.set(over)
        assert "accept" not in studio.rpc.get_quote(id=late["id"])["allowed"]
