"""Markdown of contract texts: what is allowed in it, and its sanitised HTML.

Allowed: headings, bold, italic, lists, tables, line breaks. No raw HTML, links, images or code.
"""

from __future__ import annotations

from functools import cache

import nh3
from markdown_it import MarkdownIt

from contracts.domain.placeholders import plain
from kontor.errors import FieldError, Invalid

_TAGS = {
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "ul", "ol", "li", "blockquote",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_OFF = ["link", "image", "autolink", "backticks", "html_inline", "code", "fence", "html_block", "reference"]
_RIGHT = 'style="text-align:right"'


class HtmlNotAllowed(Invalid):
    """A contract text contains raw HTML (422)."""

    code = "HTML_NOT_ALLOWED"


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable(_OFF)


@cache
def _html_finder() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable("table")


def refuse_html(text: str, field: str) -> None:
    """Raise `HtmlNotAllowed` when the text holds an HTML tag, comment or declaration."""
    for token in _html_finder().parse(text):
        kinds = {token.type, *(child.type for child in token.children or ())}
        if kinds & {"html_block", "html_inline"}:
            detail = "HTML is not allowed in contract texts; use Markdown."
            raise HtmlNotAllowed(detail, errors=[FieldError(field, detail)])


def to_html(text: str) -> str:
    """HTML of a text, holding nothing but the allowed tags; right-aligned cells get the class “right”."""
    rendered = _renderer().render(text).replace(_RIGHT, 'class="right"')
    return nh3.clean(
        rendered,
        tags=_TAGS,
        attributes={},
        allowed_classes={"td": {"right"}, "th": {"right"}},
        link_rel=None,
    )


def escape(text: str) -> str:
    """A title as Markdown that prints exactly the title."""
    return plain(text)
