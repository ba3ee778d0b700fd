"""What a consumer of the event log is: a `Handler`, and the `Transaction` through which all of its effects go.

Everything that reads the event log is a `Handler` run by the one `Loop` (services/common/loop.py); there is no other
reader.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from schemas.reasons import Reason
from schemas.topics import DEAD_LETTER_SUFFIX
from services.common.database import Connection
from services.common.eventlog import Batch, Entry, Record
from services.common.outbox import Outgoing

T = TypeVar("T")


class Transaction:
    """What a handler may do besides SQL: publish, and refuse single records. All of it commits together or not."""

    def __init__(self, connection: Connection, group: str, watermark: datetime) -> None:
        self.connection = connection
        self.watermark = watermark
        self.outgoing: list[Outgoing] = []
        self.dead: list[tuple[Record, Reason]] = []
        self._group = group

    def publish(self, topic: str, entry: Entry) -> None:
        """Append this to the topic once the transaction has committed, at least once, in the order of the calls."""
        self.outgoing.append((topic, entry))

    def reject(self, record: Record, reason: Reason) -> None:
        """Make this record a dead letter, with its origin."""
        origin = (
            ("reason", reason.value.encode()),
            ("group", self._group.encode()),
            ("partition", str(record.partition.number).encode()),
            ("offset", str(record.position).encode()),
            ("time", datetime.now(UTC).isoformat().encode()),
        )
        self.publish(
            record.partition.topic + DEAD_LETTER_SUFFIX, Entry(record.key, record.value, record.headers + origin)
        )
        self.dead.append((record, reason))

    def mark(self) -> tuple[int, int, datetime]:
        """Return a mark to `rewind` to when a savepoint is rolled back."""
        return len(self.outgoing), len(self.dead), self.watermark

    def rewind(self, mark: tuple[int, int, datetime]) -> None:
        """Forget what was published and refused since the mark."""
        outgoing, dead, self.watermark = mark
        del self.outgoing[outgoing:]
        del self.dead[dead:]


class Decoded(Generic[T]):
    """A record and its decoded value."""

    __slots__ = ("record", "value")

    def __init__(self, record: Record, value: T) -> None:
        self.record = record
        self.value = value


class Handler(Protocol[T]):
    """What a service does with records. Effects go through the transaction, and nowhere else."""

    @property
    def group(self) -> str:
        """The consumer group, `service.purpose`."""

    @property
    def topics(self) -> Sequence[str]:
        """What it reads."""

    @property
    def schema(self) -> str:
        """Where its positions stand: the schema of its service."""

    @property
    def watermarked(self) -> bool:
        """Whether this group's watermarks mean anything (ingest's store)."""

    def decode(self, record: Record) -> T:
        """Turn a record into a value, purely. Raises `Rejected`."""

    async def lock(self, tx: Transaction, items: Sequence[Decoded[T]]) -> None:
        """Take every lock that `handle` takes for these, each kind in sorted order.

        Called only before the records of a batch are handled one by one; `handle` does the same for its own.
        Lock order everywhere: position row, statement ids, actors, persons, partition counters last.
        """

    async def handle(self, tx: Transaction, items: Sequence[Decoded[T]]) -> None:
        """Do it. Anything raised but a dependency's absence is a bug in one of the records."""

    def committed(self, batch: Batch, dead: Sequence[tuple[Record, Reason]]) -> None:
        """Hear that the batch is committed, and what of it became dead letters: wake whoever waits for it."""
