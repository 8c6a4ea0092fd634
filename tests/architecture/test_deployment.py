"""The compose file, the image and the code agree; no container engine is needed to see it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from kontor.settings import SERVICES, load

REPOSITORY = Path(__file__).parents[2]
OWN_VARIABLES = {
    "KONTOR_DATA", "KONTOR_HOST", "KONTOR_PORT", "KONTOR_PUBLIC_URL", "KONTOR_SECRET_KEY", "KONTOR_ADMIN_EMAIL",
    "KONTOR_ADMIN_PASSWORD", "DATABASE_URL", "AMQP_URL", "S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY",
    "S3_REGION", "S3_SECURE", "SMTP_URL", "MAIL_FROM", "TSA_URL", "KONTOR_DEV_CLOCK",
}  # fmt: skip


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (REPOSITORY / "deploy/Dockerfile").read_text(encoding="utf-8")


def own(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: body for name, body in compose["services"].items() if body["image"].startswith("kontor:")}


def test_there_is_one_container_for_each_service_of_the_code(compose: dict[str, Any]) -> None:
    assert {name.replace("-", "_") for name in own(compose)} == {*SERVICES, "migrate"}
    for name, body in own(compose).items():
        assert body["command"] == (["migrate"] if name == "migrate" else ["service", name])


def test_the_folders_are_the_services(compose: dict[str, Any]) -> None:
    folders = {path.name for path in (REPOSITORY / "services").iterdir() if (path / "pyproject.toml").exists()}
    assert folders == set(own(compose)) - {"migrate"}


def test_containers_are_given_only_variables_that_the_code_reads(compose: dict[str, Any]) -> None:
    for name, body in own(compose).items():
        assert set(body["environment"]) <= OWN_VARIABLES, name


def test_the_code_reads_exactly_the_documented_variables() -> None:
    source = (REPOSITORY / "shared/src/kontor/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'"((?:KONTOR|S3|SMTP|MAIL|TSA|DATABASE|AMQP)_[A-Z_]+)"', source))
    assert read == OWN_VARIABLES
    documented = (REPOSITORY / "docs/configuration.md").read_text(encoding="utf-8")
    assert {variable for variable in OWN_VARIABLES if f"`{variable}`" not in documented} == set()


def test_the_environment_of_each_container_starts_a_process(compose: dict[str, Any], tmp_path: Path) -> None:
    secrets = {"KONTOR_SECRET_KEY": "k", "POSTGRES_PASSWORD": "p", "RABBITMQ_PASSWORD": "r", "S3_SECRET_KEY": "s"}

    def filled(value: str) -> str:
        return re.sub(
            r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}", lambda match: secrets.get(match[1], match[2] or ""), str(value)
        )

    for name, body in own(compose).items():
        environ = {key: filled(value) for key, value in body["environment"].items()} | {"KONTOR_DATA": str(tmp_path)}
        settings = load(environ)
        service = "quotes" if name == "migrate" else name.replace("-", "_")
        assert settings.database_url_of(service).startswith(f"postgresql://kontor_{service}:")
        assert settings.database_url_of(service).endswith("@postgres:5432/kontor")
        assert not settings.embedded_broker
        assert settings.probe_port == 8080


def test_backing_services_are_named_as_the_variables_point_at_them(compose: dict[str, Any]) -> None:
    environment = compose["services"]["documents"]["environment"]
    hosts = {
        re.search(r"@([a-z0-9]+):", environment["DATABASE_URL"])[1],  # type: ignore[index]
        re.search(r"@([a-z0-9]+):", environment["AMQP_URL"])[1],  # type: ignore[index]
        environment["S3_ENDPOINT"].split(":")[0],
        re.search(r"//([a-z0-9]+):", environment["SMTP_URL"])[1],  # type: ignore[index]
    }
    assert hosts == set(compose["services"]) - set(own(compose))
    assert f"-s3.port={environment['S3_ENDPOINT'].split(':')[1]}" in compose["services"]["s3"]["command"]


def test_foreign_images_are_pinned_and_secrets_have_no_default(compose: dict[str, Any]) -> None:
    for name, body in compose["services"].items():
        if name not in own(compose):
            assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+(\.\d+)?[a-z0-9.-]*", body["image"]), body["image"]
    text = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
    for secret in ("KONTOR_SECRET_KEY", "POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "S3_SECRET_KEY"):
        assert f"${{{secret}:-" not in text
        assert f"{secret}=" in (REPOSITORY / "deploy/compose.env.example").read_text(encoding="utf-8")


def test_ports_are_published_on_loopback_only_and_the_gateways_is_the_codes(compose: dict[str, Any]) -> None:
    for body in compose["services"].values():
        for port in body.get("ports", []):
            assert port.startswith("127.0.0.1:")
    assert compose["services"]["portal-gateway"]["ports"] == ["127.0.0.1:8080:8080"]


def test_services_wait_for_migrations_and_broker(compose: dict[str, Any]) -> None:
    for name, body in own(compose).items():
        if name != "migrate":
            assert body["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
            assert body["depends_on"]["rabbitmq"]["condition"] == "service_healthy"


def test_the_image_installs_every_project_and_is_probed_where_it_answers(dockerfile: str) -> None:
    projects = {path.parent.relative_to(REPOSITORY).as_posix() for path in REPOSITORY.glob("services/*/pyproject.toml")}
    assert set(re.findall(r"\./([\w/-]+)", dockerfile)) >= projects | {"shared", "deploy"}
    assert "--require-hashes" in dockerfile
    assert "--no-deps" in dockerfile
    assert "/readyz" in dockerfile
    assert re.search(r"^USER kontor$", dockerfile, flags=re.MULTILINE)
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, flags=re.MULTILINE):
        for source in line.split():
            assert (REPOSITORY / source).exists(), source
