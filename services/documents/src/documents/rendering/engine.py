"""Snapshot in, PDF/A-3u out. Same snapshot and same template version: same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import jinja2
from weasyprint.text.ffi import harfbuzz_subset

from swissqrbill import layout
from swissqrbill.slip import Mark

from .errors import RenderingFailed
from .fonts import SLIP_FAMILY, font_set, slip_measure
from .markup import AssetFetcher, XhtmlDocument, printable, user_agent_sheet
from .painter import over, slip, under, watermark
from .result import Rendered
from .slip_bill import bill_of
from .theme import CompiledTheme, Theme
from .view import view

MOST_ROWS_ON_ONE_PAGE = 15
FEW_ROWS = 4
THEMES_KEPT = 8
TEMPLATE_VERSION = 2
"""Raise on every change that alters bytes; stored beside each document."""


class Renderer:
    """Makes PDFs; one document at a time, since Pango's font map is not safe for threads.

    ``cache_folder`` keeps converted fonts. Style sheets and fonts are loaded on the first
    document of a theme (0.5 s) and kept.
    """

    def __init__(self, cache_folder: Path) -> None:
        self._cache_folder = cache_folder
        fonts = font_set(cache_folder)
        self._warnings = list(fonts.missing)
        if not harfbuzz_subset:
            self._warnings.append(
                "harfbuzz-subset is not installed; each PDF takes about 35 ms longer. "
                "Install the package libharfbuzz-subset0."
            )
        self._agent = user_agent_sheet()
        self._fetcher = AssetFetcher({})
        self._themes: dict[Theme, CompiledTheme] = {}
        self._measure = slip_measure(fonts)
        self._lock = Lock()
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader(__package__, "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            finalize=printable,
            trim_blocks=True,
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a better installation would have, in words."""
        return tuple(self._warnings)

    def markup(self, kind: str, snapshot: Mapping[str, Any]) -> str:
        """The XHTML of a document. Raises `UnknownKind` and `SnapshotIncomplete`."""
        return self._text(kind, view(kind, snapshot))

    def _text(self, kind: str, variables: Mapping[str, Any]) -> str:
        name = "contract" if kind.startswith("contract") else "commerce"
        return self._templates.get_template(f"{name}.xhtml.j2").render(variables)

    def render(self, kind: str, snapshot: Mapping[str, Any], *, draft: bool = False) -> Rendered:
        """The PDF of a snapshot; with ``draft`` each page carries a watermark.

        The payment slip stands at the foot of the last page, on a page of its own when it does
        not fit. Raises `UnknownKind`, `SnapshotIncomplete`, `swissqrbill.QrBillInvalid` and
        `RenderingFailed`.
        """
        variables = view(kind, snapshot)
        marks: tuple[Mark, ...] = ()
        if variables.get("has_slip"):
            language = snapshot["language"]
            slip_language = language if language in ("de", "fr", "it", "en") else "en"
            marks = layout(bill_of(snapshot), slip_language, self._measure)
        with self._lock:
            theme = self._theme(Theme.of(snapshot))
            document = self._laid_out(kind, variables, theme)
            if marks:
                last = document.pages[-1]
                if "slip" not in last.anchors:
                    raise RenderingFailed("The payment slip did not land on the last page.")
                over(last, slip(marks, theme.page_fonts, SLIP_FAMILY))
            if draft:
                words = variables["t"]["draft"]
                for page in document.pages:
                    under(page, watermark(words, theme.page_fonts, theme.fonts.body, theme.fonts.bold))
            content = document.write_pdf(pdf_variant="pdf/a-3u")
            warnings = tuple(dict.fromkeys((*self._warnings, *theme.fonts.missing)))
        return Rendered(content, len(document.pages), TEMPLATE_VERSION, warnings)

    def _laid_out(self, kind: str, variables: dict[str, Any], theme: CompiledTheme) -> Any:
        """The pages; an invoice with slip that is a little too long for one page is set more densely.

        Which setting is taken follows from the snapshot alone, so the bytes stay the same.
        """
        rows = len(variables.get("rows", ()))
        if variables.get("has_slip") and rows <= MOST_ROWS_ON_ONE_PAGE:
            first, second = ("normal", "dense") if rows <= FEW_ROWS else ("dense", "normal")
            document = self._pages(self._text(kind, {**variables, "density": first}), theme)
            if len(document.pages) == 1:
                return document
            other = self._pages(self._text(kind, {**variables, "density": second}), theme)
            if len(other.pages) == 1 or second == "normal":
                return other
            return document
        return self._pages(self._text(kind, variables), theme)

    def _pages(self, text: str, theme: CompiledTheme) -> Any:
        return XhtmlDocument(text, self._fetcher, self._agent).render(
            font_config=theme.font_config, stylesheets=[theme.css], pdf_variant="pdf/a-3u"
        )

    def _theme(self, theme: Theme) -> CompiledTheme:
        """The compiled theme; those used last are kept, so that trying colours does not push out the studio's own."""
        compiled = self._themes.pop(theme, None) or CompiledTheme(theme, font_set(self._cache_folder, theme.font))
        self._themes[theme] = compiled
        if len(self._themes) > THEMES_KEPT:
            self._themes.pop(next(iter(self._themes)))
        return compiled
