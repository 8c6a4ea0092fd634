"""Countries by name, in a language of the pages."""

from functools import cache

import pycountry
from babel import Locale

#: Where Kontor is at home; the others follow by name.
_FIRST = ("CH", "LI", "DE", "AT")


@cache
def _named(language: str) -> tuple[tuple[str, str], ...]:
    names = Locale(language).territories
    known = {one.alpha_2: str(names.get(one.alpha_2) or one.name) for one in pycountry.countries}
    rest = sorted((code for code in known if code not in _FIRST), key=lambda code: known[code].casefold())
    return tuple((code, known[code]) for code in (*_FIRST, *rest))


def countries(language: str) -> list[tuple[str, str]]:
    """Every country as code and name, the neighbours first."""
    return list(_named(language))


def country_name(language: str, code: str) -> str:
    return dict(_named(language)).get(code, code)
