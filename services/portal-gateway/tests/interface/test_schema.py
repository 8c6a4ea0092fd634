"""The migrated database is the one the code describes, and starting twice seeds once."""

from typing import Any

from kontor import migrations
from portal_gateway.adapters.tables import metadata
from portal_gateway.business import seed


def test_models_and_migrations_agree(gateway: Any) -> None:
    assert migrations.drift(metadata, gateway.db) == []


def test_a_second_start_seeds_nothing(gateway: Any) -> None:
    before = gateway.count("outbox")
    with gateway.db.transaction() as tx:
        assert seed.seed(tx, {"KONTOR_BUSINESS_NAME": "Late"}) is False
    assert gateway.count("outbox") == before


def test_no_business_table_holds_a_floating_number() -> None:
    kinds = {str(column.type) for table in metadata.tables.values() for column in table.columns}
    assert not kinds & {"FLOAT", "NUMERIC", "REAL", "DOUBLE PRECISION"}
