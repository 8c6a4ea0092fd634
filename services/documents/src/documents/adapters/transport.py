"""Handing a message over: to an SMTP server, or as an ``.eml`` file where none is configured."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from kontor.settings import Settings

SMTP_TIMEOUT_SECONDS = 30


class HandoverRefused(Exception):
    """The server will never take this message (SMTP 5yz); trying again is pointless."""


class HandoverDelayed(Exception):
    """The message was certainly not taken this time: server away, busy (4yz), or it does not let us in."""


class HandoverUnanswered(HandoverDelayed):
    """The connection broke after the message was sent and before the server answered.

    RFC 5321 § 4.2.5 leaves the duty with the client until the answer: it is tried again, and the
    fixed Message-ID lets the receiver recognise a second copy.
    """


class Transport(Protocol):
    """A way out for mails."""

    certain: bool
    """Whether an interrupted handover can simply be done again."""
    claim_seconds: int
    """How long a worker may take up to the transmission before others take the mail over."""
    handover_seconds: int
    """How long the transmission and its answer may take."""

    def hand_over(
        self, sender: str, recipients: Sequence[str], mail: EmailMessage, on_data: Callable[[], None]
    ) -> None:
        """Return once the message is taken. ``on_data`` is called right before it is transmitted.

        Raises `HandoverRefused`, `HandoverDelayed`, `HandoverUnanswered`.
        """


def transport_of(settings: Settings) -> Transport:
    """SMTP when ``SMTP_URL`` is set, else files in ``<data>/mail``."""
    if settings.smtp_url:
        return SmtpTransport(settings.smtp_url)
    return FileTransport(settings.data / "mail")


class FileTransport:
    """One file per Message-ID: temporary file, fsync, rename. Handing over twice leaves one file."""

    certain = True
    claim_seconds = 10
    handover_seconds = 10

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hand_over(
        self, sender: str, recipients: Sequence[str], mail: EmailMessage, on_data: Callable[[], None]
    ) -> None:
        on_data()
        name = re.sub(r"[^A-Za-z0-9.-]", "_", str(mail["Message-ID"]).strip("<>").partition("@")[0])
        target = self._folder / f"{name}.eml"
        if target.exists():
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._folder / f".{name}.{os.getpid()}.tmp"
            with draft.open("wb") as file:
                file.write(bytes(mail))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(target)
        except OSError as error:
            raise HandoverDelayed(f"The mail folder cannot be written: {error}") from error


class SmtpTransport:
    """``smtp://[user:password@]host[:port]`` (STARTTLS when offered), ``?starttls=required|off``, or ``smtps://``.

    A refused sign-in counts as delay: it is a matter of settings, not of the message.
    """

    certain = False
    claim_seconds = 45
    handover_seconds = 300

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._tls else 587 if parts.username else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password or "")
        self._starttls = parse_qs(parts.query).get("starttls", ["offered"])[0]

    def hand_over(
        self, sender: str, recipients: Sequence[str], mail: EmailMessage, on_data: Callable[[], None]
    ) -> None:
        try:
            smtp = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise HandoverDelayed(f"The mail server does not let us in: {error}") from error
        try:
            self._envelope(smtp, sender, recipients)
            on_data()
            try:
                code, answer = smtp.data(bytes(mail))
            except smtplib.SMTPDataError as error:
                raise _refusal(error.smtp_code, error.smtp_error) from error
            except (OSError, smtplib.SMTPException) as error:
                raise HandoverUnanswered(f"The mail server did not answer: {error}") from error
            if code != 250:
                raise _refusal(code, answer)
        finally:
            smtp.close()

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=SMTP_TIMEOUT_SECONDS, context=context)
        else:
            smtp = smtplib.SMTP(self._host, self._port, timeout=SMTP_TIMEOUT_SECONDS)
        try:
            smtp.ehlo_or_helo_if_needed()
            offered = smtp.has_extn("starttls")
            if not self._tls and self._starttls != "off" and (offered or self._starttls == "required"):
                smtp.starttls(context=context)
                smtp.ehlo()
            if self._user:
                smtp.login(self._user, self._password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _envelope(self, smtp: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> None:
        """MAIL and RCPT. The first recipient must be taken; a refused copy does not hold the mail up."""
        try:
            code, answer = smtp.mail(sender)
            if code != 250:
                raise _refusal(code, answer)
            for number, recipient in enumerate(recipients):
                code, answer = smtp.rcpt(recipient)
                if code not in (250, 251) and number == 0:
                    raise _refusal(code, answer)
        except UnicodeError as error:
            raise HandoverRefused("The mail server cannot take an address with accents.") from error
        except (OSError, smtplib.SMTPException) as error:
            raise HandoverDelayed(f"The mail server broke off: {error}") from error


def _refusal(code: int, answer: bytes | str) -> Exception:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    kind = HandoverRefused if 500 <= code < 600 else HandoverDelayed
    return kind(f"The mail server answered {code} {words}".strip())
