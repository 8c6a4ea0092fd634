"""Signing in, sessions, tokens, CSRF, throttling."""

from typing import Any

import pytest

from portal_gateway.settings import ATTEMPTS_PER_ADDRESS

PASSWORD = "a long enough phrase"


def sign_in(client: Any, email: str, password: str = PASSWORD) -> Any:
    return client.post("/api/v1/session", json={"email": email, "password": password})


def test_signing_in_gives_a_session_and_a_csrf_token(gateway: Any) -> None:
    admin = gateway.admin("admin")
    client = gateway.browser()
    answer = sign_in(client, admin["email"].upper())
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    session = client.get("/api/v1/session").json()
    assert session["admin"]["role"] == "admin"
    assert "admins.manage" not in session["admin"]["permissions"]
    assert session["csrf_token"] == answer.json()["csrf_token"]


def test_wrong_password_and_unknown_address_get_the_same_answer(gateway: Any) -> None:
    admin = gateway.admin()
    answers = [sign_in(gateway.browser(), admin["email"], "wrong"), sign_in(gateway.browser(), "nobody@example.ch")]
    assert [answer.status_code for answer in answers] == [401, 401]
    bodies = [{**answer.json(), "instance": ""} for answer in answers]
    assert bodies[0] == bodies[1]
    assert bodies[0]["code"] == "SIGN_IN_REFUSED"


def test_the_session_is_new_after_signing_in_and_the_old_one_ends(gateway: Any) -> None:
    admin = gateway.admin()
    client = gateway.browser()
    sign_in(client, admin["email"])
    first = client.cookies["kontor_admin"]
    sign_in(client, admin["email"])
    assert client.cookies["kontor_admin"] != first
    old = gateway.browser(cookies={"kontor_admin": first})
    assert old.get("/api/v1/session").status_code == 401


def test_only_digests_of_sessions_and_tokens_are_stored(gateway: Any) -> None:
    client = gateway.signed_in()
    cookie = client.cookies["kontor_admin"]
    token = client.post("/api/v1/api-tokens", json={"name": "books"}).json()["token"]
    with gateway.db.transaction() as tx:
        for table in ("session", "api_token", "activity", "outbox", "answer"):
            text = str(tx.execute(f'SELECT * FROM "{table}"').all())
            assert cookie not in text
            assert token not in text


def test_signing_out_ends_the_session_on_the_server(gateway: Any) -> None:
    client = gateway.signed_in()
    cookie = client.cookies["kontor_admin"]
    assert client.delete("/api/v1/session").status_code == 204
    assert gateway.browser(cookies={"kontor_admin": cookie}).get("/api/v1/session").status_code == 401


@pytest.mark.parametrize(
    "change", ["last_used_at = now() - interval '9 hours'", "created_at = now() - interval '8 days'"]
)
def test_sessions_end_when_idle_and_after_a_week(gateway: Any, change: str) -> None:
    client = gateway.signed_in()
    with gateway.db.transaction() as tx:
        tx.execute(f"UPDATE session SET {change}")
    assert client.get("/api/v1/session").status_code == 401


def test_an_unsafe_call_with_the_cookie_needs_the_csrf_token(gateway: Any) -> None:
    client = gateway.signed_in()
    del client.headers["X-CSRF-Token"]
    answer = client.patch("/api/v1/settings/business-profile", json={"name": "Studio"})
    assert (answer.status_code, answer.json()["code"]) == (403, "CSRF")
    client.headers["X-CSRF-Token"] = "0" * 64
    assert client.patch("/api/v1/settings/business-profile", json={"name": "Studio"}).status_code == 403
    other = gateway.signed_in()
    client.headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"]
    assert client.patch("/api/v1/settings/business-profile", json={"name": "Studio"}).status_code == 403
    assert client.get("/api/v1/settings/business-profile").json()["name"] == ""


