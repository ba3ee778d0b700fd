"""Every topic is a document, and every example of it is tested."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

import schemas
from schemas import events
from schemas.reasons import Reason
from schemas.topics import ALL_TOPICS, STATEMENTS, TOPICS

EXAMPLES = Path(schemas.__file__).parent / "examples"
OWN = sorted(set(TOPICS) - {STATEMENTS})


def examples(kind: str) -> list[Any]:
    return [
        pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in sorted((EXAMPLES / kind).rglob("*.json"))
    ]


def model(topic: str) -> TypeAdapter[Any]:
    name = TOPICS[topic].schema
    assert name is not None
    return TypeAdapter(getattr(events, name))


@pytest.mark.parametrize("topic", OWN)
def test_each_topic_of_ours_has_examples_of_both_kinds(topic: str) -> None:
    for kind in ("valid", "invalid"):
        assert list((EXAMPLES / kind / topic).glob("*.json")), f"{topic} has no {kind} example"


@pytest.mark.parametrize("path", examples("valid"))
def test_a_valid_example_is_read_and_written_back_the_same(path: Path) -> None:
    adapter = model(path.parent.name)
    value = adapter.validate_json(path.read_bytes())
    assert adapter.validate_json(adapter.dump_json(value)) == value


@pytest.mark.parametrize("path", examples("invalid"))
def test_an_invalid_example_is_refused(path: Path) -> None:
    example = json.loads(path.read_text())
    assert Reason(example["reason"]) is Reason.UNDECODABLE
    with pytest.raises(ValidationError):
        model(path.parent.name).validate_python(example["value"])


def test_a_compacted_topic_is_keyed_and_every_topic_has_its_dead_letters() -> None:
    for topic in TOPICS.values():
        assert topic.keyed or not topic.compacted
        assert topic.partitions >= 1
        assert f"{topic.name}.dlq" in ALL_TOPICS
