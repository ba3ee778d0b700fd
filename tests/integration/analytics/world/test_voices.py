"""People's own words, and merges, amid a world's statements; a replay beside all of it derives the same days."""

import asyncio
import random

from tests.integration.analytics.world.conftest import batches
from tests.integration.analytics.world.figures import astray, folded, painted, persons, recomputed
from tests.oracle.test_minutes import compare
from tests.world.world import World, world

MBOX, SHA1, ACCOUNT = range(3)
SAID = (
    {"mode": "social"}, {"mode": "formal", "minutes": 7}, {"minutes": 90}, {"mode": "not_learning"}, {"minutes": 1},
)  # fmt: skip
COUNTING = """
    SELECT e.statement::text FROM analytics.events e JOIN analytics.derivations d USING (tenant, derivation)
    WHERE d.state = 'active' AND e.person = $1 AND NOT e.retracted AND e.rule <> 'self.added' ORDER BY 1
"""


class Speakers:
    """The first ten people of a world, who have their say."""

    def __init__(self, town, made: World, rng: random.Random) -> None:
        self._town, self._people, self._rng = town, made.people[:10], rng

    async def ids(self) -> list[str]:
        found = [await self._town.person(agent) for each in self._people for agent in each.agents]
        return sorted({each for each in found if each is not None})

    async def correct(self, often: int) -> None:
        """Some say of some statements that they are not right, and of a few of these that they were after all."""
        for _ in range(often):
            person = self._rng.choice(await self.ids())
            async with self._town.connection() as connection:
                statements = [row["statement"] for row in await connection.fetch(COUNTING, person)]
            if not statements:
                continue
            path = f"/people/{person}/events/{self._rng.choice(statements)}/correction"
            answer = await self._town.house.http.put(f"/analytics/v1{path}", json=self._rng.choice(SAID))
            assert answer.status_code in (200, 404)  # 404: it went with a merge meanwhile
            if self._rng.random() < 0.2:
                await self._town.told("DELETE", path)

    async def add(self, often: int) -> None:
        for number in range(often):
            person, other = self._rng.sample(await self.ids(), 2)
            day, mode = self._rng.randint(1, 30), self._rng.choice(("formal", "social", "experiential"))
            told = {"mode": mode, "ended": f"2026-10-{day:02}T{number % 24:02}:40:00Z", "minutes": 25}
            headers = {"x-leermix-viewer": other if number % 3 == 0 else "self"}
            answer = await self._town.house.http.post(
                f"/analytics/v1/people/{person}/additions", json=told, headers=headers
            )
            made = answer.json()
            if made["state"] == "waiting" and self._rng.random() < 0.7:
                await self._town.told("PUT", f"/people/{person}/additions/{made['id']}/confirmation")
            elif self._rng.random() < 0.2:
                await self._town.told("DELETE", f"/people/{person}/additions/{made['id']}")

    async def pause(self, place: int, since: str, *, lasting: bool) -> None:
        person = await self._town.person(self._people[place].agents[MBOX])
        await self._town.told("PUT", f"/people/{person}/pause", {"since": since})
        if not lasting:
            await self._town.told("DELETE", f"/people/{person}/pause")

    async def merge(self, one: int, other: int) -> str:
        pair = [self._people[one].agents[MBOX], self._people[other].agents[ACCOUNT]]
        return await self._town.merge(*[await self._town.person(each) for each in pair])


async def figures(town, derivation: int):
    """What the tables say under a derivation, once that is what all that counts adds up to."""
    async with town.connection() as connection:
        assert await astray(connection, "default") == 0
        found = await folded(connection, "default", derivation)
        compare(found, await recomputed(connection, "default", derivation))
    return found


async def test_own_words_and_a_replay_amid_statements(town):
    rng = random.Random(4242)
    made = world(24, 30, seed=42).timely()
    speakers, parts = Speakers(town, made, rng), batches(made.deliveries, 120, rng)
    half = len(parts) // 2
    for batch in parts[:half]:
        await town.send(batch)
    await town.caught_up()
    before = await figures(town, 1)
    await town.undo(await speakers.merge(6, 7))
    assert await figures(town, 1) == before
    await speakers.pause(6, "2026-10-10T00:00:00Z", lasting=False)
    await speakers.pause(7, "2026-10-20T00:00:00Z", lasting=True)
    paused = await figures(town, 1)
    assert paused != before
    await town.undo(await speakers.merge(5, 7))
    await town.undo(await speakers.merge(7, 5))
    assert await figures(town, 1) == paused
    await speakers.merge(6, 6)
    await speakers.merge(8, 7)
    await town.told("PUT", f"/people/{(await speakers.ids())[0]}/objection")
    await speakers.correct(20)
    await speakers.add(10)

    second = await town.replayed()

    async def speak() -> None:
        await speakers.correct(30)
        await speakers.merge(1, 1)
        await speakers.add(10)
        await speakers.pause(2, "2026-10-15T00:00:00Z", lasting=True)
        await speakers.merge(2, 3)

    async def send() -> None:
        for batch in parts[half:]:
            await town.send(batch)

    await asyncio.gather(speak(), send())
    await town.complete(second)
    await town.caught_up()
    first = await figures(town, 1)
    compare(await figures(town, second), first)
    third = await town.replayed()
    await town.complete(third)
    compare(await figures(town, third), first)

    async with town.connection() as connection:
        whose = await persons(connection, "default")
    spoke = set(await speakers.ids())
    others = {key: row for key, row in painted(made, whose).items() if key[0] not in spoke}
    compare({key: row for key, row in first.items() if key[0] not in spoke}, others)
    assert len(others) > 100
