"""Mails that must not go out any more, in every order the events can come in, with a real mail server."""

from datetime import timedelta

import pytest

from kontor.clock import SystemClock
from kontor.ids import uuid7
from services.documents.tests.deliveries import ANNA, DEAL, of_record, quote_sent, sealed
from services.documents.tests.samples import quote
from tests.support.mailbox import Mailbox
from tests.support.ports import eventually


@pytest.fixture(scope="module")
def mailing_service(module_harness):
    mailbox = Mailbox()
    mailbox.start()
    harness = module_harness("documents", environment={"SMTP_URL": mailbox.url})
    harness.smtp = mailbox
    yield harness
    mailbox.stop()


@pytest.fixture
def mailing(mailing_service):
    mailing_service.smtp.refuse_with = "451 4.3.0 try later"
    mailing_service.smtp.clear()
    yield mailing_service
    mailing_service.clock.set(None)


def rows(harness, record_id):
    return {row["template"]: row for row in harness.rpc.list_mails(record_id=record_id)["items"]}


def out(harness, record_id):
    """What the mail server has taken about a record."""
    ids = {row["message_id"] for row in harness.rpc.list_mails(record_id=record_id)["items"]}
    return [mail for mail in harness.smtp.messages if mail["Message-ID"] in ids]


def tried(harness, record_id, template="quote_sent"):
    """The mail once its first try is over and it waits for the second."""
    return eventually(
        lambda: (
            row
            if (row := rows(harness, record_id).get(template)) and row["attempts"] and row["state"] == "queued"
            else None
        ),
        timeout=20,
        what="the first try is over",
    )


def facts(quote_id, **more):
    return {
        "quote_id": quote_id,
        "number": "Q-2026-0031",
        "title": "Hochzeit Meier",
        "customer_id": str(uuid7()),
        "total_minor": 332379,
        "currency": "CHF",
        **more,
    }


def tell(harness, type, quote_id, version, **more):
    return harness.emit(type, facts(quote_id, **more), deal_uuid=DEAL, aggregate_id=quote_id, aggregate_version=version)


def withdraw(harness, quote_id, version=3):
    return tell(harness, "quote_withdrawn.v1", quote_id, version, state="withdrawn")


def reopen(harness, quote_id, version=3):
    return tell(harness, "quote_reopened.v1", quote_id, version, state="draft", was="sent")


def expiring(harness, quote_id, version=2):
    return tell(
        harness,
        "quote_expiring.v1",
        quote_id,
        version,
        state="sent",
        quote_version=1,
        recipient=ANNA,
        issuer={"name": "Atelier Lindenhof GmbH", "email": "hallo@lindenhof.example"},
        language="de",
        link_sealed=sealed("second-token"),
        valid_until="2026-12-31",
        days_left=3,
    )


def resent(harness, quote_id, version, quote_version=1):
    data = {
        **facts(quote_id, state="sent"),
        "quote_version": quote_version,
        "recipient": ANNA,
        "language": "de",
        "link_sealed": sealed(f"token-of-{version}"),
        "valid_until": "2026-12-31",
        "snapshot": quote(record_version=1),
        "resent": True,
    }
    return harness.emit("quote_sent.v1", data, deal_uuid=DEAL, aggregate_id=quote_id, aggregate_version=version)


def later(harness):
    """Two minutes on, with a mail server that takes everything."""
    harness.smtp.refuse_with = None
    harness.clock.set(SystemClock().now() + timedelta(minutes=2))