def test_a_cross_site_request_is_refused_even_with_a_token(gateway: Any) -> None:
    client = gateway.signed_in()
    answer = client.patch(
        "/api/v1/settings/business-profile", json={"name": "Studio"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "CSRF")


def test_ten_wrong_passwords_lock_the_account_for_right_ones_too(gateway: Any) -> None:
    admin = gateway.admin()
    for _ in range(10):
        assert sign_in(gateway.browser(), admin["email"], "wrong password").status_code == 401
    answer = sign_in(gateway.browser(), admin["email"])
    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_ATTEMPTS")
    assert 0 < int(answer.headers["retry-after"]) <= 900
    for _ in range(10):
        sign_in(gateway.browser(), "unknown@example.ch", "wrong password")
    assert sign_in(gateway.browser(), "unknown@example.ch").status_code == 429
    with gateway.db.transaction() as tx:
        tx.execute("UPDATE attempt SET at = at - interval '16 minutes'")
    assert sign_in(gateway.browser(), admin["email"]).status_code == 200


def test_right_sign_ins_do_not_count_against_the_address(gateway: Any) -> None:
    """A studio behind one address signs in as often as it likes; wrong tries from there still add up."""
    for _ in range(ATTEMPTS_PER_ADDRESS + 1):
        gateway.signed_in()
    assert gateway.count("attempt") == 0


def test_a_token_does_what_its_scopes_and_its_role_both_allow(gateway: Any) -> None:
    narrow = gateway.bearer("super_admin", ["quotes.view"])
    assert narrow.get("/api/v1/admins").status_code == 403
    assert narrow.get("/api/v1/admins").json()["permission"] == "admins.manage"
    assert gateway.bearer("viewer").get("/api/v1/admins").status_code == 403
    assert gateway.browser(headers={"Authorization": "Bearer kontor_wrong"}).get("/api/v1/session").status_code == 401
    assert gateway.browser(headers={"Authorization": "Basic eDp5"}).get("/api/v1/session").status_code == 401


def test_a_token_cannot_make_a_wider_one(gateway: Any) -> None:
    narrow = gateway.bearer("super_admin", ["settings.manage"])
    answer = narrow.post("/api/v1/api-tokens", json={"name": "wider", "scopes": ["settings.manage", "admins.manage"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "scopes[1]"
    made = narrow.post("/api/v1/api-tokens", json={"name": "same"}).json()
    assert made["scopes"] == ["settings.manage"]
    again = gateway.browser(headers={"Authorization": f"Bearer {made['token']}"})
    assert again.get("/api/v1/settings/numbering").status_code == 200
    narrow.delete(f"/api/v1/api-tokens/{made['id']}")
    assert again.get("/api/v1/settings/numbering").status_code == 401


def test_the_last_super_admin_stays(gateway: Any) -> None:
    client = gateway.bearer()
    [admin] = client.get("/api/v1/admins").json()["items"]
    for change in ({"role": "viewer"}, {"active": False}):
        answer = client.patch(f"/api/v1/admins/{admin['id']}", json=change)
        assert (answer.status_code, answer.json()["code"]) == (409, "LAST_SUPER_ADMIN")


def test_switching_an_admin_off_ends_their_session(gateway: Any) -> None:
    boss = gateway.bearer()
    made = boss.post(
        "/api/v1/admins", json={"email": "Ana@studio.example", "role": "team", "password": "correct horse battery"}
    ).json()
    client = gateway.browser()
    assert sign_in(client, "ana@studio.example", "correct horse battery").status_code == 200
    boss.patch(f"/api/v1/admins/{made['id']}", json={"active": False})
    assert client.get("/api/v1/session").status_code == 401
    assert sign_in(client, "ana@studio.example", "correct horse battery").status_code == 401


def test_common_and_short_passwords_are_refused(gateway: Any) -> None:
    boss = gateway.bearer()
    for password in ("short", "Passwort123", "aaaaaaaaaaaaaa", "ana@studio.example"):
        answer = boss.post("/api/v1/admins", json={"email": "ana@studio.example", "role": "team", "password": password})
        assert (answer.status_code, answer.json()["code"]) == (422, "PASSWORD_WEAK"), password


def test_the_set_up_link_works_once(gateway: Any) -> None:
    from portal_gateway.accounts import admins

    with gateway.db.transaction() as tx:
        token = admins.mint_setup_link(tx)
    client = gateway.browser()
    assert client.get("/api/v1/setup").json() == {"needed": True}
    body = {"token": token, "email": "boss@studio.example", "password": "correct horse battery", "name": "Boss"}
    assert client.post("/api/v1/setup", json={**body, "token": "wrong"}).status_code == 404
    answer = client.post("/api/v1/setup", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["admin"]["role"] == "super_admin"
    again = gateway.browser().post("/api/v1/setup", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "SET_UP_DONE")
    assert client.get("/api/v1/setup").json() == {"needed": False}
