from typing import Any

import pytest

from invoicing.domain import completeness, content
from invoicing.domain.content import Content, Defaults
from invoicing.domain.errors import BankAccountMissing, BusinessProfileIncomplete, CustomerIncomplete
from kontor.errors import Invalid, Refusal

PROFILE = {
    "name": "Atelier Muster",
    "street": "Seestrasse",
    "house_number": "12",
    "postcode": "8002",
    "town": "Zürich",
    "country": "CH",
    "email": "hallo@muster.example",
    "timezone": "Europe/Zurich",
    "vat_registered": True,
    "vat_id": "CHE-123.456.788 MWST",
}
CUSTOMER = {
    "last_name": "Hofer",
    "street": "Dorfgasse",
    "postcode": "9490",
    "town": "Vaduz",
    "country": "LI",
    "email": "petra@hofer.example",
}
QR = {"id": "11111111-1111-7111-8111-111111111111", "holder": "Atelier Muster", "iban": "CH4431999123000889012",
      "currency": "CHF", "is_default": True, "reference_type": "QRR", "qr_bill_enabled": True}  # fmt: skip
PLAIN = QR | {"id": "22222222-2222-7222-8222-222222222222", "iban": "CH9300762011623852957", "is_default": False,
              "reference_type": "SCOR"}  # fmt: skip
EURO = PLAIN | {"id": "33333333-3333-7333-8333-333333333333", "iban": "DE89370400440532013000", "currency": "EUR",
                "reference_type": "NON"}  # fmt: skip


def fields_of(refusal: type[Refusal], call: Any, *arguments: Any) -> list[str]:
    with pytest.raises(refusal) as refused:
        call(*arguments)
    return [error.field for error in refused.value.errors]


@pytest.fixture
def written(fields: dict[str, Any]) -> Any:
    def write(**changes: Any) -> Content:
        return content.read(fields | changes, Defaults({"currency": "CHF", "language": "de"}, 30))

    return write


def test_a_complete_profile_passes() -> None:
    completeness.require_profile(PROFILE)
    completeness.require_profile(PROFILE | {"vat_registered": False, "vat_id": ""})
    completeness.require_profile(PROFILE | {"vat_id": "", "tax_id": "12/345/67890"})


def test_every_gap_of_the_profile_is_named() -> None:
    gaps = PROFILE | {"street": "  ", "town": None, "vat_id": ""}
    named = fields_of(BusinessProfileIncomplete, completeness.require_profile, gaps)
    assert named == ["business_profile.street", "business_profile.town", "business_profile.vat_id"]


def test_an_empty_profile_names_all_it_needs() -> None:
    named = fields_of(BusinessProfileIncomplete, completeness.require_profile, {})
    assert [name.removeprefix("business_profile.") for name in named] == [
        "name", "street", "postcode", "town", "country", "email", "timezone",
    ]  # fmt: skip


def test_a_customer_needs_name_address_and_mail() -> None:
    completeness.require_customer(CUSTOMER)
    named = fields_of(CustomerIncomplete, completeness.require_customer, {"country": "LI", "postcode": "9490"})
    assert named == ["customer.last_name", "customer.street", "customer.town", "customer.email"]


def test_the_default_account_of_the_currency_is_chosen(written: Any) -> None:
    assert completeness.choose_account([EURO, PLAIN, QR], written()) is QR
    assert completeness.choose_account([EURO, PLAIN, QR], written(currency="EUR")) is EURO


def test_the_account_of_the_document_wins(written: Any) -> None:
    assert completeness.choose_account([QR, PLAIN], written(bank_account_id=PLAIN["id"])) is PLAIN


@pytest.mark.parametrize(
    "accounts, changes, field",
    [
        ([], {}, "bank_account_id"),
        ([EURO], {}, "bank_account_id"),
        ([QR, EURO], {"bank_account_id": EURO["id"]}, "bank_account_id"),
        ([QR], {"bank_account_id": PLAIN["id"]}, "bank_account_id"),
        ([QR | {"iban": ""}], {}, "bank_account.iban"),
        ([QR | {"holder": None}], {}, "bank_account.holder"),
    ],
)
def test_without_a_fitting_account_the_field_is_named(
    written: Any, accounts: list[dict[str, Any]], changes: dict[str, Any], field: str
) -> None:
    assert fields_of(BankAccountMissing, completeness.choose_account, accounts, written(**changes)) == [field]


@pytest.mark.parametrize("account", [QR | {"reference_type": "SCOR"}, PLAIN | {"reference_type": "QRR"}])
def test_a_qr_iban_goes_with_qrr_only(account: dict[str, Any]) -> None:
    assert fields_of(BankAccountMissing, completeness.reference_type, account) == ["bank_account.reference_type"]


@pytest.mark.parametrize(
    "account, changes, total, slip",
    [
        (QR, {}, 100, "swiss"),
        (QR, {"payment_slip": "auto"}, 100, "swiss"),
        (QR, {}, 0, "none"),
        (QR, {"payment_slip": "swiss"}, 0, "none"),
        (QR, {"payment_slip": "none"}, 100, "none"),
        (QR | {"qr_bill_enabled": False}, {}, 100, "none"),
        (EURO, {"currency": "EUR"}, 100, "none"),
        (EURO, {"currency": "EUR", "payment_slip": "epc"}, 100, "epc"),
        (QR | {"currency": "USD"}, {"currency": "USD"}, 100, "none"),
    ],
)
def test_which_slip_is_printed(
    written: Any, account: dict[str, Any], changes: dict[str, Any], total: int, slip: str
) -> None:
    assert completeness.choose_slip(written(**changes), account, total) == slip


@pytest.mark.parametrize(
    "account, changes",
    [
        (EURO, {"currency": "EUR", "payment_slip": "swiss"}),
        (QR, {"payment_slip": "epc"}),
        (QR | {"qr_bill_enabled": False}, {"payment_slip": "swiss"}),
    ],
)
def test_a_slip_that_cannot_be_is_refused(written: Any, account: dict[str, Any], changes: dict[str, Any]) -> None:
    assert fields_of(Invalid, completeness.choose_slip, written(**changes), account, 100) == ["payment_slip"]


@pytest.mark.parametrize(
    "mails, to, cc",
    [
        ({"email": "a@x.example"}, "a@x.example", []),
        ({"email": "a@x.example", "billing_email": "b@x.example"}, "b@x.example", ["a@x.example"]),
        ({"email": "a@x.example", "cc_email": "c@x.example"}, "a@x.example", ["c@x.example"]),
        (
            {"email": "a@x.example", "billing_email": "b@x.example", "cc_email": "c@x.example"},
            "b@x.example",
            ["a@x.example", "c@x.example"],
        ),
        ({"email": "a@x.example", "billing_email": "a@x.example", "cc_email": "a@x.example"}, "a@x.example", []),
        ({"billing_email": "b@x.example"}, "b@x.example", []),
    ],
)
def test_billing_address_first_main_address_in_copy(mails: dict[str, str], to: str, cc: list[str]) -> None:
    assert completeness.recipient(mails, "Petra Hofer") == {"email": to, "name": "Petra Hofer", "cc": cc}
