"""The one consume loop on a real PostgreSQL: laws 2 and 7, and what it does when things break."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from schemas.topics import DEAD_LETTER_SUFFIX, LEARNING_EVENTS, STATEMENTS
from services.common.errors import Stale, Unavailable
from services.common.eventlog import Batch, Partition, Range
from services.common.eventlog.memory import MemorySubscription
from services.common.loop import Loop, State
from services.common.positions import Positions
from services.common.relay import Relay
from services.common.supervision import watch
from tests.integration.common.conftest import World


async def test_each_record_counts_once_over_restarts(world: World) -> None:
    for _ in range(3):
        await world.say("a", "b")
        async with world.consuming():
            await world.until(sum(world.handler.batches) + 2)
    assert await world.counted() == {"a": 3, "b": 3}


async def test_what_cannot_be_taken_is_a_dead_letter_with_its_origin_and_the_rest_stands(world: World) -> None:
    await world.say("a", "bad", "bug", "no", "b")
    async with world.consuming() as loop:
        await world.until(5)
        assert loop.state is State.RUNNING
    assert await world.counted() == {"a": 1, "b": 1}
    outgoing = await world.outgoing()
    dead = {entry.value: dict(entry.headers) for topic, entry in outgoing if topic == STATEMENTS + DEAD_LETTER_SUFFIX}
    assert {value: headers["reason"] for value, headers in dead.items()} == {
        b"bad": b"undecodable",
        b"bug": b"handler_error",
        b"no": b"erased",
    }
    assert dead[b"bug"]["group"] == b"test.words"
    assert dead[b"bug"]["offset"] == b"2"
    assert [entry.key for topic, entry in outgoing if topic == LEARNING_EVENTS] == [b"a", b"b"]


async def test_a_bug_is_logged_without_what_it_may_quote(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        await world.say("bug")
        async with world.consuming():
            await world.until(1)
    (record,) = [each for each in caplog.records if each.getMessage() == "handler failed"]
    assert record.offset == 0  # type: ignore[attr-defined]
    assert record.exception["type"] == "builtins.ZeroDivisionError"  # type: ignore[attr-defined]
    assert any("conftest.py" in frame for frame in record.exception["frames"])  # type: ignore[attr-defined]


async def test_a_bug_in_decoding_costs_its_record_and_not_the_partition(world: World) -> None:
    await world.say("a", "trap", "b")
    async with world.consuming():
        await world.until(3)
    assert await world.counted() == {"a": 1, "b": 1}
    dead = [dict(entry.headers) for topic, entry in await world.outgoing() if topic.endswith(DEAD_LETTER_SUFFIX)]
    assert [(headers["reason"], headers["offset"]) for headers in dead] == [(b"handler_error", b"1")]


async def test_a_log_that_is_slow_to_tell_the_lag_does_not_hold_up_the_records(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def silent(_: MemorySubscription) -> dict[Partition, int]:
        asked.set()
        await asyncio.sleep(60)
        raise Unavailable("kafka", "one of three brokers is silent")

    monkeypatch.setattr(MemorySubscription, "lag", silent)
    async with world.consuming() as loop:
        async with asyncio.timeout(5):
            await asked.wait()
        await world.say("a")
        async with asyncio.timeout(5):
            await world.until(1)
        assert loop.state is State.RUNNING


async def test_the_watchdog_finds_a_member_that_gets_no_place_in_its_group(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemorySubscription, "settled", lambda _: False)
    world.log.away = True
    async with world.consuming() as loop:
        with pytest.raises(TimeoutError):  # while the log is away nobody has a place, and nobody is to blame
            await asyncio.wait_for(watch([loop], stuck_after=1.5), 4.5)
        world.log.away = False
        assert await asyncio.wait_for(watch([loop], stuck_after=1.5), 10) == "test.words"


async def test_a_flood_of_dead_letters_stops_the_group_loudly(world: World) -> None:
    for _ in range(60):
        await world.say("bad")
    loop = Loop(world.handler, world.log, world.database, world.outbox)
    async with asyncio.timeout(20):
        await loop.run()  # returns: it has stopped
    assert loop.state is State.STOPPED
    assert "became dead letters" in loop.why
    assert all(dict(entry.headers)["reason"] == b"undecodable" for _, entry in await world.outgoing())


async def test_conflicts_are_nobodys_fault_and_do_not_stop_it(world: World) -> None:
    for _ in range(120):
        await world.say("no")
    async with world.consuming() as loop:
        await world.until(120)
        assert loop.state is State.RUNNING


async def test_a_stale_owner_writes_nothing(world: World) -> None:
    await world.say("a")
    positions = Positions(world.database, "test", "test.words")
    (partition,) = [
        Partition(STATEMENTS, number) for number, held in (await world.log.ranges(STATEMENTS)).items() if held.end
    ]
    await positions.locate(partition, Range(0, 1))

    async with world.database.connection() as connection:  # another owner was faster
        await connection.execute("UPDATE test.positions SET position = 1 WHERE partition = $1", partition.number)
    async with world.consuming():
        await asyncio.sleep(0.3)
    assert await world.counted() == {}
    async with world.database.transaction() as connection:
        with pytest.raises(Stale):
            await positions.move(connection, Batch(partition, 0, 1, ()))


async def test_a_new_partition_starts_at_the_greatest_watermark_also_while_others_go_on(world: World) -> None:
    positions = Positions(world.database, "test", "test.words")
    await positions.locate(Partition(STATEMENTS, 0), Range(0, 0))
    async with world.database.transaction() as connection:  # the owner of another partition, about to commit
        promised = datetime.now(UTC)
        await positions.advance(connection, Partition(STATEMENTS, 0), promised)
        added = asyncio.create_task(positions.locate(Partition(STATEMENTS, 1), Range(0, 0)))
        await asyncio.sleep(0.3)
    assert await added == 0
    async with world.database.connection() as connection:
        assert await connection.fetchval("SELECT min(watermark) FROM test.positions") == promised


async def test_a_position_outside_the_log_stops_the_group_until_an_operator_decides(world: World) -> None:
    await world.say("a", "b")
    async with world.consuming():
        await world.until(2)
    async with world.database.connection() as connection:
        await connection.execute("UPDATE test.positions SET position = 7 WHERE position > 0")
    loop = Loop(world.handler, world.log, world.database, world.outbox)
    async with asyncio.timeout(20):
        await loop.run()
    assert loop.state is State.STOPPED
    assert await world.counted() == {"a": 1, "b": 1}


async def test_an_absent_database_is_waited_for_and_costs_no_record(world: World) -> None:
    tries = 0

    async def away_twice() -> None:
        nonlocal tries
        tries += 1
        if tries <= 2:
            raise ConnectionResetError

    world.handler.before = away_twice
    await world.say("a")
    async with world.consuming() as loop:
        await world.until(1)
        assert loop.state is State.RUNNING
    assert tries == 3
    assert await world.counted() == {"a": 1}
    assert [topic for topic, _ in await world.outgoing()] == [LEARNING_EVENTS]


async def test_the_relay_brings_the_outbox_to_the_log_in_order_and_empties_it(world: World) -> None:
    relay = asyncio.create_task(Relay(world.database, world.outbox, world.log).run())
    await world.say(*[f"w{n}" for n in range(50)])
    async with world.consuming():
        await world.until(50)
        async with asyncio.timeout(20):
            while sum(held.end for held in (await world.log.ranges(LEARNING_EVENTS)).values()) < 50:
                await asyncio.sleep(0.02)
    async with asyncio.timeout(5):
        while await world.outgoing():
            await asyncio.sleep(0.02)
    relay.cancel()
    with suppress(asyncio.CancelledError):
        await relay
