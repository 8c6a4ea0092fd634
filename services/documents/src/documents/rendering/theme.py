"""A studio's look: accent colour, window position, fonts; compiled to CSS once per process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import weasyprint
from weasyprint.text.fonts import FontConfiguration

from .fonts import FontSet
from .markup import AssetFetcher
from .painter import PageFonts

DEFAULT_ACCENT = "#0F5C4A"


@dataclass(frozen=True, slots=True)
class Theme:
    """What changes between studios. ``window`` is where the envelope's address window sits."""

    accent: str = DEFAULT_ACCENT
    window: str = "left"

    @classmethod
    def of(cls, snapshot: Mapping[str, Any]) -> Theme:
        """The theme of a snapshot's issuer.

        Without a wish the window is right for CH and LI (SN 010130) and left elsewhere (DIN 5008).
        A colour that is not ``#rrggbb`` is ignored: it must not carry CSS.
        """
        issuer = snapshot["issuer"]
        wish = snapshot.get("theme") or {}
        accent = str(wish.get("accent") or issuer.get("brand_color") or "")
        window = wish.get("window") or issuer.get("window_position")
        if window not in ("left", "right"):
            window = "right" if issuer.get("country") in ("CH", "LI") else "left"
        return cls(accent if re.fullmatch(r"#[0-9a-fA-F]{6}", accent) else DEFAULT_ACCENT, window)


class CompiledTheme:
    """A theme's parsed style sheet with the font configuration its fonts are loaded in."""

    def __init__(self, theme: Theme, fonts: FontSet) -> None:
        self.font_config = FontConfiguration()
        assets = {face.path.name: face.path for face in fonts.faces}
        faces = "".join(
            f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight}; '
            f'src: url("asset:{face.path.name}") }}\n'
            for face in fonts.faces
        )
        sheet = files(__package__).joinpath("templates/style.css").read_text("utf-8")
        sheet = sheet.replace("ACCENT", theme.accent).replace("BODY_FONT", f'"{fonts.body}"')
        places = {
            "right": "#window { left: 118mm } #facts { left: 25mm }",
            "left": "#window { left: 20mm } #facts { left: 118mm }",
        }
        self.css = weasyprint.CSS(
            string=faces + sheet + places[theme.window],
            font_config=self.font_config,
            url_fetcher=AssetFetcher(assets),
        )
        self.page_fonts = PageFonts(fonts, self.font_config)
