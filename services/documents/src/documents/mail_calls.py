"""RPCs about mails and their templates, and the mail timer."""

from __future__ import annotations

from typing import Any

from kontor.ids import uuid7
from kontor.runtime import Service, every, rpc

from . import queries
from .mail.templates import template_of
from .tools import Tools
from .use_cases import delivery, editing
from .use_cases.sampling import queue_sample


class MailCalls(Service):
    """The part of the documents service that answers for mails."""

    tools: Tools

    @rpc
    def list_mails(
        self,
        *,
        state: str | None = None,
        record_id: str | None = None,
        deal_uuid: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> dict[str, Any]:
        """Mails, newest first: ``{items, next_cursor, counts}``; states queued, sending, sent, failed, called_off."""
        with self.transaction() as tx:
            return queries.mail_list(
                tx, state=state, record_id=record_id, deal_uuid=deal_uuid, cursor=cursor, limit=limit
            )

    @rpc
    def get_mail(self, *, id: str) -> dict[str, Any]:
        """One mail with text and HTML, its link or code taken out."""
        with self.transaction() as tx:
            return queries.mail(tx, id)

    @rpc
    def retry_mail(self, *, id: str) -> dict[str, Any]:
        """Queue a failed mail again and answer its new row; ``INVALID_TRANSITION`` in other states."""
        with self.transaction() as tx:
            delivery.retry(tx, str(queries.mail(tx, id)["id"]))
            return queries.mail(tx, id)

    @every(seconds=1)
    def deliver_mails(self) -> None:
        """Hand over what is due; every replica does, the claim keeps each mail single."""
        delivery.deliver_due(self.db, self.tools, self.sealer)

    # --- templates -----------------------------------------------------------------------

    @rpc
    def list_mail_templates(self) -> dict[str, Any]:
        """``{"items": [{name, language, edited, subject}]}``, in the order of a deal."""
        with self.transaction() as tx:
            return {"items": editing.list_templates(tx)}

    @rpc
    def get_mail_template(self, *, name: str, language: str) -> dict[str, Any]:
        """``{name, language, subject, body, button, edited, version, placeholders: [{name, meaning}]}``.

        ``button`` is null for a mail without one.
        """
        with self.transaction() as tx:
            return editing.get_template(tx, name, language)

    @rpc
    def change_mail_template(
        self, *, name: str, language: str, changes: dict[str, Any], version: int | None = None
    ) -> dict[str, Any]:
        """Change some of ``subject``, ``body``, ``button``; mails queued from now on say it so.

        A field set to null reads as delivered again. Refuses ``INVALID`` (unknown placeholder, empty text),
        ``STALE_VERSION``.
        """
        with self.transaction() as tx:
            return editing.change_template(tx, name, language, changes, version)

    @rpc
    def reset_mail_template(self, *, name: str, language: str) -> dict[str, Any]:
        """Back to the words as delivered."""
        with self.transaction() as tx:
            return editing.reset_template(tx, name, language)

    @rpc
    def preview_mail(
        self,
        *,
        name: str,
        language: str,
        subject: str | None = None,
        body: str | None = None,
        button: str | None = None,
    ) -> dict[str, Any]:
        """``{subject, text, html}`` with the facts of an invented deal; what is not given is as saved."""
        given = {"subject": subject, "body": body, "button": button}
        changes = {field: text for field, text in given.items() if text is not None}
        with self.transaction() as tx:
            template = template_of(name, language)
            return dict(editing.preview(tx, template, language, editing.edit_with(tx, name, language, changes)))

    @rpc
    def send_sample_mail(self, *, name: str, language: str, to: str, id: str | None = None) -> dict[str, Any]:
        """Queue the template with the facts of an invented deal; answers the mail. The same ``id`` queues it once."""
        mail_id = queries.uuid_of(id) if id else uuid7()
        with self.transaction() as tx:
            queue_sample(tx, self.tools, self.sealer, mail_id, name, language, to)
            return queries.mail(tx, str(mail_id))
