"""The servers of the test infrastructure do what the other tests take for granted."""

import smtplib

import psycopg
import pytest
from kombu import Connection
from minio import Minio

from tests.support.broker import Broker
from tests.support.databases import Databases
from tests.support.mailbox import Mailbox
from tests.support.objectstore import ObjectStore


def test_every_fresh_database_is_another_one(databases: Databases) -> None:
    first, second = databases.empty("a"), databases.empty("a")
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE here (n int)")
    with psycopg.connect(second) as connection:
        assert connection.execute("SELECT to_regclass('here')").fetchone() == (None,)


def test_durable_messages_survive_a_killed_broker() -> None:
    broker = Broker()
    broker.start()
    try:
        with Connection(broker.url, transport_options={"confirm_publish": True}) as connection:
            queue = connection.SimpleQueue("kept")
            queue.put({"n": 1})
            queue.close()
        broker.kill()
        broker.start()
        with Connection(broker.url) as connection:
            queue = connection.SimpleQueue("kept")
            message = queue.get(timeout=10)
            message.ack()
            queue.close()
        assert message.payload == {"n": 1}
    finally:
        broker.stop()


def test_the_object_store_keeps_objects(s3: ObjectStore) -> None:
    settings = s3.environment
    client = Minio(
        settings["S3_ENDPOINT"],
        access_key=settings["S3_ACCESS_KEY"],
        secret_key=settings["S3_SECRET_KEY"],
        secure=False,
        region=settings["S3_REGION"],
    )
    client.make_bucket("a-bucket")
    assert client.bucket_exists("a-bucket")


def test_the_mailbox_keeps_mails_and_can_refuse_them(smtp: Mailbox) -> None:
    with smtplib.SMTP("127.0.0.1", smtp.port) as link:
        link.sendmail("a@studio.example", ["b@customer.example"], b"Subject: Offerte\r\n\r\nGuten Tag\r\n")
        assert [mail["Subject"] for mail in smtp.messages] == ["Offerte"]
        smtp.refuse_with = "451 later"
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            link.sendmail("a@studio.example", ["b@customer.example"], b"Subject: x\r\n\r\n\r\n")
        assert refusal.value.smtp_code == 451
    assert len(smtp.messages) == 1
