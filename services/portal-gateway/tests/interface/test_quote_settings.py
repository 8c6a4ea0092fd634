"""The settings page of quotes: what it shows, keeps and refuses."""

from typing import Any

import pytest

from portal_gateway.app import AREAS, create_app

PATH = "/admin/settings/quotes"
FORM = {
    "version": "1",
    "valid_days": "14",
    "net_days": "20",
    "price_entry": "gross",
    "expiring_days": "5",
    "correction_minutes": "30",
    "code_required": "on",
    "auto_convert": "on",
    "terms_text": "AGB <b>2026</b>",
    "terms_required": "on",
    "intro": "Guten Tag",
    "closing": "Bis bald",
}


@pytest.fixture
def pages(gateway: Any) -> Any:
    """A signed-in admin in front of every page."""
    gateway.app = create_app(gateway.kernel, AREAS)
    return gateway.signed_in()


def test_the_page_keeps_every_setting_and_tells_the_services(gateway: Any, pages: Any) -> None:
    assert pages.get(PATH).status_code == 200
    assert pages.post(PATH, data=FORM).status_code == 303
    told = [e["data"] for e in gateway.events("settings_changed.v1") if e["data"]["section"] == "quotes"][-1]["value"]
    numbers = {"valid_days": 14, "net_days": 20, "expiring_days": 5, "correction_minutes": 30}
    switches = {"code_required": True, "auto_convert": True, "terms_required": True}
    texts = {name: FORM[name] for name in ("price_entry", "terms_text", "intro", "closing")}
    assert told == numbers | switches | texts
    shown = pages.get(PATH).text
    assert "AGB &lt;b&gt;2026&lt;/b&gt;" in shown
    assert 'value="30"' in shown


@pytest.mark.parametrize(
    ("field", "value"), [("correction_minutes", "121"), ("correction_minutes", "bald"), ("expiring_days", "")]
)
def test_what_cannot_be_is_refused_with_what_was_typed(pages: Any, field: str, value: str) -> None:
    answer = pages.post(PATH, data=FORM | {field: value})
    assert answer.status_code == 422
    assert "Bis bald" in answer.text


def test_a_page_that_is_out_of_date_is_refused(pages: Any) -> None:
    pages.post(PATH, data=FORM)
    assert pages.post(PATH, data=FORM | {"closing": "Anders"}).status_code == 409
