"""What PostgreSQL does not do in time although it answers: taken in parts, no dead letter, never silent (law 7)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import pytest
from prometheus_client import REGISTRY

from schemas.topics import DEAD_LETTER_SUFFIX, STATEMENTS
from services.common.consumer import Decoded, Transaction
from services.common.database import Database, migrate
from services.common.errors import TooSlow
from services.common.eventlog import Batch, Entry, Partition, Record
from services.common.eventlog.requests import request_header
from services.common.loop import State
from services.common.portions import Portions, rest_of
from tests.integration.common.conftest import Counting, World, world_in

PATIENCE = 0.4  # seconds a statement may take here
HERE = Partition(STATEMENTS, 0)


class Slow(Counting):
    """Takes too long for more than `most` records at once, and for the word "slow" alone."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.asked: list[int] = []
        self.slow = True

    async def handle(self, tx: Transaction, items: Sequence[Decoded[str]]) -> None:
        self.asked.append(len(items))
        if len(items) > self.most or (self.slow and any(item.value == "slow" for item in items)):
            await self.dawdle(tx)
        await super().handle(tx, items)

    async def dawdle(self, tx: Transaction) -> None:
        await tx.connection.execute("SELECT pg_sleep(30)")


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    async with world_in(Database(database, command_timeout=PATIENCE)) as made:
        yield made


async def request(world: World, *words: str, number: int = 0) -> None:
    """Append one request to this very partition."""
    entries = [Entry(None, word.encode(), (request_header(place, len(words)),)) for place, word in enumerate(words, 1)]
    world.log.keep(Partition(STATEMENTS, number), entries)


def given_up() -> float:
    labels = {"group": Counting.group, "topic": STATEMENTS}
    return REGISTRY.get_sample_value("leermix_group_too_slow_total", labels) or 0


