"""Several people, the same moment: one effect."""

import threading
from contextlib import suppress

from kontor.ids import uuid7
from services.quotes.tests.studio import Studio


def codes(refusals):
    return [refusal.code for refusal in refusals]


def test_four_simultaneous_sends_send_once(studio):
    draft = studio.draft()
    done, refusals = studio.at_once(4, lambda: studio.rpc.send_quote(id=draft["id"]))
    assert (len(done), codes(refusals)) == (1, ["INVALID_TRANSITION"] * 3)
    assert len(studio.events(draft["id"], "quote_sent.v1")) == 1
    assert studio.rpc.get_quote(id=draft["id"])["sent_version"] == 1


def test_four_simultaneous_accepts_accept_once(studio):
    sent = studio.sent()
    token = studio.token(sent["id"])
    done, refusals = studio.at_once(
        4, lambda: studio.rpc.public_accept(token=token, name="Anna", total_minor=163029, ip="203.0.113.5")
    )
    assert (len(done), codes(refusals)) == (1, ["INVALID_TRANSITION"] * 3)
    assert len(studio.events(sent["id"], "quote_accepted.v1")) == 1
    assert studio.harness.sql("SELECT count(*) FROM quote_answer WHERE quote_id = %s", [sent["id"]])[0]["count"] == 1


def test_four_simultaneous_conversions_spawn_once(studio):
    accepted = studio.accepted()
    done, refusals = studio.at_once(4, lambda: studio.rpc.convert_quote(id=accepted["id"], contract=True))
    assert (len(done), codes(refusals)) == (1, ["INVALID_TRANSITION"] * 3)
    assert len(studio.events(accepted["id"], "quote_converted.v1")) == 1
    targets = studio.harness.sql("SELECT kind FROM conversion_target WHERE quote_id = %s", [accepted["id"]])
    assert sorted(target["kind"] for target in targets) == ["contract", "invoice"]


def test_accept_and_decline_at_once_one_wins_and_the_other_sees_it(studio):
    sent = studio.sent()
    token = studio.token(sent["id"])
    answers = iter([True, False, True, False])
    lock = threading.Lock()

    def answer():
        with lock:
            accepting = next(answers)
        if accepting:
            return studio.rpc.public_accept(token=token, name="Anna", total_minor=163029)
        return studio.rpc.public_decline(token=token, reason="nein")

    done, refusals = studio.at_once(4, answer)
    assert (len(done), codes(refusals)) == (1, ["INVALID_TRANSITION"] * 3)
    page = studio.rpc.public_quote(token=token)
    assert page["state"] == done[0]["state"] == page["quote"]["answer"]["verdict"]


def test_accepting_what_is_being_edited_is_refused_or_comes_first(studio):
    for _ in range(5):
        sent = studio.sent()
        token = studio.token(sent["id"])
        turns = iter([True, False])
        lock = threading.Lock()

        def step(sent=sent, token=token, turns=turns, lock=lock):
            with lock:
                editing = next(turns)
            if editing:
                return studio.rpc.update_quote(id=sent["id"], changes={"title": "anders"})
            return studio.rpc.public_accept(token=token, name="Anna", total_minor=163029)

        done, refusals = studio.at_once(2, step)
        assert len(done) == 1
        assert codes(refusals) in (["LINK_GONE"], ["INVALID_TRANSITION"])
        assert studio.rpc.get_quote(id=sent["id"])["state"] in ("draft", "accepted")


def test_two_admins_saving_the_same_version_one_is_told(studio):
    draft = studio.draft()
    titles = iter("abcd")
    lock = threading.Lock()

    def save():
        with lock:
            title = next(titles)
        return studio.rpc.update_quote(id=draft["id"], version=1, changes={"title": title})

    done, refusals = studio.at_once(4, save)
    assert (len(done), codes(refusals)) == (1, ["STALE_VERSION"] * 3)
    assert studio.rpc.get_quote(id=draft["id"])["title"] == done[0]["title"]


def test_the_same_creation_four_times_at_once_creates_once(studio):
    quote_id = str(uuid7())
    fields = {
        "customer_id": studio.customer_id,
        "lines": [{"description": "A", "unit_price_minor": 100, "vat_rate": "8.1"}],
    }
    done, refusals = studio.at_once(4, lambda: studio.rpc.create_quote(id=quote_id, fields=fields))
    assert (len(done), refusals) == (4, [])
    assert len({answer["deal_uuid"] for answer in done}) == 1
    assert len(studio.events(quote_id, "quote_drafted.v1")) == 1


def test_numbers_have_no_gap_under_simultaneous_sends_and_refusals(studio):
    good = [studio.draft()["id"] for _ in range(12)]
    bad = [studio.draft(currency="EUR")["id"] for _ in range(4)]
    queue = [x for group in zip(good[:4], bad, good[4:8], good[8:], strict=True) for x in group]
    lock = threading.Lock()

    def send():
        with lock:
            quote_id = queue.pop()
        return studio.rpc.send_quote(id=quote_id)

    done, refusals = studio.at_once(16, send)
    assert (len(done), codes(refusals)) == (12, ["BANK_ACCOUNT_MISSING"] * 4)
    rows = studio.harness.sql("SELECT number FROM quote WHERE number LIKE 'Q-2026-%' ORDER BY number")
    numbers = [int(row["number"].removeprefix("Q-2026-")) for row in rows]
    assert numbers == list(range(1, len(numbers) + 1))
    assert studio.rpc.verify_numbers() == {"count": len(numbers), "problems": []}


def test_a_kill_in_the_middle_leaves_no_number_without_its_quote(service_harness):
    studio = Studio(service_harness("quotes"))
    drafts = [studio.draft()["id"] for _ in range(30)]
    queue = list(drafts)
    lock = threading.Lock()

    def send():
        with lock:
            quote_id = queue.pop()
        with suppress(OSError, RuntimeError, ValueError):  # the service died in the middle of the answer
            studio.rpc.send_quote(id=quote_id)

    threads = [threading.Thread(target=send) for _ in drafts]
    for thread in threads:
        thread.start()
    studio.harness.await_event("quote_sent.v1", count=5)
    studio.harness.kill()
    for thread in threads:
        thread.join()
    studio.harness.start()
    for quote_id in drafts:
        if studio.rpc.get_quote(id=quote_id)["state"] == "draft":
            studio.rpc.send_quote(id=quote_id)
    rows = studio.harness.sql("SELECT number FROM quote ORDER BY number")
    assert [row["number"] for row in rows] == [f"Q-2026-{number:04d}" for number in range(1, 31)]
    sent = [event.aggregate_id for event in studio.harness.events("quote_sent.v1")]
    assert sorted(sent) == sorted(drafts)
    assert studio.harness.sql("SELECT count(*) FROM quote_link WHERE revoked_at IS NULL")[0]["count"] == 30


def test_an_event_delivered_twice_is_worked_on_once(studio):
    sent = studio.sent()
    stored = {"document_id": str(uuid7()), "kind": "quote", "record_id": sent["id"], "sha256": "ab" * 32}
    event_id = uuid7()
    for _ in range(2):
        studio.harness.emit("document_stored.v1", stored, event_id=event_id)
    rows = studio.harness.sql("SELECT attempts FROM inbox WHERE event_id = %s", [event_id])
    assert [row["attempts"] for row in rows] == [1]