@pytest.mark.parametrize("take_back, words", [(withdraw, "withdrawn"), (reopen, "taken back to draft")])
def test_a_quote_taken_back_calls_its_waiting_mail_off(mailing, take_back, words):
    quote_id, _ = quote_sent(mailing, snapshot=quote(record_version=1))
    tried(mailing, quote_id)
    take_back(mailing, quote_id)
    row = rows(mailing, quote_id)["quote_sent"]
    assert row["state"] == "called_off"
    assert words in row["last_error"]
    [told] = of_record(mailing, "mail_called_off.v1", quote_id)
    assert told.data["reason"] == row["last_error"]
    [stored] = mailing.sql("SELECT link_sealed, next_try FROM mails WHERE record_id = %s", [quote_id])
    assert stored == {"link_sealed": None, "next_try": None}
    later(mailing)
    other, _ = quote_sent(mailing)
    eventually(lambda: out(mailing, other), timeout=20, what="the next mail is out")
    assert out(mailing, quote_id) == []


def test_a_withdrawal_worked_on_before_the_sending_calls_the_later_mail_off(mailing):
    mailing.smtp.refuse_with = None
    quote_id = str(uuid7())
    withdraw(mailing, quote_id)
    data = {
        **facts(quote_id, state="sent"),
        "quote_version": 1,
        "recipient": ANNA,
        "language": "de",
        "link_sealed": sealed("x"),
        "valid_until": "2026-12-31",
        "snapshot": quote(record_version=1),
    }
    event = mailing.emit("quote_sent.v1", data, deal_uuid=DEAL, aggregate_id=quote_id, aggregate_version=2)
    assert rows(mailing, quote_id)["quote_sent"]["state"] == "called_off"
    mailing.emit(event)
    assert len(of_record(mailing, "mail_called_off.v1", quote_id)) == 1
    mailing.emit("quote_sent.v1", data, deal_uuid=DEAL, aggregate_id=quote_id, aggregate_version=5)
    eventually(lambda: out(mailing, quote_id), timeout=20, what="the quote sent after the edit goes out")
    states = sorted(row["state"] for row in mailing.rpc.list_mails(record_id=quote_id)["items"])
    assert states[0] == "called_off"
    assert len(out(mailing, quote_id)) == 1


def test_a_quote_withdrawn_between_claim_and_data_is_not_transmitted(mailing_service):
    """The server answers RCPT only after the withdrawal is through: the row's lock decides."""

    class WithdrawingMailbox(Mailbox):
        withdraw_now = None

        async def handle_RCPT(self, server, session, envelope, address, options):
            import asyncio

            if self.withdraw_now:
                await asyncio.to_thread(self.withdraw_now)
            envelope.rcpt_tos.append(address)
            return "250 OK"

    mailing_service.smtp.refuse_with = None
    mailing_service.smtp.clear()
    mailbox = WithdrawingMailbox()
    mailbox.start()
    quote_id = str(uuid7())
    try:
        mailbox.withdraw_now = lambda: withdraw(mailing_service, quote_id)
        mailing_service.smtp.__class__.handle_RCPT = lambda self, *given: mailbox.handle_RCPT(*given)
        data = {
            **facts(quote_id, state="sent"),
            "quote_version": 1,
            "recipient": ANNA,
            "language": "de",
            "link_sealed": sealed("x"),
            "valid_until": "2026-12-31",
            "snapshot": quote(record_version=1),
        }
        mailing_service.emit("quote_sent.v1", data, deal_uuid=DEAL, aggregate_id=quote_id, aggregate_version=2)
        eventually(
            lambda: rows(mailing_service, quote_id)["quote_sent"]["state"] == "called_off",
            timeout=20,
            what="the mail is called off",
        )
        later_one, _ = quote_sent(mailing_service)
        eventually(lambda: out(mailing_service, later_one), timeout=20, what="the next mail is out")
        assert out(mailing_service, quote_id) == []
    finally:
        del Mailbox.handle_RCPT
        mailbox.stop()


