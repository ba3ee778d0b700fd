"""A replay beside traffic that began before it: nothing is missed, and nobody has the last word by an old reading."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import orjson
import pytest

from schemas.topics import MIXES, STATEMENTS
from schemas.xapi.agents import actor_key
from services.analytics.acting import Acting
from services.analytics.announcing import Announcing
from services.analytics.history import History
from services.analytics.replaying import Replaying
from services.analytics.store import people, replays
from services.analytics.surroundings import Surroundings
from services.common.outbox import TableOutbox
from tests.integration.analytics.conftest import NOW
from tests.integration.analytics.statements import agent, record, statement
from tests.integration.analytics.test_races import somebody_waits

STORE = """
    CREATE SCHEMA ingest_api;
    CREATE TABLE ingest_api.statements_v1 (
        tenant text, id uuid, stored timestamptz DEFAULT now(), arrived timestamptz DEFAULT now(), source text,
        kind text, statement bytea);
"""
STORED = """
    INSERT INTO ingest_api.statements_v1 (tenant, id, source, kind, statement) VALUES ($1, $2, 'app', 'lms', $3)
"""
DAYS = """
    SELECT person, day, class, minutes_us, events FROM analytics.person_days
    WHERE tenant = 'default' AND derivation = $1 ORDER BY 1, 2, 3
"""


@pytest.fixture
async def replaying(group):
    async with group.database.connection() as connection:
        await connection.execute(STORE)
    around = Surroundings(lambda: NOW, lambda: str(uuid4()))
    acting = Acting(group.database, TableOutbox("analytics"))
    history, announcing = History(group.readings, around), Announcing(group.readings, around)
    group.start()
    return Replaying(group.database, acting, history, announcing)


async def learned(group, *statements, tenant="default", stored=True):
    for each in statements:
        if stored:
            await store(group, each, tenant)
        group.append(STATEMENTS, 0, record(each, tenant))
    await group.caught_up()


async def store(group, each, tenant="default"):
    await group.rows(STORED, tenant, each["id"], orjson.dumps(each))


@asynccontextmanager
async def locked(group, name, tenant="default"):
    """Hold somebody's lock."""
    query = "SELECT person::text FROM analytics.identities WHERE tenant = $1 AND actor_key = $2"
    person = (await group.rows(query, tenant, actor_key(agent(name))))[0][0]
    async with group.database.transaction() as connection:
        await people.lock(connection, [(tenant, person)])
        yield person


async def until(group, replaying, done):
    async with asyncio.timeout(30):
        while not (await group.rows(f"SELECT {done} FROM analytics.derivations WHERE derivation = 2"))[0][0]:
            await replaying.step()
            await asyncio.sleep(0.02)


async def test_a_statement_that_was_taken_up_before_a_derivation_was_there(group, replaying):
    """Its transaction began after the one that makes the derivation, and looked before that was committed."""
    await learned(group, statement("anna"), statement("bob"))
    await learned(group, statement("zoe"), tenant="aaa")
    late = statement("carl", "2026-03-05T10:00:00Z")
    async with AsyncExitStack() as lock:
        async with group.database.transaction() as connection:
            assert await replays.start(connection, "default", reason="a test") == 2
            await lock.enter_async_context(locked(group, "zoe", "aaa"))
            zoes = statement("zoe", "2026-03-04T10:00:00Z")
            group.append(STATEMENTS, 0, record(zoes, "aaa"), record(late))  # one batch, which waits for zoe
            await somebody_waits(group)
        replay = asyncio.create_task(until(group, replaying, "completed IS NOT NULL"))
        await asyncio.sleep(1)
        assert not replay.done()
    await group.caught_up()
    await store(group, late)
    await replay
    assert await group.rows(DAYS, 2) == await group.rows(DAYS, 1)
    assert len(await group.rows(DAYS, 2)) == 3


async def test_who_publishes_by_the_old_reading_does_not_have_the_last_word(group, replaying):
    await learned(group, statement("anna"))
    await learned(group, statement("zoe"), tenant="aaa")
    async with group.database.transaction() as connection:
        await replays.start(connection, "default", reason="a test", switch=False)
    await until(group, replaying, "completed IS NOT NULL")
    async with locked(group, "zoe", "aaa"):
        zoes, annas = statement("zoe", "2026-03-04T10:00:00Z"), statement("anna", "2026-03-05T10:00:00Z")
        group.append(STATEMENTS, 0, record(zoes, "aaa"), record(annas))  # one batch: it waits for zoe before anna
        await somebody_waits(group)
        async with group.database.transaction() as connection:
            assert await replays.switch(connection, "default", 2)
        announcing = asyncio.create_task(until(group, replaying, "announced IS NOT NULL"))
        await asyncio.sleep(1)
    await group.caught_up()
    await announcing
    mixes = [value for key, value in await group.published(MIXES) if key.startswith(b"default/")]
    assert mixes[-1]["derivation"] == 2
    assert len(mixes[-1]["days"]) == 2
