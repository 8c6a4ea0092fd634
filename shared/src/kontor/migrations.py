"""Alembic per service: own scripts, own version table, own schema, run as the service's own role."""

from importlib import resources
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from kontor.database import Database

_VERSION_TABLE = "alembic_version"


def _config(package: str, connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files(package) / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(package: str, database: Database, revision: str = "head") -> None:
    """Bring the service's schema up to ``revision``. Safe to run by several processes at once."""
    with database.engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": f"migrate {package}"})
        connection.execute(sa.text("SET lock_timeout = '5s'"))
        connection.execute(sa.text("SET statement_timeout = '300s'"))
        connection.commit()
        try:
            command.upgrade(_config(package, connection), revision)
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(sa.text("SELECT pg_advisory_unlock(hashtext(:name))"), {"name": f"migrate {package}"})
            connection.execute(sa.text("RESET lock_timeout"))
            connection.execute(sa.text("RESET statement_timeout"))
            connection.commit()


def run_env(metadata: sa.MetaData) -> None:
    """The whole of a service's ``env.py``."""
    from alembic import context

    connection: sa.Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=_VERSION_TABLE,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def drift(metadata: sa.MetaData, database: Database) -> list[Any]:
    """The differences between the models and the migrated database; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": _VERSION_TABLE, "compare_type": True})
        return list(compare_metadata(context, metadata))
