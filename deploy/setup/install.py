"""Prepares a checkout: system packages, virtual environment, local packages, user interface.

Runs with the standard library alone. Every step leaves a stamp with a hash of what went into
it, so that a second run only compares hashes. What cannot be installed is named exactly, with
the command that would install it.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "deploy/requirements"
UI = ROOT / "services/portal-gateway/ui"
GATEWAY = ROOT / "services/portal-gateway/src/portal_gateway"
LOCAL_PACKAGES = (
    "shared",
    "services/quotes",
    "services/contracts",
    "services/invoicing",
    "services/documents",
    "services/portal-gateway",
    "deploy",
)


def library(soname: str) -> Callable[[], bool]:
    def present() -> bool:
        try:
            ctypes.CDLL(soname)
        except OSError:
            return False
        return True

    return present


def command(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) or Path(name).exists() for name in names)


def folder(path: str) -> Callable[[], bool]:
    return lambda: Path(path).is_dir()


# Debian package -> how to see that it (or the same thing from elsewhere) is there.
RUN_PACKAGES: dict[str, Callable[[], bool]] = {
    "libpango-1.0-0": library("libpango-1.0.so.0"),
    "libpangoft2-1.0-0": library("libpangoft2-1.0.so.0"),
    "libharfbuzz-subset0": library("libharfbuzz-subset.so.0"),
    "libqrencode4": library("libqrencode.so.4"),
    "fonts-liberation": lambda: any(
        Path(path).is_dir()
        for path in ("/usr/share/fonts/truetype/liberation", "/usr/share/fonts/truetype/liberation2")
    ),
}
TEST_PACKAGES: dict[str, Callable[[], bool]] = {
    "rabbitmq-server": command("/usr/lib/rabbitmq/bin/rabbitmq-server"),
    "poppler-utils": command("pdftoppm"),
    "qpdf": command("qpdf"),
    "chromium": command("chromium"),
}


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def fail(text: str) -> None:
    sys.exit(f"setup: {text}")


def run(arguments: list[str], **options: object) -> None:
    result = subprocess.run(arguments, **options)  # type: ignore[call-overload]
    if result.returncode:
        fail(f"this command failed with {result.returncode}: {' '.join(arguments)}")


def digest(paths: Iterable[Path], *extra: str) -> str:
    seen = hashlib.sha256()
    for path in sorted(paths):
        seen.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    for text in extra:
        seen.update(text.encode() + b"\0")
    return seen.hexdigest()


def once(stamp: Path, key: str, title: str, work: Callable[[], None]) -> None:
    """Do the work unless the stamp already carries the key; the stamp is written after it."""
    if stamp.exists() and stamp.read_text() == key:
        return
    say(title)
    started = time.monotonic()
    work()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key)
    say(f"… done in {time.monotonic() - started:.0f} s")


def become_root() -> list[str] | None:
    """The prefix that runs a command as root, or None when that is not possible unasked."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages; False when this machine or this user cannot."""
    prefix = become_root()
    if prefix is None or not shutil.which("apt-get"):
        return False
    # RUNLEVEL=1 keeps freshly installed servers from being started on their standard ports.
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "-qq"]
    subprocess.run([*quiet, "update"], stdout=subprocess.DEVNULL)
    result = subprocess.run([*quiet, "install", "-y", "--no-install-recommends", *packages], stdout=subprocess.DEVNULL)
    return result.returncode == 0


def system_packages(wanted: dict[str, Callable[[], bool]]) -> None:
    missing = [name for name, present in wanted.items() if not present()]
    if not missing:
        return
    say(f"installing system packages: {' '.join(missing)}")
    apt_install(missing)
    still = [name for name in missing if not wanted[name]()]
    if still:
        fail(
            "these system packages are missing and could not be installed from here: "
            f"{' '.join(still)}\n       as root, on Debian or Ubuntu: apt-get install {' '.join(still)}"
        )


