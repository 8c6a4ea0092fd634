"""Bills used across the QR-bill tests, with check digits worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from swissqrbill import Address, Bill

CREDITOR = Address("Max Muster & Söhne", "8000", "Seldwyla", "CH", "Musterstrasse", "123")
DEBTOR = Address("Simon Muster", "8000", "Seldwyla", "CH", "Musterstrasse", "1")

QRR = Bill(
    iban="CH44 3199 9123 0008 8901 2",
    creditor=CREDITOR,
    currency="CHF",
    amount_minor=194975,
    debtor=DEBTOR,
    reference_type="QRR",
    reference="21 00000 00003 13947 14300 09017",
    message="Auftrag vom 15.06.2026",
    billing_information="//S1/10/10201409/11/260512/20/140.000-53/30/102673831/31/260508/32/7.7/40/2:10;0:30",
    alternative_schemes=("Name AV1: UV;UltraPay005;12345", "Name AV2: XY;XYService;54321"),
)
SCOR = Bill(
    iban="CH58 0079 1123 0008 8901 2",
    creditor=CREDITOR,
    currency="CHF",
    amount_minor=19995,
    reference_type="SCOR",
    reference="RF18539007547034",
)
NON = Bill(iban="CH5800791123000889012", creditor=CREDITOR, currency="EUR")


def changed(bill: Bill, **fields: Any) -> Bill:
    return replace(bill, **fields)


def creditor(**fields: Any) -> Bill:
    return replace(NON, creditor=replace(CREDITOR, **fields))
