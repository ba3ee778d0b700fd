"""The event log as tables in PostgreSQL. What must hold of positions is said in migrations/0001_log.sql."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from weakref import WeakSet

import asyncpg

from schemas.topics import ALL_TOPICS, Topic
from services.common.database import Connection, Database, is_away, migrate
from services.common.errors import Unavailable
from services.common.eventlog import Appended, Entry, Locate, Partition, Range, partition_of
from services.common.eventlog.members import BATCH_BYTES, BATCH_RECORDS
from services.common.eventlog.partitions import checked_partitions
from services.common.eventlog.postgres import statements
from services.common.eventlog.postgres.arrangement import arrange
from services.common.eventlog.postgres.refusal import Refusal
from services.common.eventlog.postgres.subscription import PostgresSubscription
from services.common.eventlog.postgres.watch import Watch, close_quickly
from services.common.eventlog.requests import BODY_LIMIT, append_limit, checked_size
from services.common.eventlog.sharing import Request, Room, SharedWriter

_MIGRATIONS = Path(__file__).parent.parent / "migrations"
_TOMBSTONES_FOR = timedelta(days=8)  # longer than the log keeps anything else, so that every reader sees them
_MAINTAIN_WITHIN = 600.0  # seconds for one partition: the first time after a long absence there is much to drop

logger = logging.getLogger(__name__)


class PostgresEventLog:
    """An event log in the schema `log` of a database. It opens connections of its own beside the pool:

    one that writes, one that listens, and one for each subscription.
    """

    def __init__(
        self,
        database: Database,
        topics: Mapping[str, Topic] = ALL_TOPICS,
        *,
        append_timeout: float = 3.0,
        body_limit: int = BODY_LIMIT,
        max_pending: int = 1_000,
        max_pending_bytes: int = 64 * 1024 * 1024,
        batch_records: int = BATCH_RECORDS,
        batch_bytes: int = BATCH_BYTES,
    ) -> None:
        self._database = database
        self._topics = topics
        self._append_timeout = append_timeout
        self._append_limit = append_limit(body_limit)
        self._batch_records = batch_records
        self._batch_bytes = batch_bytes
        self._room = Room(max_pending, max_pending_bytes)
        self._writer = SharedWriter(self._write, self._room, self._append_limit)
        self._writing: asyncpg.Connection | None = None
        self._ids: dict[Partition, int] = {}
        self._counts: dict[str, int] = {}
        self._subscriptions: WeakSet[PostgresSubscription] = WeakSet()
        self._watch = Watch(self._connect, self._hear_news, self._hear_group)
        self._watching: asyncio.Task[None] | None = None
        self._refusal = Refusal(self._connect, lambda: min(self._ids.values()))

    async def open(self) -> None:
        """Bring the schema up to date, add the topics that are not there yet, and start to listen."""
        await migrate(self._database, "log", _MIGRATIONS)
        async with self._database.transaction() as connection:
            await self._add_topics(connection)
            rows = await connection.fetch(statements.PARTITIONS)
        self._ids = {Partition(row["topic"], row["number"]): row["id"] for row in rows}
        self._counts = {name: sum(each.topic == name for each in self._ids) for name in self._topics}
        self._watching = asyncio.create_task(self._watch.run())

    async def close(self) -> None:
        """Write what is pending, then let go of everything."""
        await self._writer.drain()
        await self._refusal.close()
        for subscription in list(self._subscriptions):
            await subscription.close()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if self._writing is not None:
            await close_quickly(self._writing)
            self._writing = None

    async def append(self, topic: str, entries: Sequence[Entry], route: bytes) -> Appended:
        """Append one request to the partition of its route, in a transaction that concurrent requests share."""
        if self._database.away:
            raise Unavailable("log", "postgresql does not answer")
        size = checked_size(entries, self._append_limit)
        landed = self._writer.submit(self._partition(topic, route), entries, size)
        try:
            async with asyncio.timeout(self._append_timeout):
                return await landed
        except TimeoutError as error:
            raise Unavailable("log", f"not appended within {self._append_timeout} s") from error

    async def append_in(self, connection: Connection, entries: Sequence[tuple[str, Entry]]) -> None:
        """Append (topic, entry) pairs in the caller's transaction, each to the partition of its key.

        It locks the counter rows of their partitions until the commit: it belongs at the end of the transaction.
        After the commit the caller calls `announce` with the same pairs.
        """
        if entries:
            await connection.fetchval(statements.APPEND, *arrange(self._appends(entries)).arguments())

    def announce(self, entries: Iterable[tuple[str, Entry]]) -> None:
        """Wake whoever reads the partitions to which these pairs were appended."""
        self._watch.announce({identity for identity, _ in self._appends(entries)})

    async def publisher(self, name: str) -> "PostgresPublisher":
        """Make the writer of that name; the one before it can write no more."""
        async with self._database.connection() as connection:
            term = await connection.fetchval(statements.NEW_TERM, name)
        return PostgresPublisher(self, self._database, name, term)

    def subscribe(self, group: str, topics: Sequence[str], locate: Locate) -> PostgresSubscription:
        """Join a group."""
        subscription = PostgresSubscription(
            self._connect,
            group,
            topics,
            locate,
            ids=self._ids,
            batch_records=self._batch_records,
            batch_bytes=self._batch_bytes,
        )
        self._subscriptions.add(subscription)
        return subscription

    async def ranges(self, topic: str) -> dict[int, Range]:
        """Return what each partition of a topic holds."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(statements.RANGES, topic)
        return {row["number"]: Range(row["start"], row["next"]) for row in rows}

    def available(self) -> bool:
        """Tell whether PostgreSQL answered lately, took the last append, and there is room for another request."""
        return self._watch.connected and self._refusal.why is None and not self._room.full()

    def why_away(self) -> str | None:
        """Return the class of what the last append failed of; None when it did not."""
        return self._refusal.why

    async def maintain(self, now: datetime) -> None:
        """Trim what is older than its topic's document says, and compact the compacted topics."""
        async with self._database.connection() as connection:
            for partition, identity in self._ids.items():
                topic = self._topics.get(partition.topic)
                if topic is None:
                    continue
                if topic.retention_days is not None:
                    until = now - timedelta(days=topic.retention_days)
                    await connection.execute(statements.TRIM, identity, until, timeout=_MAINTAIN_WITHIN)
                if topic.compacted:
                    until = now - _TOMBSTONES_FOR
                    await connection.execute(statements.COMPACT, identity, until, timeout=_MAINTAIN_WITHIN)

    def _partition(self, topic: str, route: bytes) -> Partition:
        return Partition(topic, partition_of(route, self._counts[topic]))

    def _appends(self, entries: Iterable[tuple[str, Entry]]) -> list[tuple[int, Sequence[Entry]]]:
        return [(self._ids[self._partition(topic, entry.key or b"")], (entry,)) for topic, entry in entries]

    def _hear_news(self, partitions: Iterable[int]) -> None:
        for subscription in list(self._subscriptions):
            subscription.hear_news(partitions)

    def _hear_group(self, group: str) -> None:
        for subscription in list(self._subscriptions):
            subscription.hear_group(group)

    async def _add_topics(self, connection: Connection) -> None:
        found = {row["topic"]: row["partitions"] for row in await connection.fetch(statements.COUNTS)}
        for topic in self._topics.values():
            checked_partitions(topic, found.get(topic.name, topic.partitions))
        await connection.execute(
            statements.ADD_PARTITIONS,
            [topic.name for topic in self._topics.values()],
            [topic.partitions for topic in self._topics.values()],
        )

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(
            self._database.dsn, timeout=3.0, command_timeout=max(5.0, 2 * self._append_timeout)
        )

    async def _write(self, group: Sequence[Request]) -> list[Appended]:
        arrangement = arrange([(self._ids[request.partition], request.entries) for request in group])
        try:
            firsts = await self._append(arrangement.arguments())
        except Exception as error:
            if not is_away(error):
                raise
            await self._drop_writing()
            self._refusal.failed(error)
            raise Unavailable("log", type(error).__name__) from error
        self._refusal.over()
        self._watch.announce(arrangement.partitions)
        landed = []
        for request, (index, place) in zip(group, arrangement.places, strict=True):
            first = firsts[index] + place
            landed.append(Appended(request.partition, first, first + len(request.entries) - 1))
        return landed

    async def _append(self, arguments: tuple[Sequence[object], ...]) -> list[int]:
        if self._writing is None or self._writing.is_closed():
            self._writing = await self._connect()
        firsts: list[int] = await self._writing.fetchval(statements.APPEND, *arguments)
        return firsts

    async def _drop_writing(self) -> None:
        if self._writing is not None:
            with contextlib.suppress(OSError):
                self._writing.terminate()
            self._writing = None


class PostgresPublisher:
    """The writer of a relay: one transaction per publish, in its own term only."""

    def __init__(self, log: PostgresEventLog, database: Database, name: str, term: int) -> None:
        self._log = log
        self._database = database
        self._name = name
        self._term = term

    async def publish(self, entries: Sequence[tuple[str, Entry]]) -> None:
        """Append them all, in order."""
        async with self._database.transaction() as connection:
            if not await connection.fetchval(statements.IN_TERM, self._name, self._term):
                raise Unavailable("log", f"another writer named {self._name} has taken over")
            await self._log.append_in(connection, entries)
        self._log.announce(entries)

    async def close(self) -> None:
        """Nothing to release."""