def test_a_stop_that_slipped_past_the_queue_is_seen_when_the_mail_is_claimed(mailing):
    quote_id, _ = quote_sent(mailing, snapshot=quote(record_version=1))
    tried(mailing, quote_id)
    mailing.sql(
        "INSERT INTO mail_stops (record_id, template, below, reason, at)"
        " VALUES (%s, 'quote_sent', 3, 'The quote was withdrawn before the mail went out.', now())"
        " ON CONFLICT (record_id, template) DO UPDATE SET below = 3 RETURNING record_id",
        [quote_id],
    )
    later(mailing)
    eventually(
        lambda: rows(mailing, quote_id)["quote_sent"]["state"] == "called_off", timeout=20, what="it is called off"
    )
    assert out(mailing, quote_id) == []


def test_a_failed_mail_of_a_withdrawn_quote_is_not_sent_by_a_retry(mailing):
    mailing.smtp.refuse_with = "550 no such mailbox"
    quote_id, _ = quote_sent(mailing, snapshot=quote(record_version=1))
    row = eventually(
        lambda: row if (row := rows(mailing, quote_id)["quote_sent"])["state"] == "failed" else None,
        timeout=20,
        what="the mail failed",
    )
    withdraw(mailing, quote_id)
    assert rows(mailing, quote_id)["quote_sent"]["state"] == "failed"
    mailing.smtp.refuse_with = None
    mailing.rpc.retry_mail(id=row["id"])
    eventually(
        lambda: rows(mailing, quote_id)["quote_sent"]["state"] == "called_off", timeout=20, what="it is called off"
    )
    assert out(mailing, quote_id) == []


def test_sending_again_uses_the_stored_pdf_and_calls_the_older_mail_off(mailing):
    quote_id, _ = quote_sent(mailing, snapshot=quote(record_version=1))
    tried(mailing, quote_id)
    event = resent(mailing, quote_id, 3)
    mailing.emit(event)
    assert len(mailing.rpc.list_documents(record_id=quote_id)["items"]) == 1
    older, newer = sorted(mailing.rpc.list_mails(record_id=quote_id)["items"], key=lambda row: row["created_at"])
    assert older["state"] == "called_off"
    assert "sent again" in older["last_error"]
    assert newer["attachments"] == older["attachments"]
    later(mailing)
    eventually(lambda: out(mailing, quote_id), timeout=20, what="the newer mail is out")
    [mail] = out(mailing, quote_id)
    assert "/quotes/respond/token-of-3" in mail.get_body(("plain",)).get_content()


def test_an_older_sending_that_arrives_after_the_newer_one_is_called_off(mailing):
    mailing.smtp.refuse_with = None
    quote_id = str(uuid7())
    resent(mailing, quote_id, 4)
    resent(mailing, quote_id, 3)
    eventually(lambda: out(mailing, quote_id), timeout=20, what="the newer mail is out")
    states = {row["id"]: row["state"] for row in mailing.rpc.list_mails(record_id=quote_id)["items"]}
    assert sorted(states.values())[0] == "called_off"
    [mail] = out(mailing, quote_id)
    assert "token-of-4" in mail.get_body(("plain",)).get_content()


def test_an_expiring_quote_is_mailed_with_its_pdf_and_a_working_link_unless_it_was_answered(mailing):
    mailing.smtp.refuse_with = None
    quote_id, _ = quote_sent(mailing, snapshot=quote(record_version=1))
    eventually(lambda: out(mailing, quote_id), timeout=20, what="the quote is out")
    mailing.smtp.clear()
    expiring(mailing, quote_id)
    eventually(lambda: out(mailing, quote_id), timeout=20, what="the reminder is out")
    [mail] = out(mailing, quote_id)
    assert mail["Subject"] == "Offerte Q-2026-0031 ist bald nicht mehr gültig"
    assert mail["Reply-To"] == "Atelier Lindenhof GmbH <hallo@lindenhof.example>"
    text = mail.get_body(("plain",)).get_content()
    assert "/quotes/respond/second-token" in text
    assert "Die Offerte ist gültig bis 31. Dezember 2026." in text or "31.12.2026" in text
    assert [one.get_filename() for one in mail.iter_attachments()] == ["Offerte Q-2026-0031.pdf"]

    mailing.smtp.refuse_with = "451 later"
    other, _ = quote_sent(mailing)
    tried(mailing, other)
    expiring(mailing, other)
    declined = {"state": "declined", "by": "customer", "name": "Anna", "reason": "", "recipient": ANNA}
    tell(mailing, "quote_declined.v1", other, 3, **declined)
    assert rows(mailing, other)["quote_expiring"]["state"] == "called_off"
    assert rows(mailing, other)["quote_sent"]["state"] == "queued"


