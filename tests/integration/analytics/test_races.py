"""What happens amid something else: a lock that was waited for is looked behind."""

import asyncio
import hashlib
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from schemas.topics import MIXES, RULINGS, STATEMENTS
from schemas.xapi.agents import actor_key
from services.analytics.domain.standing import Standing
from services.analytics.domain.voice.corrections import Correction
from services.analytics.store import people, statements, voice
from services.common.access import objections
from tests.integration.analytics.merging import TENANT, Merging
from tests.integration.analytics.statements import agent, kept, record, statement, voided

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def somebody_waits(group):
    """Wait until a member waits for a lock."""
    async with asyncio.timeout(20):
        while not (await group.rows(_WAITING))[0][0]:
            await asyncio.sleep(0.01)


@pytest.fixture
async def anna_and_bob(group):
    group.append(STATEMENTS, 0, record(statement("anna", "2026-03-09T10:00:00Z")))
    group.append(STATEMENTS, 0, record(statement("bob", "2026-03-10T10:00:00Z")))
    group.start()
    await group.caught_up()
    return group


async def test_a_void_amid_a_merge(anna_and_bob):
    group = anna_and_bob
    gone = statement("bob")
    group.append(STATEMENTS, 1, record(gone))
    await group.caught_up()

    async def void():
        group.append(RULINGS, 0, voided(gone["id"], str(uuid4())))
        await somebody_waits(group)

    merging = Merging(group, void)
    await merging.merge(agent("anna"), agent("bob"))
    await group.caught_up()
    assert await merging.figures("anna", "bob") == {
        (name, day, "formal", 30, 1) for name in ("anna", "bob") for day in ("2026-03-09", "2026-03-10")
    }
    rows = await group.rows("SELECT person::text, version, retracted FROM analytics.events WHERE statement = $1",
                            gone["id"])  # fmt: skip
    assert [tuple(row) for row in rows] == [(await merging.person(agent("anna")), 3, True)]


async def test_a_statement_amid_the_undoing_of_a_merge(anna_and_bob):
    group = anna_and_bob
    merge = await Merging(group).merge(agent("anna"), agent("bob"))

    async def learn():
        group.append(STATEMENTS, 1, record(statement("bob", "2026-03-11T10:00:00Z")))
        await somebody_waits(group)

    merging = Merging(group, learn)
    await merging.undo(merge)
    await group.caught_up()
    assert await merging.figures("anna", "bob") == {
        ("anna", "2026-03-09", "formal", 30, 1),
        ("bob", "2026-03-10", "formal", 30, 1),
        ("bob", "2026-03-11", "formal", 30, 1),
    }


async def test_the_mbox_of_a_known_sha1_amid_a_merge(group):
    """The mbox is new, and follows the person of its sha1; who is somebody else as soon as the lock is had."""
    sha1 = {"mbox_sha1sum": hashlib.sha1(agent("bob")["mbox"].encode()).hexdigest()}
    group.append(STATEMENTS, 0, record(statement("anna")), record(statement(actor=sha1, at="2026-03-10T10:00:00Z")))
    group.start()
    await group.caught_up()

    async def learn():
        group.append(STATEMENTS, 1, record(statement("bob", "2026-03-11T10:00:00Z")))
        await somebody_waits(group)

    merging = Merging(group, learn)
    async with asyncio.timeout(20):
        await merging.merge(agent("anna"), sha1)
        await group.caught_up()
    assert {row[:2] for row in await merging.figures("anna", "bob")} == {
        (name, day) for name in ("anna", "bob") for day in ("2026-03-02", "2026-03-10", "2026-03-11")
    }


async def test_a_first_pause_and_an_objection_amid_a_statement(anna_and_bob):
    group = anna_and_bob
    anna = await Merging(group).person(agent("anna"))
    async with group.database.transaction() as connection:
        await people.lock(connection, [(TENANT, anna)])
        await voice.pause(connection, TENANT, anna, datetime(2026, 3, 11, tzinfo=UTC))
        await objections.object_to(connection, TENANT, anna)
        group.append(STATEMENTS, 1, record(statement("anna", "2026-03-12T10:00:00Z")))
        group.append(STATEMENTS, 1, record(statement("anna", "2026-03-08T10:00:00Z")))
        await somebody_waits(group)
    await group.caught_up()
    assert {row[1] for row in await Merging(group).figures("anna")} == {"2026-03-08", "2026-03-09"}
    mixes = [value for key, value in await group.published(MIXES) if key.decode().endswith(anna)]
    assert [len(mix["days"]) for mix in mixes] == [1, 0]


async def test_a_correction_amid_a_ruling(anna_and_bob):
    group = anna_and_bob
    anna, told = Merging(group), statement("anna")
    group.append(STATEMENTS, 1, record(told))
    await group.caught_up()
    async with group.database.transaction() as connection:
        said = Correction("social", 5 * 60_000_000)
        await voice.correct(connection, TENANT, told["id"], [actor_key(agent("anna"))], said)
        await statements.lock(connection, {(TENANT, told["id"]): Standing()})
        group.append(RULINGS, 0, kept(told))
        await somebody_waits(group)
    await group.caught_up()
    assert await anna.figures("anna") == {
        ("anna", "2026-03-02", "social", 5, 1),
        ("anna", "2026-03-09", "formal", 30, 1),
    }
