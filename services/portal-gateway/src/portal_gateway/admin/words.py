"""Sentences of pages that are put together in Python, in the viewer's language."""

from typing import Any

from portal_gateway.web import Request


def _(message: str) -> str:
    """Marks a message for the catalogue; `say` translates it when a page is made."""
    return message


def told(request: Request, sentence: str) -> str:
    """A sentence a service answered with, in the viewer's language where the catalogue knows it."""
    return str(request.kernel.languages.catalogue(request.language).gettext(sentence)) if sentence else sentence


def say(request: Request, message: str, **facts: Any) -> str:
    """The message in the viewer's language, with its facts filled in."""
    text = request.kernel.languages.catalogue(request.language).gettext(message)
    return text % facts if facts else text
