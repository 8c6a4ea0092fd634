"""The documents service as its callers and its events see it: real database, real storage, real PDFs."""

import hashlib
from base64 import b64decode
from pathlib import Path

import pytest

from kontor.errors import Refused
from kontor.ids import uuid7
from services.documents.tests.decode import page_image, symbol_lines, texts
from services.documents.tests.deliveries import ANNA, DEAL, eml, invoice_issued, mails_in, of_record, quote_sent, sealed
from services.documents.tests.samples import BANK, CUSTOMER, ISSUER, PIXEL, contract, contract_final, invoice, quote


@pytest.fixture(scope="module")
def documents(module_harness):
    return module_harness("documents")


def test_a_sent_quote_is_rendered_stored_announced_and_mailed_with_its_link(documents):
    quote_id, _ = quote_sent(documents)
    [stored] = of_record(documents, "document_stored.v1", quote_id)
    assert stored.data["kind"] == "quote"
    assert stored.data["name"] == "Offerte Q-2026-0031.pdf"
    assert str(stored.deal_uuid) == DEAL
    content = documents.rpc.get_content(id=stored.data["document_id"])
    pdf = b64decode(content["content_b64"])
    assert hashlib.sha256(pdf).hexdigest() == stored.data["sha256"] == content["sha256"]
    assert "Drohnenaufnahmen" in texts(pdf)[0]

    [row] = mails_in(documents, quote_id)
    mail = eml(documents, row["message_id"])
    assert mail["Subject"] == "Offerte Q-2026-0031: Hochzeit Meier"
    assert mail["To"] == "Anna Meier <anna@meier.example>"
    assert mail["Reply-To"] == "Atelier Lindenhof GmbH <hallo@lindenhof.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()
    assert "/quotes/respond/a-secret-token" in plain
    assert "/quotes/respond/a-secret-token" in html
    assert "CHF\u00a03’323.79" in plain
    [attachment] = mail.iter_attachments()
    assert attachment.get_filename() == "Offerte Q-2026-0031.pdf"
    assert attachment.get_content() == pdf


def test_the_stored_copy_of_a_mail_never_shows_its_link(documents):
    quote_id, _ = quote_sent(documents, link_sealed=sealed("never-shown-token"))
    [row] = mails_in(documents, quote_id)
    shown = documents.rpc.get_mail(id=row["id"])
    assert "never-shown-token" not in str(shown)
    assert "[…]" in shown["text"]
    [stored] = documents.sql("SELECT * FROM mails WHERE record_id = %s", [quote_id])
    assert stored["link_sealed"] is None
    assert "never-shown-token" not in str(stored)


def test_the_same_event_twice_makes_one_document_and_one_mail(documents):
    quote_id, event = quote_sent(documents)
    documents.emit(event)
    mails_in(documents, quote_id)
    assert len(of_record(documents, "document_stored.v1", quote_id)) == 1
    assert len(of_record(documents, "mail_queued.v1", quote_id)) == 1
    assert len(documents.rpc.list_documents(record_id=quote_id)["items"]) == 1


def test_an_issued_invoice_carries_a_slip_that_reads_and_is_reported_as_mailed(documents):
    invoice_id, _ = invoice_issued(documents, recipient={**ANNA, "cc": "buch@meier.example, anna@meier.example"})
    [stored] = of_record(documents, "document_stored.v1", invoice_id)
    pdf = b64decode(documents.rpc.get_content(id=stored.data["document_id"])["content_b64"])
    lines = symbol_lines(page_image(pdf))
    assert lines[3] == "CH4431999123000889012"
    assert lines[18:20] == ["3323.79", "CHF"]
    assert lines[27:29] == ["QRR", "210000000003139471430009017"]
    [row] = mails_in(documents, invoice_id)
    mail = eml(documents, row["message_id"])
    assert mail["Cc"] == "buch@meier.example"
    [sent] = of_record(documents, "mail_sent.v1", invoice_id)
    assert sent.data["template"] == "invoice_sent"
    assert sent.data["message_id"] == mail["Message-ID"] == row["message_id"]


