"""Read your writes, with a bound: who asks waits for what was on the log, and no longer than it may."""

import asyncio
import time

from schemas.topics import RULINGS, STATEMENTS
from services.analytics.catching_up import CatchingUp
from services.common.errors import Unavailable
from services.common.eventlog import Batch, Partition
from services.common.signals import LocalSignals
from tests.integration.analytics.statements import record, statement


def catching_up(group):
    return CatchingUp(group.database, group.log, LocalSignals(), (STATEMENTS, RULINGS))


async def timed(awaited):
    began = time.monotonic()
    return await awaited, time.monotonic() - began


async def test_an_empty_log_and_one_that_was_read_make_nobody_wait(group):
    reader = catching_up(group)
    assert (await timed(reader.lag(5)))[0] == 0
    group.append(STATEMENTS, 2, record(statement()))
    group.start()
    await group.caught_up()
    lag, took = await timed(reader.lag(5))
    assert lag == 0
    assert took < 1


async def test_the_wait_ends_with_the_commit(group):
    reader = catching_up(group)
    group.append(STATEMENTS, 2, record(statement()))
    waiting = asyncio.create_task(timed(reader.lag(30)))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    group.start()
    await group.caught_up()
    reader.announce(group.batches[0])
    lag, took = await waiting
    assert lag == 0
    assert took < 10


async def test_a_lost_hint_costs_the_bound_and_no_truth(group):
    reader = catching_up(group)
    group.append(STATEMENTS, 2, record(statement()))
    waiting = asyncio.create_task(reader.lag(1))
    group.start()
    await group.caught_up()
    assert await waiting == 0


async def test_a_group_that_stands_still_is_told_as_lag_after_the_bound(group):
    reader = catching_up(group)
    group.append(STATEMENTS, 2, record(statement()), record(statement()))
    lag, took = await timed(reader.lag(0.3))
    assert lag == 2
    assert 0.25 < took < 2


async def test_while_the_log_is_away_nobody_waits(group):
    reader = catching_up(group)
    group.append(STATEMENTS, 2, record(statement()))
    group.log.away = True
    assert (await timed(reader.lag(30)))[0] is None
    group.log.away = False

    async def away(topic):
        raise Unavailable("log", topic)

    group.log.ranges = away
    lag, took = await timed(reader.lag(30))
    assert lag is None
    assert took < 1


async def test_a_group_that_an_operator_has_set_back_is_behind_again(group):
    reader = catching_up(group)
    group.append(STATEMENTS, 2, record(statement()))
    group.start()
    await group.caught_up()
    await group.stop()
    reader.announce(Batch(Partition(STATEMENTS, 2), 0, 1_000_000, ()))  # so far had another log been read
    async with group.database.connection() as connection:
        await connection.execute("UPDATE analytics.positions SET position = 0 WHERE topic = $1", STATEMENTS)
    assert await reader.lag(0.2) == 1
