"""The corpus of real public statements, which is not part of this repository."""

import json
import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).parents[3] / "shared" / "corpus"


@pytest.fixture(scope="session")
def corpus():
    """Read one of its files: corpus("statements") is a list of rows. In CI its absence is a failure."""
    folder = Path(os.environ.get("LEERMIX_CORPUS") or BESIDE)
    if not (folder / "statements.jsonl").is_file():
        absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        absent(f"no corpus in {folder}: LEERMIX_CORPUS names its folder")

    def rows(name):
        with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    return rows
