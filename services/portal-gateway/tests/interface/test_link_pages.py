"""Link pages as HTML: what each answer of the services becomes, without a browser."""

from copy import deepcopy
from typing import Any

import pytest
from starlette.testclient import TestClient

from kontor.errors import FieldError, Refused, ServiceUnavailable
from portal_gateway.app import create_app
from portal_gateway.public.clauses import to_html

ISSUER = {"name": "Atelier <Nord>", "town": "Zürich", "postcode": "8001", "email": "hallo@nord.example"}
LINE = {
    "id": "a",
    "kind": "item",
    "description": "Reportage <script>alert(1)</script>",
    "quantity": "2",
    "unit": "hour",
    "unit_price_minor": 15000,
    "discount_percent": "0",
    "vat_rate": "8.1",
    "optional": False,
    "selected": True,
    "min_quantity": None,
    "max_quantity": None,
    "choice_group": None,
    "sub_lines": [],
    "net_minor": 30000,
}
OPTION = LINE | {"id": "b", "description": "Album", "optional": True, "selected": False, "net_minor": 30000}
TOTALS = {
    "net_minor": 30000,
    "vat_minor": 2430,
    "total_minor": 32430,
    "vat_groups": [{"vat_rate": "8.1", "net_minor": 30000, "vat_minor": 2430}],
}
QUOTE = {
    "id": "00000000-0000-7000-8000-000000000001",
    "number": "Q-2026-0001",
    "title": "Reportage",
    "currency": "CHF",
    "language": "de",
    "valid_until": "2099-12-31",
    "intro": "",
    "closing": "",
    "price_entry": "net",
    "payment": {"net_days": 30, "from": "issue", "skonto_percent": None, "skonto_days": None},
    "installments": [],
    "lines": [LINE, OPTION],
    "customer": {"display_name": "Lena Müller"},
    "answer": None,
    "terms": {"text": "", "required": False},
} | TOTALS
PAGE = {"quote": QUOTE, "issuer": ISSUER, "state": "sent", "document_id": None, "allowed": ["accept", "decline"]}


@pytest.fixture
def browser(gateway: Any, script: Any) -> TestClient:
    gateway.app = create_app(gateway.kernel, ("public", "portal"))
    script.on("quotes.public_quote", lambda token, session, ip: deepcopy(PAGE))
    script.on(
        "quotes.public_price",
        lambda token, selection, session, ip: {"totals": TOTALS | {"line_nets": [30000, 30000]}, "installments": []},
    )
    return gateway.browser(headers={"Accept-Language": "en"})


def token_of(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_user_text_is_escaped_everywhere(browser: TestClient) -> None:
    """Markup in a line or in the studio's name is shown, not run."""
    page = browser.get("/quotes/respond/token").text
    assert "<script>alert" not in page
    assert "Reportage &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Atelier &lt;Nord&gt;" in page


def test_pages_carry_neither_inline_code_nor_inline_style(browser: TestClient) -> None:
    page = browser.get("/quotes/respond/token").text
    assert " style=" not in page
    assert "onclick" not in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    "refusal, status, words",
    [
        (Refused("NOT_FOUND", "No."), 404, "Dieser Link führt ins Leere"),
        (Refused("LINK_GONE", "Over."), 410, "Dieser Link gilt nicht mehr"),
        (Refused("TOO_MANY_ATTEMPTS", "Wait.", extra={"retry_after": 840}), 429, "in 14 Minuten"),
        (ServiceUnavailable("quotes"), 503, "Es ist nichts verloren"),
    ],
)
def test_dead_links_say_what_to_do(browser: TestClient, script: Any, refusal: Any, status: int, words: str) -> None:
    """Each with its status and next step, in the reader's language."""
    script.on("quotes.public_quote", refusal)
    answer = browser.get("/quotes/respond/token", headers={"Accept-Language": "de"})
    assert answer.status_code == status
    assert words in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    if status in (429, 503):
        assert int(answer.headers["retry-after"]) > 0


def test_unknown_addresses_have_a_page_of_their_own(browser: TestClient) -> None:
    for path in ("/nowhere", "/customer/nowhere", "/quotes/respond"):
        answer = browser.get(path)
        assert answer.status_code == 404
        assert "This link leads nowhere" in answer.text, path


