"""How an invoice's facts leave the service: as an event to the others, as an entry in the activity."""

from collections.abc import Mapping
from typing import Any

from invoicing.domain.invoice import Invoice
from kontor.database import Tx


def emit(tx: Tx, type: str, invoice: Invoice, data: Mapping[str, Any]) -> None:
    tx.emit(
        type,
        deal_uuid=invoice.deal_uuid,
        aggregate_id=invoice.id,
        aggregate_version=invoice.version,
        data=data,
    )


def record(tx: Tx, action: str, invoice: Invoice, **facts: Mapping[str, Any]) -> None:
    """``before`` and ``after`` are what the activity shows of the change."""
    tx.record(action, record="invoice", record_id=invoice.id, deal_uuid=invoice.deal_uuid, **facts)
