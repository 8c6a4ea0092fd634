"""Attachments: told by their content, stored once, and in the mail of the quote they go with."""

import hashlib
import io
from base64 import b64decode, b64encode
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from kontor.errors import Refused
from kontor.ids import uuid7
from services.documents.tests.deliveries import eml, mails_in, quote_sent


@pytest.fixture(scope="module")
def documents(module_harness):
    return module_harness("documents")


def pdf(pages=2, **save):
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page()
        out = io.BytesIO()
        made.save(out, **save)
    return out.getvalue()


def picture(kind="PNG", size=(8, 6)):
    out = io.BytesIO()
    Image.new("RGB", size, "#0F5C4A").save(out, kind)
    return out.getvalue()


def store(documents, content, name="Moodboard.pdf", id=None, **more):
    encoded = b64encode(content).decode()
    return documents.rpc.store_attachment(id=id or str(uuid7()), name=name, content_b64=encoded, **more)


def refused(documents, content, **more):
    with pytest.raises(Refused) as caught:
        store(documents, content, **more)
    return caught.value


def test_a_pdf_and_pictures_are_told_by_content_and_kept(documents):
    content = pdf(pages=3)
    row = store(documents, content, record_id="a-quote")
    assert (row["name"], row["mime"], row["pages"], row["size"]) == (
        "Moodboard.pdf",
        "application/pdf",
        3,
        len(content),
    )
    assert row["sha256"] == hashlib.sha256(content).hexdigest()
    answer = documents.rpc.get_content(id=row["id"])
    assert b64decode(answer["content_b64"]) == content
    assert Path(documents.data, "documents", row["key"]).read_bytes() == content
    assert row["key"].startswith("attachment/")
    png = store(documents, picture(), name="../../etc/Foto.pdf")
    assert (png["name"], png["mime"], png["pages"], png["record_id"]) == ("Foto.pdf.png", "image/png", 1, None)
    jpeg = store(documents, picture("JPEG"), name='C:\\Bilder\\Föto "1".JPEG')
    assert (jpeg["name"], jpeg["mime"]) == ("Föto 1.JPEG", "image/jpeg")
    assert store(documents, picture(), name="\x00 \u202e..")["name"] == "file.png"


def test_the_same_id_again_is_the_same_row_and_overwrites_nothing(documents):
    id, first, second = str(uuid7()), pdf(1), pdf(4)
    row = store(documents, first, id=id)
    again = store(documents, second, id=id, name="other.pdf")
    assert again == row
    assert b64decode(documents.rpc.get_content(id=id)["content_b64"]) == first
    told = documents.sql("SELECT 1 AS one FROM activity WHERE action = 'attachment.stored' AND record_id = %s", [id])
    assert len(told) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html>%PDF-1.7", "PDF, PNG or JPEG"),
        (b"MZ\x90\x00", "PDF, PNG or JPEG"),
        (b"%PDF-1.7 but nothing else", "broken"),
        (b"\x89PNG\r\n\x1a\n rest", "broken"),
        (picture("JPEG")[:200], "broken"),
        (b"", "empty"),
    ],
    ids=["html", "exe", "pdf", "png", "jpeg", "empty"],
)
def test_what_is_no_pdf_or_picture_or_broken_is_refused(documents, content, words):
    refusal = refused(documents, content, name="Offerte.pdf")
    assert refusal.code == "ATTACHMENT_INVALID"
    assert refusal.errors[0].field == "content_b64"
    assert words in refusal.detail


@pytest.mark.parametrize("user", ["", "secret"])
def test_a_protected_pdf_is_refused_in_words(documents, user):
    content = pdf(encryption=pikepdf.Encryption(owner="owner", user=user))
    refusal = refused(documents, content)
    assert (refusal.code, refusal.detail) == (
        "ATTACHMENT_INVALID",
        "The PDF is protected. Please attach one without a password.",
    )


def test_content_that_is_no_base64_is_refused(documents):
    with pytest.raises(Refused) as caught:
        documents.rpc.store_attachment(id=str(uuid7()), name="x", content_b64="%%%")
    assert caught.value.code == "ATTACHMENT_INVALID"


def padded(size):
    content = pdf(1)
    return content + b"\n" * (size - len(content))


def test_five_megabytes_are_taken_and_no_byte_more(documents):
    limit = 5 * 1024 * 1024
    assert store(documents, padded(limit))["size"] == limit
    assert refused(documents, padded(limit + 1)).code == "TOO_LARGE"


def test_files_of_one_mail_stay_below_fifteen_megabytes(documents):
    beside = [store(documents, padded(5 * 1024 * 1024 - n))["id"] for n in (0, 1)]
    assert store(documents, padded(3 * 1024 * 1024), beside=beside)
    refusal = refused(documents, padded(5 * 1024 * 1024), beside=beside)
    assert refusal.code == "TOO_LARGE"
    assert "15 MB" in refusal.detail


def test_the_mail_of_a_quote_carries_its_attachments_after_the_quote(documents):
    first, second = pdf(2), picture()
    rows = [store(documents, first, name="Moodboard.pdf"), store(documents, second, name="Foto.png")]
    named = [{"document_id": row["id"], "name": row["name"]} for row in rows]
    foreign = documents.rpc.list_documents(record_id=quote_sent(documents)[0])["items"][0]["id"]
    unknown = [{"document_id": foreign, "name": "x"}, {"document_id": str(uuid7()), "name": "y"}]
    quote_id, _ = quote_sent(documents, attachments=[*named, *unknown])
    [row] = mails_in(documents, quote_id)
    files = list(eml(documents, row["message_id"]).iter_attachments())
    assert [file.get_filename() for file in files] == ["Offerte Q-2026-0031.pdf", "Moodboard.pdf", "Foto.png"]
    assert [file.get_content_type() for file in files] == ["application/pdf", "application/pdf", "image/png"]
    assert [file.get_content() for file in files[1:]] == [first, second]
