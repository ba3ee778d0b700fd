"""The topics: one document each beside this file, read once at import (EXAMPLES: every topic is a document)."""

from dataclasses import dataclass
from pathlib import Path

import yaml

DEAD_LETTER_SUFFIX = ".dlq"


@dataclass(frozen=True, slots=True)
class Topic:
    """What its document says of a topic.

    keyed: one key stays on one partition for ever, so the number of partitions never changes.
    compacted: the log keeps at least the last record of each key; retention_days None means for ever.
    """

    name: str
    description: str
    key: str
    value: str
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]
    keyed: bool
    compacted: bool
    partitions: int
    retention_days: int | None
    schema: str | None = None


def _load(path: Path) -> Topic:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name in ("written_by", "read_by"):
        document[name] = tuple(document[name])
    return Topic(**document)


def dead_letters(topic: Topic) -> Topic:
    """Return the dead-letter topic of a topic: the raw records, with reason, group, partition and offset as headers."""
    return Topic(
        name=topic.name + DEAD_LETTER_SUFFIX,
        description=f"Records of {topic.name} that a group could not take.",
        key=topic.key,
        value="the raw record; headers: those of the record, then reason, group, partition, offset, time",
        written_by=("any consumer",),
        read_by=("operators",),
        keyed=False,
        compacted=False,
        partitions=1,
        retention_days=7,
    )


TOPICS: dict[str, Topic] = {
    topic.name: topic for topic in (_load(path) for path in sorted(Path(__file__).parent.glob("*.yaml")))
}
ALL_TOPICS: dict[str, Topic] = TOPICS | {
    letters.name: letters for letters in (dead_letters(topic) for topic in TOPICS.values())
}

STATEMENTS = "xapi.statements.v1"
RULINGS = "xapi.rulings.v1"
PEOPLE = "learning.people.v1"
LEARNING_EVENTS = "learning.events.v1"
MIXES = "learning.mixes.v1"
SUGGESTIONS = "learning.suggestions.v1"
