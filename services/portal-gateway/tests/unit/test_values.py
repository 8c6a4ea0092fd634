"""Checked values: IBAN, VAT ids, postcodes, addresses, settings sections."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from kontor.errors import Invalid
from portal_gateway.business import values as v
from portal_gateway.business.bank_accounts import check, is_qr_iban
from portal_gateway.business.sections import BusinessProfile, Numbering, missing
from portal_gateway.settings import GatewaySettings, _plain_loopback


class Probe(BaseModel):
    email: v.Email = "a@b.ch"
    iban: v.Iban = "CH9300762011623852957"
    vat_id: v.VatId = ""
    line: v.Line = ""
    currency: v.Currency = "CHF"
    country: v.Country = "CH"


class Einvoice(BaseModel):
    leitweg_id: v.LeitwegId = ""


@pytest.mark.parametrize("address", ["a@b.ch", "lena.mueller+x@studio.example.com", "l@müller.ch"])
def test_addresses_that_are_taken(address: str) -> None:
    assert Probe(email=address).email == address


@pytest.mark.parametrize(
    "address", ["", "a", "a@b", "a b@c.ch", "a@b..ch", "a@-b.ch", "a@b.ch\nBcc: x@y.ch", "<a@b.ch>", "a@b.ch,c@d.ch"]
)
def test_addresses_that_are_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        Probe(email=address)


def test_an_iban_is_kept_without_spaces() -> None:
    assert Probe(iban="ch93 0076 2011 6238 5295 7").iban == "CH9300762011623852957"


@pytest.mark.parametrize("iban", ["CH9300762011623852958", "CH93", "", "XX0000000000", "DE8937040044053201300"])
def test_a_wrong_iban_is_refused(iban: str) -> None:
    with pytest.raises(ValidationError):
        Probe(iban=iban)


@pytest.mark.parametrize("number", ["CHE-123.456.789", "DE123456789", "ATU12345678", "12345", "XX123"])
def test_a_vat_id_with_wrong_digits_is_refused(number: str) -> None:
    with pytest.raises(ValidationError):
        Probe(vat_id=number)


@pytest.mark.parametrize(
    ("postcode", "country", "right"),
    [("8001", "CH", True), ("0800", "CH", False), ("9490", "LI", True), ("8001", "LI", False), ("01067", "DE", True),
     ("1067", "DE", False), ("00000", "DE", False), ("1010", "AT", True), ("0101", "AT", False),
     ("SW1A 1AA", "GB", True), ("94850000", "LI", False), ("٨٠٠١", "CH", False), ("75008", "FR", True),
     ("whatever", "AE", True), ("", "CH", True)],
)  # fmt: skip
def test_postcodes(postcode: str, country: str, right: bool) -> None:
    assert (v.postcode_problem(postcode, country) is None) == right


@pytest.mark.parametrize("text", ["a\nb", "a\x00b", "a\u2028b", "\ud800"])
def test_a_line_is_one_line_of_storable_text(text: str) -> None:
    with pytest.raises(ValidationError):
        Probe(line=text)


def test_a_line_keeps_right_to_left_and_emoji() -> None:
    assert Probe(line=" שלום 🎉 ").line == "שלום 🎉"


def account(**changes: Any) -> dict[str, Any]:
    base = {"iban": "CH9300762011623852957", "currency": "CHF", "reference_type": "SCOR", "qr_bill_enabled": True}
    return {**base, **changes}


def test_a_qr_iban_goes_with_qrr_and_only_then() -> None:
    qr = "CH4431999123000889012"
    assert is_qr_iban(qr)
    check(account(iban=qr, reference_type="QRR"))
    for wrong in (account(iban=qr), account(reference_type="QRR")):
        with pytest.raises(Invalid) as refusal:
            check(wrong)
        assert refusal.value.errors[0].field == "reference_type"


@pytest.mark.parametrize("change", [{"iban": "DE89370400440532013000"}, {"currency": "USD"}])
def test_a_qr_bill_needs_a_swiss_account_in_francs_or_euros(change: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        check(account(**change))
    assert refusal.value.errors[0].field == "qr_bill_enabled"


def test_an_empty_profile_misses_what_a_document_prints() -> None:
    assert missing(BusinessProfile().model_dump()) == ["name", "street", "postcode", "town", "email"]
    assert missing({**BusinessProfile().model_dump(), "vat_registered": True})[-1] == "vat_id"


@pytest.mark.parametrize("pattern", ["Q-{SEQ}", "Q-{YEAR}", "{YEAR}-{SEQ}-{X}", ""])
def test_a_number_format_gives_every_document_its_own(pattern: str) -> None:
    with pytest.raises(ValidationError):
        Numbering(quote=pattern)


@pytest.mark.parametrize(
    ("url", "plain"),
    [("http://127.0.0.1:8080", True), ("http://localhost", True), ("http://[::1]:80", True),
     ("http://kontor.localhost", True), ("http://192.168.1.2", False), ("https://localhost", False),
     ("http://studio.example", False)],
)  # fmt: skip
def test_cookies_go_without_secure_on_loopback_only(url: str, plain: bool) -> None:
    assert _plain_loopback(url) is plain


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1, 10.0.0.3", "198.51.100.1"),
        ("10.0.0.2", "nonsense", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
    ],
)
def test_only_trusted_proxies_may_name_the_client(peer: str, forwarded: str, client: str) -> None:
    settings = GatewaySettings("", secure_cookies=True, trusted_proxies="10.0.0.0/8", dev_clock=False)
    assert settings.client_address(peer, forwarded) == client


@pytest.mark.parametrize("number", ["991-03730-19", "04011000-1234512345-06"])
def test_a_leitweg_id_is_kept(number: str) -> None:
    assert Einvoice(leitweg_id=number.lower()).leitweg_id == number


@pytest.mark.parametrize("number", ["991-03730-18", "991", "04011000-1234512345-60", "x"])
def test_a_leitweg_id_with_wrong_digits_is_refused(number: str) -> None:
    with pytest.raises(ValidationError):
        Einvoice(leitweg_id=number)


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [("CH-8001", "CH", "8001"), ("FL 9490", "LI", "9490"), ("D-80331", "DE", "80331"), ("A-1010", "AT", "1010"),
     ("1234 ab", "NL", "1234 AB"), ("DE", "DE", "DE")],
)  # fmt: skip
def test_a_postcode_is_written_as_in_its_country(typed: str, country: str, kept: str) -> None:
    assert v.postcode(typed, country) == kept