def test_the_selection_and_the_total_seen_go_to_the_service(browser: TestClient, script: Any) -> None:
    """What is ticked, what was on the screen, and who asked."""
    script.on("quotes.public_accept", {})
    page = browser.get("/quotes/respond/token").text
    answer = browser.post(
        "/quotes/respond/token/accept",
        data={
            "csrf_token": token_of(page),
            "options": "1",
            "option.b": "1",
            "total_minor": "64860",
            "name": " Lena Müller ",
            "message": "Gerne",
        },
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == "/quotes/respond/token"
    [sent] = script.called("quotes.public_accept")
    assert sent["selection"] == {"b": "2"}
    assert sent["total_minor"] == 64860
    assert sent["name"] == "Lena Müller"
    assert sent["accept_terms"] is False


def test_without_the_csrf_token_nothing_is_accepted(browser: TestClient, script: Any) -> None:
    browser.get("/quotes/respond/token")
    answer = browser.post("/quotes/respond/token/accept", data={"name": "Lena", "total_minor": "32430"})
    assert answer.status_code == 403
    assert script.called("quotes.public_accept") == []


def test_a_refused_answer_keeps_what_was_typed(browser: TestClient, script: Any) -> None:
    """409 with the fresh total, the message still there, and the sentence in the language of the quote."""
    script.on("quotes.public_accept", Refused("TOTAL_MISMATCH", "Changed.", extra={"total_minor": 32430}))
    page = browser.get("/quotes/respond/token").text
    answer = browser.post(
        "/quotes/respond/token/accept",
        data={"csrf_token": token_of(page), "options": "1", "total_minor": "1", "name": "Lena", "message": "Ab neun"},
    )
    assert answer.status_code == 409
    assert "Der Gesamtbetrag hat sich geändert." in answer.text
    assert "Ab neun" in answer.text


def test_an_answer_given_meanwhile_is_shown_instead(browser: TestClient, script: Any) -> None:
    """Answered in another tab: the page goes to the recorded answer and nothing is sent."""
    page = browser.get("/quotes/respond/token").text
    script.on("quotes.public_quote", lambda token, session, ip: deepcopy(PAGE) | {"state": "declined"})
    answer = browser.post("/quotes/respond/token/accept", data={"csrf_token": token_of(page), "name": "Lena"})
    assert answer.status_code == 303
    assert script.called("quotes.public_accept") == []


def test_a_quantity_outside_its_range_is_refused_with_the_offer_shown(browser: TestClient, script: Any) -> None:
    """The options as offered, and a sentence; not an error page."""

    def price(token: str, selection: dict[str, str], session: str | None, ip: str) -> Any:
        if selection:
            raise Refused("SELECTION_INVALID", "No.", errors=[FieldError("selection.b", "Please choose 1 to 4.")])
        return {"totals": TOTALS | {"line_nets": [30000, 30000]}, "installments": []}

    script.on("quotes.public_price", price)
    answer = browser.get("/quotes/respond/token?options=1&option.b=1&quantity.b=9999")
    assert answer.status_code == 422
    assert "Bitte prüfen Sie Ihre Wahl" in answer.text
    assert "324.30" in answer.text


def test_contract_text_allows_text_only() -> None:
    """Markdown of a contract: tables and emphasis; no HTML, links, images or inline styles."""
    html = to_html(
        "# Title\n\n**bold** <b onclick=x>raw</b> [link](javascript:x) ![i](http://x/i.png)\n\n"
        "| a | b |\n|---|---:|\n| 1 | 2 |\n"
    )
    assert "<h3>Title</h3>" in html
    assert "<strong>bold</strong>" in html
    assert '<td class="end">2</td>' in html
    for unsafe in ("<b ", "<a ", "<img", "style=", "href"):
        assert unsafe not in html


GATE = {"code_required": True, "email_hint": "s…@nord.example", "language": "en", "issuer": ISSUER}


def behind_code(script: Any) -> None:
    """The services as they are for a link with a code: the right one is 123456."""
    script.on("quotes.public_quote", lambda token, session, ip: deepcopy(PAGE if session == "open" else GATE))
    script.on("quotes.public_request_code", {})
    script.on(
        "quotes.public_verify_code",
        lambda token, code, ip: {"session": "open"} if code == "123456" else _refuse(Refused("CODE_WRONG", "Wrong.")),
    )


def _refuse(refusal: Exception) -> None:
    raise refusal


def test_nothing_of_the_quote_is_shown_before_the_code(browser: TestClient, script: Any) -> None:
    """Opening the link mails nothing; the button does; the right code opens the page for this browser only."""
    behind_code(script)
    page = browser.get("/quotes/respond/token").text
    assert "s…@nord.example" in page
    assert "Reportage" not in page
    assert script.called("quotes.public_request_code") == []
    answer = browser.post("/quotes/respond/token/code", data={"csrf_token": token_of(page)})
    assert answer.headers["location"] == "/quotes/respond/token?sent=1"
    page = browser.get("/quotes/respond/token?sent=1").text
    wrong = browser.post("/quotes/respond/token/verify", data={"csrf_token": token_of(page), "code": "000000"})
    assert "This is not the code we mailed" in wrong.text
    assert "Reportage" not in wrong.text
    right = browser.post("/quotes/respond/token/verify", data={"csrf_token": token_of(page), "code": " 123 456 "})
    assert right.status_code == 303
    assert "httponly" in right.headers["set-cookie"].lower()
    assert "Reportage" in browser.get("/quotes/respond/token").text
    assert "Reportage" not in browser.get("/quotes/respond/another-token").text


@pytest.mark.parametrize("path", ["quote.pdf", "attachments/00000000-0000-7000-8000-000000000009"])
def test_files_too_wait_for_the_code(browser: TestClient, script: Any, path: str) -> None:
    behind_code(script)
    answer = browser.get(f"/quotes/respond/token/{path}")
    assert answer.headers["content-type"].startswith("text/html")
    assert "Your code, please" in answer.text
    assert script.called("documents.get_content") == []


def test_an_answer_can_be_changed_while_its_window_is_open(browser: TestClient, script: Any) -> None:
    """The recorded answer offers the change; the form is back on request, and gone once the window closed."""
    answer = {"by": "customer", "name": "Lena", "at": "2026-03-02T09:00:00+00:00", "message": "", "total_minor": 32430}

    def page(final_at: str) -> dict[str, Any]:
        quote = deepcopy(QUOTE) | {"answer": answer | {"final_at": final_at}}
        return PAGE | {"state": "accepted", "quote": quote}

    script.on("quotes.public_quote", lambda token, session, ip: page("2999-01-01T00:00:00+00:00"))
    script.on("quotes.public_decline", {})
    closed = browser.get("/quotes/respond/token").text
    assert "You can change your answer until" in closed or "Sie können Ihre Antwort bis" in closed
    form = browser.get("/quotes/respond/token?change=1").text
    browser.post("/quotes/respond/token/decline", data={"csrf_token": token_of(form), "reason": "Doch nicht"})
    assert [one["reason"] for one in script.called("quotes.public_decline")] == ["Doch nicht"]
    script.on("quotes.public_quote", lambda token, session, ip: page("2020-01-01T00:00:00+00:00"))
    assert "?change=1" not in browser.get("/quotes/respond/token").text
    browser.post("/quotes/respond/token/decline", data={"csrf_token": token_of(form), "reason": "Zu spät"})
    assert len(script.called("quotes.public_decline")) == 1


def test_only_the_quotes_own_attachments_are_served(browser: TestClient, script: Any) -> None:
    """Any other document behind the link does not exist."""
    own = "00000000-0000-7000-8000-000000000007"
    quote = deepcopy(QUOTE) | {"attachments": [{"document_id": own, "name": "Ablauf <1>.pdf"}]}
    script.on("quotes.public_quote", lambda token, session, ip: PAGE | {"quote": quote})
    script.on(
        "documents.get_content",
        {"content_b64": "JVBERg==", "name": "Ablauf <1>.pdf", "mime": "application/pdf", "sha256": ""},
    )
    script.on("documents.get_document", {"kind": "attachment"})
    assert f"/quotes/respond/token/attachments/{own}" in browser.get("/quotes/respond/token").text
    assert browser.get(f"/quotes/respond/token/attachments/{own}").content == b"%PDF"
    other = own.replace("7000", "7001")
    assert browser.get(f"/quotes/respond/token/attachments/{other}").status_code == 404
    assert len(script.called("documents.get_content")) == 1
    script.on("documents.get_document", {"kind": "contract"})
    assert browser.get(f"/quotes/respond/token/attachments/{own}").status_code == 404
