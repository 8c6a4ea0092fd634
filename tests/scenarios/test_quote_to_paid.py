"""One deal from quote to paid, with every figure worked out by hand."""

import hashlib
import re
from collections import Counter

import pytest

from kontor.settings import SERVICES
from kontor_launcher.story.deal import CUSTOMER, Deal, set_up_studio
from kontor_launcher.story.mails import attachments, recipients
from tests.support.books import Books
from tests.support.paper import qr_payload, text_of
from tests.support.ports import eventually
from tests.support.running import Kontor

EMAIL = str(CUSTOMER["email"])


@pytest.mark.timeout(240)
def test_a_deal_goes_from_quote_to_paid(kontor: Kontor) -> None:
    api = kontor.signed_in()
    set_up_studio(api)
    # Every service moves with the clock; 2 March 2026 is a Monday.
    api.put("developer/clock", {"now": "2026-03-02T09:00:00+00:00"})
    deal = Deal(api, kontor.mails, timeout=60)

    customer = deal.create_customer()
    assert customer["display_name"] == "Bergwerk Kaffee AG"

    # 8.1 %: 1377.00 + 1140.00 + 58.80 = 2575.80, VAT 208.6398; 2.6 %: 448.50, VAT 11.661
    quote = deal.create_quote()
    assert (quote["state"], quote["number"]) == ("draft", None)
    assert [line["net_minor"] for line in quote["lines"]] == [137700, 114000, 5880, 44850]
    assert [(group["vat_rate"], group["net_minor"], group["vat_minor"]) for group in quote["vat_groups"]] == [
        ("8.1", 257580, 20864),
        ("2.6", 44850, 1166),
    ]
    assert (quote["net_minor"], quote["vat_minor"], quote["total_minor"]) == (302430, 22030, 324460)

    token = deal.send_quote()
    assert (deal.quote["state"], deal.quote["number"]) == ("sent", "Q-2026-0001")
    page = api.anonymous().page(f"/quotes/respond/{token}")
    assert page.status_code == 200
    assert "3’244.60" in page.text

    accepted = deal.accept(token)
    assert accepted["state"] == "accepted"
    assert accepted["answer"]["name"] == "Seraina Caduff"
    assert accepted["answer"]["total_minor"] == 324460
    assert re.fullmatch(r"[0-9a-f]{64}", accepted["answer"]["document_sha256"])

    converted = deal.convert()
    assert converted["state"] == "converted"
    assert deal.contract["deal_uuid"] == quote["deal_uuid"]
    first, second = deal.invoices
    assert [(i["installment_index"], i["installment_label"], i["number"]) for i in deal.invoices] == [
        (1, "Anzahlung", None),
        (2, "Schlussrate", None),
    ]
    assert {i["deal_uuid"] for i in deal.invoices} == {quote["deal_uuid"]}
    # 30 %: 772.74 + 62.59 and 134.55 + 3.50;  70 %: 1803.06 + 146.05 and 313.95 + 8.16
    groups = [[(g["vat_rate"], g["net_minor"], g["vat_minor"]) for g in i["vat_groups"]] for i in deal.invoices]
    assert groups == [
        [("8.1", 77274, 6259), ("2.6", 13455, 350)],
        [("8.1", 180306, 14605), ("2.6", 31395, 816)],
    ]
    assert [i["total_minor"] for i in deal.invoices] == [97338, 227122]

    deal.compose_contract()
    token = deal.send_contract()
    assert (deal.contract["state"], deal.contract["number"]) == ("sent", "K-2026-0001")
    page = api.anonymous().page(f"/contracts/sign/{token}")
    assert page.status_code == 200
    assert "{{" not in page.text
    assert deal.sign(token)["state"] == "signed"
    sealed = deal.countersign()
    assert sealed["state"] == "fully_signed"
    final = api.content(f"documents/{sealed['final_document_id']}/content")
    assert hashlib.sha256(final).hexdigest() == sealed["integrity_hash"]
    assert "Seraina Caduff" in text_of(final)

    first = deal.issue(0)
    assert (first["number"], first["issue_date"], first["due_date"]) == ("INV-2026-0001", "2026-03-02", "2026-04-01")
    assert first["state"] == "sent"
    second = deal.issue(1)
    assert second["number"] == "INV-2026-0002"

    for invoice, amount in ((first, "973.38"), (second, "2271.22")):
        payload = qr_payload(deal.pdf(invoice))
        assert payload[:4] == ["SPC", "0200", "1", "CH4431999123000889012"]
        assert payload[4:11] == ["S", "Atelier Lindenhof GmbH", "Lindenhofgasse", "7", "8001", "Zürich", "CH"]
        assert payload[11:18] == [""] * 7
        assert payload[18:20] == [amount, "CHF"]
        assert payload[20:27] == ["S", "Bergwerk Kaffee AG", "Poststrasse", "12a", "7000", "Chur", "CH"]
        assert payload[27] == "QRR"
        assert payload[28] == invoice["reference"].replace(" ", "")
        assert len(payload[28]) == 27
        assert invoice["number"] in payload[29]
        assert payload[30] == "EPD"
    assert first["reference"] != second["reference"]

    part = deal.pay(0, 50000)
    assert (part["state"], part["paid_minor"], part["open_minor"]) == ("partially_paid", 50000, 47338)
    first = deal.pay(0, 47338)
    second = deal.pay(1, 227122)
    assert [(i["state"], i["paid_minor"], i["open_minor"]) for i in (first, second)] == [
        ("paid", 97338, 0),
        ("paid", 227122, 0),
    ]

    _the_deal_tells_its_story(deal, quote["deal_uuid"])
    _every_mail_came_once(kontor, deal)
    assert api.get("operations/parked-messages")["items"] == []
    books = Books(kontor.database_url())
    books.await_finished()
    assert {event["producer"] for event in books.emitted()} == set(SERVICES)
    assert books.unlike_their_schema() == []


