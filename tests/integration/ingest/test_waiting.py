"""Waiting for the store: what happens when hints are lost, and when PostgreSQL is not back yet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from schemas.topics import STATEMENTS
from services.common.database import Database
from services.common.eventlog import Appended, Batch, Partition
from services.common.signals import LocalSignals
from services.ingest.waiting import CHANNEL, Waiting

PARTITION = Partition(STATEMENTS, 0)


class Gone(Database):
    """What `Database` is while its watch has found PostgreSQL away; it gives up a caller that never pauses."""

    def __init__(self) -> None:
        super().__init__("postgresql://nowhere")
        self.away = True
        self.asked = 0

    def connection(self) -> Any:
        self.asked += 1
        if self.asked > 1_000:
            raise AssertionError("asked again and again without a pause: nothing else in this process can run")
        return super().connection()


class Standing(Database):
    """A database in which the store stands somewhere, and nothing else."""

    def __init__(self, position: int) -> None:
        super().__init__("postgresql://nowhere")
        self.position = position

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        yield self

    async def fetchval(self, *_: object) -> None:
        """No watermark is known."""

    async def fetch(self, *_: object) -> list[dict[str, int]]:
        """Where the store stands."""
        return [{"partition": PARTITION.number, "position": self.position}]


def waiting_at(database: Database, signals: LocalSignals) -> Waiting:
    return Waiting(database, signals, lambda: False)


async def test_a_hint_before_postgresql_is_seen_to_be_back_does_not_stop_the_whole_process() -> None:
    database, signals = Gone(), LocalSignals()
    running = asyncio.create_task(waiting_at(database, signals).run())
    await asyncio.sleep(0)
    signals.announce(CHANNEL, None)  # type: ignore[arg-type]  # the connection for hints was made again first
    await asyncio.sleep(0.1)
    assert not running.done()
    assert database.asked <= 2
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_only_a_hint_of_the_very_batch_tells_that_there_was_no_conflict() -> None:
    signals = LocalSignals()
    waiting = waiting_at(Gone(), signals)
    waiting.announce(Batch(PARTITION, 0, 10, ()), False)

    next_one = asyncio.create_task(waiting.until_readable(Appended(PARTITION, 10, 19), 5))
    await asyncio.sleep(0)
    waiting.announce(Batch(PARTITION, 10, 20, ()), False)
    assert await next_one is False

    unheard = asyncio.create_task(waiting.until_readable(Appended(PARTITION, 20, 29), 5))
    await asyncio.sleep(0)
    waiting.announce(Batch(PARTITION, 30, 40, ()), False)  # the hint of 20 to 30, which told of a conflict, was lost
    assert await unheard is True


async def test_a_store_that_an_operator_has_set_back_is_waited_for_again() -> None:
    database, signals = Standing(1_000_000), LocalSignals()
    waiting = waiting_at(database, signals)
    running = asyncio.create_task(waiting.run())
    await asyncio.sleep(0)
    assert await waiting.until_readable(Appended(PARTITION, 10, 19), 5) is True

    database.position = 10  # leermix groups reset
    signals.announce(CHANNEL, None)  # type: ignore[arg-type]  # or a second passes
    await asyncio.sleep(0.1)
    assert await waiting.until_readable(Appended(PARTITION, 10, 19), 0.1) is None

    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
