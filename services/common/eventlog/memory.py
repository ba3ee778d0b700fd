"""The log in memory: the reference for the contract, and the fake for tests of what uses a log."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.topics import ALL_TOPICS, Topic
from services.common.errors import Unavailable
from services.common.eventlog import Appended, Batch, Entry, Locate, Partition, Range, Record, partition_of
from services.common.eventlog.members import BATCH_BYTES, BATCH_RECORDS, Member, out_of_range
from services.common.eventlog.requests import BODY_LIMIT, append_limit, checked_size
from services.common.eventlog.sharing import Request, Room, SharedWriter

_MAX_PENDING = 1_000
_PENDING_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class _Held:
    """A partition: its records, the positions after which a request ends, and what was trimmed off its start."""

    records: list[Record] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    start: int = 0
    next: int = 0


class MemoryEventLog:
    """An event log that lives as long as the object. `away = True` makes it unavailable."""

    def __init__(
        self,
        topics: Mapping[str, Topic] = ALL_TOPICS,
        *,
        body_limit: int = BODY_LIMIT,
        max_pending: int = _MAX_PENDING,
        batch_records: int = BATCH_RECORDS,
        batch_bytes: int = BATCH_BYTES,
    ) -> None:
        self.away = False
        self._batch_records = batch_records
        self._batch_bytes = batch_bytes
        self._topics = topics
        self._append_limit = append_limit(body_limit)
        self._writer = SharedWriter(self._write, Room(max_pending, _PENDING_BYTES), self._append_limit)
        self._held = {
            Partition(topic.name, number): _Held() for topic in topics.values() for number in range(topic.partitions)
        }
        self._members: list[MemorySubscription] = []
        self._writers: dict[str, object] = {}

    async def open(self) -> None:
        """Nothing to connect to."""

    async def close(self) -> None:
        """Let what is pending be appended."""
        await self._writer.drain()

    async def append(self, topic: str, entries: Sequence[Entry], route: bytes) -> Appended:
        """Append one request to the partition of its route."""
        size = checked_size(entries, self._append_limit)
        partition = Partition(topic, partition_of(route, self._topics[topic].partitions))
        return await self._writer.submit(partition, entries, size)

    async def publisher(self, name: str) -> "MemoryPublisher":
        """Make the writer of that name; the one before it can write no more."""
        publisher = MemoryPublisher(self, name)
        self._writers[name] = publisher
        return publisher

    def subscribe(self, group: str, topics: Sequence[str], locate: Locate) -> "MemorySubscription":
        """Join a group."""
        return MemorySubscription(self, group, topics, locate)

    async def ranges(self, topic: str) -> dict[int, Range]:
        """Return what each partition of a topic holds."""
        return {number: self.range_of(Partition(topic, number)) for number in range(self._topics[topic].partitions)}

    def available(self) -> bool:
        """Tell whether an append would be taken."""
        return not self.away

    def why_away(self) -> str | None:
        """Nothing is known."""
        return None

    def trim(self, partition: Partition, start: int) -> None:
        """Drop what stands before `start`, as age would."""
        held = self._held[partition]
        held.start = max(held.start, start)
        held.records = [record for record in held.records if record.position >= held.start]

    def keep(self, partition: Partition, entries: Sequence[Entry]) -> Appended:
        """Append to this very partition, at once."""
        held = self._held[partition]
        first = held.next
        held.records.extend(
            Record(partition, first + index, entry.key, entry.value, entry.headers)
            for index, entry in enumerate(entries)
        )
        held.next = first + len(entries)
        held.ends.append(held.next)
        for member in self._members:
            member.wake()
        return Appended(partition, first, held.next - 1)

    def publish(self, publisher: "MemoryPublisher", name: str, entries: Sequence[tuple[str, Entry]]) -> None:
        """Append each entry to the partition of its key, unless another writer of that name came after this one."""
        if self.away or self._writers.get(name) is not publisher:
            raise Unavailable("log", "away" if self.away else f"another writer named {name} has taken over")
        for topic, entry in entries:
            self.keep(Partition(topic, partition_of(entry.key or b"", self._topics[topic].partitions)), [entry])

    def range_of(self, partition: Partition) -> Range:
        """Return what one partition holds."""
        held = self._held[partition]
        return Range(held.start, held.next)

    def read(self, partition: Partition, position: int) -> list[Record]:
        """Return the next records from a position: bounded, and whole requests."""
        held = self._held[partition]
        records = held.records[bisect_left(held.records, position, key=lambda record: record.position) :]
        taken: list[Record] = []
        for end in held.ends[bisect_right(held.ends, position) :]:
            upto = [record for record in records[: end - position] if record.position < end]
            size = sum(len(record.value or b"") for record in upto)
            if taken and (len(upto) > self._batch_records or size > self._batch_bytes):
                break
            taken = upto
        return taken

    async def _write(self, group: Sequence[Request]) -> list[Appended]:
        if self.away:
            raise Unavailable("log", "away")
        return [self.keep(request.partition, request.entries) for request in group]

    def join(self, member: "MemorySubscription") -> None:
        """Take a member in and share the partitions of its group out anew."""
        self._members.append(member)
        self._share_out(member.group)

    def leave(self, member: "MemorySubscription") -> None:
        """Let a member go; the others of its group take over."""
        if member in self._members:
            self._members.remove(member)
            self._share_out(member.group)

    def _share_out(self, group: str) -> None:
        members = [member for member in self._members if member.group == group]
        topics = sorted({topic for member in members for topic in member.topics})
        shares: dict[int, set[Partition]] = {id(member): set() for member in members}
        turn = 0
        for topic in topics:
            able = [member for member in members if topic in member.topics]
            for number in range(self._topics[topic].partitions):
                shares[id(able[turn % len(able)])].add(Partition(topic, number))
                turn += 1
        for member in members:
            member.assign(shares[id(member)])


class MemoryPublisher:
    """The writer of a relay."""

    def __init__(self, log: MemoryEventLog, name: str) -> None:
        self._log = log
        self._name = name

    async def publish(self, entries: Sequence[tuple[str, Entry]]) -> None:
        """Append them all, in order."""
        self._log.publish(self, self._name, entries)

    async def close(self) -> None:
        """Nothing to release."""


class MemorySubscription(Member):
    """One member of a group."""

    def __init__(self, log: MemoryEventLog, group: str, topics: Sequence[str], locate: Locate) -> None:
        super().__init__(group, topics, locate)
        self._log = log
        log.join(self)

    def settled(self) -> bool:
        """The group tells at once."""
        return True

    def wake(self) -> None:
        """Hear that something was appended."""
        self._wake.set()

    def assign(self, partitions: set[Partition]) -> None:
        """Hear what this member has now."""
        self._unseat(set(self._seats) - partitions)
        self._seat(partitions - set(self._seats))
        self._wake.set()

    async def lag(self) -> dict[Partition, int]:
        """Return how many records are still to be read."""
        return {
            partition: self._log.range_of(partition).end - seat.position
            for partition, seat in self._seats.items()
            if seat.position is not None
        }

    async def close(self) -> None:
        """Leave the group at once."""
        self._log.leave(self)
        await super().close()

    async def _next(self, patience: float) -> Batch | None:
        for partition, seat in list(self._seats.items()):
            if seat.position is None:
                continue
            held = self._log.range_of(partition)
            if not held.start <= seat.position <= held.end:
                raise out_of_range(self.group, partition, seat.position, held)
            if records := self._log.read(partition, seat.position):
                self._seats[partition] = self._seats.pop(partition)  # the last in turn: nobody starves
                return Batch(partition, seat.position, records[-1].position + 1, tuple(records))
        return None

    async def _range(self, partition: Partition) -> Range:
        return self._log.range_of(partition)
