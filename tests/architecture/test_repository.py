"""What must not stand in the repository, and what must."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
TOP_LEVEL = {
    "services", "shared", "deploy", "tests", "docs", "docker-compose.yml", "Makefile", "README.md", "ARCHITECTURE.md",
    "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "conftest.py", ".ci", ".gitignore", ".dockerignore",
}  # fmt: skip
PROJECTS = ["shared", "deploy", *(f"services/{name}" for name in
            ("quotes", "contracts", "invoicing", "documents", "portal-gateway"))]  # fmt: skip


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [REPOSITORY / name for name in names if (REPOSITORY / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data:
            found.append((path, data.decode("utf-8")))
    return found


def test_the_top_level_is_as_agreed() -> None:
    assert {path.relative_to(REPOSITORY).parts[0] for path in tracked()} == TOP_LEVEL


def test_no_file_names_a_package_registry_or_a_folder_of_somebodys_machine() -> None:
    registries = re.compile(
        r"registry\.npmjs\.org|pypi\.org/simple|files\.pythonhosted\.org|" + "/" + r"work/|/home/\w+/"
    )
    assert [path for path, text in texts() if path != Path(__file__) and registries.search(text)] == []


@pytest.mark.parametrize("name", ["runtime", "test", "build", "ui"])
def test_requirements_are_pinned_with_hashes(name: str) -> None:
    text = (REPOSITORY / f"deploy/requirements/{name}.txt").read_text(encoding="utf-8")
    entries = [
        entry for entry in re.sub(r"\\\n\s*", " ", text).splitlines() if entry and not entry.lstrip().startswith("#")
    ]
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", entry), entry


def test_run_time_pins_are_the_tested_pins() -> None:
    def pins(name: str) -> set[str]:
        text = (REPOSITORY / f"deploy/requirements/{name}.txt").read_text(encoding="utf-8")
        return set(re.findall(r"^([\w.-]+(?:\[[\w,-]+\])?==[^\s;]+)", text, flags=re.MULTILINE))

    assert pins("runtime") <= pins("test")


@pytest.mark.parametrize("project", PROJECTS)
def test_local_projects_declare_no_dependency_that_an_index_could_resolve(project: str) -> None:
    body = tomllib.loads((REPOSITORY / project / "pyproject.toml").read_text(encoding="utf-8"))
    assert body["project"]["name"].startswith("kontor-")
    names = [re.split(r"[\s<>=!\[;]", requirement)[0] for requirement in body["project"].get("dependencies", [])]
    assert [name for name in names if name == "kontor" or name.startswith("kontor-")] == []


def test_files_stay_readable_in_one_sitting() -> None:
    too_long = {
        path.relative_to(REPOSITORY).as_posix(): len(text.splitlines())
        for path, text in texts()
        if path.suffix == ".py" and "tests" not in path.parts and len(text.splitlines()) > 520
    }
    assert too_long == {}
