"""The viewer's language, and the gettext catalogues, read from their sources at start."""

import gettext
from importlib import resources
from io import BytesIO
from typing import TYPE_CHECKING

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from kontor.locale import document_locale

if TYPE_CHECKING:
    from portal_gateway.web.request import Request

SOURCE = "en"


class Languages:
    """English is the language of the sources; every ``i18n/<language>[.<area>].po`` adds to one."""

    def __init__(self) -> None:
        self.catalogues: dict[str, gettext.NullTranslations] = {SOURCE: gettext.NullTranslations()}
        folder = resources.files("portal_gateway") / "i18n"
        if folder.is_dir():
            for file in sorted(folder.iterdir(), key=lambda one: (one.name.count("."), one.name)):
                if file.name.endswith(".po"):
                    self._add(file.name.partition(".")[0], _catalogue(file.read_bytes()))
        self.catalogues.setdefault("de", gettext.NullTranslations())

    def _add(self, language: str, catalogue: gettext.GNUTranslations) -> None:
        """Later files (``de.portal.po``) add to the first one and overrule nothing in it."""
        first = self.catalogues.get(language)
        if first is None:
            self.catalogues[language] = catalogue
        else:
            first.add_fallback(catalogue)

    def of(self, request: "Request") -> str:
        """Cookie, else the person's own, else the browser's, else the business's."""
        wishes = [request.cookies.get("kontor_language", "")]
        if request.admin:
            wishes.append(request.admin.language)
        if request.customer:
            wishes.append(request.customer.language)
        wishes += [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
        wishes.append(request.business.get("default_language") or "de")
        return next((wish for wish in wishes if wish in self.catalogues), SOURCE)

    def locale_of(self, request: "Request") -> str:
        return document_locale(request.language, request.business.get("country") or "CH")

    def catalogue(self, language: str) -> gettext.NullTranslations:
        return self.catalogues.get(language) or self.catalogues[SOURCE]


def _catalogue(source: bytes) -> gettext.GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source)))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
