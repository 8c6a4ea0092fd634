"""The mail template pages and their API, with the documents service scripted."""

from typing import Any

import pytest

from kontor.errors import FieldError, Invalid, Refused, StaleVersion
from portal_gateway.app import AREAS, create_app

PATH = "/admin/clients/dev/mails/quote_sent/de"
API = "/api/v1/mail-templates/quote_sent/de"
SAVED = {
    "name": "quote_sent",
    "language": "de",
    "subject": "Offerte {number}",
    "body": "Guten Tag",
    "button": "Ansehen",
    "edited": True,
    "version": 3,
    "placeholders": [{"name": "number", "meaning": "Number of the quote, contract or invoice."}],
}
PREVIEW = {"subject": "Offerte Q-1", "text": "Guten Tag\n", "html": '<p style="color:#1C1B19">Guten <b>Tag</b></p>'}


@pytest.fixture
def installed(gateway: Any, script: Any) -> Any:
    gateway.app = create_app(gateway.kernel, AREAS)
    gateway.features(clients=True, crmDevelopment=True)
    script.on("documents.get_mail_template", SAVED)
    script.on("documents.preview_mail", PREVIEW)
    script.on("documents.list_mail_templates", {"items": [{**SAVED, "subject": "<script>alert(1)</script>"}]})
    return gateway


def refusal(sentence: str) -> Invalid:
    return Invalid(sentence, errors=[FieldError("body", sentence)])


def test_the_mail_is_shown_in_a_sandbox_and_only_its_style_attributes_are_let_through(installed: Any) -> None:
    answer = installed.signed_in().get(PATH)
    assert answer.status_code == 200
    assert (
        'sandbox srcdoc="&lt;p style=&#34;color:#1C1B19&#34;&gt;Guten &lt;b&gt;Tag&lt;/b&gt;&lt;/p&gt;"' in answer.text
    )
    policy = answer.headers["Content-Security-Policy"]
    assert "style-src 'self'; " in policy
    assert policy.endswith("; style-src-attr 'unsafe-inline'")
    assert "script-src 'self';" in policy


def test_the_list_shows_subjects_as_text(installed: Any) -> None:
    page = installed.signed_in().get("/admin/clients/dev/mails").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_without_the_feature_there_are_no_developer_tools(installed: Any) -> None:
    installed.features(clients=True, crmDevelopment=False)
    admin = installed.signed_in()
    assert admin.get(PATH).status_code in {403, 404}
    assert "/admin/clients/dev" not in admin.get("/admin").text


def test_a_refused_save_keeps_what_was_typed_and_names_the_placeholder(installed: Any, script: Any) -> None:
    script.on("documents.change_mail_template", refusal("The placeholder {nummer} is not known here."))
    script.on("documents.preview_mail", refusal("The placeholder {nummer} is not known here."))
    typed = {"subject": "Hallo", "body": "Lieber {nummer}", "button": "Ansehen", "version": "3"}
    answer = installed.signed_in().post(PATH, data=typed)
    assert answer.status_code == 422
    assert "Lieber {nummer}" in answer.text
    assert "The placeholder {nummer} is not known here." in answer.text
    [call] = script.called("documents.change_mail_template")
    assert call["changes"] == {"subject": "Hallo", "body": "Lieber {nummer}", "button": "Ansehen"}
    assert call["version"] == 3


def test_a_stale_save_shows_both_and_overwrites_only_when_asked_again(installed: Any, script: Any) -> None:
    script.on("documents.change_mail_template", Refused("STALE_VERSION", StaleVersion(2, 3).detail))
    answer = installed.signed_in().post(PATH, data={"subject": "Meins", "body": "x", "button": "y", "version": "2"})
    assert answer.status_code == 409
    assert "Meins" in answer.text
    assert "Offerte {number}" in answer.text
    assert 'name="version" value="3"' in answer.text


def test_the_preview_answers_a_part_of_the_page_and_saves_nothing(installed: Any, script: Any) -> None:
    admin = installed.signed_in()
    answer = admin.post(f"{PATH}/preview", data={"subject": "A", "body": "B"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "srcdoc" in answer.text
    assert script.called("documents.preview_mail") == [
        {"name": "quote_sent", "language": "de", "subject": "A", "body": "B"}
    ]
    whole = admin.post(f"{PATH}/preview", data={"subject": "Typed", "body": "B", "button": "C", "version": "3"})
    assert 'value="Typed"' in whole.text
    assert script.called("documents.change_mail_template") == []


def test_the_api_reads_changes_resets_previews_and_sends(installed: Any, script: Any) -> None:
    client = installed.bearer()
    script.on("documents.change_mail_template", SAVED)
    script.on("documents.reset_mail_template", {**SAVED, "edited": False, "version": 4})
    script.on("documents.send_sample_mail", {"id": "x", "state": "queued"})
    assert client.get("/api/v1/mail-templates").json()["items"][0]["name"] == "quote_sent"
    assert client.get(API).headers["ETag"] == '"3"'
    assert client.patch(API, json={"subject": "Neu", "version": 3}).status_code == 200
    assert script.called("documents.change_mail_template")[0]["changes"] == {"subject": "Neu"}
    assert client.delete(API).json()["edited"] is False
    assert client.post(f"{API}/preview", json={"body": "Hallo"}).json() == PREVIEW
    assert client.post(f"{API}/send-sample", json={"to": "mara@lindenhof.example"}).status_code == 200
    assert client.post(f"{API}/send-sample", json={}).status_code == 200
    given, own = script.called("documents.send_sample_mail")
    assert given["to"] == "mara@lindenhof.example"
    assert own["to"].endswith("@studio.example")
    assert client.post(f"{API}/send-sample", json={"to": "mara\nBcc: x@y.ch"}).status_code == 422
    assert client.patch(API, json={"html": "<b>"}).status_code == 422


def test_a_mail_that_was_called_off_says_why_in_the_readers_language(installed: Any, script: Any) -> None:
    mail = {
        "id": "0190d0a0-0000-7000-8000-000000000001",
        "template": "quote_sent",
        "record": "quote",
        "record_id": "0190d0a0-0000-7000-8000-000000000002",
        "to_email": "anna@meier.example",
        "to_name": "Anna",
        "subject": "Offerte",
        "state": "called_off",
        "attempts": 0,
        "last_error": "The quote was withdrawn before the mail went out.",
        "created_at": "2026-03-10T09:00:00+00:00",
        "text": "Guten Tag",
        "html": "<p>Guten Tag</p>",
    }
    script.on("documents.get_mail", mail)
    script.on("documents.list_mails", {"items": [mail], "next_cursor": None, "counts": {"called_off": 1}})
    admin = installed.signed_in()
    admin.cookies.set("kontor_language", "de")
    page = admin.get(f"/admin/mails/{mail['id']}").text
    assert "Die Offerte wurde zurückgezogen, bevor die Mail hinausging." in page
    assert "/retry" not in page
    assert "Abgesagt" in admin.get("/admin/mails?state=called_off").text