def test_an_invoice_with_a_wrong_reference_is_not_made_reported_once_and_kept_for_a_retry(documents):
    snapshot = invoice(reference="210000000003139471430009016")
    invoice_id, event = invoice_issued(documents, expect="waiting", snapshot=snapshot)
    [failed] = of_record(documents, "document_failed.v1", invoice_id)
    assert failed.data["code"] == "QRBILL_INVALID"
    assert failed.data["reason"] == "The QR reference has a wrong check digit."
    assert of_record(documents, "document_stored.v1", invoice_id) == []
    assert documents.rpc.list_mails(record_id=invoice_id)["items"] == []
    [waiting] = documents.sql("SELECT state FROM inbox WHERE event_id = %s", [str(event.event_id)])
    assert waiting["state"] in ("waiting", "parked")


def test_an_accepted_quote_is_confirmed_to_the_customer_and_told_to_the_studio(documents):
    quote_id = str(uuid7())
    acceptance = {"name": "Anna Meier", "at": "2026-11-20T10:00:00Z", "total_minor": 332379}
    data = {
        "quote_id": quote_id,
        "number": "Q-2026-0031",
        "customer_id": str(uuid7()),
        "by": "customer",
        "name": "Anna Meier",
        "message": "Wir freuen uns!",
        "total_minor": 332379,
        "currency": "CHF",
        "selection": {},
        "recipient": ANNA,
        "language": "de",
        "snapshot": quote(acceptance=acceptance),
    }
    documents.emit("quote_accepted.v1", data, deal_uuid=DEAL, aggregate_id=quote_id, aggregate_version=3)
    rows = mails_in(documents, quote_id)
    assert {row["template"]: row["to_email"] for row in rows} == {
        "quote_accepted_customer": "anna@meier.example",
        "quote_accepted_admin": "hallo@lindenhof.example",
    }
    [stored] = of_record(documents, "document_stored.v1", quote_id)
    assert stored.data["kind"] == "quote_accepted"
    pdf = b64decode(documents.rpc.get_content(id=stored.data["document_id"])["content_b64"])
    assert "20.11.2026, 11:00 CET" in texts(pdf)[-1]


def test_each_signer_gets_a_link_of_their_own(documents):
    contract_id = str(uuid7())
    signers = [
        {"signer_id": str(uuid7()), "name": "Anna Meier", "email": "anna@meier.example", "link_sealed": sealed("t-1")},
        {"signer_id": str(uuid7()), "name": "Beat Meier", "email": "beat@meier.example", "link_sealed": sealed("t-2")},
    ]
    data = {
        "contract_id": contract_id,
        "number": "K-2026-0012",
        "customer_id": str(uuid7()),
        "signers": signers,
        "language": "de",
        "snapshot": contract(),
        "valid_until": "2026-12-31",
    }
    documents.emit("contract_sent.v1", data, deal_uuid=DEAL, aggregate_id=contract_id, aggregate_version=2)
    rows = mails_in(documents, contract_id)
    bodies = {row["to_email"]: eml(documents, row["message_id"]).get_body(("plain",)).get_content() for row in rows}
    assert "/contracts/sign/t-1" in bodies["anna@meier.example"]
    assert "/contracts/sign/t-2" in bodies["beat@meier.example"]
    assert "t-2" not in bodies["anna@meier.example"]


