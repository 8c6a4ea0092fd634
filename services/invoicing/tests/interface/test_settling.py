"""Handed over, paid, past due."""

from typing import Any
from uuid import uuid4

import pytest

from kontor.errors import Refused


def refused(call: Any, *arguments: Any, **fields: Any) -> Refused:
    with pytest.raises(Refused) as answer:
        call(*arguments, **fields)
    return answer.value


def test_stored_and_mailed_makes_sent(studio: Any) -> None:
    one = studio.issued()
    document = studio.stored(one["id"])
    assert (studio.get(one["id"])["state"], studio.get(one["id"])["document_id"]) == ("issuing", document)
    studio.mailed(one["id"], "mail-1")
    sent = studio.get(one["id"])
    assert (sent["state"], sent["mail_id"], sent["problem"]) == ("sent", "mail-1", None)
    assert sent["sent_at"] is not None
    assert studio.told("invoice_sent.v1", one["id"]) == [
        {"invoice_id": one["id"], "number": one["number"], "mail_id": "mail-1", "state": "sent"}
    ]


def test_the_order_of_the_news_does_not_matter(studio: Any) -> None:
    one = studio.issued()
    studio.mailed(one["id"])
    document = studio.stored(one["id"])
    assert (studio.get(one["id"])["state"], studio.get(one["id"])["document_id"]) == ("sent", document)


def test_a_second_mail_or_document_changes_nothing(studio: Any) -> None:
    before = studio.sent()
    studio.mailed(before["id"], "another")
    studio.stored(before["id"])
    assert studio.get(before["id"]) == before
    assert len(studio.told("invoice_sent.v1", before["id"])) == 1


def test_a_failed_mail_is_shown_until_it_leaves(studio: Any) -> None:
    one = studio.issued()
    data = {"mail_id": "m", "template": "invoice_sent", "record_id": one["id"], "to": "x", "reason": "550 no such user"}
    studio.harness.emit("mail_failed.v1", data)
    failed = studio.get(one["id"])
    assert (failed["state"], failed["problem"]["code"]) == ("issuing", "MAIL_FAILED")
    assert failed["problem"]["message"] == "550 no such user"
    studio.mailed(one["id"], "m")
    assert (studio.get(one["id"])["state"], studio.get(one["id"])["problem"]) == ("sent", None)
    studio.harness.emit("mail_failed.v1", data)
    assert studio.get(one["id"])["problem"] is None


def test_a_failed_rendering_is_shown_until_it_is_stored(studio: Any) -> None:
    one = studio.issued()
    data = {"kind": "invoice", "record_id": one["id"], "number": one["number"], "code": "RENDER", "reason": "too long"}
    studio.harness.emit("document_failed.v1", data)
    assert studio.get(one["id"])["problem"]["code"] == "DOCUMENT_FAILED"
    studio.stored(one["id"])
    assert studio.get(one["id"])["problem"] is None


def test_news_about_other_documents_is_left_alone(studio: Any) -> None:
    foreign = str(uuid4())
    studio.harness.emit(
        "document_stored.v1",
        {"document_id": str(uuid4()), "kind": "quote", "record_id": foreign, "number": "Q", "sha256": "a", "size": 1,
         "pages": 1, "name": "q.pdf"},
    )  # fmt: skip
    studio.harness.emit(
        "mail_sent.v1",
        {"mail_id": "m", "template": "quote_sent", "record_id": foreign, "to": "x", "message_id": "y"},
    )


def test_two_payments_make_it_paid_once(studio: Any) -> None:
    one = studio.sent()
    first = studio.pay(one["id"], 20412, method="cash", note="Anzahlung")
    assert (first["state"], first["paid_minor"], first["open_minor"]) == ("partially_paid", 20412, 100000)
    second = studio.pay(one["id"], 100000, reference="E-Banking")
    assert (second["state"], second["paid_minor"], second["open_minor"]) == ("paid", 120412, 0)
    assert second["payment_state"] == "paid"
    assert second["paid_at"] is not None
    assert [(p["amount_minor"], p["method"]) for p in second["payments"]] == [(20412, "cash"), (100000, "bank")]
    assert len(studio.told("invoice_paid.v1", one["id"])) == 1
    told = studio.told("payment_recorded.v1", one["id"])
    assert [(one["amount_minor"], one["open_minor"], one["state"]) for one in told] == [
        (20412, 100000, "partially_paid"),
        (100000, 0, "paid"),
    ]


def test_the_same_payment_again_adds_nothing(studio: Any) -> None:
    one, payment = studio.sent(), str(uuid4())
    first = studio.pay(one["id"], 100, payment_id=payment)
    assert studio.pay(one["id"], 100, payment_id=payment) == first
    assert len(studio.told("payment_recorded.v1", one["id"])) == 1
    assert refused(studio.pay, one["id"], 101, payment_id=payment).code == "PAYMENT_ID_REUSED"
    assert refused(studio.pay, studio.sent()["id"], 100, payment_id=payment).code == "PAYMENT_ID_REUSED"


def test_what_is_paid_too_much_is_kept_as_credit(studio: Any) -> None:
    one = studio.sent()
    paid = studio.pay(one["id"], 130000)
    assert (paid["state"], paid["open_minor"], paid["credit_minor"]) == ("paid", 0, 9588)
    assert (studio.pay(one["id"], -9588)["credit_minor"]) == 0
    assert len(studio.told("invoice_paid.v1", one["id"])) == 1


def test_a_reversal_opens_it_again_and_the_next_payment_pays_it_again(studio: Any) -> None:
    one = studio.sent()
    studio.pay(one["id"], 120412)
    assert studio.pay(one["id"], -120412)["state"] == "sent"
    assert studio.pay(one["id"], 120412)["state"] == "paid"
    assert len(studio.told("invoice_paid.v1", one["id"])) == 2


@pytest.mark.parametrize(
    "minor, fields, field",
    [
        (0, {}, "amount_minor"),
        (1.5, {}, "amount_minor"),
        (-1, {}, "amount_minor"),
        (1, {"date": "2099-01-01"}, "date"),
        (1, {"date": "2020-01-01"}, "date"),
        (1, {"method": "barter"}, "method"),
        (1, {"note": "\x00"}, "note"),
    ],
)
def test_a_wrong_payment_is_refused(studio: Any, minor: Any, fields: dict[str, Any], field: str) -> None:
    one = studio.issued()
    answer = refused(studio.pay, one["id"], minor, **fields)
    assert (answer.code, answer.errors[0].field) == ("INVALID", field)
    assert studio.get(one["id"])["payments"] == []


def test_a_draft_takes_no_payment(studio: Any) -> None:
    answer = refused(studio.pay, studio.draft()["id"], 100)
    assert (answer.code, answer.extra["verb"]) == ("INVALID_TRANSITION", "record_payment")


def test_money_may_come_before_the_mail_leaves(studio: Any) -> None:
    one = studio.issued()
    assert studio.pay(one["id"], 120412)["state"] == "paid"
    studio.mailed(one["id"])
    after = studio.get(one["id"])
    assert (after["state"], after["sent_at"] is not None) == ("paid", True)
    assert len(studio.told("invoice_paid.v1", one["id"])) == 1
    assert studio.told("invoice_sent.v1", one["id"])[0]["state"] == "paid"


def test_paid_minor_is_the_sum_of_the_ledger(studio: Any) -> None:
    rows = studio.harness.sql(
        "SELECT i.id FROM invoice i LEFT JOIN payment p ON p.invoice_id = i.id"
        " GROUP BY i.id HAVING i.paid_minor <> coalesce(sum(p.amount_minor), 0)"
    )
    assert rows == []
