"""Our QR-bill against two other implementations; every disagreement is listed and argued.

A vector both accept must give the same payload; a verdict may differ only where it is listed,
and a listed difference must still exist, so that the lists stay true when a peer is updated.
"""

import json
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from qrbill import QRBill

from services.documents.tests.bills import DEBTOR, NON, QRR, SCOR, changed, creditor
from swissqrbill import Bill, QrBillInvalid, payload

FOLDER = Path(__file__).parent
BARE_QRR = changed(QRR, alternative_schemes=(), billing_information="")

VECTORS: dict[str, Bill] = {
    "QRR with everything": QRR,
    "QRR with message": BARE_QRR,
    "SCOR": SCOR,
    "NON in EUR without amount": NON,
    "LI IBAN": changed(NON, iban="LI21 0881 0000 2324 013A A"),
    "debtor abroad": changed(NON, debtor=type(DEBTOR)("Erika Muster", "79098", "Freiburg", "DE", "Weg", "3")),
    "address without street": creditor(street="", building=""),
    "smallest amount": changed(NON, amount_minor=1),
    "largest amount": changed(NON, amount_minor=99_999_999_999),
    "billing information alone": changed(NON, billing_information="//S1/10/1"),
    "scheme without billing information": changed(NON, alternative_schemes=("eBill/B/41010560425610173",)),
    "Latin Extended-A": creditor(name="Łukasz Žižek"),
    "newline in name": creditor(name="Muster\nAG"),
    "newline in message": changed(NON, message="Rechnung\nEPD"),
    "cyrillic name": creditor(name="Иван"),
    "emoji in message": changed(NON, message="Danke 📷"),
    "name of 71": creditor(name="N" * 71),
    "town of 36": creditor(town="T" * 36),
    "message of 141": changed(NON, message="m" * 141),
    "texts of 141 together": changed(NON, message="m" * 130, billing_information="//S1/10/123"),
    "no name": creditor(name=""),
    "no town": creditor(town=""),
    "no postal code": creditor(postal_code=""),
    "no country": creditor(country=""),
    "unknown country": creditor(country="ZZ"),
    "country in small letters": creditor(country="ch"),
    "wrong IBAN check digits": changed(NON, iban="CH5800791123000889013"),
    "German IBAN": changed(NON, iban="DE89370400440532013000"),
    "QR-IBAN with SCOR": changed(SCOR, iban=QRR.iban),
    "QR-IBAN without reference": changed(NON, iban=QRR.iban),
    "plain IBAN with QRR": changed(BARE_QRR, iban=SCOR.iban),
    "wrong QRR check digit": changed(BARE_QRR, reference="210000000003139471430009016"),
    "QRR of 26 digits": changed(BARE_QRR, reference="21000000000313947143000901"),
    "wrong SCOR check digits": changed(SCOR, reference="RF19539007547034"),
    "SCOR of 26 characters": changed(SCOR, reference="RF18" + "5" * 22),
    "USD": changed(NON, currency="USD"),
    "zero": changed(NON, amount_minor=0),
    "negative amount": changed(NON, amount_minor=-1),
    "amount too large": changed(NON, amount_minor=100_000_000_000),
    "three schemes": changed(NON, alternative_schemes=("a", "b", "c")),
    "billing information without prefix": changed(NON, billing_information="S1/10/1"),
}

PYTHON_DISAGREES = {
    "newline in name": "accepts it: every later line of the payload moves down by one",
    "newline in message": "accepts it: a message can forge the trailer and what follows",
    "cyrillic name": "accepts it: outside the permitted set (§ 4.1.1), banks reject the payment",
    "emoji in message": "accepts it: outside the permitted set (§ 4.1.1)",
    "no country": "fills in CH: a missing fact becomes a wrong one",
    "country in small letters": "corrects it to CH; we ask for the ISO code as the payload carries it",
    "zero": "accepts it: 0.00 is reserved for notifications with their fixed message (§ 4.2.2)",
}