def test_a_countersigned_contract_becomes_a_final_pdf_that_is_mailed_when_it_is_fully_signed(documents):
    contract_id = str(uuid7())
    documents.emit(
        "contract_countersigned.v1",
        {"contract_id": contract_id, "number": "K-2026-0012", "snapshot": contract_final()},
        deal_uuid=DEAL,
        aggregate_id=contract_id,
        aggregate_version=4,
    )
    [stored] = of_record(documents, "document_stored.v1", contract_id)
    assert stored.data["kind"] == "contract_final"
    assert stored.data["pages"] == 3
    documents.emit(
        "contract_fully_signed.v1",
        {
            "contract_id": contract_id,
            "number": "K-2026-0012",
            "document_id": stored.data["document_id"],
            "integrity_hash": stored.data["sha256"],
            "recipients": [ANNA, {"email": "hallo@lindenhof.example", "name": "Lea Roth"}],
            "language": "en",
        },
        deal_uuid=DEAL,
        aggregate_id=contract_id,
        aggregate_version=5,
    )
    rows = mails_in(documents, contract_id)
    assert len(rows) == 2
    mail = eml(documents, rows[0]["message_id"])
    assert mail["Subject"] == "Contract K-2026-0012 is signed"
    assert stored.data["sha256"] in mail.get_body(("plain",)).get_content()
    assert len(list(mail.iter_attachments())) == 1


def test_an_invited_customer_gets_the_link_of_the_portal(documents):
    customer_id = str(uuid7())
    data = {
        "customer_id": customer_id,
        "recipient": ANNA,
        "language": "en",
        "link_sealed": sealed("inv"),
    }
    documents.emit("customer_invited.v1", data, aggregate_id=customer_id, aggregate_version=1)
    [row] = mails_in(documents, customer_id)
    assert "/customer/invitation/inv" in eml(documents, row["message_id"]).get_body(("plain",)).get_content()


def test_a_declined_quote_is_told_to_the_studio_that_set_its_address(documents):
    documents.emit(
        "settings_changed.v1",
        {"section": "business_profile", "value": {**ISSUER, "default_language": "de"}, "version": 7},
        aggregate_id="business_profile",
        aggregate_version=7,
    )
    quote_id = str(uuid7())
    data = {"quote_id": quote_id, "number": "Q-2026-0031", "reason": "Zu teuer.", "by": "customer", "recipient": ANNA}
    documents.emit("quote_declined.v1", data, deal_uuid=DEAL, aggregate_id=quote_id, aggregate_version=3)
    [row] = mails_in(documents, quote_id)
    assert row["to_email"] == "hallo@lindenhof.example"
    assert "Zu teuer." in eml(documents, row["message_id"]).get_body(("plain",)).get_content()


def test_a_preview_is_marked_as_draft_and_leaves_nothing_behind(documents):
    before = documents.sql("SELECT count(*) AS n FROM documents")
    preview = documents.rpc.preview(kind="quote", snapshot=quote(), width=300)
    assert len(preview["page_pngs"]) == preview["pages"] == len(texts(b64decode(preview["content_b64"])))
    assert b64decode(preview["page_pngs"][0]).startswith(b"\x89PNG")
    assert all("ENTWURF" in text for text in texts(b64decode(preview["content_b64"])))
    assert documents.sql("SELECT count(*) AS n FROM documents") == before


def test_a_preview_of_an_unfinished_snapshot_names_the_missing_field(documents):
    with pytest.raises(Refused) as caught:
        documents.rpc.preview(kind="quote", snapshot={**quote(), "issuer": None})
    assert caught.value.code == "SNAPSHOT_INCOMPLETE"
    assert caught.value.errors[0].field == "issuer"


def test_pages_come_as_pictures_of_the_wanted_width(documents):
    from io import BytesIO

    from PIL import Image

    quote_id, _ = quote_sent(documents)
    [row] = documents.rpc.list_documents(record_id=quote_id)["items"]
    picture = Image.open(BytesIO(b64decode(documents.rpc.get_page_png(id=row["id"], page=1, width=600)["content_b64"])))
    assert abs(picture.width - 600) <= 1
    with pytest.raises(Refused) as caught:
        documents.rpc.get_page_png(id=row["id"], page=9, width=600)
    assert caught.value.code == "PAGE_OUT_OF_RANGE"


