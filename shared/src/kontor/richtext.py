"""Texts of line items, in the small part of Markdown that documents and pages show alike."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_SUBSET = MarkdownIt("zero", {"html": False, "xhtmlOut": True, "breaks": True}).enable(["emphasis", "list", "newline"])
_MARKED = re.compile(r"[*_]|^\s*(?:[-+]|\d{1,9}[.)])\s", re.MULTILINE)


def is_marked(text: str) -> bool:
    """The text has characters that may mean bold, italic or a list."""
    return bool(_MARKED.search(text))


def rich(text: str) -> Markup:
    """Well-formed XHTML: paragraphs with their line ends, bold, italic and lists; all else is escaped text."""
    return Markup(_SUBSET.render(text))


def headed(text: str) -> tuple[Markup, Markup]:
    """The first line, without a paragraph around it, and what follows it. A text that begins with a list has no head.

    A first line whose bold or italic goes on below it is headed by the lines up to its end.
    """
    tokens = _SUBSET.parse(text)
    if not tokens or tokens[0].type != "paragraph_open":
        return Markup(""), rich(text)
    words = tokens[1].children or []
    end = _first_line(words)
    rest = _inline(words[end + 1 :])
    below = _SUBSET.renderer.render(tokens[3:], _SUBSET.options, {})
    return Markup(_inline(words[:end])), Markup(f"<p>{rest}</p>\n{below}" if rest else below)


def _first_line(words: list[Token]) -> int:
    depth = 0
    for at, word in enumerate(words):
        depth += word.nesting
        if depth == 0 and word.type in ("softbreak", "hardbreak"):
            return at
    return len(words)


def _inline(words: list[Token]) -> str:
    return str(_SUBSET.renderer.render([Token("inline", "", 0, children=words)], _SUBSET.options, {}))
