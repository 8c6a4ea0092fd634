"""Sentences of pages that are put together in Python, in the viewer's language."""

import re
from typing import Any

from portal_gateway.web import Request


def _(message: str) -> str:
    """Marks a message for the catalogue; `say` translates it when a page is made."""
    return message


def _pattern(template: str) -> re.Pattern[str]:
    """Fits the finished sentence and gives its values."""
    pieces = re.split(r"%\((\w+)\)s", template)
    return re.compile(
        "".join(f"(?P<{piece}>.+?)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)), re.DOTALL
    )


#: Sentences of services that name a value, the narrower before the wider.
VALUED = {
    template: _pattern(template)
    for template in (
        _("Please use at most %(longest)s characters."),
        _("Please use at most %(places)s decimal places."),
        _("Please use one of: %(allowed)s."),
        _("Please enter a whole number from %(low)s to %(high)s."),
        _("Please enter a number from %(low)s to %(high)s."),
        _("Please enter a year from %(low)s to %(high)s."),
        _("Please send a list of at most %(most)s."),
        _("A document has at most %(most)s lines."),
        _("Exactly one line of the choice “%(group)s” is preselected."),
        _("Please choose exactly one of “%(group)s”."),
        _("Please choose a quantity from %(low)s to %(high)s."),
        _("Please choose a quantity from %(low)s."),
        _("The quantity is %(quantity)s."),
    )
}


def told(request: Request, sentence: str) -> str:
    """A sentence a service answered with, in the viewer's language where the catalogue knows it."""
    if not sentence:
        return sentence
    catalogue = request.kernel.languages.catalogue(request.language)
    translated = str(catalogue.gettext(sentence))
    if translated == sentence:
        for template, pattern in VALUED.items():
            if values := pattern.fullmatch(sentence):
                return str(catalogue.gettext(template)) % values.groupdict()
    return translated


def say(request: Request, message: str, **facts: Any) -> str:
    """The message in the viewer's language, with its facts filled in."""
    text = request.kernel.languages.catalogue(request.language).gettext(message)
    return text % facts if facts else text
