"""Text catalogues: one TOML file per language, with overrides per locale.

``catalogue("de", "de-AT")`` reads ``de.toml`` and lays its ``["de-AT"]`` table over it. A new
language is a new file with the same keys; a test compares the key sets.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

LANGUAGES = ("de", "en")


@cache
def catalogue(language: str, locale: str) -> Mapping[str, str]:
    """The texts of a language for a locale; a language without catalogue reads English."""
    name = language if language in LANGUAGES else "en"
    tables = tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
    return MappingProxyType({**tables["texts"], **tables.get(locale, {})})
