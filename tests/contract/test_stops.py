"""A group that has stopped goes on by an operator's word in the database alone: on every log, in every process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest_asyncio
from prometheus_client import REGISTRY

from services.common.database import migrate
from services.common.eventlog import Entry, Partition
from services.common.health import readiness
from services.common.loop import State
from services.common.outbox import TableOutbox
from services.common.positions import Positions
from services.common.runtime import Runtime, Service, build
from services.common.settings import Settings
from services.common.supervision import consume
from tests.contract.harness import Harness
from tests.integration.common.conftest import COMMON, Counting

PATIENCE = 40.0


class House:
    """One database and one log, with as many processes on them as a test starts; each has a member of the group."""

    def __init__(self, dsn: str, harness: Harness) -> None:
        self.harness = harness
        self.partition = Partition(harness.one, 0)
        self.processes: list[Runtime] = []
        self.handlers: list[Counting] = []
        self._dsn = dsn
        self._consuming: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        runtime, handler = build(Settings(), self._dsn), Counting()
        runtime.log = await self.harness.log()
        await runtime.database.open()
        await migrate(runtime.database, "test", COMMON)
        async with runtime.database.connection() as connection:
            await connection.execute(
                "CREATE TABLE IF NOT EXISTS test.words (word text PRIMARY KEY, n integer NOT NULL)"
            )
        handler.topics = (self.harness.one,)  # type: ignore[assignment]
        self.processes.append(runtime)
        self.handlers.append(handler)
        self._consuming.append(asyncio.create_task(consume(runtime, handler, TableOutbox("test"))))

    @property
    def positions(self) -> Positions:
        return Positions(self.processes[0].database, "test", Counting.group)

    async def say(self, *words: str) -> None:
        entries = [Entry(None, word.encode()) for word in words]
        await self.processes[0].log.append(self.harness.one, entries, b"")

    def states(self) -> list[State]:
        return [loop.state for runtime in self.processes for loop in runtime.loops]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.02)

    async def until_taken(self, records: int) -> None:
        await self.until(lambda: sum(sum(handler.batches) for handler in self.handlers) >= records)

    async def because(self) -> str:
        """Why the first process is not ready; stopping must be told there."""
        told = await readiness(self.processes[0], [Service("test", Path(), [], handlers=[self.handlers[0]])])
        assert not told["ready"]
        return " ".join(told["services"]["test"]["because"])

    async def counted(self) -> dict[str, int]:
        async with self.processes[0].database.connection() as connection:
            return {row["word"]: row["n"] for row in await connection.fetch("SELECT * FROM test.words")}

    async def close(self) -> None:
        for task in self._consuming:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for runtime in self.processes:
            await runtime.database.close()


@pytest_asyncio.fixture
async def house(database: str, harness: Harness) -> AsyncIterator[House]:
    built = House(database, harness)
    await built.start()
    await built.start()
    yield built
    await built.close()


def gauge() -> float | None:
    return REGISTRY.get_sample_value("leermix_group_stopped", {"group": Counting.group})


async def test_after_a_position_outside_the_log_a_reset_is_enough(house: House) -> None:
    await house.say("a", "b")
    await house.until_taken(2)
    await house.positions.reset(house.partition, 1_000)
    await house.say("c")  # the owner's write is refused, it looks again, and finds itself outside; then the other does
    await house.until(lambda: house.states() == [State.STOPPED] * 2)
    assert f"leermix groups reset {Counting.group} {house.partition.topic} 0 --to beginning" in await house.because()
    assert gauge() == 1
    assert await house.counted() == {"a": 1, "b": 1}

    await house.positions.reset(house.partition, 0)
    await house.until_taken(2 + 3)
    await house.until(lambda: State.STOPPED not in house.states())
    assert await house.counted() == {"a": 2, "b": 2, "c": 1}
    assert gauge() == 0


async def test_after_a_flood_of_dead_letters_one_command_lets_every_member_go_on(house: House) -> None:
    await house.say(*["bad"] * 60)
    await house.until(lambda: house.states().count(State.STOPPED) == 1)
    await house.say(*["bad"] * 60)  # the other member has taken over
    await house.until(lambda: house.states() == [State.STOPPED] * 2)
    assert f"leermix groups resume {Counting.group}" in await house.because()
    await house.say("a")
    await asyncio.sleep(3)  # it does not go on by itself
    assert house.states() == [State.STOPPED] * 2
    assert await house.counted() == {}

    assert await house.positions.resume() == 1
    await house.until_taken(121)
    await house.until(lambda: State.STOPPED not in house.states())
    assert await house.counted() == {"a": 1}
