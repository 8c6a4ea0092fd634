"""Well-formed XHTML for WeasyPrint, without its HTML parser and its full browser sheet."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cssselect2  # type: ignore[import-untyped]
import nh3
import weasyprint
from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from weasyprint.html import UA_COUNTER_STYLE
from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse

from kontor import richtext

# What a browser sheet must say for the elements the templates use; anything else is a div.
_USER_AGENT = """
head, link, meta, style, title { display: none }
html, body, div, article, section, header, h1, h2, h3, h4, h5, h6, p, ul, ol, blockquote, pre, hr,
dl, dt, dd, figure { display: block }
li { display: list-item } ul { list-style-type: disc } ol { list-style-type: decimal }
table { display: table; border-spacing: 0; border-collapse: separate }
thead { display: table-header-group } tbody { display: table-row-group }
tr { display: table-row } td, th { display: table-cell; vertical-align: top; text-align: left }
colgroup { display: table-column-group } col { display: table-column }
b, strong, h1, h2, h3, h4, th { font-weight: 600 } em, i { font-style: italic }
br::before { content: "\\A"; white-space: pre-line }
pre { white-space: pre-wrap }
h1 { bookmark-level: 1; bookmark-label: content(text) }
h2 { bookmark-level: 2; bookmark-label: content(text) }
"""


class FetchRefused(FatalURLFetchingError):  # type: ignore[misc]
    """A document tried to load something other than ``data:`` and the installation's own assets."""


class AssetFetcher:
    """Loads ``data:`` URLs and ``asset:NAME`` files of the given table; refuses all else.

    Refusing is fatal: a document with a forbidden reference is not made at all.
    """

    def __init__(self, assets: dict[str, Path]) -> None:
        self._assets = assets
        self._data = weasyprint.urls.URLFetcher(allowed_protocols=("data",))

    def __call__(self, url: str) -> Any:
        if url.startswith("data:"):
            return self._data.fetch(url)
        path = self._assets.get(url.removeprefix("asset:")) if url.startswith("asset:") else None
        if path is None:
            raise FetchRefused(f"A document may not load “{url[:120]}”.")
        return URLFetcherResponse(url, path.read_bytes())

    fetch = __call__


def user_agent_sheet() -> weasyprint.CSS:
    """The browser sheet of all documents; parsed once by the caller."""
    return weasyprint.CSS(string=_USER_AGENT, counter_style=UA_COUNTER_STYLE)


class XhtmlDocument(weasyprint.HTML):  # type: ignore[misc]
    """An XHTML text as WeasyPrint's HTML, parsed as XML.

    Raises xml.etree.ElementTree.ParseError for text that is not well-formed.
    """

    def __init__(self, text: str, fetcher: AssetFetcher, agent: weasyprint.CSS) -> None:
        root = ElementTree.parse(BytesIO(text.encode())).getroot()
        self.base_url = None
        self.url_fetcher = fetcher
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element
        self._agent = agent

    def _ua_stylesheets(self, forms: bool = False) -> list[weasyprint.CSS]:
        return [self._agent]


# --- texts from people ------------------------------------------------------------------

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).enable("table").disable("image")
_TAGS = {
    *("p", "br", "b", "strong", "i", "em", "ul", "ol", "li", "h1", "h2", "h3", "h4", "blockquote"),
    *("table", "thead", "tbody", "tr", "td", "th", "hr", "div", "span"),
}


_ENDLESS = re.compile(r"\S{100}")


def printable(value: Any) -> Any:
    """Text without characters XML cannot carry; other values as they are (Jinja's ``finalize``).

    Words without end get places to break (U+200B): else finding them takes WeasyPrint minutes.
    """
    if isinstance(value, Markup):
        return value
    if value is None:
        return ""
    return _ENDLESS.sub("\\g<0>\u200b", _NOT_XML.sub("", value)) if isinstance(value, str) else value


def paragraphs(text: str | None) -> Markup:
    """Plain text as escaped paragraphs; single line ends stay line ends."""
    pieces = re.split(r"\n\s*\n", printable((text or "").strip()))
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br/>").join(escape(line) for line in piece.split("\n")))
        for piece in pieces
        if piece.strip()
    )


def rich(text: str | None) -> Markup:
    """Text of a line: bold, italic and lists as in Markdown, line ends kept, all else escaped."""
    given = printable((text or "").strip())
    return richtext.rich(given) if richtext.is_marked(given) else paragraphs(given)


def from_markdown(text: str | None) -> Markup:
    """Markdown as XHTML: no raw HTML, no images, links only as their text's styling."""
    return from_html(_MARKDOWN.render(printable(text or "")))


def from_html(text: str | None) -> Markup:
    """HTML cut down to a small set of tags, well-formed as XML; of attributes only ``class="right"`` in cells stays."""
    classes = {"th": {"right"}, "td": {"right"}}
    cleaned = nh3.clean(printable(text or ""), tags=_TAGS, attributes={}, allowed_classes=classes, link_rel=None)
    if not cleaned.strip():
        return Markup("")
    tree = lxml_html.fragment_fromstring(cleaned, create_parent="div")
    return Markup(etree.tostring(tree, encoding="unicode", method="xml"))
