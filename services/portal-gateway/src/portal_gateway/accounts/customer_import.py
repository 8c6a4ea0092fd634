"""Bringing many customers in at once: first a look at what would happen, then all rows that are right.

One transaction, one import at a time: a file sent twice makes nothing twice, one cut short makes nothing at all.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from kontor.database import Tx
from kontor.ids import uuid7
from portal_gateway.accounts import customers
from portal_gateway.accounts.customer_csv import Row, Table, read
from portal_gateway.accounts.customer_fields import known_tags
from portal_gateway.adapters.tables import customer
from portal_gateway.web.request import Request


def run(
    request: Request,
    content: bytes | str,
    *,
    delimiter: str = "auto",
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = True,
) -> dict[str, Any]:
    """What becomes of every row: ``would_create`` or ``created``, ``duplicate`` (skipped), ``refused`` with errors.

    A row is a duplicate when a customer, or a row above it, has its e-mail address or its number. Raises `Invalid`
    when the file as a whole cannot be used.
    """
    with request.tx() as tx:
        defaults = customers.defaults(tx)
    table: Table = request.kernel.heavy(lambda: read(content, defaults, delimiter=delimiter, mapping=mapping))
    with request.tx() as tx:
        rows = _carry_out(tx, table.rows, dry_run=dry_run)
    return {
        "dry_run": dry_run,
        "delimiter": table.delimiter,
        "columns": [{"title": title, "field": name} for title, name in table.columns],
        "counts": dict(Counter(row["result"] for row in rows)),
        "rows": rows,
    }


def _carry_out(tx: Tx, rows: list[Row], *, dry_run: bool) -> list[dict[str, Any]]:
    if not dry_run:
        tx.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.customer.import'))")
    taken = _Taken(tx, rows)
    results, fresh = [], []
    for row in rows:
        result = {"line": row.line, "name": row.name, "email": row.email, "customer_id": None, "errors": []}
        if row.value is None:
            errors = [{"field": error.field, "message": error.message} for error in row.errors]
            results.append({**result, "result": "refused", "errors": errors})
            continue
        known = taken.by(row.value)
        if known:
            results.append({**result, "result": "duplicate", **known})
            continue
        taken.note(row)
        result["result"] = "would_create"
        fresh.append((result, row.value))
        results.append(result)
    if not dry_run:
        _create(tx, fresh)
    return results


class _Taken:
    """Addresses and numbers somebody has: customers, and rows seen so far."""

    def __init__(self, tx: Tx, rows: list[Row]) -> None:
        values = [row.value for row in rows if row.value]
        emails = sorted({value["email"].lower() for value in values})
        numbers = sorted({value["customer_number"] for value in values if value["customer_number"]})
        found = tx.execute(
            sa.select(customer.c.id, customer.c.customer_number, sa.func.lower(customer.c.email).label("email")).where(
                sa.or_(
                    sa.func.lower(customer.c.email) == sa.any_(sa.cast(emails, sa.ARRAY(sa.Text))),
                    customer.c.customer_number == sa.any_(sa.cast(numbers, sa.ARRAY(sa.Text))),
                )
            )
        ).all()
        self._emails: dict[str, dict[str, Any]] = {row.email: {"customer_id": str(row.id)} for row in found}
        self._numbers: dict[str, dict[str, Any]] = {row.customer_number: {"customer_id": str(row.id)} for row in found}

    def by(self, value: Mapping[str, Any]) -> dict[str, Any] | None:
        """Who has the address or the number: ``same`` names which, with a ``customer_id`` or an earlier ``line``."""
        if known := self._emails.get(value["email"].lower()):
            return {"same": "email", **known}
        if known := self._numbers.get(value["customer_number"]):
            return {"same": "customer_number", **known}
        return None

    def note(self, row: Row) -> None:
        assert row.value is not None
        self._emails[row.value["email"].lower()] = {"of_line": row.line}
        if row.value["customer_number"]:
            self._numbers[row.value["customer_number"]] = {"of_line": row.line}


def _create(tx: Tx, fresh: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    spelling = {one["tag"].casefold(): one["tag"] for one in reversed(known_tags(tx))}
    unnumbered = [value for _, value in fresh if not value["customer_number"]]
    for value, number in zip(unnumbered, customers.free_numbers(tx, len(unnumbered)), strict=True):
        value["customer_number"] = number
    values = {}
    for result, value in fresh:
        value["tags"] = [spelling.setdefault(tag.casefold(), tag) for tag in value["tags"]]
        id = uuid7()
        values[id] = value
        result |= {"result": "created", "customer_id": str(id)}
    made = customers.add(tx, values)
    for (result, _), id in zip(fresh, values, strict=True):
        if id not in made:
            # Somebody typed this number in while the file was being read.
            result |= {"result": "duplicate", "same": "customer_number", "customer_id": None}
