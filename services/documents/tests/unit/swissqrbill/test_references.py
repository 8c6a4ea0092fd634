"""Check digits, worked out by hand and by property."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swissqrbill import BillingInformation, compose_billing_information, creditor_reference, errors, qr_reference
from swissqrbill.billing_information import parse
from swissqrbill.reference import ReferenceType, check_reference, grouped

CAPITALS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_the_qr_reference_of_the_guidelines_has_the_check_digit_seven():
    assert qr_reference("21000000000313947143000901") == "210000000003139471430009017"


def test_the_creditor_reference_of_iso_11649_has_the_check_digits_18():
    assert creditor_reference("539007547034") == "RF18539007547034"


def test_references_are_printed_in_the_prescribed_groups():
    assert grouped(ReferenceType.QRR, "210000000003139471430009017") == "21 00000 00003 13947 14300 09017"
    assert grouped(ReferenceType.SCOR, "RF18539007547034") == "RF18 5390 0754 7034"


@given(st.text("0123456789", min_size=1, max_size=26))
def test_every_qr_reference_we_make_passes_our_check(digits):
    reference = qr_reference(digits)
    assert check_reference("reference", ReferenceType.QRR, reference) == reference


@given(st.text("0123456789", min_size=1, max_size=26), st.integers(0, 26), st.integers(1, 9))
def test_one_wrong_digit_never_passes(digits, place, shift):
    reference = qr_reference(digits)
    wrong = reference[:place] + str((int(reference[place]) + shift) % 10) + reference[place + 1 :]
    with pytest.raises(errors.ReferenceCheckDigitWrong):
        check_reference("reference", ReferenceType.QRR, wrong)


@given(st.text(CAPITALS_AND_DIGITS, min_size=1, max_size=21))
def test_every_creditor_reference_we_make_passes_our_check(text):
    reference = creditor_reference(text)
    assert check_reference("reference", ReferenceType.SCOR, reference) == reference


@given(st.integers(0, 10**26 - 1), st.integers(0, 10**26 - 1))
def test_two_numbers_never_share_a_qr_reference(one, other):
    assert (qr_reference(str(one)) == qr_reference(str(other))) is (one == other)


@pytest.mark.parametrize("text", ["", "INV-2026-0042", "inv1", "A" * 22])
def test_characters_are_refused_instead_of_dropped_when_making_a_creditor_reference(text):
    with pytest.raises(errors.ReferenceMalformed):
        creditor_reference(text)


def test_swico_billing_information_is_composed_in_order_and_escaped():
    text = compose_billing_information(
        BillingInformation(
            document_number="X.66711/8824",
            document_date=date(2026, 7, 12),
            customer_reference="MW-2026\\04",
            vat_number="107978798",
            supply_from=date(2026, 1, 1),
            supply_to=date(2026, 6, 30),
            vat_rates=((Decimal("8.10"), "553.39"), (Decimal("2.6"), "400.19")),
            conditions=((Decimal("3"), 10), (Decimal("0"), 30)),
        )
    )
    assert text == (
        r"//S1/10/X.66711\/8824/11/260712/20/MW-2026\\04/30/107978798/31/260101260630"
        "/32/8.1:553.39;2.6:400.19/40/3:10;0:30"
    )
    assert parse(text)["10"] == "X.66711/8824"
    assert parse(text)["20"] == "MW-2026\\04"


def test_no_facts_give_no_billing_information():
    assert compose_billing_information(BillingInformation()) == ""
