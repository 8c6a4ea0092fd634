"""The payload, line by line, and every bill that must be refused."""

from decimal import Decimal

import pytest

from services.documents.tests.bills import CREDITOR, DEBTOR, NON, QRR, SCOR, changed, creditor
from swissqrbill import NOTIFICATIONS, Bill, errors, minor_units, payload, validate


def test_a_full_bill_has_every_line_in_the_order_of_the_guidelines():
    assert payload(QRR).split("\n") == [
        "SPC",
        "0200",
        "1",
        "CH4431999123000889012",
        "S",
        "Max Muster & Söhne",
        "Musterstrasse",
        "123",
        "8000",
        "Seldwyla",
        "CH",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "1949.75",
        "CHF",
        "S",
        "Simon Muster",
        "Musterstrasse",
        "1",
        "8000",
        "Seldwyla",
        "CH",
        "QRR",
        "210000000003139471430009017",
        "Auftrag vom 15.06.2026",
        "EPD",
        "//S1/10/10201409/11/260512/20/140.000-53/30/102673831/31/260508/32/7.7/40/2:10;0:30",
        "Name AV1: UV;UltraPay005;12345",
        "Name AV2: XY;XYService;54321",
    ]


def test_a_bare_bill_ends_with_the_trailer_and_no_newline():
    lines = payload(NON).split("\n")
    assert len(lines) == 31
    assert lines[18:] == ["", "EUR", *[""] * 7, "NON", "", "", "EPD"]


def test_an_empty_billing_line_is_kept_before_an_alternative_scheme():
    lines = payload(changed(NON, alternative_schemes=("eBill/B/41010560425610173",))).split("\n")
    assert lines[30:] == ["EPD", "", "eBill/B/41010560425610173"]


def test_the_smallest_and_the_largest_amount_are_written_with_two_decimals():
    assert payload(changed(NON, amount_minor=1)).split("\n")[18] == "0.01"
    assert payload(changed(NON, amount_minor=99_999_999_999)).split("\n")[18] == "999999999.99"
    assert payload(changed(NON, amount_minor=100)).split("\n")[18] == "1.00"


@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
def test_zero_is_allowed_on_a_notification(language):
    bill = changed(NON, amount_minor=0, message=NOTIFICATIONS[language])
    assert payload(bill).split("\n")[18] == "0.00"


def test_liechtenstein_ibans_and_characters_of_latin_extended_a_are_allowed():
    validate(changed(NON, iban="LI21 0881 0000 2324 013A A"))
    validate(creditor(name="Ștefan Țurcan & Łukasz Žižek, Œuvre € GmbH"))


