"""One function per command: load with a lock, decide, save, record what happened."""

from quotes.use_cases.announcing import close_windows
from quotes.use_cases.answering import accept, accept_by_link, decline, decline_by_link, price_by_link, price_selection
from quotes.use_cases.codes import request_code, verify_code
from quotes.use_cases.converting import convert, document_arrived, spawned
from quotes.use_cases.drafting import create, delete, duplicate, edit
from quotes.use_cases.reading import opened
from quotes.use_cases.reminding import remind_expiring
from quotes.use_cases.sending import expire_overdue, preview, resend, send, withdraw

__all__ = [
    "accept",
    "accept_by_link",
    "close_windows",
    "convert",
    "create",
    "decline",
    "decline_by_link",
    "delete",
    "document_arrived",
    "duplicate",
    "edit",
    "expire_overdue",
    "opened",
    "preview",
    "price_by_link",
    "price_selection",
    "remind_expiring",
    "request_code",
    "resend",
    "send",
    "spawned",
    "verify_code",
    "withdraw",
]
