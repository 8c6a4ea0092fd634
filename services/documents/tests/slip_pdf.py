"""A payment slip alone on an A4 page, for tests of the slip itself."""

from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir

from documents.rendering.fonts import SLIP_FAMILY, font_set, slip_measure
from documents.rendering.markup import AssetFetcher, XhtmlDocument, user_agent_sheet
from documents.rendering.painter import over, slip
from documents.rendering.theme import CompiledTheme, Theme
from swissqrbill import Bill, layout

FONTS = font_set(Path(gettempdir()) / "kontor-test-fonts")
MEASURE = slip_measure(FONTS)
_THEME = CompiledTheme(Theme(), FONTS)
_AGENT = user_agent_sheet()


def slip_pdf(bill: Bill, language: str = "de") -> bytes:
    marks = layout(bill, language, MEASURE)
    page = "<html><head><title>slip</title></head><body><div/></body></html>"
    document = XhtmlDocument(page, AssetFetcher({}), _AGENT).render(
        font_config=_THEME.font_config, stylesheets=[_THEME.css]
    )
    over(document.pages[-1], slip(marks, _THEME.page_fonts, SLIP_FAMILY))
    return document.write_pdf()
