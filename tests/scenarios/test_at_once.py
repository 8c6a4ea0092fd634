"""Four people do the same thing in the same moment: it happens once."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from kontor_launcher.story import ink
from kontor_launcher.story.api import Api
from kontor_launcher.story.deal import Deal, set_up_studio
from tests.support.ports import eventually
from tests.support.running import EmbeddedKontor
from tests.support.together import refused, simultaneously

FOUR = range(4)


@pytest.fixture(scope="module")
def admins(kontor_app: EmbeddedKontor) -> Iterator[list[Api]]:
    sessions = [kontor_app.signed_in() for _ in FOUR]
    set_up_studio(sessions[0])
    yield sessions
    for session in sessions:
        session.close()


@pytest.fixture
def deal(kontor_app: EmbeddedKontor, admins: list[Api]) -> Deal:
    deal = Deal(admins[0], kontor_app.mails, email=f"at-once-{uuid4().hex[:8]}@bergwerk.example")
    deal.create_customer()
    deal.create_quote()
    return deal


def _each(admins: list[Api], work: Callable[[Api], Any]) -> list[Any]:
    return simultaneously(*[lambda api=api: work(api) for api in admins])


def _times_in_timeline(deal: Deal, type: str, expected: int) -> None:
    def told() -> bool:
        story = deal.api.get(f"deals/{deal.quote['deal_uuid']}")
        seen = [entry["type"] for entry in story["timeline"]]
        assert seen.count(type) >= expected, seen
        assert seen.count(type) == expected, f"{type} happened {seen.count(type)} times"
        return True

    eventually(told)


def test_four_acceptances_are_one(deal: Deal, admins: list[Api]) -> None:
    token = deal.send_quote()
    body = {"name": "Seraina Caduff", "total_minor": 324460, "selection": {}, "accept_terms": True, "message": ""}
    answers = _each(admins, lambda api: api.anonymous().post(f"public/quotes/{token}/accept", body))
    assert all(problem == (409, "INVALID_TRANSITION") for problem in refused(answers)), answers
    assert len(refused(answers)) < 4
    _times_in_timeline(deal, "quote_accepted.v1", 1)


def test_accept_and_decline_at_once_give_one_answer(deal: Deal, admins: list[Api]) -> None:
    token = deal.send_quote()
    body = {"name": "Seraina Caduff", "total_minor": 324460, "selection": {}, "accept_terms": True, "message": ""}
    link = f"public/quotes/{token}"
    answers = simultaneously(
        lambda: admins[0].anonymous().post(f"{link}/accept", body),
        lambda: admins[1].anonymous().post(f"{link}/decline", {"reason": "zu teuer"}),
    )
    assert len(refused(answers)) == 1, answers
    accepted = deal.api.get(f"quotes/{deal.quote['id']}")["state"] == "accepted"
    assert accepted == (not isinstance(answers[0], Exception))


def test_four_conversions_give_one_contract_and_the_invoices_of_one_plan(deal: Deal, admins: list[Api]) -> None:
    deal.accept(deal.send_quote())
    body = {"booking": False, "contract": True, "invoice": True}
    answers = _each(admins, lambda api: api.post(f"quotes/{deal.quote['id']}/convert", body))
    assert all(problem == (409, "INVALID_TRANSITION") for problem in refused(answers)), answers
    assert len(refused(answers)) < 4
    deal.convert()

    def spawned() -> bool:
        records = deal.api.get(f"deals/{deal.quote['deal_uuid']}")["records"]
        assert sorted(record["kind"] for record in records) == ["contract", "invoice", "invoice", "quote"]
        return True

    eventually(spawned)


def test_four_signatures_are_one(deal: Deal, admins: list[Api]) -> None:
    deal.accept(deal.send_quote())
    deal.convert()
    deal.compose_contract()
    token = deal.send_contract()
    body = {"name": "Seraina Caduff", "method": "draw", "signature_png": ink.stroke(), "consents": []}
    answers = _each(admins, lambda api: api.anonymous().post(f"public/contracts/{token}/sign", body))
    assert all(status == 409 for status, _ in refused(answers)), answers
    assert len(refused(answers)) < 4
    contract = deal.api.get(f"contracts/{deal.contract['id']}")
    assert [signer["state"] for signer in contract["signers"]] == ["signed"]
    _times_in_timeline(deal, "contract_signed.v1", 1)


def test_four_issues_give_one_number_and_one_mail(deal: Deal, admins: list[Api], kontor_app: EmbeddedKontor) -> None:
    deal.accept(deal.send_quote())
    deal.convert()
    invoice = deal.invoices[0]
    answers = _each(admins, lambda api: api.post(f"invoices/{invoice['id']}/send", {}))
    assert all(problem == (409, "INVALID_TRANSITION") for problem in refused(answers)), answers
    numbers = {answer["number"] for answer in answers if isinstance(answer, dict)}
    assert len(numbers) == 1
    sent = deal.issue(0)
    assert sent["number"] in numbers
    _times_in_timeline(deal, "invoice_issued.v1", 1)
    mails = [mail for mail in kontor_app.mails() if sent["number"] in str(mail["Subject"])]
    assert len(mails) == 1


def test_four_payments_add_up(deal: Deal, admins: list[Api]) -> None:
    deal.accept(deal.send_quote())
    deal.convert()
    invoice = deal.issue(0)
    assert invoice["total_minor"] == 97338
    quarters = iter((24334, 24334, 24335, 24335))
    amounts = {id(api): next(quarters) for api in admins}

    def pay(api: Api) -> Any:
        body = {"amount_minor": amounts[id(api)], "date": invoice["issue_date"], "method": "bank"}
        return api.post(f"invoices/{invoice['id']}/payments", body)

    answers = _each(admins, pay)
    assert refused(answers) == []
    paid = deal.api.get(f"invoices/{invoice['id']}")
    assert (paid["state"], paid["paid_minor"], paid["open_minor"]) == ("paid", 97338, 0)
    assert sorted(payment["amount_minor"] for payment in paid["payments"]) == [24334, 24334, 24335, 24335]


def test_the_same_request_sent_twice_does_its_work_once(deal: Deal, admins: list[Api]) -> None:
    deal.accept(deal.send_quote())
    deal.convert()
    invoice = deal.issue(0)
    body = {"amount_minor": 10000, "date": invoice["issue_date"], "method": "bank"}
    key = uuid4().hex
    path = f"invoices/{invoice['id']}/payments"
    simultaneously(*[lambda: admins[0].post(path, body, key=key) for _ in FOUR])
    assert deal.api.get(f"invoices/{invoice['id']}")["paid_minor"] == 10000
    answers = simultaneously(lambda: admins[0].post(path, body | {"amount_minor": 20000}, key=key))
    assert refused(answers) == [(422, "IDEMPOTENCY_KEY_REUSED")]
