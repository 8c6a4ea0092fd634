"""The code before the content: nothing is shown of a quote until the mailed code was typed."""

import jsonschema
import kontor_messages
import pytest

from kontor.links import mint
from kontor.secrets import Sealer
from services.quotes.tests.interface.test_links import accept, offer, refused, tokens_nowhere

TOTAL = 118910


@pytest.fixture
def guarded(studio):
    """A studio that asks for codes, and a quote it sent."""
    studio.settings("quotes", {"code_required": True})
    sent, token = offer(studio)
    return studio, sent, token


def code_of(studio, quote_id):
    """The newest code, as documents unseals it for the mail."""
    event = studio.events(quote_id, "quote_code_requested.v1")[-1]
    return Sealer(studio.harness.settings.secret_key).unseal(event.data["code_sealed"])


def wrong(code):
    return "000000" if code != "000000" else "000001"


def open_session(studio, sent, token):
    studio.rpc.public_request_code(token=token)
    return studio.rpc.public_verify_code(token=token, code=code_of(studio, sent["id"]))["session"]


def test_before_the_code_only_the_way_to_it_is_told(guarded):
    studio, sent, token = guarded
    page = studio.rpc.public_quote(token=token, ip="203.0.113.5")
    assert page.pop("issuer")["name"] == "Atelier Lumen GmbH"
    assert page == {"code_required": True, "email_hint": "a…@keller.example", "language": "de"}
    for session in (None, "", mint()[0], "ü", 5):
        assert studio.rpc.public_quote(token=token, session=session)["code_required"] is True
        refused("CODE_REQUIRED", lambda session=session: studio.rpc.public_price(token=token, session=session))
        refused("CODE_REQUIRED", lambda session=session: accept(studio, token, TOTAL, session=session))
        refused("CODE_REQUIRED", lambda session=session: studio.rpc.public_decline(token=token, session=session))
    assert studio.rpc.get_quote(id=sent["id"])["state"] == "sent"


def test_the_code_is_mailed_to_the_customer_and_opens_the_quote(guarded):
    studio, sent, token = guarded
    asked = studio.rpc.public_request_code(token=token, ip="203.0.113.5")
    assert asked["expires_at"].startswith("2026-03-10T09:10")
    event = studio.events(sent["id"], "quote_code_requested.v1")[0]
    jsonschema.validate(event.data, kontor_messages.schema(event.type), jsonschema.Draft202012Validator)
    assert event.data["recipient"] == {"email": "anna@keller.example", "name": "Anna Keller", "cc": None}
    code = code_of(studio, sent["id"])
    assert (len(code), code.isdigit()) == (6, True)
    session = studio.rpc.public_verify_code(token=token, code=code)["session"]
    assert studio.rpc.public_quote(token=token, session=session)["quote"]["title"] == "Hochzeit am See"
    assert studio.rpc.public_price(token=token, session=session)["totals"]["total_minor"] == TOTAL
    assert accept(studio, token, TOTAL, session=session)["state"] == "accepted"
    # A code opens once; whoever has read the mail later needs another one.
    refused("CODE_EXPIRED", lambda: studio.rpc.public_verify_code(token=token, code=code))


def test_what_counts_is_what_was_set_when_the_version_was_sent(guarded):
    studio, _, token = guarded
    studio.settings("quotes", {"code_required": False})
    assert studio.rpc.public_quote(token=token)["code_required"] is True
    sent, free = offer(studio)
    studio.settings("quotes", {"code_required": True})
    assert studio.rpc.public_quote(token=free)["state"] == "sent"
    refused("CODE_NOT_NEEDED", lambda: studio.rpc.public_request_code(token=free))
    studio.rpc.resend_quote(id=sent["id"])
    assert studio.rpc.public_quote(token=studio.token(sent["id"]))["state"] == "sent"


def test_five_wrong_codes_lock_it_also_for_the_right_one(guarded):
    studio, sent, token = guarded
    studio.rpc.public_request_code(token=token)
    code = code_of(studio, sent["id"])
    left = []
    for _ in range(4):
        refusal = refused("CODE_WRONG", lambda: studio.rpc.public_verify_code(token=token, code=wrong(code)))
        left.append(refusal.extra["tries_left"])
    assert left == [4, 3, 2, 1]
    locked = refused("CODE_LOCKED", lambda: studio.rpc.public_verify_code(token=token, code=wrong(code)))
    assert 0 < locked.extra["retry_after"] <= 60
    refused("CODE_LOCKED", lambda: studio.rpc.public_verify_code(token=token, code=code))
    studio.harness.clock.set("2026-03-10T09:01:05+00:00")
    assert open_session(studio, sent, token)


def test_simultaneous_wrong_codes_are_all_counted(guarded):
    studio, sent, token = guarded
    studio.rpc.public_request_code(token=token)
    code = wrong(code_of(studio, sent["id"]))
    _, refusals = studio.at_once(8, lambda: studio.rpc.public_verify_code(token=token, code=code))
    assert sorted(refusal.code for refusal in refusals) == ["CODE_LOCKED"] * 4 + ["CODE_WRONG"] * 4


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "a\0b", None])
def test_whatever_is_no_code_is_wrong(guarded, code):
    studio, _, token = guarded
    refused("CODE_EXPIRED", lambda: studio.rpc.public_verify_code(token=token, code="123456"))
    studio.rpc.public_request_code(token=token)
    refused("CODE_WRONG", lambda: studio.rpc.public_verify_code(token=token, code=code))


