"""Registers the shared test infrastructure for every test of the repository."""

pytest_plugins = ["tests.support.plugin"]
