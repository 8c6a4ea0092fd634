"""The `kontor` command."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

from kontor.errors import Refusal
from kontor.settings import SERVICES, MissingSetting, Settings, load

# psycopg reads this when it is imported: without it a query stops all green threads of the process.
os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"

app = typer.Typer(
    help="Quotes, contracts and invoices for small studios.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
admin_app = typer.Typer(help="Admins of the installation.", no_args_is_help=True)
token_app = typer.Typer(help="Tokens for the JSON API.", no_args_is_help=True)
verify_app = typer.Typer(help="Prove that the stored data is whole.", no_args_is_help=True)
app.add_typer(admin_app, name="admin")
app.add_typer(token_app, name="token")
app.add_typer(verify_app, name="verify")

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


@app.command()
def run() -> None:
    """Run everything in one process: gateway, services, and PostgreSQL unless DATABASE_URL is set."""
    settings = _settings()
    from kontor_launcher import serving

    serving.run_all(settings, out.print)


@app.command()
def service(
    name: Annotated[str, typer.Argument(help="quotes, contracts, invoicing, documents, portal-gateway")],
) -> None:
    """Run one service. It needs DATABASE_URL (migrated) and AMQP_URL."""
    name = name.replace("-", "_")
    if name not in SERVICES:
        raise typer.BadParameter(f"unknown service; known are: {', '.join(SERVICES)}")
    settings = _settings()
    settings.database_url_of(name)
    if settings.embedded_broker:
        _fail("AMQP_URL is not set: a service on its own reaches the others through RabbitMQ only.")
    from kontor_launcher import serving

    serving.run_one(settings, name)


@app.command()
def migrate() -> None:
    """Create roles and schemas, and bring every service's tables up to date."""
    settings = _settings()
    from kontor_launcher import embedded, installation

    with embedded.database(settings) as ready:
        for name in SERVICES:
            with out.status(f"{name} …"):
                installation.prepare(ready, [name])
            out.print(f"[green]✓[/] {name} is up to date")


@app.command()
def replay(
    since: Annotated[str, typer.Option(help="Moment in ISO 8601, with an offset: 2026-03-01T08:00:00+01:00")],
) -> None:
    """Publish the events since then again; consumers take what they know as known."""
    from kontor_launcher import maintenance

    moment = _moment(since)
    for name, count in maintenance.replay(_settings(), moment).items():
        out.print(f"{name}: {count} events will be published again")


@app.command()
def demo(
    serve: Annotated[bool, typer.Option(help="Keep serving after the deal was played.")] = True,
) -> None:
    """Play one deal from quote to paid through HTTP, printing each step, and go on serving."""
    from kontor_launcher.demo import play

    sys.exit(play(out, keep_serving=serve))


@admin_app.command("create")
def admin_create(
    email: Annotated[str, typer.Option(prompt=True)],
    name: Annotated[str, typer.Option(prompt=True)],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    role: Annotated[str, typer.Option(help="super_admin, admin, team, viewer, accountant")] = "super_admin",
) -> None:
    """Create an admin."""
    from kontor_launcher import maintenance

    maintenance.create_admin(_settings(), email=email, name=name, password=password, role=role)
    out.print(f"{email} can sign in now.")


@token_app.command("create")
def token_create(
    admin: Annotated[str, typer.Option(help="Mail address of the admin the token acts for")],
    name: Annotated[str, typer.Option(help="What it is for, as shown in Settings")] = "command line",
) -> None:
    """Create an API token; it is printed on the last line and not stored in clear."""
    from kontor_launcher import maintenance

    token = maintenance.create_token(_settings(), admin_email=admin, name=name)
    err.print("Keep it safe: it is shown only this once.")
    print(token)  # noqa: T201  (plain, for scripts)


@verify_app.command("numbers")
def verify_numbers() -> None:
    """Prove that every number series is exactly 1..N, without gap, duplicate or date inversion."""
    from kontor_launcher import maintenance

    wrong = False
    for name, report in maintenance.verify_numbers(_settings()).items():
        problems = report["problems"]
        wrong = wrong or bool(problems)
        out.print(f"{'[red]✗[/]' if problems else '[green]✓[/]'} {name}: {report['count']} numbers")
        for problem in problems:
            out.print(f"    {problem}")
    if wrong:
        raise typer.Exit(1)


def _settings() -> Settings:
    return load()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if moment.tzinfo is None:
        raise typer.BadParameter("the moment needs an offset, such as +01:00 or Z")
    return moment


def _fail(text: str) -> None:
    err.print(f"[red]{text}[/]")
    raise typer.Exit(1)


def main() -> None:
    """Entry point: mistakes of the operator end with one sentence, not with a traceback."""
    from kontor_launcher.postgres import PostgresFailed

    try:
        app()
    except Refusal as refusal:
        err.print(f"[red]{refusal.detail}[/]")
        for error in refusal.errors:
            err.print(f"  {error.field}: {error.message}")
        sys.exit(1)
    except (MissingSetting, PostgresFailed, LookupError) as error:
        err.print(f"[red]{error}[/]")
        sys.exit(1)
