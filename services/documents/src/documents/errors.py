"""What the documents service refuses, each with a stable code."""

from __future__ import annotations

from kontor.errors import FieldError, Invalid, Refusal
from swissqrbill import QrBillInvalid


class QrBillRefused(Refusal):
    """The payment slip of a document breaks a rule of the QR-bill; ``extra["rule"]`` names it."""

    code = "QRBILL_INVALID"

    def __init__(self, mistake: QrBillInvalid) -> None:
        errors = [FieldError(mistake.field, mistake.sentence)]
        super().__init__(mistake.sentence, errors=errors, rule=mistake.rule)


class StorageUnavailable(Refusal):
    """The folder or object store cannot be used now; trying again later may help."""

    code = "STORAGE_UNAVAILABLE"

    def __init__(self, error: Exception) -> None:
        super().__init__(f"The document store cannot be used now ({type(error).__name__}).")


class StoredFileMissing(Refusal):
    """The storage does not have the file its row promises."""

    code = "STORED_FILE_MISSING"


class StoredFileChanged(Refusal):
    """The stored bytes do not have the hash they were stored under; they are not handed out."""

    code = "STORED_FILE_CHANGED"


class StoredFileConflict(Refusal):
    """Another file already lies under that key; nothing is overwritten."""

    code = "STORED_FILE_CONFLICT"


class PageOutOfRange(Refusal):
    """A page number the document does not have."""

    code = "PAGE_OUT_OF_RANGE"


class AttachmentInvalid(Invalid):
    """A file that is none of the kinds that can be attached, or cannot be opened."""

    code = "ATTACHMENT_INVALID"

    @classmethod
    def field(cls, field: str, message: str) -> AttachmentInvalid:
        return cls(message, errors=[FieldError(field, message)])


class TooLarge(Invalid):
    """A file, or all files of a mail together, over the limit."""

    code = "TOO_LARGE"

    @classmethod
    def field(cls, field: str, message: str) -> TooLarge:
        return cls(message, errors=[FieldError(field, message)])
