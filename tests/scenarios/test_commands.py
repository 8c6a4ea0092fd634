"""The `kontor` commands on a running installation."""

import httpx

from kontor_launcher.story.deal import Deal, set_up_studio
from tests.support.books import Books
from tests.support.running import EmbeddedKontor


def test_a_token_from_the_command_line_opens_the_api(kontor_app: EmbeddedKontor) -> None:
    made = kontor_app.command("token", "create", "--admin", kontor_app.admin_email, "--name", "a script")
    assert made.returncode == 0, made.stderr
    token = made.stdout.strip().splitlines()[-1]
    answer = httpx.get(f"{kontor_app.url}/api/v1/features", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_a_token_for_nobody_is_refused_in_one_sentence(kontor_app: EmbeddedKontor) -> None:
    made = kontor_app.command("token", "create", "--admin", "nobody@bergwerk.example")
    assert made.returncode == 1
    assert "Traceback" not in made.stderr
    assert made.stdout == ""


def test_an_admin_from_the_command_line_can_sign_in(kontor_app: EmbeddedKontor) -> None:
    made = kontor_app.command(
        *("admin", "create", "--email", "zweite@atelier-lindenhof.example", "--name", "Zweite"),
        *("--password", "Sihl-und-Limmat-fliessen", "--role", "viewer"),
    )
    assert made.returncode == 0, made.stderr
    sign_in = {"email": "zweite@atelier-lindenhof.example", "password": "Sihl-und-Limmat-fliessen"}
    answer = httpx.post(f"{kontor_app.url}/api/v1/session", json=sign_in)
    assert answer.status_code == 200
    assert answer.json()["admin"]["role"] == "viewer"


def test_numbers_are_proved_and_a_gap_is_found(fresh_kontor: EmbeddedKontor) -> None:
    api = fresh_kontor.signed_in()
    set_up_studio(api)
    deal = Deal(api, fresh_kontor.mails)
    deal.create_customer()
    for _ in range(3):
        deal.run += "-again"
        deal.create_quote()
        deal.send_quote()
    proof = fresh_kontor.command("verify", "numbers")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert "quotes: 3 numbers" in proof.stdout
    fresh_kontor.process.stop()
    proof = fresh_kontor.command("verify", "numbers")
    assert proof.returncode == 0, "also while Kontor is not running"


def test_replayed_events_change_nothing(fresh_kontor: EmbeddedKontor) -> None:
    api = fresh_kontor.signed_in()
    set_up_studio(api)
    deal = Deal(api, fresh_kontor.mails)
    deal.create_customer()
    deal.create_quote()
    deal.accept(deal.send_quote())
    deal.convert()
    deal.issue(0)
    books = Books(fresh_kontor.database_url())
    books.await_finished()
    before = api.get(f"deals/{deal.quote['deal_uuid']}")
    mails = len(fresh_kontor.mails())
    replayed = fresh_kontor.command("replay", "--since", "2020-01-01T00:00:00+00:00")
    assert replayed.returncode == 0, replayed.stderr
    books.await_finished()
    assert api.get(f"deals/{deal.quote['deal_uuid']}") == before
    assert len(fresh_kontor.mails()) == mails
