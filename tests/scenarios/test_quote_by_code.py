"""A quote that opens only with the code from the customer's mailbox, answered, and the answer turned around."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from kontor_launcher.story.api import Api, Problem
from kontor_launcher.story.deal import Deal, set_up_studio
from tests.support.ports import eventually
from tests.support.running import EmbeddedKontor


@pytest.fixture
def admin(kontor_app: EmbeddedKontor) -> Iterator[Api]:
    api = kontor_app.signed_in()
    set_up_studio(api)
    api.patch("settings/quotes", {"code_required": True, "correction_minutes": 60})
    yield api
    api.patch("settings/quotes", {"code_required": False, "correction_minutes": 0})
    api.close()


def test_the_mailed_code_opens_the_quote_and_an_answer_can_be_corrected(admin: Api, kontor_app: EmbeddedKontor) -> None:
    deal = Deal(admin, kontor_app.mails, email=f"code-{uuid4().hex[:8]}@bergwerk.example")
    deal.create_customer()
    deal.create_quote()
    link = f"public/quotes/{deal.send_quote()}"
    customer = admin.anonymous()
    closed = customer.get(link)
    assert (closed["code_required"], closed["email_hint"]) == (True, "c…@bergwerk.example")
    assert "quote" not in closed
    body = {"name": "Seraina Caduff", "total_minor": 324460, "selection": {}, "accept_terms": True, "message": ""}
    with pytest.raises(Problem) as caught:
        customer.post(f"{link}/accept", body)
    assert (caught.value.status, caught.value.code) == (403, "CODE_REQUIRED")

    customer.post(f"{link}/code")
    with pytest.raises(Problem) as caught:
        customer.post(f"{link}/code")
    assert (caught.value.status, caught.value.code) == (429, "TOO_MANY_ATTEMPTS")

    def mailed() -> str | None:
        for mail in kontor_app.mails():
            text = mail.get_body(("plain",))
            if deal.email in str(mail["To"]) and text is not None:
                codes = re.findall(r"^\s*(\d{6})\s*$|\b(\d{6})\b", text.get_content(), re.MULTILINE)
                if codes and "/quotes/respond/" not in text.get_content():
                    return next(filter(None, codes[0]))
        return None

    code = eventually(mailed, timeout=60, what="the code is mailed")
    assert code
    with pytest.raises(Problem) as caught:
        customer.post(f"{link}/verify-code", {"code": f"{(int(code) + 1) % 10**6:06d}"})
    assert (caught.value.status, caught.value.code, caught.value.body["tries_left"]) == (422, "CODE_WRONG", 4)
    session = customer.post(f"{link}/verify-code", {"code": code})["session"]

    opened: dict[str, Any] = customer.get(link, session=session)
    assert opened["quote"]["total_minor"] == 324460
    accepted = customer.post(f"{link}/accept", body | {"session": session})
    assert (accepted["state"], accepted["allowed"]) == ("accepted", ["decline"])
    with pytest.raises(Problem) as caught:
        admin.post(f"quotes/{deal.quote['id']}/convert", {"booking": False, "contract": False, "invoice": True})
    assert (caught.value.status, caught.value.code) == (409, "ANSWER_NOT_FINAL")
    declined = customer.post(f"{link}/decline", {"reason": "zu teuer", "session": session})
    assert (declined["state"], declined["allowed"]) == ("declined", ["accept"])
    assert admin.get(f"quotes/{deal.quote['id']}")["state"] == "declined"
    customer.close()
