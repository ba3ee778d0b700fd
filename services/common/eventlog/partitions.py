"""The number of partitions that a topic has on the log, and the one way in which it can be wrong."""

from schemas.topics import Topic


class WrongPartitions(Exception):  # noqa: N818
    """A keyed topic has another number of partitions on the log than its document says.

    One key, one partition, for ever: writing on would scatter the keys, so nothing starts until an operator has
    put the document right, or has moved the topic by hand.
    """


def checked_partitions(topic: Topic, found: int) -> int:
    """Return how many partitions to use, `found` on the log; raises `WrongPartitions` for a keyed topic."""
    if topic.keyed and found != topic.partitions:
        raise WrongPartitions(f"{topic.name} has {found} partitions on the log, its document says {topic.partitions}")
    return found
