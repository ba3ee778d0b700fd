"""What the contract suite needs of each log beside the contract itself."""

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from schemas.topics import Topic
from services.common.database import Database
from services.common.errors import Stale
from services.common.eventlog import Batch, Entry, EventLog, Partition, Range, Record, Subscription
from services.common.eventlog.kafka import KafkaEventLog
from services.common.eventlog.memory import MemoryEventLog
from services.common.eventlog.postgres import PostgresEventLog
from services.common.eventlog.requests import request_header

PATIENCE = 20.0
"""Seconds after which something that should happen has not happened."""


def topic(name: str, *, keyed: bool, partitions: int, compacted: bool = False) -> Topic:
    return Topic(
        name=name,
        description="",
        key="",
        value="",
        written_by=(),
        read_by=(),
        keyed=keyed,
        compacted=compacted,
        partitions=partitions,
        retention_days=None if compacted else 7,
    )


class Harness(ABC):
    """Builds logs on one and the same store, with topics of this test's own."""

    kind: str

    def __init__(self) -> None:
        suffix = secrets.token_hex(4)
        self.free = f"free.{suffix}"
        self.keyed = f"keyed.{suffix}"
        self.compacted = f"compacted.{suffix}"
        self.one = f"one.{suffix}"
        self.topics = {
            each.name: each
            for each in (
                topic(self.free, keyed=False, partitions=4),
                topic(self.keyed, keyed=True, partitions=4),
                topic(self.compacted, keyed=True, partitions=1, compacted=True),
                topic(self.one, keyed=False, partitions=1),
            )
        }
        self._logs: list[EventLog] = []
        self._subscriptions: list[Subscription] = []

    @abstractmethod
    async def build(self, **options: Any) -> EventLog:
        """Build a log, not yet open."""

    @abstractmethod
    async def trim(self, partition: Partition) -> None:
        """Make the log drop everything the partition holds, as age would."""

    async def log(self, **options: Any) -> EventLog:
        log = await self.build(**options)
        self._logs.append(log)
        await log.open()
        return log

    def subscribe(self, log: EventLog, group: "Group", topics: Sequence[str]) -> Subscription:
        subscription = log.subscribe(group.name, topics, group.locate)
        self._subscriptions.append(subscription)
        return subscription

    async def close(self) -> None:
        await asyncio.gather(*(each.close() for each in self._subscriptions))
        await asyncio.gather(*(log.close() for log in self._logs))


class MemoryHarness(Harness):
    kind = "memory"

    def __init__(self) -> None:
        super().__init__()
        self._only: MemoryEventLog | None = None

    async def build(self, **options: Any) -> EventLog:
        if self._only is None:
            self._only = MemoryEventLog(self.topics, **options)
        return self._only

    async def trim(self, partition: Partition) -> None:
        assert self._only is not None
        self._only.trim(partition, self._only.range_of(partition).end)


class PostgresHarness(Harness):
    kind = "postgres"

    def __init__(self, dsn: str) -> None:
        super().__init__()
        self.dsn = dsn
        self.databases: list[Database] = []

    async def build(self, **options: Any) -> EventLog:
        database = Database(self.dsn, size=3)
        await database.open()
        self.databases.append(database)
        return PostgresEventLog(database, self.topics, **options)

    async def trim(self, partition: Partition) -> None:
        log = await self.log()
        assert isinstance(log, PostgresEventLog)
        await log.maintain(datetime.now(UTC) + timedelta(days=8))

    async def close(self) -> None:
        await super().close()
        await asyncio.gather(*(database.close() for database in self.databases))

    async def connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.dsn)


class KafkaHarness(Harness):
    kind = "kafka"

    def __init__(self, bootstrap_servers: str, replication_factor: int = 1) -> None:
        super().__init__()
        self.bootstrap_servers = bootstrap_servers
        self.replication_factor = replication_factor

    async def build(self, **options: Any) -> EventLog:
        options.setdefault("replication_factor", self.replication_factor)
        return KafkaEventLog(self.bootstrap_servers, self.topics, **options)

    async def trim(self, partition: Partition) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await admin.start()
        try:
            key = TopicPartition(partition.topic, partition.number)
            await admin.delete_records({key: RecordsToDelete(-1)})  # up to the high watermark
        finally:
            await admin.close()


@dataclass
class Group:
    """A group's positions, as its database would hold them, moved by compare-and-set."""

    name: str = field(default_factory=lambda: f"group-{secrets.token_hex(4)}")
    positions: dict[Partition, int] = field(default_factory=dict)
    asked: list[Partition] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)

    async def locate(self, partition: Partition, held: Range) -> int:
        self.asked.append(partition)
        return self.positions.setdefault(partition, held.start)

    def take(self, batch: Batch) -> None:
        if self.positions[batch.partition] != batch.position:
            raise Stale(str(batch.partition))
        self.positions[batch.partition] = batch.next
        self.batches.append(batch)
        self.records += batch.records

    def values(self) -> list[bytes | None]:
        return [record.value for record in self.records]


async def consume(subscription: Subscription, group: Group, until: Callable[[], bool]) -> None:
    """Read on until it is so; a stale batch is dropped and located again."""
    async with asyncio.timeout(PATIENCE):
        while not until():
            batch = await subscription.poll(0.5)
            if batch is None:
                continue
            try:
                group.take(batch)
            except Stale:
                await subscription.rewind(batch.partition)


async def write_at_once(logs: Sequence[EventLog], topic: str, per_writer: int) -> set[bytes]:
    """Append single records from one writer per log, all at once; return what was acknowledged."""

    async def write(number: int) -> list[bytes]:
        values = [b"%d/%d" % (number, index) for index in range(per_writer)]
        for value in values:
            await logs[number].append(topic, [Entry(None, value)], b"")
        return values

    return {value for values in await asyncio.gather(*map(write, range(len(logs)))) for value in values}


async def read_meanwhile(subscription: Subscription, group: Group, writing: asyncio.Future[set[bytes]]) -> set[bytes]:
    """Read until the writers have done and nothing more comes; return what was acknowledged and never read."""
    while (batch := await subscription.poll(1.0)) is not None or not writing.done():
        if batch is not None:
            group.take(batch)
    return writing.result() - {record.value for record in group.records if record.value is not None}


async def eventually(holds: Callable[[], bool | Awaitable[bool]], *polled: Subscription) -> None:
    """Wait until it holds, polling these members meanwhile as their loops would."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = holds()
            if answer if isinstance(answer, bool) else await answer:
                return
            for subscription in polled:
                assert await subscription.poll(0) is None
            await asyncio.sleep(0.01)


def request(name: str, count: int, size: int = 8) -> list[Entry]:
    """Return the entries of a request, as ingest would make them."""
    return [
        Entry(
            b"key",
            f"{name}:{index}:".encode().ljust(size, b"."),
            (("tenant", b"t"), request_header(index, count)),
        )
        for index in range(1, count + 1)
    ]
