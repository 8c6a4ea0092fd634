"""Contract text on screen: the same Markdown the PDF prints, made safe for a page with a strict CSP."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "h3", "h4", "h5", "h6", "blockquote", "hr", "div"} | {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
_CLASSES = {"th": {"end", "middle"}, "td": {"end", "middle"}, "div": {"table-scroll"}}
_ALIGNMENT = {"text-align:right": "end", "text-align:center": "middle", "text-align:left": ""}


class _Renderer(RendererHTML):
    """Column alignment as a class (style attributes are not allowed), wide tables in a frame that scrolls."""

    def renderToken(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        if token.type in {"th_open", "td_open"} and "style" in token.attrs:
            token.attrs["class"] = _ALIGNMENT.get(str(token.attrs.pop("style")), "")
        if token.type in {"heading_open", "heading_close"}:
            # The section's own title is the h2 of the page.
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        html = super().renderToken(tokens, idx, options, env)
        if token.type == "table_open":
            return f'<div class="table-scroll">{html}'
        return f"{html}</div>" if token.type == "table_close" else html


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    return markdown.enable("table").disable(["image", "link", "autolink"])


def to_html(markdown: str) -> Markup:
    """The text as HTML without links, images, raw HTML, scripts or inline styles."""
    html = _markdown().render(markdown or "")
    clean = nh3.clean(html, tags=_TAGS, attributes={}, allowed_classes=_CLASSES)
    # A frame that scrolls sideways must be reachable by keyboard.
    return Markup(clean.replace('<div class="table-scroll">', '<div class="table-scroll" tabindex="0">'))
