"""Each mail once: with an SMTP server that refuses, goes away, or sees its sender killed."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kontor.errors import Refused
from services.documents.tests.deliveries import DEAL, invoice_issued, mails_in, of_record
from services.documents.tests.samples import invoice
from tests.support.mailbox import Mailbox
from tests.support.ports import eventually


@pytest.fixture(scope="module")
def mailing_service(module_harness):
    mailbox = Mailbox()
    mailbox.start()
    environment = {"SMTP_URL": mailbox.url, "MAIL_FROM": "Kontor <post@kontor.example>"}
    harness = module_harness("documents", environment=environment)
    harness.smtp = mailbox
    yield harness
    mailbox.stop()


@pytest.fixture
def mailing(mailing_service):
    """The service with an empty, willing mail server and the real time."""
    mailing_service.smtp.refuse_with = None
    mailing_service.smtp.clear()
    yield mailing_service
    mailing_service.clock.set(None)


def mail_of(harness, record_id):
    [row] = harness.rpc.list_mails(record_id=record_id)["items"]
    return row


def in_state(harness, record_id, state, timeout=20):
    return eventually(
        lambda: row if (row := mail_of(harness, record_id))["state"] == state else None,
        timeout=timeout,
        what=f"the mail is {state}",
    )


def test_a_mail_goes_out_once_with_the_configured_sender(mailing):
    invoice_id, _ = invoice_issued(mailing)
    [row] = mails_in(mailing, invoice_id)
    [mail] = mailing.smtp.messages
    assert mail["From"] == "Atelier Lindenhof GmbH <post@kontor.example>"
    assert mail["Message-ID"] == row["message_id"]
    assert row["message_id"].endswith("@kontor.example>")


def test_a_permanent_refusal_fails_at_once_and_a_retry_sends_the_same_message(mailing):
    mailing.smtp.refuse_with = "550 5.1.1 no such mailbox"
    invoice_id, _ = invoice_issued(mailing)
    row = in_state(mailing, invoice_id, "failed")
    assert row["attempts"] == 1
    assert row["last_error"] == "The mail server answered 550 5.1.1 no such mailbox"
    [failed] = of_record(mailing, "mail_failed.v1", invoice_id)
    assert failed.data["reason"] == row["last_error"]
    mailing.smtp.refuse_with = None
    mailing.rpc.retry_mail(id=row["id"])
    sent = in_state(mailing, invoice_id, "sent")
    [mail] = mailing.smtp.messages
    assert mail["Message-ID"] == sent["message_id"] == row["message_id"]
    with pytest.raises(Refused) as caught:
        mailing.rpc.retry_mail(id=row["id"])
    assert caught.value.code == "INVALID_TRANSITION"


def test_a_busy_server_is_tried_again_after_a_minute_and_given_up_after_eight_tries(mailing):
    from datetime import datetime, timedelta

    mailing.smtp.refuse_with = "451 4.3.0 try later"
    invoice_id, _ = invoice_issued(mailing)
    row = eventually(
        lambda: row if (row := mail_of(mailing, invoice_id))["attempts"] and row["state"] == "queued" else None,
        timeout=20,
        what="the first try is over",
    )
    for attempt in range(2, 9):
        due = datetime.fromisoformat(row["next_try"])
        mailing.clock.set(due + timedelta(seconds=1))
        row = eventually(
            lambda attempt=attempt: (
                row
                if (row := mail_of(mailing, invoice_id))["attempts"] == attempt and row["state"] != "sending"
                else None
            ),
            timeout=20,
            what=f"try {attempt} is over",
        )
    assert row["state"] == "failed"
    assert row["last_error"].startswith("Given up after 8 tries: The mail server answered 451")
    assert len(of_record(mailing, "mail_failed.v1", invoice_id)) == 1
    assert mailing.smtp.messages == []


def test_a_server_that_is_away_delays_the_mail(service_harness):
    mailbox = Mailbox()
    harness = service_harness("documents", environment={"SMTP_URL": mailbox.url})
    invoice_id, _ = invoice_issued(harness)
    row = eventually(
        lambda: row if (row := mail_of(harness, invoice_id))["attempts"] and row["state"] == "queued" else None,
        timeout=20,
        what="the first try is over",
    )
    assert "does not let us in" in row["last_error"]
    mailbox.start()
    try:
        harness.clock.set(row["next_try"])
        in_state(harness, invoice_id, "sent")
        assert len(mailbox.messages) == 1
    finally:
        mailbox.stop()


def test_a_mail_whose_sender_died_after_data_is_not_sent_twice_but_shown(mailing):
    invoice_id, _ = invoice_issued(mailing)
    in_state(mailing, invoice_id, "sent")
    # The state a kill -9 leaves between the server's taking the message and our commit.
    mailing.kill()
    mailing.sql(
        "UPDATE mails SET state = 'sending', sent_at = NULL, lease = gen_random_uuid(), handover_at = now(),"
        " lease_until = now() - interval '1 second' WHERE record_id = %s RETURNING id",
        [invoice_id],
    )
    mailing.start()
    row = in_state(mailing, invoice_id, "failed")
    assert "may or may not have taken it" in row["last_error"]
    assert len(mailing.smtp.messages) == 1


def test_a_mail_whose_sender_died_before_data_goes_out(mailing):
    mailing.smtp.refuse_with = "550 not yet"
    invoice_id, _ = invoice_issued(mailing)
    in_state(mailing, invoice_id, "failed")
    mailing.kill()
    mailing.smtp.refuse_with = None
    mailing.sql(
        "UPDATE mails SET state = 'sending', lease = gen_random_uuid(), handover_at = NULL,"
        " lease_until = now() - interval '1 second' WHERE record_id = %s RETURNING id",
        [invoice_id],
    )
    mailing.start()
    in_state(mailing, invoice_id, "sent")
    assert len(mailing.smtp.messages) == 1


def test_a_service_killed_while_the_server_takes_the_mail_sends_it_once(module_harness):
    """kill -9 between DATA and our commit, for real: the server answers late, the service is dead by then."""

    class SlowMailbox(Mailbox):
        async def handle_DATA(self, server, session, envelope):
            answer = await super().handle_DATA(server, session, envelope)
            await asyncio.sleep(30)
            return answer

    mailbox = SlowMailbox()
    mailbox.start()
    try:
        harness = module_harness("documents", environment={"SMTP_URL": mailbox.url})
        invoice_id, _ = invoice_issued(harness)
        eventually(lambda: mailbox.messages, timeout=20, what="the server has the message")
        harness.kill()
        # Instead of waiting five minutes for the lease to run out:
        harness.sql("UPDATE mails SET lease_until = now() WHERE record_id = %s RETURNING id", [invoice_id])
        harness.start()
        row = in_state(harness, invoice_id, "failed")
        assert "may or may not have taken it" in row["last_error"]
        assert len(mailbox.messages) == 1
    finally:
        mailbox.stop()


def test_a_service_killed_while_it_writes_mail_files_leaves_one_file_per_mail(module_harness):
    harness = module_harness("documents")
    ids = [invoice_issued(harness)[0] for _ in range(3)]
    harness.kill()
    harness.sql(
        "UPDATE mails SET state = 'sending', sent_at = NULL, lease = gen_random_uuid(), handover_at = now(),"
        " lease_until = now(), attempts = 1 RETURNING id"
    )
    harness.start()
    for invoice_id in ids:
        in_state(harness, invoice_id, "sent")
    assert len(list(Path(harness.data, "mail").glob("*.eml"))) == 3


def test_many_workers_send_each_mail_once(databases, smtp, tmp_path):
    """Eight workers over one queue of forty mails, each worker with its own database connection pool."""
    from documents.adapters.tables import mails
    from documents.adapters.transport import transport_of
    from documents.tools import Tools
    from documents.use_cases.delivery import deliver_due
    from kontor.database import Database
    from kontor.ids import uuid7
    from kontor.secrets import Sealer

    settings = databases.migrated("documents").model_copy(update={"smtp_url": smtp.url, "data": tmp_path})
    url = settings.database_url_of("documents")
    queue = Database(url, "documents")
    with queue.transaction() as tx:
        for _ in range(40):
            id = uuid7()
            row = {
                **dict.fromkeys(("template", "record", "record_id", "sender_name", "to_name", "text", "html"), "x"),
                "id": id,
                "language": "de",
                "sender": "post@kontor.example",
                "to_email": "anna@meier.example",
                "cc": [],
                "subject": "Rechnung",
                "attachments": [],
                "message_id": f"<{id}@kontor.example>",
                "state": "queued",
                "next_try": tx.now,
                "created_at": tx.now,
            }
            tx.execute(mails.insert().values(row))

    def work(_):
        tools = Tools(settings, storage=None, renderer=None, transport=transport_of(settings))
        db = Database(url, "documents")
        try:
            return deliver_due(db, tools, Sealer("x"))
        finally:
            db.close()

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(work, range(8)))
    queue.close()
    assert sum(counts) == 40
    ids = [mail["Message-ID"] for mail in smtp.messages]
    assert len(ids) == len(set(ids)) == 40


def test_documents_live_in_s3_when_an_endpoint_is_configured(service_harness, s3):
    harness = service_harness("documents", environment=s3.environment)
    invoice_id, _ = invoice_issued(harness, snapshot=invoice(language="en", locale="en"), language="en")
    [row] = harness.rpc.list_documents(record_id=invoice_id)["items"]
    assert row["backend"] == "s3"
    assert row["key"].startswith(f"invoice/2026/{DEAL}/INV-2026-0042-")
    assert harness.rpc.get_content(id=row["id"])["sha256"] == row["sha256"]
    [sent] = mails_in(harness, invoice_id)
    assert sent["subject"] == "Invoice INV-2026-0042: Hochzeit Meier"
