"""A real browser in front of a running Kontor: what customers see and do, by mouse and by finger."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from kontor_launcher.story.deal import Deal, set_up_studio
from tests.support.running import EmbeddedKontor

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1360, "height": 900}

#: Whatever the content policy refuses is told on the console, where every page is watched.
CSP_REPORT = """addEventListener("securitypolicyviolation",
    (event) => console.error(`CSP refused ${event.violatedDirective} ${event.blockedURI}`));"""

#: Pages of dead links answer 404, 410, 422 or 429 on purpose; the browser notes each in its console.
EXPECTED = "Failed to load resource: the server responded with a status of 4"


@dataclass
class Visitor:
    """One browser window. Whatever its console or its content policy complains about ends up in ``complaints``."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(path if path.startswith("http") else self.url + path)
        return self.page

    def note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def fits(self) -> None:
        """Nothing sticks out to the side."""
        inner: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert inner <= 0, f"{self.page.url} is {inner} px too wide"

    def accessible(self) -> None:
        """axe finds no violation on the page as it stands."""
        found = Axe().run(self.page).response
        assert found["passes"], "axe looked at nothing"
        problems = [
            f"{violation['id']}: {node['html'][:160]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        assert problems == [], f"{self.page.url}: {problems}"

    def draw(self, points: Sequence[tuple[float, float]]) -> None:
        """One stroke of a finger over the screen."""
        session = self.page.context.new_cdp_session(self.page)
        first, *rest = points
        session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [_at(first)]})
        for point in rest:
            session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [_at(point)]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        session.detach()


def _at(point: tuple[float, float]) -> dict[str, float]:
    return {"x": point[0], "y": point[1]}


@pytest.fixture
def visit(chromium: Browser, kontor_app: EmbeddedKontor) -> Iterator[Callable[..., Visitor]]:
    """Factory of windows: ``visit()`` at a desk, ``visit(phone=True)`` with touch; fails on any complaint."""
    opened: list[tuple[BrowserContext, Visitor]] = []

    def open_window(*, phone: bool = False, theme: str = "light", language: str = "de-CH", **options: Any) -> Visitor:
        context = chromium.new_context(
            viewport=PHONE if phone else DESK,  # type: ignore[arg-type]
            has_touch=phone,
            is_mobile=phone,
            device_scale_factor=2 if phone else 1,
            color_scheme=theme,  # type: ignore[arg-type]
            locale=language,
            **options,
        )
        context.add_init_script(CSP_REPORT)
        page = context.new_page()
        visitor = Visitor(page, kontor_app.url)
        page.on("console", visitor.note)
        page.on("pageerror", lambda error: visitor.complaints.append(f"{page.url}: {error}"))
        opened.append((context, visitor))
        return visitor

    yield open_window
    complaints = [complaint for _, visitor in opened for complaint in visitor.complaints]
    for context, _ in opened:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def studio(kontor_app: EmbeddedKontor) -> EmbeddedKontor:
    """Kontor with a complete profile, a bank account and every module switched on."""
    api = kontor_app.signed_in()
    set_up_studio(api)
    api.close()
    return kontor_app


@pytest.fixture(scope="session")
def new_deal(studio: EmbeddedKontor) -> Iterator[Callable[[], Deal]]:
    """Factory of deals, each with a customer of its own."""
    api = studio.signed_in()

    def start() -> Deal:
        deal = Deal(api, studio.mails, email=f"seraina.{uuid4().hex[:10]}@bergwerk.example")
        deal.create_customer()
        return deal

    yield start
    api.close()
