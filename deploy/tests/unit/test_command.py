"""The `kontor` command answers mistakes with one sentence."""

import pytest
from typer.testing import CliRunner

from kontor_launcher import cli

run = CliRunner()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("DATABASE_URL", "AMQP_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KONTOR_DATA", str(tmp_path_factory.mktemp("data")))


def test_an_unknown_service_is_refused_with_the_known_names() -> None:
    result = run.invoke(cli.app, ["service", "accounting"])
    assert result.exit_code == 2
    assert "portal_gateway" in result.output


def test_a_service_without_a_database_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["kontor", "service", "quotes"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert "Neither DATABASE_URL nor QUOTES_DATABASE_URL is set." in capsys.readouterr().err


def test_a_service_of_its_own_needs_a_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@localhost/nothing")
    result = run.invoke(cli.app, ["service", "portal-gateway"])
    assert result.exit_code == 1
    assert "AMQP_URL is not set" in result.output + result.stderr


def test_a_moment_without_an_offset_is_refused() -> None:
    result = run.invoke(cli.app, ["replay", "--since", "2026-03-01T08:00:00"])
    assert result.exit_code == 2
    assert "offset" in result.output
