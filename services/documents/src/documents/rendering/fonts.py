"""The fonts of a document as TrueType files, cut to the alphabet Kontor prints.

Inter comes from the Debian package ``fonts-inter`` as CFF outlines. WeasyPrint embeds
TrueType 25 ms faster per document, and a font cut to 400 glyphs subsets faster still, so
each weight is converted once (0.4 s) into the cache folder. Same source font, same bytes.
Liberation Sans (``fonts-liberation``) sets the payment slip: the QR-bill guidelines allow
only Arial, Frutiger, Helvetica and Liberation Sans (IG 2.3 § 3.4).
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

from .errors import FontMissing

log = logging.getLogger(__name__)

SLIP_FAMILY = "Liberation Sans"
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
_RECIPE = "3"  # raise when the conversion or the alphabet changes

ALPHABET = frozenset(
    [
        *range(0x20, 0x7F),
        *range(0xA0, 0x180),
        *map(ord, "ȘșȚț‐‑‒–—‘’‚“”„†•…\u2009\u202f‰‹›€№™←→−≈≠≤≥✓●"),
    ]
)


@dataclass(frozen=True, slots=True)
class Face:
    """One weight of a family, as a file."""

    family: str
    weight: int
    path: Path


@dataclass(frozen=True, slots=True)
class FontSet:
    """The fonts of one theme. ``missing`` says in words what a better installation would have."""

    body: str
    faces: tuple[Face, ...]
    missing: tuple[str, ...] = ()

    @property
    def bold(self) -> int:
        """The weight of the heaviest face of the body's family."""
        return max(face.weight for face in self.faces if face.family == self.body)


@cache
def find(name: str) -> Path | None:
    """The installed font file of that name, or None."""
    for folder in FONT_FOLDERS:
        for path in sorted(folder.rglob(name)) if folder.is_dir() else ():
            return path
    return None


@dataclass(frozen=True, slots=True)
class _Family:
    """A family documents may be set in: its files by weight and the Debian package that has them."""

    name: str
    title: str
    files: tuple[tuple[int, str], ...]
    package: str


FAMILIES = {
    "inter": _Family(
        "Kontor Inter",
        "Inter",
        ((400, "Inter-Regular.otf"), (500, "Inter-Medium.otf"), (600, "Inter-SemiBold.otf")),
        "fonts-inter",
    ),
    "liberation_sans": _Family(SLIP_FAMILY, SLIP_FAMILY, (), "fonts-liberation"),
    "liberation_serif": _Family(
        "Liberation Serif",
        "Liberation Serif",
        ((400, "LiberationSerif-Regular.ttf"), (700, "LiberationSerif-Bold.ttf")),
        "fonts-liberation",
    ),
}
"""The fonts a theme may name. A further one is an entry here, in the settings' model and its words."""
DEFAULT_FONT = "inter"


@cache
def font_set(cache_folder: Path, font: str = DEFAULT_FONT) -> FontSet:
    """The weights of a family of `FAMILIES` with Liberation Sans for the slip, converted on first use.

    A family that is unknown or not installed falls back to Liberation Sans, which is logged and listed in
    ``missing``. Raises `FontMissing` without Liberation Sans.
    """
    slip = [_slip_face("LiberationSans-Regular.ttf", 400), _slip_face("LiberationSans-Bold.ttf", 700)]
    family = FAMILIES.get(font)
    if family is None:
        return _fallen_back(slip, f"There is no font “{font[:40]}”; documents are set in Liberation Sans.")
    found = {weight: find(name) for weight, name in family.files}
    absent = [name for weight, name in family.files if found[weight] is None]
    if absent:
        return _fallen_back(
            slip,
            f"{family.title} ({', '.join(absent)}) is not installed; documents are set in Liberation Sans. "
            f"Install the package {family.package}.",
        )
    faces = [
        Face(family.name, weight, converted(path, cache_folder) if path.suffix == ".otf" else path)
        for weight, path in found.items()
        if path is not None
    ]
    return FontSet(family.name, (*faces, *slip))


def _fallen_back(slip: list[Face], words: str) -> FontSet:
    log.warning(words)
    return FontSet(SLIP_FAMILY, tuple(slip), (words,))


def _slip_face(name: str, weight: int) -> Face:
    path = find(name)
    if path is None:
        raise FontMissing(f"{name} is not installed; the payment slip needs it (fonts-liberation).")
    return Face(SLIP_FAMILY, weight, path)


def converted(source: Path, cache_folder: Path) -> Path:
    """The TrueType file made of an OpenType/CFF font, from the cache when it is there.

    Keyed by the source's content, written to a temporary name and renamed, so several
    processes may start at once.
    """
    digest = hashlib.sha256(_RECIPE.encode() + source.read_bytes()).hexdigest()[:16]
    target = cache_folder / f"{source.stem}-{digest}.ttf"
    if not target.exists():
        cache_folder.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(f".{os.getpid()}.tmp")
        _to_truetype(source).save(draft)
        draft.replace(target)
    return target


def _to_truetype(source: Path) -> Any:
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(
        layout_features=["kern", "tnum", "ccmp", "locl", "case"],
        desubroutinize=True,
        hinting=False,
        notdef_outline=True,
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=ALPHABET)
    subsetter.subset(font)
    order, outlines, glyphs = font.getGlyphOrder(), font.getGlyphSet(), {}
    for name in order:
        pen = TTGlyphPen(outlines)
        outlines[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    table = font["glyf"] = newTable("glyf")
    table.glyphOrder, table.glyphs = order, glyphs
    for tag in ("CFF ", "VORG"):
        if tag in font:
            del font[tag]
    table.compile(font)
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    limits.maxZones = 1
    for name in (
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
        "maxComponentElements",
    ):
        setattr(limits, name, 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\0\1\0\0"
    return font


@dataclass(frozen=True, slots=True)
class Metrics:
    """Glyph numbers and advance widths of one font file, for text set without a layout engine."""

    glyphs: dict[int, int]
    advances: tuple[int, ...]
    units_per_em: int

    def width(self, text: str) -> float:
        """Width at 1 pt, in points; a character the font lacks counts as .notdef."""
        return sum(self.advances[self.glyphs.get(ord(c), 0)] for c in text) / self.units_per_em


@cache
def metrics(path: Path) -> Metrics:
    """The metrics of a font file, read once per process."""
    with TTFont(path, lazy=True) as font:
        order = font.getGlyphOrder()
        numbers = {name: number for number, name in enumerate(order)}
        glyphs = {point: numbers[name] for point, name in font.getBestCmap().items()}
        widths = font["hmtx"].metrics
        return Metrics(glyphs, tuple(widths[name][0] for name in order), font["head"].unitsPerEm)


def slip_measure(fonts: FontSet) -> Callable[[str, bool], float]:
    """The measure `swissqrbill.layout` wants, over the slip's two faces."""
    faces = {face.weight: metrics(face.path) for face in fonts.faces if face.family == SLIP_FAMILY}
    return lambda text, bold: faces[700 if bold else 400].width(text)
