"""Marks painted straight into a page: the payment slip and the DRAFT watermark.

The slip's geometry is fixed by a standard, so no layout engine is needed; painting it takes
3 ms where boxes take 60. The glyphs are registered with WeasyPrint's own font objects before
fonts are written, so that the slip shares the document's embedded subset.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from weasyprint.text.ffi import ffi, pango

from swissqrbill.slip import MM_PER_POINT, Box, Mark, Stroke, Symbol, Text

from .fonts import FontSet, Metrics, metrics

Paint = Callable[[Any, float], None]


class PageFonts:
    """Fonts of a document that text can be painted with, beside WeasyPrint's own text."""

    def __init__(self, fonts: FontSet, font_config: Any) -> None:
        self._config = font_config
        self._metrics: dict[tuple[str, int], Metrics] = {
            (face.family, face.weight): metrics(face.path) for face in fonts.faces
        }
        self._pango: dict[tuple[str, int], Any] = {}

    def glyphs(self, stream: Any, family: str, weight: int, text: str) -> tuple[str, str]:
        """The font's name in the page's resources and the text as hexadecimal glyph numbers."""
        table = self._metrics[family, weight]
        font, _ = stream.add_font(self._font(family, weight))
        numbers = []
        for character in text:
            number = table.glyphs.get(ord(character), 0)
            font.widths[number] = round(table.advances[number] * 1000 / table.units_per_em)
            font.to_unicode.setdefault(number, character)
            numbers.append(f"{number:04x}")
        return font.hash, "".join(numbers)

    def width(self, family: str, weight: int, text: str) -> float:
        """Width at 1 pt, in points."""
        return self._metrics[family, weight].width(text)

    def _font(self, family: str, weight: int) -> Any:
        key = family, weight
        if key not in self._pango:
            context = ffi.gc(pango.pango_font_map_create_context(self._config.font_map), _unreference)
            description = ffi.gc(pango.pango_font_description_new(), pango.pango_font_description_free)
            pango.pango_font_description_set_family(description, family.encode())
            pango.pango_font_description_set_weight(description, weight)
            pango.pango_font_description_set_absolute_size(description, 10 * 1024)
            font = pango.pango_font_map_load_font(self._config.font_map, context, description)
            self._pango[key] = ffi.gc(font, _unreference)
        return self._pango[key]


def _unreference(thing: Any) -> None:
    from weasyprint.text.ffi import gobject

    gobject.g_object_unref(thing)


def over(page: Any, paint: Paint) -> None:
    """Have ``paint`` run after the page's own painting; coordinates are points, y downwards."""
    original = page.paint

    def painted(stream: Any, scale: float = 1) -> None:
        original(stream, scale)
        with stream.stacked():
            paint(stream, page.height * scale)

    page.paint = painted


def under(page: Any, paint: Paint) -> None:
    """Have ``paint`` run before the page's own painting."""
    original = page.paint

    def painted(stream: Any, scale: float = 1) -> None:
        with stream.stacked():
            paint(stream, page.height * scale)
        original(stream, scale)

    page.paint = painted


def slip(marks: Sequence[Mark], fonts: PageFonts, family: str) -> Paint:
    """The slip at the bottom left of an A4 page."""

    def paint(stream: Any, page_height: float) -> None:
        top = page_height - 105 / MM_PER_POINT
        out: list[str] = ["0 g 0 G"]
        for mark in marks:
            match mark:
                case Text():
                    weight = 700 if mark.bold else 400
                    name, numbers = fonts.glyphs(stream, family, weight, mark.words)
                    place = f"{_pt(mark.x)} {top + mark.y / MM_PER_POINT:.3f}"
                    out.append(f"BT /{name} {mark.points:g} Tf 1 0 0 -1 {place} Tm <{numbers}> Tj ET")
                case Stroke():
                    (x, y), *rest = mark.path
                    path = f"{_pt(x)} {top + y / MM_PER_POINT:.3f} m"
                    path += "".join(f" {_pt(x)} {top + y / MM_PER_POINT:.3f} l" for x, y in rest)
                    out.append(f"{mark.points_wide:g} w {path} S")
                case Box():
                    grey = 1 if mark.white else 0
                    out.append(
                        f"{grey} g {_pt(mark.x)} {top + mark.y / MM_PER_POINT:.3f} "
                        f"{_pt(mark.width)} {_pt(mark.height)} re f 0 g"
                    )
                case Symbol():
                    out.append(_symbol(mark, top))
        stream.stream.append("\n".join(out).encode("ascii"))

    return paint


def watermark(words: str, fonts: PageFonts, family: str, weight: int) -> Paint:
    """Pale words across the page, from lower left to upper right."""

    def paint(stream: Any, page_height: float) -> None:
        name, numbers = fonts.glyphs(stream, family, weight, words)
        half = fonts.width(family, weight, words) * 110 / 2
        x, y = 297.6 - half * 0.7071 + 28, page_height / 2 + half * 0.7071 + 28
        stream.stream.append(
            f"0.93 0.92 0.90 rg BT /{name} 110 Tf 0.7071 -0.7071 -0.7071 -0.7071 "
            f"{x:.2f} {y:.2f} Tm <{numbers}> Tj ET".encode("ascii")
        )

    return paint


def _pt(millimetres: float) -> str:
    return f"{millimetres / MM_PER_POINT:.3f}"


def _symbol(mark: Symbol, top: float) -> str:
    """All dark modules as one path, runs joined, so that no hairlines show between them."""
    module = mark.side / MM_PER_POINT / len(mark.rows)
    path = []
    for y, row in enumerate(mark.rows):
        x = 0
        while (start := row.find(1, x)) >= 0:
            stop = row.find(0, start)
            x = len(row) if stop < 0 else stop
            path.append(f"{start} {y} {x - start} 1 re")
    left, upper = _pt(mark.x), f"{top + mark.y / MM_PER_POINT:.3f}"
    return f"q {module:.5f} 0 0 {module:.5f} {left} {upper} cm {' '.join(path)} f Q"
