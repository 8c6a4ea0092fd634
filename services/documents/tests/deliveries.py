"""What interface tests tell the documents service, and how they read what it did."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

from kontor.ids import uuid7
from kontor.secrets import Sealer
from services.documents.tests.samples import invoice, quote
from tests.support.databases import SECRET_KEY
from tests.support.ports import eventually

DEAL = "0195f3a0-0000-7000-8000-00000000000a"
ANNA = {"email": "anna@meier.example", "name": "Anna Meier", "cc": None}


def sealed(token):
    return Sealer(SECRET_KEY).seal(token)


def quote_sent(documents, deal=DEAL, **changes):
    quote_id = str(uuid7())
    data = {
        "quote_id": quote_id,
        "number": "Q-2026-0031",
        "quote_version": 1,
        "customer_id": str(uuid7()),
        "recipient": ANNA,
        "language": "de",
        "link_sealed": sealed("a-secret-token"),
        "valid_until": "2026-12-31",
        "snapshot": quote(),
        **changes,
    }
    event = documents.emit("quote_sent.v1", data, deal_uuid=deal, aggregate_id=quote_id, aggregate_version=2)
    return quote_id, event


def invoice_issued(documents, expect=None, **changes):
    invoice_id = str(uuid7())
    data = {
        "invoice_id": invoice_id,
        "number": "INV-2026-0042",
        "customer_id": str(uuid7()),
        "recipient": ANNA,
        "language": "de",
        "snapshot": invoice(),
        **changes,
    }
    options = {"expect": expect} if expect else {}
    event = documents.emit(
        "invoice_issued.v1", data, deal_uuid=DEAL, aggregate_id=invoice_id, aggregate_version=2, **options
    )
    return invoice_id, event


def of_record(documents, type, record_id):
    return [event for event in documents.events(type) if event.data["record_id"] == record_id]


def mails_in(documents, record_id):
    """The mails of a record once all of them are out."""

    def all_sent():
        rows = documents.rpc.list_mails(record_id=record_id)["items"]
        return rows if rows and all(row["state"] == "sent" for row in rows) else None

    return eventually(all_sent, timeout=20, what="the mails are sent")


def eml(documents, message_id):
    [path] = Path(documents.data, "mail").glob(f"{message_id.strip('<>').partition('@')[0]}.eml")
    return message_from_bytes(path.read_bytes(), policy=policy.default)
