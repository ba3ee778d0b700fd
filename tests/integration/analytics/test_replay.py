"""Law 10: a new reading of history is derived beside the old one, switched to when complete, and switched back."""

import asyncio

from services.analytics.store import replays
from tests.integration.analytics.conftest import running
from tests.integration.analytics.statements import statement, voiding

MARCH = {"since": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}


async def mix(house, name="anna"):
    return await house.told(f"/people/{await house.person(name)}/mix", **MARCH)


async def begin(house, **wanted):
    async with house.runtime.database.transaction() as connection:
        return await replays.start(connection, "default", reason="a test", **wanted)


async def listed(house):
    async with house.runtime.database.connection() as connection:
        return {each["derivation"]: each for each in await replays.listed(connection, "default")}


async def until(house, state, derivation=2):
    async with asyncio.timeout(30):
        while (await listed(house))[derivation]["state"] != state:
            await asyncio.sleep(0.05)


async def switch(house, derivation):
    async with house.runtime.database.transaction() as connection:
        return await replays.switch(connection, "default", derivation)


async def days(house, derivation):
    async with house.runtime.database.connection() as connection:
        rows = await connection.fetch(
            """
            SELECT person::text, day, class, minutes_us, measured_us, events, moments, untimed
            FROM analytics.person_days WHERE derivation = $1 AND minutes_us + events > 0 ORDER BY 1, 2, 3
            """,
            derivation,
        )
    return [tuple(row) for row in rows]


async def test_the_same_reading_derives_the_same_days_also_of_what_comes_meanwhile(database):
    async with running(database) as house:
        sent = [
            statement(f"p{n % 7}", f"2026-03-{1 + n % 20:02}T10:{n % 60:02}:00Z", f"PT{5 + n % 50}M")
            for n in range(150)
        ]
        ids = await house.send(*sent)
        await house.send(voiding(ids[3]), voiding(ids[140]))
        await mix(house, "p0")
        assert await begin(house) == 2
        for number in range(40):
            await house.send(statement("p1", f"2026-03-2{number % 8}T1{number % 10}:00:00Z", "PT7M"))
        await until(house, "active")
        assert (await listed(house))[1]["state"] == "complete"
        told = await mix(house, "p1")
        assert told["derivation"] == 2
        assert await days(house, 1) == await days(house, 2)
        assert len(await days(house, 2)) > 50
        # Both go on: a switch back is at once, and nothing that came meanwhile is missing.
        await house.send(statement("p1", "2026-03-30T10:00:00Z", "PT11M"))
        before = (await mix(house, "p1"))["minutes"]
        assert await switch(house, 1)
        back = await mix(house, "p1")
        assert (back["derivation"], back["minutes"]) == (1, before)


async def test_another_zone_is_a_replay(database):
    async with running(database) as house:
        await house.send(statement("anna", "2026-03-02T23:20:00Z", "PT30M"))
        assert (await mix(house))["time_zone"] == "Europe/Amsterdam"
        await begin(house, time_zone="Asia/Tokyo")
        await until(house, "active")
        assert (await mix(house))["time_zone"] == "Asia/Tokyo"
        assert {row[1].isoformat() for row in await days(house, 2)} == {"2026-03-03"}


async def test_one_that_is_not_to_be_switched_to_waits_for_a_word(database):
    async with running(database) as house:
        await house.send(statement("anna"))
        await mix(house)
        await begin(house, switch=False)
        await until(house, "complete")
        assert (await mix(house))["derivation"] == 1
        assert await switch(house, 2)
        assert (await mix(house))["derivation"] == 2
        async with house.runtime.database.transaction() as connection:
            assert not await replays.drop(connection, "default", 2)  # it is served
            assert await replays.drop(connection, "default", 1)
        assert not await switch(house, 1)


async def test_after_a_switch_every_mix_is_published_again(database):
    async with running(database) as house:
        await house.send(statement("anna"), statement("bob"))
        await mix(house)
        await begin(house)
        await until(house, "active")
        async with asyncio.timeout(30):
            while await _announced(house) is None:
                await asyncio.sleep(0.05)
        async with house.runtime.database.connection() as connection:
            rows = await connection.fetch(
                "SELECT r.value FROM log.record r JOIN log.partition p ON p.id = r.partition "
                "WHERE p.topic = 'learning.mixes.v1'"
            )
        assert sum(b'"derivation":2' in row["value"] for row in rows) >= 2


async def _announced(house):
    async with house.runtime.database.connection() as connection:
        return await connection.fetchval("SELECT announced FROM analytics.derivations WHERE derivation = 2")


async def test_a_history_of_an_older_version_is_derived_by_itself(database):
    """As after an upgrade: statements are known and stored, and there is no derivation."""
    async with running(database) as house:
        await house.send(statement("anna"), statement("bob"))
        expected = (await mix(house))["minutes"]
    async with running(database) as house, house.runtime.database.transaction() as connection:
        await connection.execute(
            "TRUNCATE analytics.derivations, analytics.events, analytics.person_days, analytics.persons, "
            "analytics.identities"
        )
    async with running(database) as house:
        async with asyncio.timeout(30):
            while (await listed(house)).get(1, {}).get("completed") is None:
                await asyncio.sleep(0.05)
        assert (await mix(house))["minutes"] == expected


async def test_a_rule_set_that_changed_with_the_version_is_replayed(database, monkeypatch):
    async with running(database) as house:
        await house.send(statement("anna"))
        await mix(house)
        async with house.runtime.database.transaction() as connection:
            await connection.execute(
                "INSERT INTO analytics.rule_sets SELECT 'older', rules FROM analytics.rule_sets LIMIT 1"
            )
            await connection.execute("UPDATE analytics.derivations SET rule_set = 'older'")
    async with running(database) as house:
        await until(house, "active")
        told = await mix(house)
        assert (told["derivation"], told["minutes"]["formal"]) == (2, 30)
