"""kill -9 of everything, at random moments, while deals run."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from uuid import uuid4

import httpx
import pytest

from kontor_launcher.story.api import Api, Problem
from kontor_launcher.story.deal import Deal, set_up_studio
from kontor_launcher.story.mails import recipients
from tests.support.books import Books, numbers_in
from tests.support.ports import eventually
from tests.support.running import DistributedKontor, EmbeddedKontor, Kontor, KontorProcess

DEALS = 20
AT_A_TIME = 4
PATIENCE = 200  # a mail that met a server on its way up waits a minute before its next try


def _one_mail_per_record(kontor: Kontor, numbers: list[str]) -> None:
    """Every issued invoice has exactly one mail, and no mail was sent twice."""
    mails = kontor.mails()
    ids = [str(mail["Message-ID"]) for mail in mails]
    assert len(ids) == len(set(ids)), "the same mail was sent twice"
    for number in numbers:
        about = [str(mail["Subject"]) for mail in mails if number in str(mail["Subject"])]
        assert len(about) == 1, f"{number} was mailed {len(about)} times: {about}"


def _killed_and_restarted(kill: Callable[[], None], start: Callable[[], None], pause: float) -> None:
    kill()
    time.sleep(pause)
    start()


@pytest.mark.timeout(600)
def test_twenty_deals_end_paid_while_everything_is_killed_once(distributed_kontor: DistributedKontor) -> None:
    kontor = distributed_kontor
    chance = random.Random()
    api = kontor.signed_in(patience=PATIENCE)
    set_up_studio(api)
    books = Books(kontor.database_url())
    finished = threading.Event()
    mishaps: list[BaseException] = []

    def play(number: int) -> Deal:
        deal = Deal(api, kontor.mails, email=f"kundin-{number}@bergwerk.example", timeout=PATIENCE)
        deal.play()
        return deal

    def chaos() -> None:
        victims: list[tuple[Callable[[], None], Callable[[], None]]] = [
            (process.kill, process.start) for replicas in kontor.processes.values() for process in replicas
        ]
        victims.append((kontor.broker.kill, kontor.broker.start))
        chance.shuffle(victims)
        try:
            for kill, start in victims:
                time.sleep(chance.uniform(1.0, 4.0))
                _killed_and_restarted(kill, start, chance.uniform(0.2, 1.5))
        except BaseException as error:
            mishaps.append(error)
        finally:
            finished.set()

    destroyer = threading.Thread(target=chaos)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        running = [pool.submit(play, number) for number in range(DEALS)]
        destroyer.start()
        try:
            done, _ = wait(running, return_when=FIRST_EXCEPTION)
            if any(future.exception() for future in done):
                pool.shutdown(cancel_futures=True)
            deals = [future.result() for future in running]
        finally:
            destroyer.join()  # or it would restart what the end of the test has stopped
    assert mishaps == []
    assert finished.is_set()
    kontor.await_ready()

    books.await_finished(timeout=90)
    numbers: list[str] = []
    for deal in deals:
        invoices = [api.get(f"invoices/{invoice['id']}") for invoice in deal.invoices]
        assert [(i["state"], i["total_minor"]) for i in invoices] == [("paid", 97338), ("paid", 227122)]
        assert [len(i["payments"]) for i in invoices] == [1, 1]
        numbers += [i["number"] for i in invoices]
    assert numbers_in(numbers) == list(range(1, 2 * DEALS + 1))
    assert numbers_in([deal.quote["number"] for deal in deals]) == list(range(1, DEALS + 1))
    assert numbers_in([deal.contract["number"] for deal in deals]) == list(range(1, DEALS + 1))
    assert api.get("operations/parked-messages")["items"] == []
    _one_mail_per_record(kontor, numbers)
    for number in range(DEALS):
        address = f"kundin-{number}@bergwerk.example"
        subjects = [str(mail["Subject"]) for mail in kontor.mails() if address in recipients(mail)]
        assert len(subjects) == len(set(subjects)), f"{address} got a mail twice: {subjects}"


@pytest.mark.timeout(240)
def test_a_deal_completes_after_the_one_process_was_killed(fresh_kontor: EmbeddedKontor) -> None:
    kontor = fresh_kontor
    set_up_studio(kontor.signed_in())
    api = kontor.signed_in(patience=60)
    deal = Deal(api, kontor.mails, timeout=60)
    deal.create_customer()
    deal.create_quote()
    deal.accept(deal.send_quote())
    # The answer to the conversion comes before its events have reached anybody: the kill hits in between.
    api.post(f"quotes/{deal.quote['id']}/convert", {"booking": False, "contract": True, "invoice": True})
    kontor.restart(kill=True)
    deal.convert()
    deal.compose_contract()
    deal.sign(deal.send_contract())
    deal.countersign()
    api.post(f"invoices/{deal.invoices[0]['id']}/send", {})
    kontor.restart(kill=True)
    numbers = [deal.issue(index)["number"] for index in (0, 1)]
    assert numbers_in(numbers) == [1, 2]
    assert [deal.pay(index)["state"] for index in (0, 1)] == ["paid", "paid"]
    Books(kontor.database_url()).await_finished()
    assert api.get("operations/parked-messages")["items"] == []
    _one_mail_per_record(kontor, numbers)


@pytest.mark.timeout(240)
def test_killed_under_a_hundred_requests_nothing_is_half_done(fresh_kontor: EmbeddedKontor) -> None:
    kontor = fresh_kontor
    admin = kontor.signed_in()
    set_up_studio(admin)
    deal = Deal(admin, kontor.mails, email="hundert@bergwerk.example")
    deal.create_customer()
    draft = {
        "customer_id": deal.customer["id"],
        "title": "Passfotos",
        "currency": "CHF",
        "language": "de",
        "lines": [
            {"description": f"Bild {n}", "quantity": "1", "unit_price_minor": 1000 + n, "vat_rate": "8.1"}
            for n in range(12)
        ],
        "payment": {"net_days": 30, "from": "issue"},
    }
    drafts = [admin.post("invoices", draft)["id"] for _ in range(50)]
    token = kontor.token
    gate = threading.Barrier(101)

    def send(id: str) -> None:
        _unheard(kontor.url, token, gate, f"/api/v1/invoices/{id}/send", {})

    def create(_: int) -> None:
        _unheard(kontor.url, token, gate, "/api/v1/invoices", draft)

    threads = [threading.Thread(target=send, args=(id,)) for id in drafts]
    threads += [threading.Thread(target=create, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    books = Books(kontor.database_url())
    gate.wait()
    numbered = "SELECT count(*) AS n FROM invoicing.invoice WHERE number IS NOT NULL"
    eventually(lambda: books.rows(numbered)[0]["n"] >= 5, timeout=60, every=0.01, what="a few invoices are issued")
    kontor.process.kill()
    for thread in threads:
        thread.join()
    kontor.start()

    api = kontor.signed_in()
    books = Books(kontor.database_url())
    books.await_finished(timeout=120)
    assert books.rows(numbered)[0]["n"] < 50, "the kill came after all was done; nothing was tested"
    issued: list[str] = []
    for id in _all_ids(api):
        invoice = api.get(f"invoices/{id}")
        assert len(invoice["lines"]) == 12
        # 12 × 10.00 and 0.00 + 0.01 + … + 0.11 = 120.66; VAT 8.1 % = 9.77346
        assert (invoice["net_minor"], invoice["vat_minor"], invoice["total_minor"]) == (12066, 977, 13043)
        if invoice["number"] is not None:
            issued.append(invoice["number"])
    assert numbers_in(issued) == list(range(1, len(issued) + 1))

    def all_sent() -> bool:
        states = {api.get(f"invoices/{id}")["state"] for id in drafts}
        assert states <= {"draft", "sent"}, states
        return True

    eventually(all_sent, timeout=90, every=0.5)
    _one_mail_per_record(kontor, issued)


def _unheard(url: str, token: str, gate: threading.Barrier, path: str, body: dict[str, object]) -> None:
    """A request whose answer may never come."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        gate.wait()
        try:
            client.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
        except httpx.TransportError:
            return


