"""German is complete: every sentence of the pages has its translation, with the same facts in it."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import portal_gateway

HERE = Path(portal_gateway.__file__).parent
FACT = re.compile(r"%\((\w+)\)")


def _said() -> set[object]:
    """All messages of templates and pages."""
    found: set[object] = set()
    for method, folder, pattern in (
        ("jinja2.ext:babel_extract", HERE / "templates", "**.html"),
        ("python", HERE / "admin", "**.py"),
    ):
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(folder), [(pattern, method)], keywords={"_": None, "gettext": None, "ngettext": (1, 2)}
        ):
            found.add(message)
    return found


def _german() -> dict[str, object]:
    known: dict[str, object] = {}
    for file in sorted((HERE / "i18n").glob("de*.po")):
        with file.open("rb") as source:
            for message in read_po(source):
                if message.id and message.string:
                    known[message.id if isinstance(message.id, str) else message.id[0]] = message.string
    return known


def test_every_sentence_is_translated() -> None:
    known = _german()
    missing = [said for said in _said() if (said if isinstance(said, str) else said[0]) not in known]  # type: ignore[index]
    assert missing == []


def test_a_translation_names_the_same_facts() -> None:
    for english, german in _german().items():
        forms = [german] if isinstance(german, str) else list(german)  # type: ignore[call-overload]
        for text in forms:
            # A singular may spell its number out ("one day left"); no form may ask for a fact nobody gives.
            assert set(FACT.findall(text)) <= set(FACT.findall(english)) | {"num", "n"}, english
        if len(forms) == 1:
            assert set(FACT.findall(forms[0])) == set(FACT.findall(english)), english
