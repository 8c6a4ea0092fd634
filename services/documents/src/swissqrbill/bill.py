"""The bill as data, its validator and its payload (SIX IG QR-bill 2.3, chapter 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import billing_information as s1
from .characters import check_text
from .countries import COUNTRIES
from .errors import (
    AmountNotWhole,
    AmountOutOfRange,
    AmountZero,
    CurrencyNotAllowed,
    PayloadTooLong,
    QrIbanForbidden,
    QrIbanRequired,
    ReferenceTypeUnknown,
    TextsTooLong,
    TooManySchemes,
    UnknownCountry,
)
from .iban import check_iban, is_qr_iban
from .labels import NOTIFICATIONS
from .reference import ReferenceType, check_reference

LARGEST_AMOUNT_MINOR = 99_999_999_999
LARGEST_PAYLOAD_BYTES = 997


@dataclass(frozen=True, slots=True)
class Address:
    """A structured address (type S, the only one allowed since 22 November 2025).

    ``country`` is ISO 3166-1 alpha-2 in capitals; ``postal_code`` has no country prefix.
    """

    name: str
    postal_code: str
    town: str
    country: str
    street: str = ""
    building: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """What a QR-bill says.

    ``amount_minor`` is Rappen or euro cents; None leaves the amount to the payer.
    Zero is allowed only on a notification, whose message is one of `NOTIFICATIONS`.
    Blanks in ``iban`` and ``reference`` are grouping and ignored.
    """

    iban: str
    creditor: Address
    currency: str
    amount_minor: int | None = None
    debtor: Address | None = None
    reference_type: str = ReferenceType.NON
    reference: str = ""
    message: str = ""
    billing_information: str = ""
    alternative_schemes: tuple[str, ...] = ()


def minor_units(text: str, field: str = "amount") -> int:
    """Minor units of a decimal text such as ``1949.75``.

    Raises `AmountNotWhole` for more than two decimals, signs, exponents or grouping.
    """
    match = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?", text)
    if match is None:
        raise AmountNotWhole(field, f"“{text}” is not an amount with at most two decimals.")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def validate(bill: Bill) -> None:
    """Return silently when the bill may be printed; else raise the first `QrBillInvalid`.

    Checks run in the order of the payload, so the error names the first wrong line.
    """
    iban = check_iban("iban", bill.iban)
    _check_address("creditor", bill.creditor)
    _check_amount(bill)
    if bill.currency not in ("CHF", "EUR"):
        raise CurrencyNotAllowed("currency", "A QR-bill is in CHF or EUR.")
    if bill.debtor is not None:
        _check_address("debtor", bill.debtor)
    try:
        kind = ReferenceType(bill.reference_type)
    except ValueError:
        raise ReferenceTypeUnknown("reference_type", "The reference type is QRR, SCOR or NON.") from None
    if kind is ReferenceType.QRR and not is_qr_iban(iban):
        raise QrIbanRequired("iban", "A QR reference needs a QR-IBAN (bank number 30000–31999).")
    if kind is not ReferenceType.QRR and is_qr_iban(iban):
        raise QrIbanForbidden("iban", f"A QR-IBAN cannot be used with {kind}; it needs QRR.")
    check_reference("reference", kind, bill.reference)
    _check_texts(bill)
    size = len("\n".join(_lines(bill)).encode())
    if size > LARGEST_PAYLOAD_BYTES:
        raise PayloadTooLong("payload", f"The bill needs {size} bytes; {LARGEST_PAYLOAD_BYTES} fit in the symbol.")


def payload(bill: Bill) -> str:
    """The text inside the symbol, lines separated by LF, none after the last.

    Raises what `validate` raises.
    """
    validate(bill)
    return "\n".join(_lines(bill))


def _check_address(field: str, address: Address) -> None:
    check_text(f"{field}.name", address.name, 70, required=True)
    check_text(f"{field}.street", address.street, 70)
    check_text(f"{field}.building", address.building, 16)
    check_text(f"{field}.postal_code", address.postal_code, 16, required=True)
    check_text(f"{field}.town", address.town, 35, required=True)
    check_text(f"{field}.country", address.country, 2, required=True)
    if address.country not in COUNTRIES:
        raise UnknownCountry(f"{field}.country", f"“{address.country}” is not a two-letter country code (CH, LI, …).")


def _check_amount(bill: Bill) -> None:
    amount = bill.amount_minor
    if amount is None:
        return
    if type(amount) is not int:
        raise AmountNotWhole("amount_minor", "The amount must be a whole number of minor units.")
    if amount == 0 and bill.message not in NOTIFICATIONS.values():
        raise AmountZero(
            "amount_minor",
            "0.00 is allowed only on a notification (“NICHT ZUR ZAHLUNG VERWENDEN”); "
            "leave the amount empty to let the payer fill it in.",
        )
    if not 0 <= amount <= LARGEST_AMOUNT_MINOR:
        raise AmountOutOfRange("amount_minor", "The amount must lie within 0.01 and 999999999.99.")


def _check_texts(bill: Bill) -> None:
    check_text("message", bill.message, 140)
    check_text("billing_information", bill.billing_information, 140)
    if len(bill.message) + len(bill.billing_information) > 140:
        raise TextsTooLong("message", "Message and billing information may have 140 characters together.")
    if bill.billing_information.startswith("//S1"):
        s1.parse(bill.billing_information)
    elif bill.billing_information:
        s1.check_prefix(bill.billing_information)
    if len(bill.alternative_schemes) > 2:
        raise TooManySchemes("alternative_schemes", "A QR-bill has room for two schemes.")
    for number, scheme in enumerate(bill.alternative_schemes, start=1):
        check_text(f"alternative_schemes.{number}", scheme, 100, required=True)


def _address_lines(address: Address | None) -> list[str]:
    if address is None:
        return [""] * 7
    return [
        "S",
        address.name,
        address.street,
        address.building,
        address.postal_code,
        address.town,
        address.country,
    ]


def _lines(bill: Bill) -> list[str]:
    amount = bill.amount_minor
    lines = [
        "SPC",
        "0200",
        "1",
        bill.iban.replace(" ", ""),
        *_address_lines(bill.creditor),
        *_address_lines(None),  # ultimate creditor: reserved, must stay empty
        "" if amount is None else f"{amount // 100}.{amount % 100:02d}",
        bill.currency,
        *_address_lines(bill.debtor),
        str(bill.reference_type),
        bill.reference.replace(" ", ""),
        bill.message,
        "EPD",
    ]
    # The billing line may be left out only when nothing follows it (IG 2.3 § 4.2.2).
    if bill.billing_information or bill.alternative_schemes:
        lines.append(bill.billing_information)
    return [*lines, *bill.alternative_schemes]