def virtual_environment(venv: Path) -> Path:
    python = venv / "bin/python"
    if python.exists() and subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return python
    say(f"creating the virtual environment {venv}")
    make = [sys.executable, "-m", "venv", "--clear", str(venv)]
    if subprocess.run(make, capture_output=True).returncode:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not apt_install([version]) and not apt_install(["python3-venv"]):
            fail(f"Python's venv module is incomplete; as root: apt-get install {version}")
        run(make)
    return python


def pip(python: Path, *arguments: str) -> None:
    run([str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--quiet", *arguments])


def python_packages(venv: Path, python: Path, test: bool) -> None:
    files = [REQUIREMENTS / "build.txt", REQUIREMENTS / ("test.txt" if test else "runtime.txt")]
    stamps = venv / "kontor-stamps"
    key = digest(files)
    if not test and (stamps / "test").exists():
        # The test set contains the run-time set; a check-out that has it needs nothing more.
        return python_packages(venv, python, test=True)
    once(
        stamps / ("test" if test else "run"),
        key,
        "installing Python packages (pinned, checked by hash)",
        lambda: pip(python, "--require-hashes", *[part for file in files for part in ("-r", str(file))]),
    )
    projects = [ROOT / name for name in LOCAL_PACKAGES if (ROOT / name / "pyproject.toml").exists()]
    # By path and without dependencies: an unrelated "kontor" exists on the public index, so no
    # local package may ever be looked up by its name.
    editable = [part for project in projects for part in ("--editable", str(project))]
    once(
        stamps / "local",
        digest([project / "pyproject.toml" for project in projects], str(ROOT)),
        "installing Kontor's own packages by path",
        lambda: pip(python, "--no-deps", "--no-build-isolation", *editable),
    )


def node(venv: Path, python: Path) -> dict[str, str]:
    """An environment whose PATH finds Node 20 or newer: the system's, else one from a wheel."""
    environment = dict(os.environ)
    if shutil.which("node") and shutil.which("npm"):
        version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
        if version.lstrip("v").split(".")[0].isdigit() and int(version.lstrip("v").split(".")[0]) >= 20:
            return environment
    file = REQUIREMENTS / "ui.txt"
    once(
        venv / "kontor-stamps/node",
        digest([file]),
        "installing Node into the virtual environment",
        lambda: pip(python, "--require-hashes", "-r", str(file)),
    )
    environment["PATH"] = f"{venv / 'bin'}{os.pathsep}{environment['PATH']}"
    return environment


def user_interface(venv: Path, python: Path) -> None:
    """Build stylesheets and scripts; again only when a source or a template changed."""
    if not (UI / "package.json").exists():
        return
    sources = [
        path for base in (UI / "css", UI / "js", GATEWAY / "templates") for path in base.rglob("*") if path.is_file()
    ]
    key = digest([*sources, UI / "package-lock.json", UI / "package.json", UI / "build.mjs"])
    manifest = GATEWAY / "static/dist/manifest.json"
    stamp = ROOT / ".build/ui"
    if not manifest.exists():
        stamp.unlink(missing_ok=True)

    def build() -> None:
        environment = node(venv, python)
        lock = digest([UI / "package-lock.json", UI / "package.json"])
        once(
            UI / "node_modules/.kontor-stamp",
            lock,
            "fetching the packages of the user interface",
            lambda: run(["npm", "ci", "--silent", "--no-fund", "--no-audit"], cwd=UI, env=environment),
        )
        run(["npm", "run", "--silent", "build"], cwd=UI, env=environment, stdout=subprocess.DEVNULL)

    once(stamp, key, "building the user interface", build)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    parser.add_argument("profile", choices=("run", "test", "ui"))
    options = parser.parse_args()
    venv = options.venv.absolute()
    test = options.profile == "test"
    system_packages(RUN_PACKAGES | TEST_PACKAGES if test else RUN_PACKAGES)
    python = virtual_environment(venv)
    python_packages(venv, python, test)
    user_interface(venv, python)


if __name__ == "__main__":
    main()
