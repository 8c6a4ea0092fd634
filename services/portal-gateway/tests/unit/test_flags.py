"""The rules between feature flags, as the product specification has them."""

from itertools import product
from typing import Any

import pytest

from kontor.errors import Invalid
from portal_gateway.business.flags import FLAGS, ROADMAP, check, settle

ON = dict.fromkeys(FLAGS, True)


def test_everything_is_off_on_a_fresh_installation() -> None:
    assert not any(settle({}).values())


def test_without_clients_nothing_is_on() -> None:
    assert not any(settle({**ON, "clients": False}).values())


def test_without_quotes_there_are_no_bills() -> None:
    assert settle({**ON, "quotes": False})["bills"] is False


def test_bills_bring_accounting() -> None:
    flags = settle({"clients": True, "quotes": True, "bills": True, "accounting": False, "taxReport": True})
    assert (flags["accounting"], flags["taxReport"]) == (True, True)


def test_without_accounting_there_is_no_tax_report() -> None:
    flags = settle({"clients": True, "quotes": True, "bills": False, "accounting": False, "taxReport": True})
    assert flags["taxReport"] is False


def test_roadmap_flags_stay_off() -> None:
    assert {flag for flag, on in settle(ON).items() if not on} == set(ROADMAP)


def test_settling_twice_changes_nothing() -> None:
    names = ("clients", "quotes", "bills", "accounting", "taxReport", "calendar", "calendarBooking")
    for values in product((False, True), repeat=len(names)):
        once = settle(dict(zip(names, values, strict=True)))
        assert settle(once) == once


@pytest.mark.parametrize(
    ("changes", "field"), [({"bill": True}, "bill"), ({"bills": 1}, "bills"), ({"bills": "true"}, "bills")]
)
def test_unknown_keys_and_other_types_are_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check(changes)
    assert [error.field for error in refusal.value.errors] == [field]
