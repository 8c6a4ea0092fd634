"""The database holds without the code: moves, frozen versions, one live link, one answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count

import psycopg
import pytest

from kontor.database import Database
from kontor.ids import uuid7
from kontor.migrations import drift
from quotes import use_cases
from quotes.adapters.tables import metadata
from quotes.domain.state import TRANSITIONS, State


@pytest.fixture(scope="module")
def database(service_db):
    opened = Database(service_db("quotes"), "quotes")
    yield opened
    opened.close()


SEQUENCE = count(1)
SENT = {"number": "Q", "series_year": 1, "series_seq": 1, "sent_version": 1, "sent_at": "2026-01-01T00:00:00Z"}
LOST = {"state": "lost", **SENT}
MOVED = ("state", "number", "series_year", "series_seq", "sent_at", "answered_at", "answer_id")


def row(state, **values):
    answered = state in ("accepted", "declined", "converted")
    return {
        "id": str(uuid7()),
        "deal_uuid": str(uuid7()),
        "version": 1,
        "state": state,
        "number": None if state == "draft" else f"Q-{uuid7()}",
        "series_year": None if state == "draft" else 2026,
        "series_seq": None if state == "draft" else next(SEQUENCE),
        "customer_id": str(uuid7()),
        "title": "",
        "currency": "CHF",
        "language": "de",
        "bank_account_id": None,
        "valid_until": date(2026, 1, 1),
        "intro": "",
        "closing": "",
        "notes": "",
        "price_entry": "net",
        "vat_mode": "standard",
        "lines": [{"id": "a", "description": "A", "unit_price_minor": 100, "vat_rate": "0"}],
        "payment": {"net_days": 30},
        "installments": [],
        "totals": {"vat_groups": [{"vat_rate": "0", "net_minor": 100, "vat_minor": 0}], "line_nets": [100]},
        "net_minor": 100,
        "vat_minor": 0,
        "total_minor": 100,
        "sent_version": 0 if state == "draft" else 1,
        "sent_at": None if state == "draft" else "2026-01-01T00:00:00Z",
        "answered_at": "2026-01-01T00:00:00Z" if answered else None,
        "answer_id": str(uuid7()) if answered else None,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    } | values


def version_row(quote_id):
    return {
        "quote_id": quote_id,
        "version_no": 1,
        "snapshot": {"issuer": {}},
        "total_minor": 1,
        "currency": "CHF",
        "sent_by": {},
        "sent_event_id": str(uuid7()),
        "sent_at": "2026-01-01T00:00:00Z",
    }


def insert(database, table, values):
    with database.engine.begin() as connection:
        connection.execute(metadata.tables[table].insert(), [values])
    return values


def change(database, sql, **values):
    with database.transaction() as tx:
        tx.execute(sql, values)


def refuses(act, *names):
    with pytest.raises(Exception) as failure:
        act()
    assert isinstance(failure.value.orig, psycopg.IntegrityError), failure.value
    assert any(name in str(failure.value) for name in names), failure.value


def test_the_migrated_database_equals_the_models(database):
    assert drift(metadata, database) == []


@pytest.mark.parametrize("old", list(State))
@pytest.mark.parametrize("new", list(State))
def test_the_database_knows_the_moves_as_well(database, old, new):
    moves = {(state, target) for (state, _), target in TRANSITIONS.items() if state != target}
    quote = insert(database, "quote", row(old.value))
    target = row(new.value)

    def move():
        change(
            database,
            "UPDATE quote SET state = :state, version = version + 1, number = coalesce(number, :number),"
            " series_year = coalesce(series_year, :series_year), series_seq = coalesce(series_seq, :series_seq),"
            " sent_version = 1, sent_at = :sent_at, answered_at = :answered_at, answer_id = :answer_id WHERE id = :id",
            **{
                name: target[name]
                for name in ("state", "number", "series_year", "series_seq", "sent_at", "answered_at", "answer_id")
            },
            id=quote["id"],
        )

    if old == new or (old, new) in moves:
        move()
    else:
        refuses(move, "does not move")


@pytest.mark.parametrize(
    "values,constraint",
    [
        (
            {
                "state": "lost",
                "number": "Q",
                "series_year": 1,
                "series_seq": 1,
                "sent_version": 1,
                "sent_at": "2026-01-01T00:00:00Z",
            },
            "ck_quote_state",
        ),
        ({"total_minor": 99}, "ck_quote_total"),
        ({"net_minor": -100, "total_minor": -100}, "ck_quote_total"),
        ({"lines": []}, "ck_quote_lines"),
        ({"currency": "chf"}, "ck_quote_currency"),
        ({"language": "xx"}, "ck_quote_language"),
        ({"answer_id": "0198c000-0000-7000-8000-000000000001"}, "ck_quote_answer"),
        ({"state": "sent"}, "ck_quote_"),
    ],
)
def test_a_row_that_cannot_be_is_refused(database, values, constraint):
    refuses(lambda: insert(database, "quote", row("draft") | values), constraint)


def test_a_number_is_unique_and_stays(database):
    quote = insert(database, "quote", row("sent"))
    refuses(lambda: insert(database, "quote", row("sent", number=quote["number"])), "uq_quote_number")
    new = "UPDATE quote SET number = 'X', version = version + 1 WHERE id = :id"
    refuses(lambda: change(database, new, id=quote["id"]), "number of a quote stays")
    refuses(lambda: change(database, "DELETE FROM quote WHERE id = :id", id=quote["id"]), "numbered quote")
    back = "UPDATE quote SET version = version WHERE id = :id"
    refuses(lambda: change(database, back, id=quote["id"]), "version grows")


def test_a_sent_version_is_frozen_but_for_its_pdf(database):
    quote = insert(database, "quote", row("sent"))
    key = {"quote_id": quote["id"], "version_no": 1}
    frozen = key | {
        "sent_event_id": str(uuid7()),
        "snapshot": {"a": 1},
        "total_minor": 1,
        "currency": "CHF",
        "sent_by": {},
    }
    insert(database, "quote_version", frozen | {"sent_at": "2026-01-01T00:00:00Z"})
    where = " WHERE quote_id = :id"
    for sql in (
        "UPDATE quote_version SET snapshot = '{}'",
        "UPDATE quote_version SET total_minor = 2",
        "DELETE FROM quote_version",
    ):
        refuses(lambda sql=sql: change(database, sql + where, id=quote["id"]), "is frozen")
    pdf = "UPDATE quote_version SET document_id = gen_random_uuid(), document_sha256 = 'a'" + where
    change(database, pdf, id=quote["id"])
    refuses(lambda: change(database, pdf, id=quote["id"]), "is frozen")


def test_one_link_of_a_purpose_lives_and_dead_ones_stay_dead(database):
    quote = insert(database, "quote", row("sent"))
    link = {"quote_id": quote["id"], "version_no": 1, "created_at": "2026-01-01T00:00:00Z", "purpose": "answer"}
    insert(database, "quote_link", link | {"token_sha256": "a" * 64})
    refuses(lambda: insert(database, "quote_link", link | {"token_sha256": "b" * 64}), "uq_quote_link_alive")
    insert(database, "quote_link", link | {"token_sha256": "c" * 64, "purpose": "expiring"})
    change(database, "UPDATE quote_link SET revoked_at = now() WHERE quote_id = :id", id=quote["id"])
    insert(database, "quote_link", link | {"token_sha256": "b" * 64})
    reminder = link | {"token_sha256": "d" * 64, "purpose": "expiring"}
    refuses(lambda: insert(database, "quote_link", reminder), "uq_quote_link_expiring")
    revive = "UPDATE quote_link SET revoked_at = NULL WHERE token_sha256 = :t"
    refuses(lambda: change(database, revive, t="a" * 64), "once and for all")
    refuses(lambda: insert(database, "quote_link", link | {"token_sha256": "plain token"}), "ck_quote_link")


def answer_to(database, **values):
    """What the database would store as an answer to a newly sent version."""
    quote = insert(database, "quote", row("sent"))
    insert(database, "quote_version", version_row(quote["id"]))
    return {
        "id": str(uuid7()),
        "quote_id": quote["id"],
        "version_no": 1,
        "verdict": "accepted",
        "by": "customer",
        "name": "A",
        "message": "",
        "at": "2026-01-01T00:00:00Z",
        "selection": {},
        "total_minor": 1,
        "currency": "CHF",
    } | values


def test_the_customer_answers_a_version_once_and_for_all(database):
    answer = insert(database, "quote_answer", answer_to(database))
    second = answer | {"id": str(uuid7()), "verdict": "declined", "at": "2026-01-01T00:30:00Z"}
    refuses(lambda: insert(database, "quote_answer", second), "answer to a quote stands")
    refuses(lambda: insert(database, "quote_answer", second | {"verdict": "accepted"}), "answer to a quote stands")
    insert(database, "quote_answer", second | {"by": "admin"})
    third = second | {"id": str(uuid7()), "verdict": "accepted", "at": "2026-01-01T00:40:00Z"}
    for by in ("admin", "customer"):
        refuses(lambda by=by: insert(database, "quote_answer", third | {"by": by}), "answer to a quote stands")
    change_name = "UPDATE quote_answer SET name = 'B' WHERE quote_id = :id"
    refuses(lambda: change(database, change_name, id=answer["quote_id"]), "answer to a quote is frozen")
    change(database, "UPDATE quote_answer SET document_sha256 = 'x' WHERE quote_id = :id", id=answer["quote_id"])
    other = "UPDATE quote_answer SET document_sha256 = 'y' WHERE quote_id = :id"
    refuses(lambda: change(database, other, id=answer["quote_id"]), "answer to a quote is frozen")


def test_the_customer_corrects_an_answer_while_the_window_is_open_and_no_longer(database):
    until = {"final_at": "2026-01-01T01:00:00Z"}
    answer = insert(database, "quote_answer", answer_to(database, **until))
    turned = answer | {"id": str(uuid7()), "verdict": "declined", "at": "2026-01-01T00:59:00Z"}
    longer = turned | {"final_at": "2026-01-01T02:00:00Z"}
    refuses(lambda: insert(database, "quote_answer", longer), "answer to a quote stands")
    late = turned | {"at": "2026-01-01T01:00:00Z"}
    refuses(lambda: insert(database, "quote_answer", late), "answer to a quote stands")
    insert(database, "quote_answer", turned)


def test_a_declined_quote_is_accepted_within_the_window_only_and_the_window_does_not_grow(database):
    answered = {"answered_at": "2026-01-01T00:00:00Z", "answer_id": str(uuid7())}
    turn = "UPDATE quote SET state = 'accepted', version = version + 1 WHERE id = :id"
    for state in ("declined", "expired", "withdrawn"):
        quote = insert(database, "quote", row(state, **(answered if state == "declined" else {})))
        refuses(lambda quote=quote: change(database, turn, id=quote["id"]), "does not move")
    quote = insert(database, "quote", row("declined", **answered, pending_until="2026-01-01T01:00:00Z"))
    change(database, turn, id=quote["id"])
    longer = "UPDATE quote SET pending_until = '2026-01-01T02:00:00Z', version = version + 1 WHERE id = :id"
    refuses(lambda: change(database, longer, id=quote["id"]), "window anew")
    reopened = "UPDATE quote SET state = 'converted', version = version + 1 WHERE id = :id"
    refuses(lambda: change(database, reopened, id=quote["id"]), "ck_quote_pending")
    refuses(lambda: insert(database, "quote", row("sent", pending_until="2026-01-01T01:00:00Z")), "ck_quote_pending")


def test_four_timers_announce_each_answer_once(database):
    change(database, "UPDATE quote SET pending_until = NULL, version = version + 1 WHERE pending_until IS NOT NULL")

    def answered(until):
        answer = answer_to(database, final_at=until)
        insert(database, "quote_answer", answer)
        change(
            database,
            "UPDATE quote SET state = 'accepted', answer_id = :answer, answered_at = :at, pending_until = :until,"
            " version = version + 1 WHERE id = :id",
            answer=answer["id"],
            at=answer["at"],
            until=until,
            id=answer["quote_id"],
        )
        return answer["quote_id"]

    closed = [answered("2026-01-01T01:00:00Z") for _ in range(60)]
    still_open = answered("2999-01-01T01:00:00Z")

    def run(_):
        count = 0
        while True:
            with database.transaction() as tx:
                announced = use_cases.close_windows(tx)
            count += announced
            if not announced:
                return count

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 60
    with database.transaction() as tx:
        told = tx.execute("SELECT message->>'aggregate_id' FROM outbox WHERE type = 'quote_accepted.v1'").scalars()
        assert sorted(told) == sorted(closed)
        waiting = tx.execute("SELECT id::text FROM quote WHERE pending_until IS NOT NULL").scalars()
        assert still_open in list(waiting)


def test_four_timers_expire_each_quote_once(database):
    with database.transaction() as tx:
        today = tx.today("Europe/Zurich")
        tx.execute("UPDATE quote SET state = 'withdrawn', version = version + 1 WHERE state = 'sent'")
    over = [insert(database, "quote", row("sent", valid_until=today - timedelta(days=1)))["id"] for _ in range(60)]
    last_day = insert(database, "quote", row("sent", valid_until=today))["id"]

    def run(_):
        count = 0
        while True:
            with database.transaction() as tx:
                expired = use_cases.expire_overdue(tx)
            count += expired
            if not expired:
                return count

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 60
    with database.transaction() as tx:
        states = dict(tx.execute("SELECT id::text, state FROM quote").tuples().all())
        events = tx.execute("SELECT count(*) FROM outbox WHERE type = 'quote_expired.v1'").scalar_one()
    assert {states[quote_id] for quote_id in over} == {"expired"}
    assert (states[last_day], events) == ("sent", 60)
