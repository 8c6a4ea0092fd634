"""A studio's look: accent colour, window position, fonts; compiled to CSS once per process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import weasyprint
from weasyprint.text.fonts import FontConfiguration

from .fonts import DEFAULT_FONT, FAMILIES, FontSet
from .markup import AssetFetcher
from .painter import PageFonts

DEFAULT_ACCENT = "#0F5C4A"
MAX_FOOTER = 300
READABLE = 4.5
"""Contrast of text on white that everybody can read (WCAG 2.2, 1.4.3)."""


@dataclass(frozen=True, slots=True)
class Theme:
    """What changes between studios. ``window`` is where the envelope's address window sits."""

    accent: str = DEFAULT_ACCENT
    window: str = "left"
    font: str = DEFAULT_FONT

    @classmethod
    def of(cls, snapshot: Mapping[str, Any]) -> Theme:
        """The theme of a snapshot, ``{accent, font, window}``; a value that is none of ours is ignored.

        Without a wish the window is right for CH and LI (SN 010130) and left elsewhere (DIN 5008).
        A colour that is not ``#rrggbb`` must not carry CSS.
        """
        issuer = snapshot["issuer"]
        wish = wishes(snapshot)
        accent = str(wish.get("accent") or issuer.get("brand_color") or "")
        window = wish.get("window") or issuer.get("window_position")
        if window not in ("left", "right"):
            window = "right" if issuer.get("country") in ("CH", "LI") else "left"
        accent = accent.upper() if re.fullmatch(r"#[0-9a-fA-F]{6}", accent) else DEFAULT_ACCENT
        font = str(wish.get("font") or DEFAULT_FONT)
        return cls(accent, window, font if font in FAMILIES else DEFAULT_FONT)

    @property
    def ink(self) -> str:
        """The accent for text: darkened until it can be read on white."""
        red, green, blue = (int(self.accent[at : at + 2], 16) for at in (1, 3, 5))
        while 1.05 / (_luminance(red, green, blue) + 0.05) < READABLE:
            red, green, blue = (int(part * 0.92) for part in (red, green, blue))
        return f"#{red:02X}{green:02X}{blue:02X}"


def wishes(snapshot: Mapping[str, Any]) -> Mapping[str, Any]:
    """The theme as the snapshot carries it; empty when it is none."""
    theme = snapshot.get("theme")
    return theme if isinstance(theme, Mapping) else {}


def footer_text(snapshot: Mapping[str, Any]) -> str:
    """The studio's own words for the foot of the page, on one line, at most 300 characters."""
    text = wishes(snapshot).get("footer_text")
    return " ".join(text.split())[:MAX_FOOTER] if isinstance(text, str) else ""


def _luminance(*channels: int) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    linear = [(c / 255) / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class CompiledTheme:
    """A theme's parsed style sheet with the font configuration its fonts are loaded in."""

    def __init__(self, theme: Theme, fonts: FontSet) -> None:
        self.fonts = fonts
        self.font_config = FontConfiguration()
        assets = {face.path.name: face.path for face in fonts.faces}
        faces = "".join(
            f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight}; '
            f'src: url("asset:{face.path.name}") }}\n'
            for face in fonts.faces
        )
        sheet = files(__package__).joinpath("templates/style.css").read_text("utf-8")
        sheet = (
            sheet.replace("ACCENT_INK", theme.ink)
            .replace("ACCENT", theme.accent)
            .replace("BODY_FONT", f'"{fonts.body}"')
        )
        places = {
            "right": "#window { float: right } #facts { float: left }",
            "left": "#window { float: left; margin-left: -5mm } #facts { float: right }",
        }
        self.css = weasyprint.CSS(
            string=faces + sheet + places[theme.window],
            font_config=self.font_config,
            url_fetcher=AssetFetcher(assets),
        )
        self.page_fonts = PageFonts(fonts, self.font_config)