def code_requested(harness, quote_id, code="402915"):
    return tell(
        harness,
        "quote_code_requested.v1",
        quote_id,
        2,
        state="sent",
        recipient=ANNA,
        issuer={"name": "Atelier Lindenhof GmbH", "email": "hallo@lindenhof.example"},
        language="en",
        code_sealed=sealed(code),
        minutes=10,
    )


def test_a_code_is_in_the_mail_and_never_in_the_stored_copy(mailing):
    mailing.smtp.refuse_with = None
    quote_id = str(uuid7())
    code_requested(mailing, quote_id)
    eventually(lambda: out(mailing, quote_id), timeout=20, what="the code is out")
    [mail] = out(mailing, quote_id)
    assert "402915" in mail.get_body(("plain",)).get_content()
    assert "402915" in mail.get_body(("html",)).get_content()
    assert "402915" not in mail["Subject"]
    row = eventually(
        lambda: row if (row := rows(mailing, quote_id)["quote_code"])["state"] == "sent" else None,
        timeout=20,
        what="the mail is sent",
    )
    assert "402915" not in str(mailing.rpc.get_mail(id=row["id"]))
    assert "[…]" in mailing.rpc.get_mail(id=row["id"])["text"]
    [stored] = mailing.sql("SELECT * FROM mails WHERE record_id = %s", [quote_id])
    assert stored["code_sealed"] is None
    assert "402915" not in str(stored)


def test_a_code_that_could_not_be_sent_in_time_is_called_off(mailing):
    quote_id = str(uuid7())
    code_requested(mailing, quote_id)
    tried(mailing, quote_id, "quote_code")
    mailing.smtp.refuse_with = None
    mailing.clock.set(SystemClock().now() + timedelta(minutes=11))
    eventually(
        lambda: rows(mailing, quote_id)["quote_code"]["state"] == "called_off", timeout=20, what="it is called off"
    )
    assert out(mailing, quote_id) == []


@pytest.mark.parametrize(
    "purpose, path, subject",
    [
        ("password_reset", "/customer/reset/", "Neues Passwort für das Kundenportal von"),
        ("sign_in", "/customer/sign-in/", "Ihr Anmeldelink für das Kundenportal von"),
    ],
)
def test_a_customer_gets_the_link_they_asked_for(mailing, purpose, path, subject):
    mailing.smtp.refuse_with = None
    customer_id = str(uuid7())
    data = {
        "customer_id": customer_id,
        "purpose": purpose,
        "recipient": {"email": ANNA["email"], "name": ANNA["name"]},
        "language": "de",
        "link_sealed": sealed("portal-token"),
        "expires_at": "2030-01-01T00:00:00+00:00",
        "issuer_name": "Atelier Lindenhof GmbH",
    }
    mailing.emit("customer_link_requested.v1", data, aggregate_id=customer_id, aggregate_version=1)
    eventually(lambda: out(mailing, customer_id), timeout=20, what="the link is out")
    [mail] = out(mailing, customer_id)
    assert mail["Subject"].startswith(subject)
    assert mail["Content-Language"] == "de"
    assert f"{path}portal-token" in mail.get_body(("plain",)).get_content()
    assert "portal-token" not in str(mailing.sql("SELECT * FROM mails WHERE record_id = %s", [customer_id]))
