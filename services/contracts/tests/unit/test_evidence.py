"""The signing log's hash chain names what was done to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.domain.canonical import canonical, sha256_of
from contracts.domain.evidence import GENESIS, LogEntry, breaks, follow

START = datetime(2026, 3, 1, 9, 30, 15, 123456, tzinfo=UTC)


def chain(length: int = 5) -> list[LogEntry]:
    entries: list[LogEntry] = []
    for index in range(length):
        head = entries[-1].hash if entries else GENESIS
        at = START + timedelta(minutes=index)
        entries.append(follow(index, head, "viewed", at, {"kind": "link"}, {"n": index}))
    return entries


def kinds(entries: list[LogEntry], whole: list[LogEntry]) -> list[str]:
    return [one.kind for one in breaks(entries, len(whole), whole[-1].hash)]


def test_a_whole_chain_is_unbroken() -> None:
    whole = chain()
    assert breaks(whole, 5, whole[-1].hash) == []
    assert breaks([], 0, GENESIS) == []


@pytest.mark.parametrize("index", range(5))
def test_an_altered_entry_is_named(index: int) -> None:
    whole = chain()
    forged = list(whole)
    forged[index] = replace(whole[index], facts={"n": 99})
    found = breaks(forged, 5, whole[-1].hash)
    assert (found[0].kind, found[0].seq) == ("altered", index + 1)


@pytest.mark.parametrize("index", range(4))
def test_a_deleted_entry_is_missing(index: int) -> None:
    whole = chain()
    left = whole[:index] + whole[index + 1 :]
    found = breaks(left, 5, whole[-1].hash)
    assert (found[0].kind, found[0].seq) == ("missing", index + 1)


def test_a_cut_end_is_truncated() -> None:
    whole = chain()
    assert kinds(whole[:3], whole) == ["truncated"]
    assert kinds([], whole) == ["truncated"]


def test_swapped_places_are_reordered() -> None:
    whole = chain()
    swapped = list(whole)
    swapped[1], swapped[2] = replace(whole[2], seq=2), replace(whole[1], seq=3)
    assert kinds(swapped, whole) == ["reordered"]


def test_a_forged_entry_with_a_fitting_hash_does_not_fit_the_next() -> None:
    whole = chain()
    forged = list(whole)
    forged[2] = follow(2, whole[1].hash, "signed", START, {"kind": "link"}, {"n": 99})
    found = breaks(forged, 5, whole[-1].hash)
    assert [(one.kind, one.seq) for one in found] == [("altered", 4)]


def test_a_forged_last_entry_is_not_the_noted_one() -> None:
    whole = chain()
    forged = [*whole[:4], follow(4, whole[3].hash, "signed", START, {}, {})]
    assert kinds(forged, whole) == ["altered"]


def test_canonical_json_has_one_form_and_no_floats() -> None:
    assert canonical({"b": 1, "a": ["ü", None, True]}) == '{"a":["ü",null,true],"b":1}'
    assert sha256_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    with pytest.raises(TypeError):
        canonical({"a": [1.5]})
    with pytest.raises(TypeError):
        canonical({1: "a"})
