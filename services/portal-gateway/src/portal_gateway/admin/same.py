"""Whether a saved draft says what was sent: a create that was asked twice answers the first record, unchanged."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kontor.pricing import parse_lines


def says(saved: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    """The record holds these fields of the form. A default that stands where nothing was sent counts as different.

    Raises `Invalid` for lines that cannot be read.
    """
    return all(_equal(name, value, saved.get(name)) for name, value in fields.items())


def with_ids(fields: Mapping[str, Any], saved: Mapping[str, Any]) -> dict[str, Any]:
    """The fields for a change of ``saved``: lines and details sent without an id keep the one they were saved under."""
    if any(line.get("id") for line in fields["lines"]):
        return dict(fields)
    lines = _numbered(fields["lines"], saved["lines"])
    for line, known in zip(lines, saved["lines"], strict=False):
        if line.get("sub_lines"):
            line["sub_lines"] = _numbered(line["sub_lines"], known["sub_lines"])
    return {**fields, "lines": lines}


def _numbered(rows: list[dict[str, Any]], known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = [one["id"] for one in known[: len(rows)]]
    return [{**row, "id": id} for row, id in zip(rows, ids, strict=False)] + rows[len(ids) :]


def _equal(name: str, sent: Any, saved: Any) -> bool:
    if name == "lines":
        return _lines(sent) == _lines(saved)
    if name == "payment":
        sent = {"net_days": None, "from": "issue"} | sent
    if isinstance(sent, Mapping):
        return isinstance(saved, Mapping) and all(_equal(part, one, saved.get(part)) for part, one in sent.items())
    if isinstance(sent, list):
        together = list(zip(sent, saved or [], strict=False))
        return len(together) == len(sent) == len(saved or []) and all(_equal(name, *pair) for pair in together)
    if name.endswith("percent") and sent and saved:
        return Decimal(sent) == Decimal(saved)
    return bool(sent == saved) or {sent, saved} <= {None, ""}


def _lines(value: Any) -> list[dict[str, Any]]:
    found = [line.to_json() for line in parse_lines(value or [])]
    return [{**one, "id": None, "sub_lines": [{**sub, "id": None} for sub in one["sub_lines"]]} for one in found]
