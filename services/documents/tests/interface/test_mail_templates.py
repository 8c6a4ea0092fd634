"""Edited mail templates and hostile words, seen in what a real mail server gets."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from kontor.errors import Refused
from kontor.ids import uuid7
from services.documents.tests.deliveries import ANNA, DEAL, sealed
from tests.support.mailbox import Mailbox
from tests.support.ports import eventually


@pytest.fixture(scope="module")
def mailing(module_harness):
    mailbox = Mailbox()
    mailbox.start()
    harness = module_harness("documents", environment={"SMTP_URL": mailbox.url})
    harness.smtp = mailbox
    yield harness
    mailbox.stop()


@pytest.fixture(autouse=True)
def as_delivered(mailing):
    yield
    for name, language in (("quote_expiring", "de"), ("quote_expiring", "en"), ("quote_code", "de")):
        mailing.rpc.reset_mail_template(name=name, language=language)


def change(mailing, name="quote_expiring", language="de", version=None, **changes):
    return mailing.rpc.change_mail_template(name=name, language=language, changes=changes, version=version)


def mailed(mailing, record_id):
    """The one mail about a record, as the server got it."""

    def arrived():
        ids = {row["message_id"] for row in mailing.rpc.list_mails(record_id=record_id)["items"]}
        return [mail for mail in mailing.smtp.messages if mail["Message-ID"] in ids]

    [mail] = eventually(arrived, timeout=20, what="the mail is out")
    return mail


def expiring(mailing, language="de", recipient=ANNA, **changes):
    quote_id = str(uuid7())
    data = {
        "quote_id": quote_id,
        "number": "Q-2026-0031",
        "title": "Hochzeit Meier",
        "customer_id": str(uuid7()),
        "total_minor": 332379,
        "currency": "CHF",
        "state": "sent",
        "quote_version": 1,
        "recipient": recipient,
        "issuer": {"name": "Atelier Lindenhof GmbH", "email": "hallo@lindenhof.example"},
        "language": language,
        "link_sealed": sealed("a-token"),
        "valid_until": "2026-12-31",
        "days_left": 3,
        **changes,
    }
    mailing.emit("quote_expiring.v1", data, deal_uuid=DEAL, aggregate_id=quote_id, aggregate_version=2)
    return quote_id


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def test_every_template_has_words_in_both_languages_and_a_preview(mailing):
    items = mailing.rpc.list_mail_templates()["items"]
    names = {item["name"] for item in items}
    assert {"quote_expiring", "quote_code", "customer_password_reset", "customer_sign_in_link"} <= names
    assert {(item["name"], item["language"]) for item in items} == {
        (name, language) for name in names for language in ("de", "en")
    }
    assert not any(item["edited"] for item in items)
    for item in items:
        preview = mailing.rpc.preview_mail(name=item["name"], language=item["language"])
        assert preview["subject"]
        assert "{" not in preview["subject"] + preview["text"]
        assert "{" not in preview["html"]
        assert "<p" in preview["html"]


def test_an_edit_is_what_is_mailed_from_then_on_and_reset_takes_it_back(mailing):
    before = mailing.rpc.get_mail_template(name="quote_expiring", language="de")
    assert (before["edited"], before["version"]) == (False, before["version"])
    after = change(
        mailing,
        version=before["version"],
        subject="Noch offen: {number}",
        body="Liebe Grüsse vom See.\n\n{valid_until}",
        button="Zur Offerte",
    )
    assert after["edited"] is True
    assert after["version"] == before["version"] + 1
    mail = mailed(mailing, expiring(mailing))
    assert mail["Subject"] == "Noch offen: Q-2026-0031"
    assert "Liebe Grüsse vom See." in text_of(mail)
    assert "Zur Offerte:" in text_of(mail)
    untouched = mailed(mailing, expiring(mailing, language="en"))
    assert untouched["Subject"] == "Quote Q-2026-0031 is about to expire"
    reset = mailing.rpc.reset_mail_template(name="quote_expiring", language="de")
    assert (reset["edited"], reset["subject"]) == (False, before["subject"])
    assert mailed(mailing, expiring(mailing))["Subject"] == "Offerte Q-2026-0031 ist bald nicht mehr gültig"
    actions = [entry["action"] for entry in mailing.rpc.list_activity(record_id="quote_expiring.de")["items"]]
    assert actions[:2] == ["mail_template.reset", "mail_template.changed"]


@pytest.mark.parametrize(
    "changes, field, words",
    [
        ({"body": "Hallo {nummer}"}, "body", "{nummer}"),
        ({"body": "Total {reason}"}, "body", "{reason}"),
        ({"body": "{number.__class__}"}, "body", "{number.__class__}"),
        ({"body": "{{link}}"}, "body", "single braces"),
        ({"body": "{code}"}, "body", "{code}"),
        ({"body": "  \n "}, "body", "empty"),
        ({"body": "x" * 10_001}, "body", "10000"),
        ({"subject": "A\nBcc: evil@example.org"}, "subject", "One line"),
        ({"subject": "A\u2028B"}, "subject", "characters"),
        ({"subject": "\u202egnp.exe"}, "subject", "characters"),
        ({"button": ""}, "button", "empty"),
        ({"html": "<b>"}, "html", "subject, body and button"),
        ({"subject": 3}, "subject", "a text"),
    ],
)
def test_a_template_that_cannot_be_sent_is_refused_with_its_reason(mailing, changes, field, words):
    with pytest.raises(Refused) as caught:
        change(mailing, **changes)
    assert caught.value.code == "INVALID"
    [error] = [error for error in caught.value.errors if error.field == field]
    assert words in error.message
    assert mailing.rpc.get_mail_template(name="quote_expiring", language="de")["edited"] is False


def test_the_code_must_stay_in_its_mail_and_stays_out_of_the_subject(mailing):
    for changes in ({"body": "Hier ist er."}, {"subject": "{code}"}):
        with pytest.raises(Refused, match="code"):
            change(mailing, "quote_code", **changes)
    with pytest.raises(Refused, match="no button"):
        change(mailing, "quote_code", button="Weiter")


def test_a_template_of_another_name_or_language_does_not_exist(mailing):
    for name, language in (("quote_lost", "de"), ("quote_sent", "fr"), ("../de", "de")):
        with pytest.raises(Refused) as caught:
            mailing.rpc.get_mail_template(name=name, language=language)
        assert caught.value.code == "NOT_FOUND"


def test_of_two_edits_at_once_one_wins_and_the_other_is_told(mailing):
    version = mailing.rpc.get_mail_template(name="quote_expiring", language="en")["version"]

    def edit(subject):
        try:
            return change(mailing, language="en", version=version, subject=subject)["subject"]
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(edit, ["First {number}", "Second {number}"]))
    assert "STALE_VERSION" in answers
    [won] = [answer for answer in answers if answer != "STALE_VERSION"]
    assert mailing.rpc.get_mail_template(name="quote_expiring", language="en")["subject"] == won


def test_markup_in_a_template_and_in_facts_is_shown_as_text(mailing):
    change(mailing, body="<script>alert(1)</script> {title}", button='"><img src=x>')
    quote_id = expiring(mailing, title="<b onmouseover=x>{number}{{link}}")
    html = mailed(mailing, quote_id).get_body(("html",)).get_content()
    assert "<script" not in html
    assert "<img" not in html
    assert "<b " not in html
    assert "&lt;script&gt;" in html
    assert html.count("a-token") == 1, "a fact that looks like the link's mark is not the link"
    assert "Q-2026-0031" not in html, "what a fact contains is not filled in again"
    preview = mailing.rpc.preview_mail(name="quote_expiring", language="de", body="<script>1</script>")
    assert "<script" not in preview["html"]


def test_an_edit_with_a_placeholder_a_later_release_took_away_does_not_stop_the_mail(mailing):
    change(mailing, subject="Bald vorbei: {number}")
    mailing.sql(
        "UPDATE mail_templates SET body = 'Alt {gone_by_now}' WHERE name = 'quote_expiring' AND language = 'de'"
        " RETURNING name"
    )
    mail = mailed(mailing, expiring(mailing))
    assert mail["Subject"] == "Bald vorbei: Q-2026-0031"
    assert "gone_by_now" not in text_of(mail)
    assert "Vor einiger Zeit" in text_of(mail)


def test_a_sample_goes_to_the_given_address_once_and_says_that_it_is_one(mailing):
    id = str(uuid7())
    change(mailing, "quote_code", body="Code: {code}")
    for _ in range(2):
        row = mailing.rpc.send_sample_mail(id=id, name="quote_code", language="de", to="mara@lindenhof.example")
    assert row["id"] == id
    mail = eventually(
        lambda: next((mail for mail in mailing.smtp.messages if mail["Message-ID"] == row["message_id"]), None),
        timeout=20,
        what="the sample is out",
    )
    assert mail["Subject"].startswith("Muster: Ihr Code für die Offerte")
    assert mail["To"] == "mara@lindenhof.example"
    assert "402 915" in text_of(mail)
    for to in ("", "mara", "a@b", "a@b.ch\nBcc: x@y.ch", "<a@b.ch>", "a@b.ch, c@d.ch"):
        with pytest.raises(Refused) as caught:
            mailing.rpc.send_sample_mail(name="quote_code", language="de", to=to)
        assert [error.field for error in caught.value.errors] == ["to"]


HOSTILE = [
    "Anna\r\nBcc: evil@example.org",
    "Anna\n\n<html>body",
    "\u202eanna\u2066 evil",
    "👩‍👩‍👧 Zoë 🎉",
    "x" * 10_000,
    "ä" * 10_000,
    '"Anna" <evil@example.org>, ',
    "=?utf-8?q?=0ABcc=3A_evil@example.org?=",
    "\x0b\x1c\x85\u2028Anna",
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_or_title_gets_a_header_in(mailing, words):
    recipient = {"email": "anna@meier.example", "name": words, "cc": None}
    issuer = {"name": words, "email": "hallo@lindenhof.example"}
    change(mailing, subject="{title} {name}")
    mail = mailed(mailing, expiring(mailing, title=words, recipient=recipient, issuer=issuer))
    assert mail["Bcc"] is None
    assert mail["X-Envelope-To"] == "anna@meier.example"
    assert [address.addr_spec for address in mail["To"].addresses] == ["anna@meier.example"]
    assert [address.addr_spec for address in mail["Reply-To"].addresses] == ["hallo@lindenhof.example"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "de"
    assert mail["Date"].datetime is not None
    assert len(mail["Subject"]) <= 250
    assert not any(ord(c) < 32 or c in "\u202e\u2066\u2028" for c in mail["Subject"] + str(mail["To"]))
    ours = {"from", "to", "reply-to", "subject", "date", "message-id", "auto-submitted", "content-language"}
    servers = {"mime-version", "content-type", "x-peer", "x-mailfrom", "x-rcptto", "x-envelope-to"}
    assert {name.lower() for name in mail} <= ours | servers


def test_an_unknown_mail_state_is_refused(mailing):
    with pytest.raises(Refused) as caught:
        mailing.rpc.list_mails(state="lost")
    assert [error.field for error in caught.value.errors] == ["state"]
    assert mailing.rpc.list_mails(state="called_off")["items"] is not None
