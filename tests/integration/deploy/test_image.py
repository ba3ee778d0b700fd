"""The image: its Dockerfile is clean, its context suffices, and what is installed from it is complete."""

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

SOURCES = ("schemas", "services")


def copied(root: Path) -> list[str]:
    """What the first stage takes from the context."""
    lines = [line.split() for line in (root / "deploy/Dockerfile").read_text().splitlines()]
    return [name for line in lines if line[:1] == ["COPY"] and "--from=build" not in line for name in line[1:-1]]


def test_hadolint_finds_nothing(root):
    linter = Path(sysconfig.get_path("scripts")) / "hadolint"
    result = subprocess.run([linter, "--no-color", "deploy/Dockerfile"], cwd=root, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_the_context_holds_what_is_copied_and_nothing_more(root):
    lines = (root / ".dockerignore").read_text().splitlines()
    allowed = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert "*" in lines
    assert allowed == set(copied(root))
    for name in allowed:
        assert (root / name).exists(), name


def test_every_requirement_of_the_image_has_a_checksum(root):
    for name in ("requirements.lock", "requirements-uv.lock"):
        logical = (root / name).read_text().replace("\\\n", " ").splitlines()
        pinned = [line for line in logical if "==" in line]
        assert pinned
        assert all("--hash=sha256:" in line for line in pinned)
        assert "://" not in "".join(logical)
    assert "hatchling==" in (root / "requirements.lock").read_text(), "the project is built with what the lock has"


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The project, built from the context alone, as the Dockerfile builds it."""
    context, built = tmp_path_factory.mktemp("context"), tmp_path_factory.mktemp("wheel")
    for name in copied(root):
        if (root / name).is_dir():
            shutil.copytree(root / name, context / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(root / name, context / name)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", built], cwd=context, check=True, timeout=60
    )
    return zipfile.ZipFile(next(built.glob("*.whl")))


def test_what_is_not_code_is_installed_too(root, wheel):
    """Migrations, schemas, topics, rules, the catalogue and the pages are read at run time."""
    there = set(wheel.namelist())
    needed = {
        str(path.relative_to(root))
        for source in SOURCES
        for path in (root / source).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert needed <= there, sorted(needed - there)[:10]
    assert any(name.endswith(".sql") for name in there)


def test_the_entry_point_of_the_image_is_the_console(wheel):
    entry_points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "leermix = services.console.main:main" in wheel.read(entry_points).decode()
