"""Alembic environment of the contracts service."""

from contracts.adapters.tables import metadata
from kontor.migrations import run_env

run_env(metadata)
