"""Changing mail templates, taking changes back, and trying them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor import replica
from kontor.database import Tx
from kontor.errors import FieldError, Invalid, StaleVersion
from kontor.locale import document_locale

from ..adapters.tables import mail_templates
from ..mail.compose import LINK_MARK, complete, words
from ..mail.samples import CODE, sample_facts
from ..mail.templates import (
    FIELDS,
    MEANINGS,
    TEMPLATES,
    UNEDITED,
    Edit,
    Template,
    check,
    delivered,
    effective,
    template_of,
)
from ..texts import LANGUAGES

SAMPLE_LINK = "https://example.com/…"


def edit_of(tx: Tx, name: str, language: str) -> Edit:
    """What was changed of a template; a mail queued now is written with it."""
    row = tx.execute(_select(name, language)).mappings().one_or_none()
    return Edit(*(row[field] for field in FIELDS)) if row is not None else UNEDITED


def list_templates(tx: Tx) -> list[dict[str, Any]]:
    """Every template in every language, in the order of a deal."""
    edits = {(row["name"], row["language"]): row for row in tx.execute(sa.select(mail_templates)).mappings()}
    items = []
    for template in TEMPLATES.values():
        for language in LANGUAGES:
            row = edits.get((template.name, language))
            edit = Edit(*(row[field] for field in FIELDS)) if row is not None else UNEDITED
            shown = effective(template, language, locale_for(tx, language), edit)
            items.append(
                {"name": template.name, "language": language, "edited": edit != UNEDITED, "subject": shown.subject}
            )
    return items


def get_template(tx: Tx, name: str, language: str) -> dict[str, Any]:
    """A template as it is used now, with the placeholders it knows; ``version`` 0: never changed."""
    template = template_of(name, language)
    row = tx.execute(_select(name, language)).mappings().one_or_none()
    edit = Edit(*(row[field] for field in FIELDS)) if row is not None else UNEDITED
    shown = effective(template, language, locale_for(tx, language), edit)
    return {
        "name": name,
        "language": language,
        **{field: shown.field(field) for field in FIELDS},
        "edited": edit != UNEDITED,
        "version": row["version"] if row is not None else 0,
        "placeholders": [{"name": known, "meaning": MEANINGS[known]} for known in template.placeholders],
    }


def change_template(
    tx: Tx, name: str, language: str, changes: Mapping[str, Any], version: int | None
) -> dict[str, Any]:
    """Change some of subject, body and button; a field that reads as delivered counts as not edited.

    Raises `Invalid` for unknown fields and placeholders and for a text that cannot be sent, `StaleVersion`.
    """
    template = template_of(name, language)
    locale = locale_for(tx, language)
    original = delivered(template, language, locale)
    wanted = _wanted(changes)
    check(template, Edit(**wanted))
    row = _locked(tx, name, language, version)
    before = {field: row[field] for field in FIELDS}
    own = {field: text if text != original.field(field) else None for field, text in wanted.items()}
    after = {**before, **own}
    preview(tx, template, language, Edit(**after))
    if after != before:
        _write(tx, row, after)
        changed = [field for field in FIELDS if after[field] != before[field]]
        tx.record(
            "mail_template.changed",
            record="mail_template",
            record_id=f"{name}.{language}",
            before={field: before[field] or original.field(field) for field in changed},
            after={field: after[field] or original.field(field) for field in changed},
        )
    return get_template(tx, name, language)


def reset_template(tx: Tx, name: str, language: str) -> dict[str, Any]:
    """Back to the words as delivered; without effect on a template nobody edited."""
    template_of(name, language)
    row = tx.execute(_select(name, language).with_for_update()).mappings().one_or_none()
    before = {field: row[field] for field in FIELDS if row[field] is not None} if row is not None else {}
    if row is not None and before:
        _write(tx, dict(row), dict.fromkeys(FIELDS))
        tx.record("mail_template.reset", record="mail_template", record_id=f"{name}.{language}", before=before)
    return get_template(tx, name, language)


def preview(tx: Tx, template: Template, language: str, edit: Edit) -> dict[str, str]:
    """Subject, plain text and HTML with the facts of an invented deal. Raises `Invalid`."""
    check(template, edit)
    locale = locale_for(tx, language)
    facts = sample_facts(template, language, locale, replica.settings(tx, "business_profile"))
    texts = words(template.name, language, locale, facts, link=template.button, edit=edit)
    if not texts.subject:
        sentence = "The subject is empty once its placeholders are filled."
        raise Invalid(sentence, errors=[FieldError("subject", sentence)])
    return {
        "subject": texts.subject,
        "text": complete(texts.text, link=SAMPLE_LINK, code=CODE),
        "html": complete(texts.html.replace(f' href="{LINK_MARK}"', ""), link=SAMPLE_LINK, code=CODE),
    }


def edit_with(tx: Tx, name: str, language: str, changes: Mapping[str, Any]) -> Edit:
    """The stored edit with unsaved changes laid over it."""
    stored = edit_of(tx, name, language)
    return Edit(**{**{field: stored.field(field) for field in FIELDS}, **_wanted(changes)})


def locale_for(tx: Tx, language: str) -> str:
    """The locale this business writes a language in."""
    profile = replica.settings(tx, "business_profile")
    return document_locale(language, profile.get("country") or "CH")


def _wanted(changes: Mapping[str, Any]) -> dict[str, str | None]:
    wanted: dict[str, str | None] = {}
    for field, value in changes.items():
        if field not in FIELDS or not isinstance(value, str | None):
            raise Invalid.field(field, "A template has subject, body and button, each a text.")
        wanted[field] = value.replace("\r\n", "\n").strip() if value is not None else None
    return wanted


def _locked(tx: Tx, name: str, language: str, version: int | None) -> Mapping[str, Any]:
    """The template's row, locked, made if there is none. Raises `StaleVersion` unless ``version`` is its own."""
    fresh = insert(mail_templates).values(name=name, language=language, version=1, changed_at=tx.now)
    made = tx.execute(fresh.on_conflict_do_nothing().returning(mail_templates.c.name)).first()
    row = dict(tx.execute(_select(name, language).with_for_update()).mappings().one())
    current = 0 if made is not None else row["version"]
    if version is not None and version != current:
        raise StaleVersion(version, current)
    return {**row, "version": current}


def _write(tx: Tx, row: Mapping[str, Any], fields: Mapping[str, str | None]) -> None:
    here = sa.and_(mail_templates.c.name == row["name"], mail_templates.c.language == row["language"])
    values = {**fields, "version": row["version"] + 1, "changed_at": tx.now}
    tx.execute(sa.update(mail_templates).where(here).values(**values))


def _select(name: str, language: str) -> sa.Select[Any]:
    return sa.select(mail_templates).where(mail_templates.c.name == name, mail_templates.c.language == language)
