"""The published examples do what they say."""

import json
from pathlib import Path

import pytest

from services.common.errors import Rejected
from services.ingest.domain.validation import validate

EXAMPLES = Path(__file__).parents[3] / "schemas" / "xapi" / "examples"


def examples(kind):
    found = sorted((EXAMPLES / kind).glob("*.json"))
    assert found
    return [pytest.param(json.loads(path.read_text(encoding="utf-8")), id=path.stem) for path in found]


@pytest.mark.parametrize("example", examples("valid"))
def test_a_valid_example_is_accepted(example):
    for version in example["versions"]:
        validate(example["statement"], version)


@pytest.mark.parametrize("example", examples("invalid"))
def test_an_invalid_example_is_refused_with_its_reason(example):
    for version in example["versions"]:
        with pytest.raises(Rejected) as refused:
            validate(example["statement"], version)
        assert (refused.value.reason, refused.value.path) == (example["reason"], example["path"])