REFUSED = [
    # text
    (creditor(name="Muster\nAG"), errors.ControlCharacter, "creditor.name"),
    (creditor(street="Weg\r"), errors.ControlCharacter, "creditor.street"),
    (creditor(town="Bern\t"), errors.ControlCharacter, "creditor.town"),
    (creditor(building="1\x00"), errors.ControlCharacter, "creditor.building"),
    (creditor(postal_code="80\x850"), errors.ControlCharacter, "creditor.postal_code"),
    (creditor(country="C\n"), errors.ControlCharacter, "creditor.country"),
    (changed(NON, message="Rechnung\nEPD"), errors.ControlCharacter, "message"),
    (changed(NON, message="Zeile\u2028zwei"), errors.ControlCharacter, "message"),
    (changed(NON, billing_information="//S1/10/1\n"), errors.ControlCharacter, "billing_information"),
    (changed(NON, alternative_schemes=("a\nb",)), errors.ControlCharacter, "alternative_schemes.1"),
    (changed(NON, iban="CH5800791123000889012\n"), errors.ControlCharacter, "iban"),
    (changed(SCOR, reference="RF18539007547034\n"), errors.ControlCharacter, "reference"),
    (creditor(name="Иван"), errors.ForeignCharacter, "creditor.name"),
    (creditor(name="株式会社"), errors.ForeignCharacter, "creditor.name"),
    (creditor(name="Studio 📷"), errors.ForeignCharacter, "creditor.name"),
    (creditor(name="L’atelier"), errors.ForeignCharacter, "creditor.name"),
    (changed(NON, message="1 – 2"), errors.ForeignCharacter, "message"),
    (creditor(name=None), errors.NotText, "creditor.name"),
    # lengths and presence
    (creditor(name="N" * 71), errors.FieldTooLong, "creditor.name"),
    (creditor(street="S" * 71), errors.FieldTooLong, "creditor.street"),
    (creditor(building="1" * 17), errors.FieldTooLong, "creditor.building"),
    (creditor(postal_code="1" * 17), errors.FieldTooLong, "creditor.postal_code"),
    (creditor(town="T" * 36), errors.FieldTooLong, "creditor.town"),
    (changed(NON, message="m" * 141), errors.FieldTooLong, "message"),
    (changed(NON, alternative_schemes=("a" * 101,)), errors.FieldTooLong, "alternative_schemes.1"),
    (changed(NON, message="m" * 100, billing_information="//S1/10/" + "1" * 33), errors.TextsTooLong, "message"),
    (creditor(name=""), errors.FieldMissing, "creditor.name"),
    (creditor(name="   "), errors.FieldMissing, "creditor.name"),
    (creditor(postal_code=""), errors.FieldMissing, "creditor.postal_code"),
    (creditor(town=""), errors.FieldMissing, "creditor.town"),
    (creditor(country=""), errors.FieldMissing, "creditor.country"),
    (changed(NON, iban=""), errors.FieldMissing, "iban"),
    (changed(NON, alternative_schemes=("a", "b", "c")), errors.TooManySchemes, "alternative_schemes"),
    # countries
    (creditor(country="ZZ"), errors.UnknownCountry, "creditor.country"),
    (creditor(country="ch"), errors.UnknownCountry, "creditor.country"),
    (creditor(country="UK"), errors.UnknownCountry, "creditor.country"),
    # IBAN
    (changed(NON, iban="CH5800791123000889013"), errors.IbanCheckDigitsWrong, "iban"),
    (changed(NON, iban="DE89370400440532013000"), errors.IbanCountryNotAllowed, "iban"),
    (changed(NON, iban="CH580079112300088901"), errors.IbanMalformed, "iban"),
    (changed(NON, iban="ch5800791123000889012"), errors.IbanMalformed, "iban"),
    # references
    (changed(SCOR, iban=QRR.iban), errors.QrIbanForbidden, "iban"),
    (changed(NON, iban=QRR.iban), errors.QrIbanForbidden, "iban"),
    (changed(QRR, iban=SCOR.iban), errors.QrIbanRequired, "iban"),
    (changed(QRR, reference="210000000003139471430009016"), errors.ReferenceCheckDigitWrong, "reference"),
    (changed(QRR, reference="21000000000313947143000901"), errors.ReferenceMalformed, "reference"),
    (changed(QRR, reference=""), errors.ReferenceMalformed, "reference"),
    (changed(SCOR, reference="RF19539007547034"), errors.ReferenceCheckDigitWrong, "reference"),
    (changed(SCOR, reference="RF18"), errors.ReferenceMalformed, "reference"),
    (changed(SCOR, reference="rf18539007547034"), errors.ReferenceMalformed, "reference"),
    (changed(SCOR, reference="RF18" + "5" * 22), errors.ReferenceMalformed, "reference"),
    (changed(NON, reference="RF18539007547034"), errors.ReferenceForbidden, "reference"),
    (changed(NON, reference_type="ESR"), errors.ReferenceTypeUnknown, "reference_type"),
    # money
    (changed(NON, currency="USD"), errors.CurrencyNotAllowed, "currency"),
    (changed(NON, currency="chf"), errors.CurrencyNotAllowed, "currency"),
    (changed(NON, amount_minor=0), errors.AmountZero, "amount_minor"),
    (changed(NON, amount_minor=-1), errors.AmountOutOfRange, "amount_minor"),
    (changed(NON, amount_minor=100_000_000_000), errors.AmountOutOfRange, "amount_minor"),
    (changed(NON, amount_minor=12.5), errors.AmountNotWhole, "amount_minor"),
    (changed(NON, amount_minor=Decimal("12.345")), errors.AmountNotWhole, "amount_minor"),
    (changed(NON, amount_minor="12.34"), errors.AmountNotWhole, "amount_minor"),
    (changed(NON, amount_minor=True), errors.AmountNotWhole, "amount_minor"),
    # billing information
    (changed(NON, billing_information="S1/10/1"), errors.BillingInformationMalformed, "billing_information"),
    (changed(NON, billing_information="//S1/11/1/10/2"), errors.BillingInformationMalformed, "billing_information"),
    (changed(NON, billing_information="//S1/10/a/10/b"), errors.BillingInformationMalformed, "billing_information"),
    (changed(NON, billing_information="//S1/99/1"), errors.BillingInformationMalformed, "billing_information"),
    (changed(NON, billing_information="//S1/11/261301"), errors.BillingInformationMalformed, "billing_information"),
    # capacity: every field at its longest, in two-byte letters
    (
        Bill(
            iban=NON.iban,
            creditor=type(CREDITOR)("Ö" * 70, "8000", "Ö" * 35, "CH", "Ö" * 70, "Ö" * 16),
            currency="CHF",
            debtor=type(CREDITOR)("Ö" * 70, "8000", "Ö" * 35, "CH", "Ö" * 70, "Ö" * 16),
            message="Ö" * 140,
        ),
        errors.PayloadTooLong,
        "payload",
    ),
]


@pytest.mark.parametrize(("bill", "mistake", "field"), REFUSED, ids=lambda v: getattr(v, "__name__", None))
def test_a_wrong_bill_is_refused_with_the_class_the_code_and_the_field_of_the_mistake(bill, mistake, field):
    with pytest.raises(errors.QrBillInvalid) as caught:
        payload(bill)
    assert type(caught.value) is mistake
    assert caught.value.code == "QRBILL_INVALID"
    assert caught.value.field == field
    assert caught.value.as_dict()["rule"] == mistake.rule


def test_debtor_fields_are_checked_like_the_creditors():
    with pytest.raises(errors.ControlCharacter) as caught:
        validate(changed(NON, debtor=type(DEBTOR)("A\nB", "8000", "Seldwyla", "CH")))
    assert caught.value.field == "debtor.name"


def test_every_mistake_has_a_rule_of_its_own():
    rules = [kind.rule for kind in errors.QrBillInvalid.__subclasses__()]
    assert len(rules) == len(set(rules)) == 25


@pytest.mark.parametrize(("text", "minor"), [("0.01", 1), ("1949.75", 194975), ("12", 1200), ("12.3", 1230)])
def test_decimal_text_becomes_minor_units_exactly(text, minor):
    assert minor_units(text) == minor


@pytest.mark.parametrize("text", ["12.345", "1e3", "-1", "1'000", "1,5", "", " 1", "1.", "٣"])
def test_decimal_text_with_three_decimals_signs_or_grouping_is_refused(text):
    with pytest.raises(errors.AmountNotWhole):
        minor_units(text)
