"""docker-compose.yml as the real compose binary resolves it; no container engine is needed for that."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import compose
import orjson
import pytest

ROOT = Path(__file__).parents[3]
PASSWORD = "not-a-password-of-anybody"

Resolve = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def resolve() -> Resolve:
    """Run `docker-compose config` with these variables and no others; the binary itself, whose exit code counts."""
    binary = Path(compose.__file__).parent / "docker-compose"

    def run(**variables: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [binary, "--env-file", os.devnull, "--file", ROOT / "docker-compose.yml", "config", "--format", "json"],
            env={"PATH": os.defpath, **variables},
            capture_output=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def resolved(resolve: Resolve) -> dict[str, Any]:
    """What compose makes of the file when only the secret is given."""
    result = resolve(POSTGRES_PASSWORD=PASSWORD)
    assert result.returncode == 0, result.stderr.decode()
    assert not result.stderr, "compose warns"
    found: dict[str, Any] = orjson.loads(result.stdout)
    return found
