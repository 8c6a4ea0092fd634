"""The envelope every event travels in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Event(BaseModel):
    """One fact, published once it is committed. ``type`` carries the version: ``quote_sent.v1``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: UUID
    type: str = Field(pattern=r"^[a-z_]+\.v[0-9]+$")
    occurred_at: datetime
    deal_uuid: UUID | None
    aggregate_id: str
    aggregate_version: int
    causation_id: UUID | None = None
    actor: dict[str, Any]
    data: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")