def _all_ids(api: Api) -> list[str]:
    ids: list[str] = []
    cursor = None
    while True:
        page = api.get("invoices", limit=100, **({"cursor": cursor} if cursor else {}))
        ids += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return ids


@pytest.mark.timeout(300)
def test_eight_issuers_with_aborts_and_kills_leave_no_gap(distributed_kontor: DistributedKontor) -> None:
    """8 × 50 invoices; clients hang up at random, the replicas of invoicing are killed in between."""
    kontor = distributed_kontor
    setup = kontor.signed_in(patience=PATIENCE)
    set_up_studio(setup)
    deal = Deal(setup, kontor.mails, email="serie@bergwerk.example")
    deal.create_customer()
    body = {
        "customer_id": deal.customer["id"],
        "title": "Serie",
        "currency": "CHF",
        "language": "de",
        "lines": [{"description": "Bild", "quantity": "1", "unit_price_minor": 1000, "vat_rate": "8.1"}],
        "payment": {"net_days": 30, "from": "issue"},
        "payment_slip": "none",
    }
    # Numbers are what this is about: without documents nothing is rendered and the processors are free.
    for process in kontor.processes["documents"]:
        process.stop()
    done = threading.Event()

    def issuer(number: int) -> None:
        chance = random.Random(number)
        api = kontor.signed_in(patience=PATIENCE)
        for _ in range(50):
            id = api.post("invoices", body)["id"]
            number = None
            while number is None:
                _maybe_hanging_up(api, f"invoices/{id}/send", chance)
                number = api.get(f"invoices/{id}")["number"]

    def killer() -> None:
        chance = random.Random()
        while not done.wait(chance.uniform(4.0, 8.0)):
            victim: KontorProcess = chance.choice(kontor.processes["invoicing"])
            _killed_and_restarted(victim.kill, victim.start, 0.3)

    destroyer = threading.Thread(target=killer)
    destroyer.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(issuer, range(8)))
    finally:
        done.set()
        destroyer.join()
    rows = Books(kontor.database_url()).rows(
        "SELECT number, issue_date FROM invoicing.invoice WHERE number IS NOT NULL"
    )
    assert numbers_in([row["number"] for row in rows]) == list(range(1, 401))
    in_order = sorted(rows, key=lambda row: row["number"])
    assert [row["issue_date"] for row in in_order] == sorted(row["issue_date"] for row in rows)


def _maybe_hanging_up(api: Api, path: str, chance: random.Random) -> None:
    if chance.random() < 0.2:
        impatient = api.with_timeout(chance.uniform(0.001, 0.03))
        try:
            impatient.post(path, {})
        except (httpx.TransportError, Problem):
            return
        finally:
            impatient.close()
        return
    try:
        api.post(path, {})
    except Problem as problem:
        if problem.status != 409:
            raise
