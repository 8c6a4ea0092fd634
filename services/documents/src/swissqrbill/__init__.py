"""Swiss QR-bills after the SIX implementation guidelines 2.3.

>>> from swissqrbill import Address, Bill, payload
>>> bill = Bill(
...     iban="CH58 0079 1123 0008 8901 2",
...     creditor=Address("Robert Schneider AG", "2501", "Biel", "CH", "Rue du Lac", "1268"),
...     currency="CHF",
...     amount_minor=194975,
... )
>>> payload(bill).splitlines()[:4]
['SPC', '0200', '1', 'CH5800791123000889012']

`validate` raises one class per mistake (`swissqrbill.errors`), `layout` places every mark
of the 210 × 105 mm slip, `modules` makes the symbol. Pure: no files, no clock, no network.
"""

from .bill import Address, Bill, minor_units, payload, validate
from .billing_information import BillingInformation
from .billing_information import compose as compose_billing_information
from .errors import QrBillInvalid
from .labels import LABELS, NOTIFICATIONS
from .reference import ReferenceType, creditor_reference, qr_reference
from .slip import layout
from .symbol import modules, png

__all__ = [
    "LABELS",
    "NOTIFICATIONS",
    "Address",
    "Bill",
    "BillingInformation",
    "QrBillInvalid",
    "ReferenceType",
    "compose_billing_information",
    "creditor_reference",
    "layout",
    "minor_units",
    "modules",
    "payload",
    "png",
    "qr_reference",
    "validate",
]
