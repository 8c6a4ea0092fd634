"""A browser on a running Kontor. Every page is watched: a console error or a CSP violation fails the test."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from kontor_launcher.story.api import Api
from kontor_launcher.story.deal import QUOTE, Deal, set_up_studio

WIDE = (1360, 860)


@pytest.fixture(scope="session")
def browser(chromium: Browser) -> Browser:
    """The browser every test of the run shares."""
    return chromium


@pytest.fixture(scope="session")
def studio(kontor_app: Any) -> Any:
    """The installation with features, business profile and bank account."""
    set_up_studio(kontor_app.signed_in(patience=20))
    return kontor_app


@pytest.fixture(scope="session")
def api(studio: Any) -> Api:
    return studio.signed_in(patience=20)  # type: ignore[no-any-return]


@pytest.fixture
def deal(studio: Any, api: Api) -> Deal:
    """A customer with a draft quote of four lines and two VAT rates, total CHF 3'244.60."""
    return _begun(studio, api)


@pytest.fixture
def another_deal(studio: Any, api: Api) -> Deal:
    """As ``deal``, for tests that need two."""
    return _begun(studio, api)


def _begun(studio: Any, api: Api) -> Deal:
    deal = Deal(api, studio.mails, email=f"kundin+{secrets.token_hex(4)}@example.ch", timeout=60)
    deal.create_customer()
    deal.create_quote()
    return deal


@pytest.fixture(scope="session")
def records(studio: Any, api: Api) -> dict[str, str]:
    """Paths of record pages in the states a studio meets, by name; three deals are played for all of them."""
    clients = "/admin/clients"
    done = _begun(studio, api)
    done.accept(done.send_quote())
    done.convert()
    done.compose_contract()
    done.sign(done.send_contract())
    done.countersign()
    done.issue(0)
    done.pay(0)
    done.issue(1)
    done.pay(1, 50000)
    draft_quote = api.post("quotes", QUOTE | {"customer_id": done.customer["id"], "title": "Noch ein Entwurf"})
    sent_quote = api.post("quotes", QUOTE | {"customer_id": done.customer["id"], "title": "Wartet auf Antwort"})
    api.post(f"quotes/{sent_quote['id']}/send")
    taken_quote = api.post("quotes", QUOTE | {"customer_id": done.customer["id"], "title": "Angenommen"})
    api.post(f"quotes/{taken_quote['id']}/send")
    api.post(
        f"quotes/{taken_quote['id']}/accept",
        {"name": done.signer, "total_minor": 324460, "selection": {}, "message": ""},
    )

    signed = _begun(studio, api)
    signed.accept(signed.send_quote())
    signed.convert()
    signed.compose_contract()
    signed.sign(signed.send_contract())

    drafted = _begun(studio, api)
    drafted.accept(drafted.send_quote())
    drafted.convert()
    draft = drafted.compose_contract()
    block = api.get("contract-blocks")["items"][0]
    invoices, contracts = f"{clients}/bills", f"{clients}/contracts"
    mail = api.get("mails")["items"][0]
    account = api.get("bank-accounts")["items"][0]
    return {
        "customer": f"{clients}/accounts/{done.customer['id']}",
        "customer editor": f"{clients}/accounts/{done.customer['id']}/edit",
        "quote, draft": f"{clients}/quotes/{draft_quote['id']}",
        "quote editor": f"{clients}/quotes/{draft_quote['id']}/edit",
        "quote, sent": f"{clients}/quotes/{sent_quote['id']}",
        "quote, accepted": f"{clients}/quotes/{taken_quote['id']}",
        "quote, converted": f"{clients}/quotes/{done.quote['id']}",
        "contract, draft": f"{contracts}/{draft['id']}",
        "composer": f"{contracts}/{draft['id']}/compose",
        "read-through": f"{contracts}/{draft['id']}/review",
        "contract, to countersign": f"{contracts}/{signed.contract['id']}",
        "contract, fully signed": f"{contracts}/{done.contract['id']}",
        "block": f"{contracts}/blocks/{block['id']}",
        "invoice, draft": f"{invoices}/{signed.invoices[0]['id']}",
        "invoice editor": f"{invoices}/{signed.invoices[0]['id']}/edit",
        "invoice, pending": f"{invoices}/{signed.invoices[1]['id']}",
        "invoice, paid": f"{invoices}/{done.invoices[0]['id']}",
        "invoice, partially paid": f"{invoices}/{done.invoices[1]['id']}",
        "mail": f"/admin/mails/{mail['id']}",
        "bank account": f"/admin/settings/bank-accounts/{account['id']}",
    }


#: Whatever the content policy refuses is told on the console, where every page is watched.
CSP_REPORT = """addEventListener("securitypolicyviolation",
    (event) => console.error(`CSP refused ${event.violatedDirective} ${event.blockedURI}`));"""


@dataclass
class Watched:
    """A page signed in as the admin, and what went wrong on it."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        answer = self.page.goto(self.url + path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"
        return self.page


@pytest.fixture
def admin(browser: Browser, studio: Any) -> Iterator[Callable[..., Watched]]:
    """``admin(size=(390, 844), theme="dark", language="de")`` signs in; ``guest=True`` does not."""
    contexts: list[BrowserContext] = []
    opened: list[Watched] = []

    def signed_in(
        *,
        size: tuple[int, int] = WIDE,
        theme: str = "light",
        language: str = "en",
        expected: tuple[str, ...] = (),
        guest: bool = False,
    ) -> Watched:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
            has_touch=guest,
            is_mobile=guest,
            device_scale_factor=2 if guest else 1,
        )
        context.add_init_script(CSP_REPORT)
        context.add_cookies(
            [
                {"name": "kontor_theme", "value": theme, "url": studio.url},
                {"name": "kontor_language", "value": language, "url": studio.url},
            ]
        )
        contexts.append(context)
        page = context.new_page()
        watched = Watched(page, studio.url)

        def complain(text: str) -> None:
            if not any(part in text for part in expected):
                watched.problems.append(f"{page.url}: {text}")

        page.on("console", lambda message: complain(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complain(str(error)))
        opened.append(watched)
        if guest:
            return watched
        page.goto(f"{studio.url}/admin/login")
        page.fill("[name=email]", studio.admin_email)
        page.fill("[name=password]", studio.admin_password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{studio.url}/admin")
        return watched

    yield signed_in
    problems = [problem for watched in opened for problem in watched.problems]
    for context in contexts:
        context.close()
    assert problems == []
