"""Alembic environment of the quotes service."""

from kontor.migrations import run_env
from quotes.adapters.tables import metadata

run_env(metadata)
