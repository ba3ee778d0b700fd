"""A generated world through the real group: any order, repetition and crash give what the oracle paints (law 4)."""

import asyncio
import random
from uuid import UUID

import orjson
import pytest

from schemas.topics import ALL_TOPICS
from services.common.eventlog import Partition
from tests.integration.analytics.world.figures import folded, link, painted, persons, register
from tests.integration.analytics.world.telling import news, requests
from tests.oracle.test_minutes import compare
from tests.world.world import REGISTRY, World, world

CLAIMS = """
    SELECT statement::text, learner, class, rule, t_us, start_us, end_us, known, since_us, moment, flags
    FROM analytics.events WHERE tenant = $1 AND NOT retracted
"""


async def prepared(group, tenant: str, made: World, rng: random.Random) -> None:
    async with group.database.transaction() as connection:
        await register(connection, tenant, orjson.dumps(REGISTRY).decode())
        await link(connection, tenant, list(made.people[::2]), lambda: str(UUID(int=rng.getrandbits(128), version=4)))


async def deliver(group, told, rng: random.Random, *, crashes: float) -> None:
    """Append everything, to any partition, while members come and go; a stop cancels a member amid its batch."""
    for topic, entries in requests(told, rng):
        group.log.keep(Partition(topic, rng.randrange(ALL_TOPICS[topic].partitions)), entries)
        if len(group.members) < 2:
            group.start()
        if rng.random() < crashes:
            await asyncio.sleep(rng.uniform(0, 0.2))
            await group.stop(rng.randrange(len(group.members)))
    if not group.members:
        group.start()
    await group.caught_up(within=1500)


async def agrees(group, tenant: str, made: World) -> None:
    async with group.database.connection() as connection:
        whose, found = await persons(connection, tenant), await folded(connection, tenant)
    compare(found, painted(made, whose))


async def claims(group, tenant: str):
    return {tuple(row) for row in await group.rows(CLAIMS, tenant)}


async def test_every_order_repetition_and_crash_gives_what_the_oracle_paints(group):
    made = world(60, 60, seed=21)
    tenants = ["order-1", "order-2"]
    for number, tenant in enumerate(tenants):
        rng = random.Random(number)
        await prepared(group, tenant, made, rng)
        await deliver(group, news(made, tenant, rng), rng, crashes=0.05)
        await agrees(group, tenant, made)
    first, *others = [await claims(group, tenant) for tenant in tenants]
    assert len(first) > 5000
    for each in others:
        assert each == first


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_500_people_over_90_days(group):
    made = world(500, 90, seed=22)
    rng = random.Random(22)
    await prepared(group, "large", made, rng)
    await deliver(group, news(made, "large", rng), rng, crashes=0.01)
    await agrees(group, "large", made)
