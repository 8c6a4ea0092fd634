"""Reading the mails that Kontor sends when no mail server is configured."""

import re
from collections.abc import Callable, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

Mails = Callable[[], Sequence[EmailMessage]]


def in_folder(folder: Path) -> Mails:
    """All mails in a folder of ``.eml`` files, oldest first."""

    def read() -> list[EmailMessage]:
        files = sorted(folder.glob("**/*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]

    return read


def text_of(mail: EmailMessage) -> str:
    """The plain text part."""
    part = mail.get_body(preferencelist=("plain",))
    return str(part.get_content()) if part is not None else ""


def recipients(mail: EmailMessage) -> set[str]:
    addresses = mail["To"].addresses if mail["To"] is not None else ()
    return {address.addr_spec for address in addresses}


def link_to(mails: Mails, address: str, prefix: str) -> str | None:
    """The token of the newest link below ``prefix`` (such as ``/quotes/respond/``) mailed to the address."""
    pattern = re.compile(re.escape(prefix) + r"([A-Za-z0-9_-]{20,})")
    for mail in reversed(mails()):
        if address in recipients(mail) and (found := pattern.search(text_of(mail))):
            return found.group(1)
    return None


def attachments(mail: EmailMessage) -> dict[str, bytes]:
    """Attached files by name."""
    return {part.get_filename() or "": part.get_content() for part in mail.iter_attachments()}