async def test_a_batch_that_is_too_much_at_once_is_taken_in_parts_on_request_boundaries(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.handler = handler = Slow(most=5)
    before = given_up()
    for number in range(4):
        await request(world, *(f"{number}.{place}" for place in range(5)))
    with caplog.at_level(logging.ERROR):
        async with world.consuming():
            await world.until(20)
    assert handler.asked[:3] == [20, 10, 5]
    assert handler.batches[0] == 5
    assert all(size % 5 == 0 for size in handler.batches), "a transaction ended inside a request that was small enough"
    assert set((await world.counted()).values()) == {1}
    assert len(await world.counted()) == 20
    assert not [topic for topic, _ in await world.outgoing() if topic.endswith(DEAD_LETTER_SUFFIX)]
    told = [each for each in caplog.records if "not done in time" in each.getMessage()]
    assert [told[0].offset, told[0].partition, told[0].records] == [0, 0, 20]  # type: ignore[attr-defined]
    assert given_up() - before == len(told) >= 2


async def test_a_request_that_is_too_much_is_taken_record_by_record(world: World) -> None:
    world.handler = handler = Slow(most=1)
    await request(world, "a", "b", "c")
    async with world.consuming():
        await world.until(3)
    assert handler.batches == [1, 1, 1]
    assert await world.counted() == {"a": 1, "b": 1, "c": 1}


async def test_one_record_that_takes_too_long_waits_in_sight_and_the_other_partitions_go_on(world: World) -> None:
    world.handler = handler = Slow(most=500)
    await request(world, "a", "slow", "b")
    async with world.consuming() as loop:
        async with asyncio.timeout(20):
            while not loop.slow:
                await asyncio.sleep(0.02)
        assert loop.waits_for() == [f"one record at {STATEMENTS}/0/1, which takes longer than {PATIENCE:g} s"]
        await request(world, "c", number=1)
        await world.until(2)
        assert await world.counted() == {"a": 1, "c": 1}
        assert loop.waits_for(), "what another partition does hides nothing"
        tries = len(handler.asked)
        await asyncio.sleep(3 * PATIENCE)
        assert len(handler.asked) > tries

        handler.slow = False
        await world.until(4)
        assert loop.waits_for() == []
        assert loop.state is State.RUNNING
    assert await world.counted() == {"a": 1, "slow": 1, "b": 1, "c": 1}
    assert not [topic for topic, _ in await world.outgoing() if topic.endswith(DEAD_LETTER_SUFFIX)]


class Many(Slow):
    async def dawdle(self, tx: Transaction) -> None:
        """Many statements, each of them quick."""
        for _ in range(100):
            await tx.connection.execute("SELECT pg_sleep(0.05)")


class Cancelled(Slow):
    async def dawdle(self, tx: Transaction) -> None:
        """A time-out of the server's, which says 57014."""
        await tx.connection.execute("SET LOCAL statement_timeout = 100")
        await super().dawdle(tx)


@pytest.mark.parametrize("kind", [Many, Cancelled])
async def test_a_long_transaction_and_a_time_out_of_the_server_are_the_same_to_it(
    world: World, kind: type[Slow]
) -> None:
    world.handler = handler = kind(most=2)
    await request(world, "a", "b", "c", "d")
    async with world.consuming():
        await world.until(4)
    assert handler.asked[:2] == [4, 2]
    assert set((await world.counted()).values()) == {1}


async def test_while_postgresql_does_not_answer_elsewhere_nothing_is_halved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = True

    async def answers_elsewhere(_: Database) -> bool:
        return not silent

    monkeypatch.setattr(Database, "answers_elsewhere", answers_elsewhere)
    world.handler = handler = Slow(most=2)
    await request(world, "a", "b", "c", "d")
    async with world.consuming() as loop:
        async with asyncio.timeout(20):
            while len(handler.asked) < 3:
                await asyncio.sleep(0.02)
        assert handler.asked == [4, 4, 4]
        assert loop.waits_for() == ["postgresql"]
        silent = False
        await world.until(4)


async def test_too_slow_is_told_apart_from_no_connection_to_be_had(database: str) -> None:
    pool = Database(database, size=1, command_timeout=PATIENCE)
    await pool.open()
    async with pool.connection() as only:
        with pytest.raises(Exception, match="TimeoutError") as none:
            async with pool.connection():
                pass
        assert not isinstance(none.value, TooSlow)
        assert await pool.answers_elsewhere()
        await only.execute("SELECT 1")
    with pytest.raises(TooSlow):
        async with pool.transaction() as connection:
            await connection.execute("SELECT pg_sleep(30)")
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with pool.transaction() as connection:
            await connection.execute("SELECT 1 / 0")
    await pool.close()
    assert not await Database("postgresql://nobody@127.0.0.1:1/none").answers_elsewhere()


async def test_a_migration_may_take_longer_than_a_statement(database: str, tmp_path: Path) -> None:
    (tmp_path / "0001_slow.sql").write_text("SELECT pg_sleep(1); CREATE TABLE {schema}.made ();")
    pool = Database(database, command_timeout=PATIENCE)
    await pool.open()
    await migrate(pool, "test", tmp_path)
    async with pool.connection() as connection:
        assert await connection.fetchval("SELECT to_regclass('test.made')") is not None
    await pool.close()


def batch(*requests: int, position: int = 10) -> Batch:
    records = [
        Record(HERE, position + place, None, b"v", (request_header(index, count),))
        for place, (index, count) in enumerate((index, count) for count in requests for index in range(1, count + 1))
    ]
    return Batch(HERE, position - 3, records[-1].position + 4, tuple(records))


def test_parts_join_up_and_begin_where_the_batch_does() -> None:
    """The position before the poll and the one after it may lie apart from the records: compaction leaves holes."""
    portions, whole = Portions(), batch(3, 3, 3, 3)
    assert portions.first_of(whole) == whole
    assert portions.was_too_much(whole)
    parts: list[Batch] = []
    rest: Batch | None = whole
    while rest is not None:
        parts.append(portions.first_of(rest))
        rest = rest_of(rest, parts[-1])
    assert [len(each.records) for each in parts] == [6, 6]
    assert [parts[0].position, parts[-1].next] == [whole.position, whole.next]
    assert parts[0].next == parts[1].position == parts[1].records[0].position


def test_a_limit_grows_again_with_what_goes_quickly_and_is_forgotten() -> None:
    portions, whole = Portions(), batch(*[1] * 400)
    sizes = []
    for _ in range(8):
        sizes.append(len((part := portions.first_of(whole)).records))
        portions.was_too_much(part)
    assert sizes == [400, 200, 100, 50, 25, 12, 6, 3]
    assert not portions.was_too_much(portions.first_of(whole))
    sizes = []
    for _ in range(10):
        sizes.append(len((part := portions.first_of(whole)).records))
        portions.was_done(part, 1.0, 30.0)
    assert sizes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 400]
    portions.was_too_much(whole)
    portions.was_done(portions.first_of(whole), 20.0, 30.0)
    assert len(portions.first_of(whole).records) == 200, "what took long is not doubled"
