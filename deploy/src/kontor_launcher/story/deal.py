"""The steps of a deal, each one request (or a few) and what it waits for.

A step may be repeated after a lost answer: where the first try had taken effect, the step goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from kontor_launcher.story import ink
from kontor_launcher.story.api import Api, Problem, until
from kontor_launcher.story.mails import Mails, link_to

Record = dict[str, Any]

BUSINESS_PROFILE: Record = {
    "name": "Atelier Lindenhof GmbH",
    "street": "Lindenhofgasse",
    "house_number": "7",
    "postcode": "8001",
    "town": "Zürich",
    "country": "CH",
    "vat_id": "CHE-234.567.895 MWST",
    "email": "hallo@atelier-lindenhof.example",
    "phone": "+41 44 555 01 01",
    "website": "https://atelier-lindenhof.example",
    "timezone": "Europe/Zurich",
    "default_currency": "CHF",
    "default_language": "de",
    "vat_registered": True,
}
BANK_ACCOUNT: Record = {
    "holder": "Atelier Lindenhof GmbH",
    "iban": "CH4431999123000889012",
    "bic": "",
    "currency": "CHF",
    "is_default": True,
    "reference_type": "QRR",
    "qr_bill_enabled": True,
}
CUSTOMER: Record = {
    "salutation": "Frau",
    "first_name": "Seraina",
    "last_name": "Caduff",
    "company": "Bergwerk Kaffee AG",
    "email": "seraina.caduff@bergwerk.example",
    "street": "Poststrasse",
    "house_number": "12a",
    "postcode": "7000",
    "town": "Chur",
    "country": "CH",
    "language": "de",
    "currency": "CHF",
}
# Worked out by hand. 8.1 %: 8.5 × 180.00 less 10 % = 1377.00, 12 × 95.00 = 1140.00, 84 × 0.70 = 58.80, together
# 2575.80, VAT 208.6398 → 208.64. 2.6 %: 3 × 149.50 = 448.50, VAT 11.661 → 11.66. Net 3024.30, total 3244.60.
LINES: list[Record] = [
    {
        "description": "Fotoreportage Rösterei",
        "quantity": "8.5",
        "unit": "hour",
        "unit_price_minor": 18000,
        "discount_percent": "10",
        "vat_rate": "8.1",
    },
    {
        "description": "Bildbearbeitung",
        "quantity": "12",
        "unit": "hour",
        "unit_price_minor": 9500,
        "vat_rate": "8.1",
    },
    {
        "description": "Anfahrt Zürich–Chur und zurück",
        "quantity": "84",
        "unit": "km",
        "unit_price_minor": 70,
        "vat_rate": "8.1",
    },
    {
        "description": "Fotobuch, gedruckt und gebunden",
        "quantity": "3",
        "unit": "piece",
        "unit_price_minor": 14950,
        "vat_rate": "2.6",
    },
]
INSTALLMENTS: list[Record] = [
    {"label": "Anzahlung", "percent": "30", "trigger": "on_acceptance"},
    {"label": "Schlussrate", "percent": "70", "trigger": "on_delivery"},
]
QUOTE: Record = {
    "title": "Bildwelt für die neue Rösterei",
    "currency": "CHF",
    "language": "de",
    "intro": "Guten Tag Frau Caduff\n\nVielen Dank für das gute Gespräch in Chur. Gerne bieten wir an:",
    "closing": "Wir freuen uns auf die Zusammenarbeit.",
    "price_entry": "net",
    "lines": LINES,
    "payment": {"net_days": 30, "from": "issue"},
    "installments": INSTALLMENTS,
}
FEATURES = {"clients": True, "quotes": True, "contracts": True, "bills": True, "customerPortal": True}


def set_up_studio(api: Api) -> None:
    """Business profile, bank account and features, as the guided set-up would ask for them."""
    api.patch("features", FEATURES)
    api.patch("settings/business-profile", BUSINESS_PROFILE)
    if not any(account["iban"] == BANK_ACCOUNT["iban"] for account in api.get("bank-accounts")["items"]):
        api.post("bank-accounts", BANK_ACCOUNT)


@dataclass
class Deal:
    """One deal: what the steps before have left for the steps after."""

    api: Api
    mails: Mails
    email: str = str(CUSTOMER["email"])
    signer: str = "Seraina Caduff"
    issuer: str = "Mara Lindenhof"
    timeout: float = 30.0
    run: str = field(default_factory=lambda: uuid4().hex)
    customer: Record = field(default_factory=dict)
    quote: Record = field(default_factory=dict)
    contract: Record = field(default_factory=dict)
    invoices: list[Record] = field(default_factory=list)
    payments: int = 0

    def _key(self, step: str) -> str:
        return f"{self.run}-{step}"

    def _act(self, path: str, body: Record, step: str, state: str, read: str) -> Record:
        """POST an action; a conflict is fine when the record has got where the action leads."""
        try:
            answer: Record = self.api.post(path, body, key=self._key(step))
        except Problem as problem:
            if problem.status != 409:
                raise
            answer = self.api.get(read)
            if answer["state"] != state:
                raise
        return answer

    # -- quote --------------------------------------------------------------------------------

    def create_customer(self) -> Record:
        self.customer = self.api.post("customers", CUSTOMER | {"email": self.email}, key=self._key("customer"))
        return self.customer

    def create_quote(self) -> Record:
        self.quote = self.api.post("quotes", QUOTE | {"customer_id": self.customer["id"]}, key=self._key("quote"))
        return self.quote

    def send_quote(self) -> str:
        """Send it and wait for the mail; returns the token of the mailed link."""
        path = f"quotes/{self.quote['id']}"
        self.quote = self._act(f"{path}/send", {}, "quote-send", "sent", path)
        return until(lambda: link_to(self.mails, self.email, "/quotes/respond/"), "the quote is mailed", self.timeout)

    def accept(self, token: str) -> Record:
        """Open the mailed link as the customer, look at the total and accept it."""
        customer = self.api.anonymous()
        try:
            seen = customer.get(f"public/quotes/{token}")
            body = {
                "name": self.signer,
                "total_minor": seen["quote"]["total_minor"],
                "selection": {},
                "accept_terms": True,
                "message": "Wir freuen uns!",
            }
            try:
                customer.post(f"public/quotes/{token}/accept", body, key=self._key("accept"))
            except Problem as problem:
                if problem.status != 409 or customer.get(f"public/quotes/{token}")["state"] not in (
                    "accepted",
                    "converted",
                ):
                    raise
        finally:
            customer.close()
        self.quote = self.api.get(f"quotes/{self.quote['id']}")
        return self.quote

    def convert(self) -> Record:
        """Convert to a contract and the invoices of the plan, and wait until all are there."""
        path = f"quotes/{self.quote['id']}"
        body = {"booking": False, "contract": True, "invoice": True}
        try:
            self.api.post(f"{path}/convert", body, key=self._key("convert"))
        except Problem as problem:
            if problem.status != 409 or self.api.get(path)["state"] != "converted":
                raise

        def complete() -> Record | None:
            quote: Record = self.api.get(path)
            return quote if (quote["conversion"] or {}).get("complete") else None

        self.quote = until(complete, "contract and invoices exist", self.timeout)
        conversion = self.quote["conversion"]
        self.contract = self.api.get(f"contracts/{conversion['contract_id']}")
        self.invoices = [self.api.get(f"invoices/{id}") for id in conversion["invoice_ids"]]
        return self.quote

    # -- contract -----------------------------------------------------------------------------

    def compose_contract(self) -> Record:
        """Pick the seeded German blocks whose placeholders this deal can fill, and name the signer."""
        path = f"contracts/{self.contract['id']}"
        blocks = self.api.get("contract-blocks", language="de", active="true")["items"]
        chosen = [block["id"] for block in blocks if block["section"] in SECTIONS and _fillable(block)]
        changes = {
            "title": "Vertrag Bildwelt Rösterei",
            "block_ids": chosen,
            "signers": [{"name": self.signer, "email": self.email}],
            "signing_modes": ["draw"],
        }
        try:
            self.contract = self.api.patch(path, changes | {"version": self.contract["version"]})
        except Problem as problem:
            # PATCH has no idempotency key: a repeated one meets its own first try.
            saved = self.api.get(path)
            if problem.code != "STALE_VERSION" or saved["title"] != changes["title"]:
                raise
            self.contract = saved
        return self.contract

    def send_contract(self) -> str:
        """Review, send what was reviewed, wait for the mail; returns the token of the signing link."""
        path = f"contracts/{self.contract['id']}"
        review = self.api.post(f"{path}/review")
        if review["problems"]:
            raise AssertionError(f"the contract has problems: {review['problems']}")
        body = {"review_hash": review["review_hash"]}
        self.contract = self._act(f"{path}/send", body, "contract-send", "sent", path)
        return until(
            lambda: link_to(self.mails, self.email, "/contracts/sign/"), "the contract is mailed", self.timeout
        )

    def sign(self, token: str) -> Record:
        """Sign as the customer, by drawing."""
        customer = self.api.anonymous()
        try:
            page = customer.get(f"public/contracts/{token}")
            body = {
                "name": self.signer,
                "method": "draw",
                "signature_png": ink.stroke(3),
                "consents": [consent["id"] for consent in page["contract"].get("consents") or []],
            }
            customer.post(f"public/contracts/{token}/sign", body, key=self._key("sign"))
        finally:
            customer.close()
        self.contract = self.api.get(f"contracts/{self.contract['id']}")
        return self.contract

    def countersign(self) -> Record:
        """Sign as the studio and wait for the final PDF and its hash."""
        path = f"contracts/{self.contract['id']}"
        body = {"name": self.issuer, "signature_png": ink.stroke(7)}
        try:
            self.api.post(f"{path}/countersign", body, key=self._key("countersign"))
        except Problem as problem:
            if problem.status != 409 or self.api.get(path)["state"] not in ("sealing", "fully_signed"):
                raise

        def sealed() -> Record | None:
            contract: Record = self.api.get(path)
            return contract if contract["state"] == "fully_signed" else None

        self.contract = until(sealed, "the contract is fully signed", self.timeout)
        return self.contract

    # -- invoices -----------------------------------------------------------------------------

    def issue(self, index: int) -> Record:
        """Issue and send the instalment and wait until its mail is out."""
        path = f"invoices/{self.invoices[index]['id']}"
        try:
            self.api.post(f"{path}/send", {}, key=self._key(f"issue-{index}"))
        except Problem as problem:
            if problem.status != 409 or self.api.get(path)["number"] is None:
                raise

        def sent() -> Record | None:
            invoice: Record = self.api.get(path)
            return invoice if invoice["state"] not in ("draft", "pending_delivery", "issuing") else None

        self.invoices[index] = until(sent, "the invoice is mailed", self.timeout)
        return self.invoices[index]

    def pay(self, index: int, *amounts: int) -> Record:
        """Record payments (minor units) of the instalment; without amounts, the open amount at once."""
        path = f"invoices/{self.invoices[index]['id']}"
        for amount in amounts or (self.api.get(path)["open_minor"],):
            self.payments += 1
            body = {
                "amount_minor": amount,
                "date": self.invoices[index]["issue_date"],
                "method": "bank",
                "reference": f"Zahlung {self.payments}",
            }
            self.api.post(f"{path}/payments", body, key=self._key(f"payment-{self.payments}"))
        self.invoices[index] = self.api.get(path)
        return self.invoices[index]

    def pdf(self, record: Record) -> bytes:
        """The stored PDF of an issued record."""
        return self.api.content(f"documents/{record['document_id']}/content")

    def play(self) -> None:
        """All steps without looking at what they answer."""
        self.create_customer()
        self.create_quote()
        self.accept(self.send_quote())
        self.convert()
        self.compose_contract()
        self.sign(self.send_contract())
        self.countersign()
        for index in range(len(self.invoices)):
            self.issue(index)
            self.pay(index)


SECTIONS = ("preamble", "scope", "payment", "cancellation", "privacy", "closing")
_UNKNOWN = ("booking.",)  # this deal has no booking


def _fillable(block: Record) -> bool:
    text = str(block["body_markdown"]).replace(" ", "")
    return not any("{{" + name in text for name in _UNKNOWN)
