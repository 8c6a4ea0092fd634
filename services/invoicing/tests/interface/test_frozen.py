"""The database itself refuses to alter what is issued; not only the code."""

from typing import Any

import psycopg
import pytest

FROZEN = [
    "number = 'X'",
    "number = NULL",
    "total_minor = total_minor + 1, net_minor = net_minor + 1",
    "issue_date = issue_date - 1",
    "due_date = due_date + 30",
    "reference = 'x'",
    "snapshot = '{}'",
    "recipient = '{}'",
    "title = 'x'",
    "intro = 'x'",
    "notes = 'x'",
    "customer_id = gen_random_uuid()",
    "customer_name = 'x'",
    "payment = '{}'",
    "vat_groups = '[]'",
    "deal_uuid = gen_random_uuid()",
    "kind = 'final'",
    "currency = 'EUR'",
    "created_at = now()",
    "series_seq = series_seq + 1000",
]


@pytest.fixture(scope="module")
def issued(studio: Any) -> str:
    return str(studio.sent()["id"])


@pytest.mark.parametrize("change", FROZEN)
def test_frozen_columns_cannot_be_updated(studio: Any, issued: str, change: str) -> None:
    with pytest.raises(psycopg.errors.RestrictViolation, match="is issued and cannot be changed"):
        studio.harness.sql(f"UPDATE invoice SET {change} WHERE id = %s", [issued])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM invoice WHERE id = %s",
        "UPDATE line SET net_minor = 1 WHERE invoice_id = %s",
        "UPDATE line SET content = '{}' WHERE invoice_id = %s",
        "DELETE FROM line WHERE invoice_id = %s",
        "INSERT INTO line SELECT invoice_id, id || 'x', 99, kind, vat_rate, net_minor, content FROM line"
        " WHERE invoice_id = %s AND position = 1",
        "UPDATE line SET invoice_id = %s WHERE invoice_id IN (SELECT id FROM invoice WHERE number IS NULL)",
    ],
)
def test_rows_and_lines_of_issued_invoices_stay(studio: Any, issued: str, statement: str) -> None:
    studio.draft()
    with pytest.raises(psycopg.errors.RestrictViolation, match="is issued"):
        studio.harness.sql(statement, [issued])


def test_the_ledger_is_append_only(studio: Any, issued: str) -> None:
    studio.pay(issued, 100)
    for statement in ("UPDATE payment SET amount_minor = 1", "DELETE FROM payment", "TRUNCATE payment"):
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            studio.harness.sql(statement)
    with pytest.raises(psycopg.errors.RestrictViolation, match="kept"):
        studio.harness.sql("TRUNCATE invoice CASCADE")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoice SET state = 'sent' WHERE id = %s",
        "UPDATE invoice SET number = 'X' WHERE id = %s",
        "UPDATE invoice SET total_minor = -1, net_minor = -1 - vat_minor WHERE id = %s",
        "UPDATE invoice SET total_minor = total_minor + 1 WHERE id = %s",
        "UPDATE invoice SET paid_minor = 1 WHERE id = %s",
        "UPDATE invoice SET kind = 'storno' WHERE id = %s",
    ],
)
def test_a_draft_that_could_not_be_is_refused_too(studio: Any, statement: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        studio.harness.sql(statement, [studio.draft()["id"]])


def test_models_and_database_agree(service_db: Any) -> None:
    from invoicing.adapters.tables import metadata
    from kontor.database import Database
    from kontor.migrations import drift

    database = Database(service_db("invoicing"), "invoicing")
    try:
        assert drift(metadata, database) == []
    finally:
        database.close()


def test_the_trigger_lets_the_columns_through_that_the_code_may_change(studio: Any, issued: str) -> None:
    from invoicing.adapters.tables import GENERATED, MUTABLE

    (row,) = studio.harness.sql("SELECT prosrc FROM pg_proc WHERE proname = 'invoice_is_frozen'")
    listed = row["prosrc"].split("ARRAY[")[1].split("]")[0]
    names = {name.strip().strip("'") for name in listed.split(",")}
    assert names == {*MUTABLE, *GENERATED}
