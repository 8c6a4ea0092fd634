"""Bodies, queries and answers of the import and export of customers."""

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from kontor.errors import Invalid
from portal_gateway.api.models import Answer
from portal_gateway.business import values as v

#: Characters of a file; five thousand customers with notes are well below.
MOST = 6 * 1024 * 1024


class CustomerExport(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["active", "deactivated"] | None = None
    portal: Literal["passive", "invited", "active"] | None = None
    tag: Annotated[str, StringConstraints(max_length=40), AfterValidator(v._clean)] | None = None
    q: Annotated[str, StringConstraints(max_length=200), AfterValidator(v._clean)] | None = None
    language: Literal["de", "en"] = "en"


class CustomerImport(v.Strict):
    """The file as text (``csv``) or as its bytes (``content_b64``); ``mapping`` names fields by column title."""

    csv: Annotated[str, StringConstraints(max_length=MOST)] | None = None
    content_b64: Annotated[str, StringConstraints(max_length=MOST)] | None = None
    delimiter: Literal["auto", ";", ",", "\t"] = "auto"
    mapping: Annotated[dict[str, str], Field(max_length=200)] | None = None
    dry_run: bool = True

    def content(self) -> bytes | str:
        """What was sent; raises `Invalid` unless it is exactly one of the two, and readable."""
        if (self.csv is None) == (self.content_b64 is None):
            raise Invalid.field("csv", "Send the file either as csv or as content_b64.")
        if self.csv is not None:
            return self.csv
        try:
            return base64.b64decode(self.content_b64 or "", validate=True)
        except (ValueError, binascii.Error) as error:
            raise Invalid.field("content_b64", "The content is no base64.") from error


class ImportedRow(Answer):
    line: int
    result: Literal["would_create", "created", "duplicate", "refused"]
    name: str
    email: str
    customer_id: str | None
    errors: list[dict[str, str]]


class CustomerImportAnswer(Answer):
    dry_run: bool
    delimiter: str
    columns: list[dict[str, Any]]
    counts: dict[str, int]
    rows: list[ImportedRow]