NPM_DISAGREES = {
    "scheme without billing information": "leaves the empty billing line out: the scheme is read in its place",
    "newline in name": "drops it silently: what is printed is not what was given",
    "newline in message": "drops it silently and joins the words on both sides",
    "cyrillic name": "accepts it: outside the permitted set (§ 4.1.1)",
    "emoji in message": "accepts it: outside the permitted set (§ 4.1.1)",
    "no name": "accepts it: the creditor's name is mandatory (§ 4.2.2)",
    "no town": "accepts it: the town is mandatory",
    "no postal code": "accepts it: the postal code is mandatory with structured addresses",
    "unknown country": "checks the length only, not ISO 3166-1",
    "country in small letters": "corrects it to CH; we ask for the ISO code as the payload carries it",
    "wrong SCOR check digits": "does not compute them; the bank returns the payment (ISO 11649)",
    "zero": "accepts it: 0.00 is reserved for notifications with their fixed message",
    "negative amount": "accepts it: a payment is at least 0.01",
    "three schemes": "its form has two, a third is ignored; we refuse instead of printing less than asked",
    "billing information without prefix": "accepts it: billing information begins with // and a scheme (§ 4.2.2)",
}


def ours(bill: Bill) -> str | None:
    try:
        return payload(bill)
    except QrBillInvalid:
        return None


def python_peer(bill: Bill) -> str | None:
    """PyPI qrbill 1.2.0."""

    def address(a):
        return {
            "name": a.name,
            "street": a.street,
            "house_num": a.building,
            "pcode": a.postal_code,
            "city": a.town,
            "country": a.country,
        }

    try:
        made = QRBill(
            account=bill.iban,
            creditor=address(bill.creditor),
            amount=None if bill.amount_minor is None else str(Decimal(bill.amount_minor).scaleb(-2)),
            currency=bill.currency,
            debtor=address(bill.debtor) if bill.debtor else None,
            reference_number=bill.reference or None,
            additional_information=bill.message,
            billing_information=bill.billing_information,
            alt_procs=list(bill.alternative_schemes),
        )
        return made.qr_data().replace("\r\n", "\n")
    except (ValueError, TypeError, AttributeError, KeyError):
        return None


def npm_form(bill: Bill) -> dict:
    def address(a):
        form = {"name": a.name, "address": a.street, "zip": a.postal_code, "city": a.town, "country": a.country}
        return form | ({"buildingNumber": a.building} if a.building else {})

    form = {
        "creditor": address(bill.creditor) | {"account": bill.iban},
        "currency": bill.currency,
    }
    if bill.amount_minor is not None:
        form["amount"] = bill.amount_minor / 100
    if bill.debtor:
        form["debtor"] = address(bill.debtor)
    if bill.reference:
        form["reference"] = bill.reference
    if bill.message:
        form["message"] = bill.message
    if bill.billing_information:
        form["additionalInformation"] = bill.billing_information
    for number, scheme in enumerate(bill.alternative_schemes, start=1):
        form[f"av{number}"] = scheme
    return form


@pytest.fixture(scope="module")
def npm_verdicts() -> dict[str, str | None]:
    """npm swissqrbill 4.4.1, installed next to this file on first use."""
    if not (FOLDER / "node_modules/swissqrbill").exists():
        installed = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=FOLDER,
            capture_output=True,
            text=True,
        )
        if installed.returncode:
            pytest.skip(f"npm could not install swissqrbill: {installed.stderr[-300:]}")
    answers = subprocess.run(
        ["node", "swissqrbill.mjs"],
        cwd=FOLDER,
        input=json.dumps([npm_form(bill) for bill in VECTORS.values()]),
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: answer.get("payload") for name, answer in zip(VECTORS, json.loads(answers.stdout), strict=True)}


@pytest.mark.parametrize("name", VECTORS)
def test_python_qrbill_agrees_or_its_disagreement_is_argued(name):
    agree = python_peer(VECTORS[name]) == ours(VECTORS[name])
    assert agree is (name not in PYTHON_DISAGREES), PYTHON_DISAGREES.get(name)


@pytest.mark.parametrize("name", VECTORS)
def test_npm_swissqrbill_agrees_or_its_disagreement_is_argued(name, npm_verdicts):
    agree = npm_verdicts[name] == ours(VECTORS[name])
    assert agree is (name not in NPM_DISAGREES), NPM_DISAGREES.get(name)
