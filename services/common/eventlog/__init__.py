"""The event log: one protocol, three implementations (memory, PostgreSQL, Kafka), one contract suite.

What a log promises, whatever it is made of (tests/contract/test_eventlog.py holds all three to it):

- An append is ONE request on ONE partition: it is there whole, in order and contiguous, or not at all. When
  `append` returns, it is durable. When it raises `Unavailable`, it is *not known* to be kept: it may still appear.
- Records of a partition are read in the order of their positions and none is skipped, however many write and read.
- Keyed topics: one key, one partition, for ever.
- A group divides the partitions of its topics over its members; each partition has one reader at a time as far as
  the log can tell. The truth about positions is not here but in the reader's database (`Locate`).
- A batch never ends inside a request, and carries the position at which the reader was before it.
- A stored position outside the log's range raises `PositionOutOfRange`; nothing is skipped silently.
- Readers are woken by an append, they do not poll with a delay. Buffers are bounded on both sides.
- `close` loses nothing that was accepted and is pending.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from aiokafka.partitioner import murmur2

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One ordered sequence of records: a topic and a number from 0."""

    topic: str
    number: int


@dataclass(slots=True, unsafe_hash=True)
class Entry:
    """A record that is about to be appended. A value of None is a tombstone."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(slots=True, unsafe_hash=True)
class Record:
    """A record as it stands in the log. `position` is its offset within the partition."""

    partition: Partition
    position: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    def header(self, name: str) -> bytes | None:
        """Return the value of the first header with that name, or None."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an append landed: the partition, and the positions of its first and last record."""

    partition: Partition
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Range:
    """The positions a partition holds: `start` inclusive, `end` exclusive (the position of the next append)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive records of one partition, ending on a request boundary.

    `position` is where the reader stood before the poll (what its database must still say), `next` where it stands
    after it. The first record may lie beyond `position`: compaction and control records leave holes.
    """

    partition: Partition
    position: int
    next: int
    records: tuple[Record, ...]


Locate = Callable[[Partition, Range], Awaitable[int]]
"""Asked for the position to read from whenever a partition is assigned, before it yields anything.

It is given the range that the log holds; it may raise (its database is away): the subscription asks again, with
back-off, and the partition yields nothing until it has answered and the seek has succeeded. An answer outside the
range makes `poll` raise `PositionOutOfRange`.
"""


class Subscription(Protocol):
    """One member of a consumer group."""

    async def poll(self, timeout: float) -> Batch | None:  # noqa: ASYNC109 - part of the contract
        """Return the next batch of one assigned partition, or None when `timeout` seconds pass without one.

        Raises `PositionOutOfRange`, or `Unavailable` while the log is away (the caller backs off and polls again).
        """

    def assigned(self) -> frozenset[Partition]:
        """Return the partitions this member may read now (empty: told to wait, or not yet in the group)."""

    def settled(self) -> bool:
        """Tell whether the group has told this member what it has, be it nothing: the watchdog's question."""

    async def lag(self) -> dict[Partition, int]:
        """Return, per assigned partition, how many records are still to be read; control records do not count."""

    async def rewind(self, partition: Partition) -> None:
        """Drop what was read ahead of that partition and ask `Locate` again before it yields anything more."""

    async def close(self) -> None:
        """Leave the group at once, so that others take over without waiting for a time-out."""


class Publisher(Protocol):
    """The one writer of a relay: appends to keyed topics, in order, fencing a predecessor of the same name."""

    async def publish(self, entries: Sequence[tuple[str, Entry]]) -> None:
        """Append (topic, entry) pairs, each to the partition of its key; all of them or, on an error, unknown.

        After any error the publisher is spent: close it and make a new one.
        """

    async def close(self) -> None:
        """Release it."""


class EventLog(Protocol):
    """A durable, partitioned, append-only log."""

    async def open(self) -> None:
        """Connect and make sure that every topic of schemas/topics and its dead-letter topic exists."""

    async def close(self) -> None:
        """Finish what is pending, then release everything."""

    async def append(self, topic: str, entries: Sequence[Entry], route: bytes) -> Appended:
        """Append one request to one partition, normally the one that `route` hashes to.

        Where the topic is not keyed (statements) and its partition does not acknowledge in time, the same entries
        may go to another partition as well (at most twice in all): a repeat is harmless, waiting is not.
        Raises `Unavailable` within `append_timeout` seconds when not known to be kept, and at once when the log's
        own buffers are full. A request larger than the log takes raises `Rejected(BODY_TOO_LARGE)`.
        """

    async def publisher(self, name: str) -> Publisher:
        """Make the writer that a relay uses; `name` is stable over restarts."""

    def subscribe(self, group: str, topics: Sequence[str], locate: Locate) -> Subscription:
        """Join a group. The member starts to work in the background at once."""

    async def ranges(self, topic: str) -> dict[int, Range]:
        """Return what each partition of a topic holds."""

    def available(self) -> bool:
        """Tell whether an append is likely to be accepted now (a cheap look, for readiness)."""

    def why_away(self) -> str | None:
        """Return the class of what keeps appends from being accepted, where that is known."""


@lru_cache(maxsize=65_536)  # murmur2 is pure Python, and the same people come again and again
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of a key: murmur2 as Kafka's own clients do it, so that any of them agrees with us."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions
