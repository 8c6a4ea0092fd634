"""Lists as CSV: semicolons, UTF-8 with a byte order mark, ISO dates, plain decimals, sent while they are read."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from kontor.money import exponent
from portal_gateway.accounts.customer_csv import neutral
from portal_gateway.web.request import Request
from portal_gateway.web.response import Stream

ROWS_PER_CALL = 200

Fetch = Callable[..., Mapping[str, Any]]


class Column(NamedTuple):
    """A column: its header, the field (with dots for a field of a field), and what kind of value it is."""

    header: str
    field: str
    kind: str = "text"


def plain_amount(minor: int, currency: str) -> str:
    """``-120050`` in CHF is ``-1200.50``."""
    return f"{Decimal(minor).scaleb(-exponent(currency)):f}"


def lines(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def stream(
    request: Request,
    name: str,
    columns: Sequence[Column],
    headers: Sequence[str],
    fetch: Fetch,
    filters: Mapping[str, Any],
) -> Stream:
    """The answer with everything that matches. The first page is read before, so that refusals are still answers."""
    first = fetch(**filters, cursor=None, limit=ROWS_PER_CALL)
    zone = ZoneInfo(request.timezone)

    def body(page: Mapping[str, Any]) -> bytes:
        return lines([[_cell(column, item, zone) for column in columns] for item in page["items"]])

    async def chunks() -> AsyncIterator[bytes]:
        page = first
        yield b"\xef\xbb\xbf" + lines([headers]) + body(page)
        while cursor := page["next_cursor"]:
            page = await request.kernel.run(partial(fetch, **filters, cursor=cursor, limit=ROWS_PER_CALL))
            yield body(page)

    answer = Stream(chunks, "text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _cell(column: Column, item: Mapping[str, Any], zone: ZoneInfo) -> str:
    value: Any = item
    for part in column.field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return ""
    if column.kind == "amount":
        return plain_amount(value, str(item["currency"]))
    if column.kind == "moment":
        return datetime.fromisoformat(value).astimezone(zone).date().isoformat()
    return neutral(str(value))