def test_a_code_lives_ten_minutes_and_a_session_twelve_hours(guarded):
    studio, sent, token = guarded
    studio.rpc.public_request_code(token=token)
    code = code_of(studio, sent["id"])
    studio.harness.clock.set("2026-03-10T09:10:30+00:00")
    refused("CODE_EXPIRED", lambda: studio.rpc.public_verify_code(token=token, code=code))
    session = open_session(studio, sent, token)
    studio.harness.clock.set("2026-03-10T21:10:00+00:00")
    assert studio.rpc.public_quote(token=token, session=session)["state"] == "sent"
    studio.harness.clock.set("2026-03-10T21:11:30+00:00")
    assert studio.rpc.public_quote(token=token, session=session)["code_required"] is True


def test_codes_are_asked_for_once_a_minute_and_five_times_an_hour_and_the_newest_counts(guarded):
    studio, sent, token = guarded
    studio.rpc.public_request_code(token=token)
    first = code_of(studio, sent["id"])
    waiting = refused("TOO_MANY_ATTEMPTS", lambda: studio.rpc.public_request_code(token=token))
    assert 50 <= waiting.extra["retry_after"] <= 60
    for minute in (2, 4, 6, 8):
        studio.harness.clock.set(f"2026-03-10T09:0{minute}:00+00:00")
        studio.rpc.public_request_code(token=token)
    if code_of(studio, sent["id"]) != first:
        refused("CODE_WRONG", lambda: studio.rpc.public_verify_code(token=token, code=first))
    studio.harness.clock.set("2026-03-10T09:20:00+00:00")
    waiting = refused("TOO_MANY_ATTEMPTS", lambda: studio.rpc.public_request_code(token=token))
    assert 2380 <= waiting.extra["retry_after"] <= 2430  # an hour after the first, which was at 9:00
    studio.harness.clock.set("2026-03-10T10:00:30+00:00")
    assert studio.rpc.public_request_code(token=token)["sent"] is True


def test_four_simultaneous_requests_mail_one_code(guarded):
    studio, sent, token = guarded
    done, refusals = studio.at_once(4, lambda: studio.rpc.public_request_code(token=token))
    assert (len(done), [refusal.code for refusal in refusals]) == (1, ["TOO_MANY_ATTEMPTS"] * 3)
    assert len(studio.events(sent["id"], "quote_code_requested.v1")) == 1


def test_a_session_opens_its_own_link_only_and_dies_with_it(guarded):
    studio, sent, token = guarded
    session = open_session(studio, sent, token)
    _, other = offer(studio)
    assert studio.rpc.public_quote(token=other, session=session)["code_required"] is True
    studio.rpc.resend_quote(id=sent["id"])
    refused("LINK_GONE", lambda: studio.rpc.public_quote(token=token, session=session))
    refused("LINK_GONE", lambda: studio.rpc.public_request_code(token=token))
    refused("LINK_GONE", lambda: studio.rpc.public_verify_code(token=token, code="123456"))
    fresh = studio.token(sent["id"])
    assert studio.rpc.public_quote(token=fresh, session=session)["code_required"] is True


def test_who_is_signed_in_needs_no_code(guarded):
    studio, sent, _ = guarded
    own = studio.harness.rpc_as({"kind": "customer", "id": studio.customer_id, "name": "Anna Keller"})
    assert own.get_quote(id=sent["id"])["title"] == "Hochzeit am See"
    assert own.accept_quote(id=sent["id"], total_minor=TOTAL)["state"] == "accepted"


def test_a_wrong_link_is_counted_by_the_code_calls_too(guarded):
    studio = guarded[0]
    studio.harness.sql("DELETE FROM wrong_look_up")
    for _ in range(10):
        refused("NOT_FOUND", lambda: studio.rpc.public_request_code(token=mint()[0], ip="203.0.113.77"))
        call = {"token": mint()[0], "code": "123456", "ip": "203.0.113.77"}
        refused("NOT_FOUND", lambda call=call: studio.rpc.public_verify_code(**call))
    refused("TOO_MANY_ATTEMPTS", lambda: studio.rpc.public_request_code(token=mint()[0], ip="203.0.113.77"))


def test_only_hashes_of_codes_and_sessions_are_stored(guarded):
    studio, sent, token = guarded
    studio.rpc.public_request_code(token=token)
    code = code_of(studio, sent["id"])
    session = studio.rpc.public_verify_code(token=token, code=code)["session"]
    accept(studio, token, TOTAL, session=session)
    tokens_nowhere(studio, token, session)
    rows = studio.harness.sql("SELECT to_jsonb(link_code)::text AS row FROM link_code")
    assert all(f'"{code}"' not in row["row"] for row in rows)
