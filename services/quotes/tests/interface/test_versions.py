"""The versions of a quote, and what changed between them."""

import pytest

from kontor.errors import Refused
from services.quotes.tests.studio import Studio
from tests.support.harness import ADMIN


@pytest.fixture
def twice_sent(studio: Studio):
    """Sent over 1515.00 net; then one line changed, one added, and sent again."""
    quote = studio.sent()
    lines = quote["lines"]
    lines[0]["quantity"] = "10"
    lines.append({"description": "Drohne", "unit_price_minor": 20000, "vat_rate": "8.1"})
    studio.rpc.update_quote(id=quote["id"], changes={"lines": lines, "valid_until": "2026-05-01"})
    return studio.rpc.send_quote(id=quote["id"])


def test_versions_tell_when_by_whom_and_for_how_much(studio, twice_sent):
    versions = studio.rpc.list_versions(id=twice_sent["id"])["items"]
    # 1200.00 + 200.00 at 8.1 %, 135.00 at 2.6 %: 1535.00 + 113.40 + 3.51
    assert [(one["version_no"], one["total_minor"], one["currency"]) for one in versions] == [
        (1, 163029, "CHF"),
        (2, 165191, "CHF"),
    ]
    assert [one["sent_by"]["name"] for one in versions] == [ADMIN["name"]] * 2
    assert versions[0]["sent_at"].startswith("2026-03-10T09:00")


def test_the_difference_is_told_line_by_line(studio, twice_sent):
    told = studio.rpc.compare_versions(id=twice_sent["id"], older=1, newer=2)
    assert [(c["what"], c["label"], c["kind"], c["before"], c["after"]) for c in told["changes"]] == [
        ("valid_until", "valid_until", "changed", "2026-04-09", "2026-05-01"),
        ("line", "Reportage", "changed", "11.5 hour", "10 hour"),
        ("line", "Drohne", "added", None, "1 piece"),
    ]
    assert (told["total_before_minor"], told["total_after_minor"], told["currency"]) == (163029, 165191, "CHF")
    assert studio.rpc.compare_versions(id=twice_sent["id"], older=2, newer=2)["changes"] == []


@pytest.mark.parametrize("older,newer", [(1, 3), (0, 1), (-1, 2)])
def test_a_version_that_never_went_out_is_not_found(studio, twice_sent, older, newer):
    with pytest.raises(Refused) as refusal:
        studio.rpc.compare_versions(id=twice_sent["id"], older=older, newer=newer)
    assert refusal.value.code == "NOT_FOUND"


def test_customers_see_the_versions_of_their_own_quotes_without_who_sent_them(studio, twice_sent):
    own = studio.harness.rpc_as({"kind": "customer", "id": studio.customer_id, "name": "Anna Keller"})
    assert [one["sent_by"] for one in own.list_versions(id=twice_sent["id"])["items"]] == [None, None]
    stranger = studio.harness.rpc_as({"kind": "customer", "id": "0198c000-0000-7000-8000-0000000000ff", "name": "X"})
    with pytest.raises(Refused):
        stranger.compare_versions(id=twice_sent["id"], older=1, newer=2)
