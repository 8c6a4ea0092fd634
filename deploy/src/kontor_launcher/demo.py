"""`kontor demo`: starts Kontor, plays the months before and one deal through HTTP, goes on serving."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx
from rich.console import Console

from kontor.locale import format_money
from kontor_launcher.story.api import Api, NotYet, Problem, until
from kontor_launcher.story.archive import Archive
from kontor_launcher.story.deal import CUSTOMER, Deal, set_up_studio
from kontor_launcher.story.mails import in_folder, recipients

T = TypeVar("T")

START_TIMEOUT = 120.0
ADMIN_EMAIL = "demo@atelier-lindenhof.example"


def play(out: Console, *, keep_serving: bool) -> int:
    """Returns the exit status. The data goes to ``KONTOR_DATA``, by default ``./data/demo``."""
    data = Path(os.environ.get("KONTOR_DATA") or "data/demo").absolute()
    data.mkdir(parents=True, exist_ok=True)
    email, password = _sign_in_of(data)
    port = _port(out)
    environment = os.environ | {
        "KONTOR_DATA": str(data),
        "KONTOR_HOST": os.environ.get("KONTOR_HOST") or "127.0.0.1",
        "KONTOR_PORT": str(port),
        "KONTOR_ADMIN_EMAIL": email,
        "KONTOR_ADMIN_PASSWORD": password,
        "KONTOR_DEV_CLOCK": "1",  # the months before today are played on their own days
    }
    url = f"http://{environment['KONTOR_HOST']}:{port}"
    log = data / "kontor.log"
    started = time.monotonic()
    with log.open("ab") as sink:
        server = subprocess.Popen(
            [sys.executable, "-m", "kontor_launcher", "run"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _await_start(server, url)
        out.print(f"[green]✓[/] {_seconds(started)}  Kontor started, database and all services")
        _Show(out, url, data).deal(email, password)
        out.print(f"\n[bold]{url}/admin[/]   sign in as [bold]{email}[/] with [bold]{password}[/]", soft_wrap=True)
        out.print(f"[dim]mails: {data / 'mail'}   log: {log}[/]", soft_wrap=True)
        if keep_serving:
            out.print("[dim]Serving until Ctrl-C.[/]")
            server.wait()
            return 0 if server.returncode == 0 else 1
        return 0
    except KeyboardInterrupt:
        return 0
    except (Problem, NotYet, AssertionError, httpx.HTTPError) as error:
        out.print(f"[red]✗ {error}[/]\n[dim]The log is in {log}[/]")
        return 1
    finally:
        if server.poll() is None:
            server.terminate()
            with suppress(KeyboardInterrupt):
                try:
                    server.wait(30)
                except subprocess.TimeoutExpired:
                    server.kill()


class _Show:
    """The past in one line, then the deal with a line per step."""

    def __init__(self, out: Console, url: str, data: Path) -> None:
        self._out, self._api, self._mail_folder = out, Api(url), data / "mail"

    def _step(self, title: str, work: Callable[[], T], say: Callable[[T], str]) -> T:
        started = time.monotonic()
        with self._out.status(f"{title} …"):
            result = work()
        self._out.print(f"[green]✓[/] {_seconds(started)}  {title:<32} {say(result)}", soft_wrap=True)
        return result

    def deal(self, email: str, password: str) -> None:
        api, step = self._api, self._step
        step("sign in", lambda: api.sign_in(email, password), lambda answer: str(answer["admin"]["email"]))
        step("set up the studio", lambda: set_up_studio(api), lambda _: "profile, bank account, features")
        archive = self._past()
        mails = in_folder(self._mail_folder)
        customer_email = str(CUSTOMER["email"]).replace("@", f"+{secrets.token_hex(3)}@")
        deal = Deal(api, mails, email=customer_email, timeout=60)
        step("customer", deal.create_customer, lambda c: f"{c['company']}, {c['town']}")
        step("quote with two VAT rates", deal.create_quote, lambda q: f"{_rates(q)} → {_money(q['total_minor'])}")
        link = step("send the quote", deal.send_quote, lambda _: f"{deal.quote['number']}, PDF mailed to the customer")
        step(
            "open the mailed link",
            lambda: _opened(api, f"/quotes/respond/{link}"),
            lambda size: f"a page of {size // 1024} kB",
        )
        step(
            "accept as the customer", lambda: deal.accept(link), lambda q: f"“{q['answer']['message']}” → {q['state']}"
        )
        step("convert", deal.convert, lambda q: f"1 contract, {len(deal.invoices)} invoices → {q['state']}")
        step(
            "compose the contract",
            deal.compose_contract,
            lambda c: f"{len(c['blocks'])} blocks, {len(c['signers'])} signer",
        )
        link = step("review and send the contract", deal.send_contract, lambda _: str(deal.contract["number"]))
        step("sign as the customer, by drawing", lambda: deal.sign(link), lambda c: f"→ {c['state']}")
        step(
            "countersign",
            deal.countersign,
            lambda c: f"→ {c['state']}, SHA-256 {str(c['integrity_hash'])[:16]}…",
        )
        for index, amounts in enumerate(((50000, 47338), (227122,))):
            self._invoice(deal, index, amounts)
        states = {record["state"] for record in deal.invoices}
        if states != {"paid"}:
            raise AssertionError(f"the invoices are {states}, not paid")
        if archive is not None:
            step("what has run out", archive.await_expiry, lambda count: f"{count} quotes have expired by themselves")
        received = until(lambda: [m for m in mails() if customer_email in recipients(m)], "mails")
        self._out.print(f"[bold green]paid[/]: the whole deal, {len(received)} mails to the customer")

    def _past(self) -> Archive | None:
        """The months before today, unless this data has them."""
        started = time.monotonic()
        with self._out.status("the months before today …") as status:
            archive = Archive(self._api, lambda n, of, title: status.update(f"the past: {n} of {of}, {title} …"))
            if archive.is_there():
                return None
            counts = archive.play()
        states = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
        told = f"{sum(counts.values())} quotes: {states}"
        self._out.print(f"[green]✓[/] {_seconds(started)}  {'the months before today':<32} {told}", soft_wrap=True)
        return archive

    def _invoice(self, deal: Deal, index: int, amounts: tuple[int, ...]) -> None:
        invoice = self._step(
            f"issue and send instalment {index + 1}",
            lambda: deal.issue(index),
            lambda i: f"{i['number']} over {_money(i['total_minor'])}, due {i['due_date']}",
        )
        self._step(
            "read its QR-bill from the PDF",
            lambda: _payload(deal.pdf(invoice)),
            lambda lines: f"{lines[3]} {lines[18]} {lines[19]}, {lines[27]} {lines[28]}",
        )
        self._step(
            f"record {len(amounts)} payment{'s' if len(amounts) > 1 else ''}",
            lambda: deal.pay(index, *amounts),
            lambda i: f"{_money(i['paid_minor'])} → {i['state']}",
        )


def _opened(api: Api, path: str) -> int:
    response = api.page(path)
    if response.status_code != 200:
        raise AssertionError(f"the mailed link answers {response.status_code}")
    return len(response.content)


def _payload(pdf: bytes) -> list[str]:
    """The lines of the QR-bill on the last page, read back from the rendered picture."""
    import pypdfium2
    import zxingcpp

    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[len(document) - 1].render(scale=4).to_pil()
    finally:
        document.close()
    found = [code.text for code in zxingcpp.read_barcodes(picture) if code.text.startswith("SPC")]
    if len(found) != 1:
        raise AssertionError("the last page carries no readable QR-bill")
    return found[0].splitlines()


def _rates(quote: dict[str, Any]) -> str:
    return ", ".join(f"{group['vat_rate']} % {_money(group['vat_minor'])}" for group in quote["vat_groups"])


def _money(minor: int) -> str:
    return format_money(minor, "CHF", "de-CH")


def _seconds(since: float) -> str:
    return f"[dim]{time.monotonic() - since:6.2f} s[/]"


def _sign_in_of(data: Path) -> tuple[str, str]:
    """The sign-in of this demo: from the environment, else made once and kept beside its data."""
    email, password = os.environ.get("KONTOR_ADMIN_EMAIL"), os.environ.get("KONTOR_ADMIN_PASSWORD")
    if email and password:
        return email, password
    kept = data / "demo-sign-in.json"
    if not kept.exists():
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"email": ADMIN_EMAIL, "password": secrets.token_urlsafe(12)}, file)
    known = json.loads(kept.read_text())
    return known["email"], known["password"]


def _port(out: Console) -> int:
    """The configured port, 8080 by default; a free one when that is taken."""
    wanted = int(os.environ.get("KONTOR_PORT") or 8080)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.close()
        else:
            return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    out.print(f"[yellow]Port {wanted} is taken; using {port}.[/]")
    return port


def _await_start(server: subprocess.Popen[bytes], url: str) -> None:
    def ready() -> bool:
        if server.poll() is not None:
            raise NotYet(f"Kontor ended with status {server.returncode} while starting")
        try:
            return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    until(ready, "Kontor answers", START_TIMEOUT, every=0.1)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