def test_a_slip_is_checked_before_an_invoice_is_frozen(documents):
    assert documents.rpc.check_qrbill(snapshot=invoice()) == {"problems": []}
    [problem] = documents.rpc.check_qrbill(snapshot=invoice(bank={**BANK, "iban": "CH58 0079 1123 0008 8901 2"}))[
        "problems"
    ]
    assert problem == {
        "field": "iban",
        "rule": "qr_iban_required",
        "message": "A QR reference needs a QR-IBAN (bank number 30000–31999).",
    }
    [problem] = documents.rpc.check_qrbill(snapshot=invoice(customer={**CUSTOMER, "town": "Biel\nEPD"}))["problems"]
    assert (problem["field"], problem["rule"]) == ("debtor.town", "control_character")
    assert documents.rpc.check_qrbill(snapshot=invoice(payment_slip="none", reference="x")) == {"problems": []}


def test_a_bill_can_be_checked_field_by_field(documents):
    bill = {
        "iban": "CH5800791123000889012",
        "creditor": {"name": "A", "postal_code": "8000", "town": "Zürich", "country": "CH"},
        "currency": "CHF",
        "amount_minor": 0,
    }
    [problem] = documents.rpc.check_qrbill(bill=bill)["problems"]
    assert (problem["field"], problem["rule"]) == ("amount_minor", "amount_zero")
    [problem] = documents.rpc.check_qrbill(bill={})["problems"]
    assert (problem["field"], problem["rule"]) == ("iban", "missing")


def test_a_changed_file_is_never_handed_out(documents):
    quote_id, _ = quote_sent(documents, deal=str(uuid7()))
    [row] = documents.rpc.list_documents(record_id=quote_id)["items"]
    path = Path(documents.data, "documents", row["key"])
    assert path.stat().st_mode & 0o222 == 0
    path.chmod(0o640)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Refused) as caught:
        documents.rpc.get_content(id=row["id"])
    assert caught.value.code == "STORED_FILE_CHANGED"


def test_a_stored_document_row_cannot_be_changed(documents):
    quote_sent(documents)
    with pytest.raises(Exception, match="cannot be changed"):
        documents.sql("UPDATE documents SET sha256 = repeat('0', 64) RETURNING id")


def test_unknown_documents_and_mails_are_not_found(documents):
    for call in (
        documents.rpc.get_document,
        documents.rpc.get_content,
        documents.rpc.get_mail,
        documents.rpc.retry_mail,
    ):
        for id in (str(uuid7()), "no-uuid"):
            with pytest.raises(Refused) as caught:
                call(id=id)
            assert caught.value.code == "NOT_FOUND"


def test_a_signature_picture_that_is_no_picture_does_not_stop_the_service(documents):
    broken = contract_final()
    broken["signatures"][0]["image_png_b64"] = "bm90IGEgcGljdHVyZQ=="
    assert PIXEL not in str(broken["signatures"][0])
    assert documents.rpc.preview(kind="contract_final", snapshot=broken)["pages"] == 3


def test_a_store_that_cannot_be_written_is_told_on_the_record_and_the_document_comes_later(service_harness):
    documents = service_harness("documents")
    folder = documents.data / "documents"
    folder.write_text("a file where the folder should be")
    invoice_id, _ = invoice_issued(documents, expect="waiting")
    [failed] = of_record(documents, "document_failed.v1", invoice_id)
    assert failed.data["code"] == "STORAGE_UNAVAILABLE"
    assert documents.rpc.list_mails(record_id=invoice_id)["items"] == []
    folder.unlink()
    [row] = mails_in(documents, invoice_id)
    assert len(of_record(documents, "document_stored.v1", invoice_id)) == 1
    folder.rename(documents.data / "elsewhere")
    folder.write_text("away again")
    [stored] = documents.rpc.list_documents(record_id=invoice_id)["items"]
    with pytest.raises(Refused, match="cannot be used now"):
        documents.rpc.get_content(id=stored["id"])
    assert row["state"] == "sent"