def _the_deal_tells_its_story(deal: Deal, deal_uuid: str) -> None:
    def complete() -> bool:
        story = deal.api.get(f"deals/{deal_uuid}")
        records = sorted((record["kind"], record["number"], record["state"]) for record in story["records"])
        assert records == [
            ("contract", "K-2026-0001", "fully_signed"),
            ("invoice", "INV-2026-0001", "paid"),
            ("invoice", "INV-2026-0002", "paid"),
            ("quote", "Q-2026-0001", "converted"),
        ]
        seen = Counter(entry["type"] for entry in story["timeline"])
        for type, count in (
            ("quote_sent.v1", 1),
            ("quote_accepted.v1", 1),
            ("quote_converted.v1", 1),
            ("contract_sent.v1", 1),
            ("contract_signed.v1", 1),
            ("contract_fully_signed.v1", 1),
            ("invoice_issued.v1", 2),
            ("payment_recorded.v1", 3),
            ("invoice_paid.v1", 2),
        ):
            assert seen[type] == count, f"{type}: {seen[type]}"
        return True

    eventually(complete, timeout=20)


def _every_mail_came_once(kontor: Kontor, deal: Deal) -> None:
    """To the customer: quote, confirmation of the acceptance, contract, sealed contract, two invoices."""

    def attached() -> list[str]:
        mine = [mail for mail in kontor.mails() if EMAIL in recipients(mail)]
        return sorted(name for mail in mine for name in attachments(mail) if name.endswith(".pdf"))

    wanted = {"Q-2026-0001": 2, "K-2026-0001": 1, "INV-2026-0001": 1, "INV-2026-0002": 1}

    def complete() -> bool:
        names = attached()
        for number, count in wanted.items():
            assert sum(number in name for name in names) >= count, names
        return True

    eventually(complete, timeout=30)
    ids = [mail["Message-ID"] for mail in kontor.mails()]
    assert len(ids) == len(set(ids)), "a mail was sent twice"
