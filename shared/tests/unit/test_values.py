"""Identifiers, links, secrets, number patterns, pauses and settings."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kontor import links, series
from kontor.clock import calendar_date
from kontor.errors import Invalid, Refused
from kontor.ids import derived_id, uuid7
from kontor.inbox import pause_after
from kontor.secrets import SealBroken, Sealer
from kontor.settings import load


def test_new_ids_are_version_7_and_sort_by_time() -> None:
    ids = [uuid7() for _ in range(50)]
    assert {id.version for id in ids} == {7}
    assert {id.variant for id in ids} == {"specified in RFC 4122"}
    stamps = [id.int >> 80 for id in ids]
    assert stamps == sorted(stamps)


def test_derived_ids_are_the_same_for_the_same_parts_only() -> None:
    assert derived_id("quote", "1", "invoice") == derived_id("quote", "1", "invoice")
    assert derived_id("quote", "1invoice") != derived_id("quote", "1", "invoice")


def test_a_link_is_stored_as_its_digest_only() -> None:
    token, digest = links.mint()
    assert len(token) >= 43  # 256 bits in base64
    assert digest == links.digest(token)
    assert token not in digest
    assert links.mint()[0] != token


def test_a_sealed_text_opens_with_the_same_key_only() -> None:
    sealed = Sealer("one key").seal("https://example.test/secret")
    assert "secret" not in sealed
    assert Sealer("one key").unseal(sealed) == "https://example.test/secret"
    with pytest.raises(SealBroken):
        Sealer("another key").unseal(sealed)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("Q-{YEAR}-{SEQ:04d}", "Q-2026-0042"),
        ("INV-{YEAR}-{MONTH:02d}-{SEQ}", "INV-2026-03-42"),
        ("{YEAR}/{SEQ:06d}", "2026/000042"),
    ],
)
def test_numbers_are_printed_after_their_pattern(pattern: str, expected: str) -> None:
    series.check_pattern(pattern)
    assert series.render(pattern, date(2026, 3, 9), 42) == expected


@pytest.mark.parametrize(
    "pattern",
    ["INV-{YEAR}", "INV-{SEQ}", "{YEAR}-{SEQ}-{SEQ}", "{YEAR}-{SEQ}-{DAY}", "{YEAR}-{SEQ:d}", "{YEAR}{SEQ}\n"],
)
def test_patterns_that_would_not_give_unique_numbers_are_refused(pattern: str) -> None:
    with pytest.raises(series.NumberFormatInvalid) as refusal:
        series.check_pattern(pattern, field="invoice")
    assert refusal.value.code == "NUMBER_FORMAT_INVALID"
    assert refusal.value.errors[0].field == "invoice"


def test_pauses_between_attempts_double_up_to_five_minutes() -> None:
    assert [pause_after(n).total_seconds() for n in (1, 2, 3, 4, 7)] == [1, 2, 4, 8, 64]
    assert pause_after(30) == timedelta(minutes=5)


def test_the_business_date_follows_its_timezone_across_midnight_and_daylight_saving() -> None:
    assert calendar_date(datetime(2026, 3, 28, 23, 30, tzinfo=UTC), "Europe/Zurich") == date(2026, 3, 29)
    assert calendar_date(datetime(2026, 3, 29, 21, 59, tzinfo=UTC), "Europe/Zurich") == date(2026, 3, 29)
    assert calendar_date(datetime(2026, 3, 29, 22, 0, tzinfo=UTC), "Europe/Zurich") == date(2026, 3, 30)
    assert calendar_date(datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "Europe/Zurich") == date(2027, 1, 1)
    assert calendar_date(datetime(2028, 2, 29, 9, 59, tzinfo=UTC), "Pacific/Honolulu") == date(2028, 2, 28)


def test_a_refusal_survives_the_way_to_another_process() -> None:
    refusal = Invalid.field("lines[0].quantity", "must be above zero")
    arrived = Refused.from_json(refusal.to_json())
    assert (arrived.code, arrived.detail) == ("INVALID", "must be above zero")
    assert arrived.errors == [("lines[0].quantity", "must be above zero")]


def test_the_secret_key_is_generated_once_and_kept_private(tmp_path: Path) -> None:
    first = load({"KONTOR_DATA": str(tmp_path)})
    again = load({"KONTOR_DATA": str(tmp_path)})
    assert first.secret_key == again.secret_key
    assert len(first.secret_key) >= 64
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    assert first.secret_key not in repr(first)


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    settings = load({"KONTOR_DATA": str(tmp_path), "KONTOR_SECRET_KEY_FILE": str(tmp_path / "key")})
    assert settings.secret_key == "from a file"


def test_each_service_connects_as_its_own_role(tmp_path: Path) -> None:
    environ = {
        "KONTOR_DATA": str(tmp_path),
        "KONTOR_SECRET_KEY": "k",
        "DATABASE_URL": "postgresql://boss:pw@db:5432/kontor",
        "INVOICING_DATABASE_URL": "postgresql://own:pw@other/invoices",
    }
    settings = load(environ)
    quotes, contracts = settings.database_url_of("quotes"), settings.database_url_of("contracts")
    assert quotes.startswith("postgresql://kontor_quotes:")
    assert quotes.endswith("@db:5432/kontor")
    assert quotes.split(":")[2] != contracts.split(":")[2]
    assert settings.database_url_of("invoicing") == "postgresql://own:pw@other/invoices"
