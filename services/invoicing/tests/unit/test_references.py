import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649
from stdnum.ch import esr

from invoicing.domain.references import ReferenceType, creditor_reference, is_qr_iban, qr_reference, reference

YEARS = st.integers(2000, 2999)
SEQS = st.integers(1, 9_999_999_999)


def test_the_qr_reference_of_the_first_invoice_of_2026() -> None:
    assert qr_reference(2026, 1) == "000000000000202600000000017"


def test_the_creditor_reference_of_the_first_invoice_of_2026() -> None:
    """98 − (20260001 RF00 with R = 27, F = 15) mod 97 = 98 − 67 = 31."""
    assert 20260001271500 % 97 == 67
    assert creditor_reference(2026, 1) == "RF3120260001"


@given(YEARS, SEQS)
def test_check_digits_are_right(year: int, seq: int) -> None:
    assert len(qr_reference(year, seq)) == 27
    assert esr.is_valid(qr_reference(year, seq))
    assert len(creditor_reference(year, seq)) <= 25
    assert iso11649.is_valid(creditor_reference(year, seq))


@given(st.tuples(YEARS, SEQS), st.tuples(YEARS, SEQS))
def test_two_invoices_never_share_a_reference(one: tuple[int, int], other: tuple[int, int]) -> None:
    for kind in (ReferenceType.QRR, ReferenceType.SCOR):
        assert (reference(kind, *one) == reference(kind, *other)) == (one == other)


def test_a_million_references_are_a_million() -> None:
    pairs = [(year, seq) for year in (2025, 2026) for seq in range(1, 500_001)]
    assert len({qr_reference(*pair) for pair in pairs[::10]}) == 100_000
    assert len({f"{year:04d}{seq:04d}" for year, seq in pairs}) == 1_000_000
    assert len({f"{year:04d}{seq:010d}" for year, seq in pairs}) == 1_000_000


def test_accounts_without_references_have_none() -> None:
    assert reference(ReferenceType.NON, 2026, 1) is None


def test_a_position_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        qr_reference(2026, 10_000_000_000)


@pytest.mark.parametrize(
    "iban, expected",
    [
        ("CH44 3199 9123 0008 8901 2", True),
        ("CH4430000123000889012", True),
        ("LI2132000123000889012", False),
        ("CH9300762011623852957", False),
        ("DE89370400440532013000", False),
        ("DE4431999123000889012", False),
    ],
)
def test_a_qr_iban_is_known_by_its_institution(iban: str, expected: bool) -> None:
    assert is_qr_iban(iban) is expected
