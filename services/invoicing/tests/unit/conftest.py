"""Invoices for the unit tests, made through the domain's own functions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from invoicing.domain import content
from invoicing.domain.content import Defaults
from invoicing.domain.invoice import Invoice, Issued, Party, draft
from invoicing.domain.references import ReferenceType
from invoicing.domain.states import UNISSUED, State

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CUSTOMER = "01938c2e-5d00-7f12-a3c4-1b2a3c4d5e6f"

# 2 × 500.00 at 8.1 % and 3 × 40.00 at 2.6 %: 1000.00 + 81.00 and 120.00 + 3.12, together 1204.12.
LINES = [
    {"description": "Fotografie", "quantity": "2", "unit": "day", "unit_price_minor": 50000, "vat_rate": "8.1"},
    {"description": "Bildband", "quantity": "3", "unit": "piece", "unit_price_minor": 4000, "vat_rate": "2.6"},
]
DEFAULTS = Defaults({"currency": "CHF", "language": "de"}, 30)


@pytest.fixture
def fields() -> dict[str, Any]:
    return {"customer_id": CUSTOMER, "title": "Hochzeit", "lines": LINES}


@pytest.fixture
def make(fields: dict[str, Any]) -> Callable[..., Invoice]:
    """``make(State.SENT, paid_minor=5)``: an invoice over CHF 1204.12 in that state, due on 1 April 2026."""

    def make(state: State = State.DRAFT, **changes: Any) -> Invoice:
        made = draft(
            UUID(int=1),
            UUID(int=2),
            content.read(fields, DEFAULTS),
            Party("Petra Hofer", "petra@hofer.example"),
            now=NOW,
            created_by=None,
            state=state if state in UNISSUED else State.DRAFT,
        )
        if state in UNISSUED:
            return replace(made, **changes)
        issued = Issued(
            number="INV-2026-0001",
            year=2026,
            seq=1,
            issue_date=date(2026, 3, 2),
            due_date=date(2026, 4, 1),
            reference_type=ReferenceType.NON,
            reference=None,
            snapshot={},
            recipient={},
            at=NOW,
        )
        delivered = None if state is State.ISSUING else NOW
        return replace(made, **({"state": state, "issued": issued, "delivered_at": delivered} | changes))

    return make
