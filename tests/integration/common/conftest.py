"""One loop on a real PostgreSQL and a log in memory, with a handler that counts words."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from schemas.reasons import Reason
from schemas.topics import LEARNING_EVENTS, STATEMENTS
from services.common import runtime as composition
from services.common.consumer import Decoded, Transaction
from services.common.database import Database, migrate
from services.common.errors import Rejected
from services.common.eventlog import Batch, Entry, Record
from services.common.eventlog.memory import MemoryEventLog
from services.common.loop import Loop
from services.common.outbox import TableOutbox, outgoing_from_row

COMMON = Path(composition.__file__).parent / "migrations"


class Counting:
    """Counts each word it reads; "bad" cannot be decoded, "bug" breaks it, "no" it refuses; "trap" breaks
    its decoding.
    """

    group = "test.words"
    topics = (STATEMENTS,)
    schema = "test"
    watermarked = False

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.before: Callable[[], Awaitable[None]] | None = None

    def decode(self, record: Record) -> str:
        if record.value == b"bad":
            raise Rejected(Reason.UNDECODABLE, "bad")
        if record.value == b"trap":
            raise AttributeError
        return (record.value or b"").decode()

    async def lock(self, tx: Transaction, items: Sequence[Decoded[str]]) -> None:
        await tx.connection.execute("SELECT FROM test.words FOR UPDATE")

    async def handle(self, tx: Transaction, items: Sequence[Decoded[str]]) -> None:
        if self.before:
            await self.before()
        for item in items:
            await tx.connection.execute(
                "INSERT INTO test.words VALUES ($1, 1) ON CONFLICT (word) DO UPDATE SET n = words.n + 1", item.value
            )
            tx.publish(LEARNING_EVENTS, Entry(item.value.encode(), b"counted"))
            if item.value == "bug":
                raise ZeroDivisionError
            if item.value == "no":
                raise Rejected(Reason.ERASED, "no")

    def committed(self, batch: Batch, dead: Sequence[tuple[Record, Reason]]) -> None:
        self.batches.append(len(batch.records))


class World:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.log = MemoryEventLog()
        self.outbox = TableOutbox("test")
        self.handler = Counting()

    async def say(self, *words: str) -> None:
        await self.log.append(STATEMENTS, [Entry(b"k", word.encode()) for word in words], b"k")

    async def counted(self) -> dict[str, int]:
        async with self.database.connection() as connection:
            return {row["word"]: row["n"] for row in await connection.fetch("SELECT * FROM test.words")}

    async def outgoing(self) -> list[tuple[str, Entry]]:
        async with self.database.connection() as connection:
            rows = await connection.fetch("SELECT topics, keys, bodies, headers FROM test.outbox ORDER BY id")
        return [each for row in rows for each in outgoing_from_row(*row)]

    def loop(self) -> Loop[str]:
        return Loop(self.handler, self.log, self.database, self.outbox)

    @asynccontextmanager
    async def consuming(self) -> AsyncIterator[Loop[str]]:
        loop = self.loop()
        task = asyncio.create_task(loop.run())
        try:
            yield loop
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, seen: int) -> None:
        async with asyncio.timeout(20):
            while sum(self.handler.batches) < seen:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def world_in(pool: Database) -> AsyncIterator[World]:
    """A world in a database that is new."""
    await pool.open()
    await migrate(pool, "test", COMMON)
    async with pool.connection() as connection:
        await connection.execute("CREATE TABLE test.words (word text PRIMARY KEY, n integer NOT NULL)")
    yield World(pool)
    await pool.close()


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    async with world_in(Database(database)) as made:
        yield made
