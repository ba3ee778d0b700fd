"""Merges and their undoing, and persons' own words, amid a world's statements: history ends as the oracle paints it."""

import asyncio
import random
from dataclasses import replace

from tests.integration.analytics.world.conftest import batches
from tests.integration.analytics.world.figures import astray, folded, painted, persons
from tests.oracle.test_minutes import compare
from tests.world.cast import INTERVISIE, Stage, activity
from tests.world.scenes import MEETING
from tests.world.world import World, world

FIRST = 1_790_850_000
MBOX, SHA1, ACCOUNT = range(3)


def with_meetings(made: World, rng: random.Random) -> World:
    """The world, and many meetings of a few people, each under any of their names or several."""
    stage = Stage(rng)
    for number in range(60):
        members = [dict(rng.choice(rng.choice(made.people[:6]).agents)) for _ in range(rng.randint(2, 6))]
        target = activity(f"https://example.nl/intervisie/m{number % 3}", INTERVISIE)
        at = FIRST + rng.randint(0, 30 * 86_400)
        duration = rng.choice(("PT1H", None))
        stage.say(members, "attended", target, at, MEETING, source="meet", kind="social", duration=duration)
    return replace(made, deliveries=(*made.deliveries, *stage.deliveries), labels=made.labels | stage.labels)


async def agrees(town, made, derivation=1):
    async with town.connection() as connection:
        whose, found = await persons(connection, "default"), await folded(connection, "default", derivation)
        assert await astray(connection, "default") == 0
    compare(found, painted(made, whose))


class Clerk:
    """Somebody who says of people that they are one, is often wrong, and takes it back."""

    def __init__(self, town, made: World, rng: random.Random) -> None:
        self._town, self._people, self._rng = town, made.people, rng
        self.merges: list[str] = []
        self.undone = 0

    async def work(self, done: asyncio.Event) -> None:
        while not done.is_set() or self.undone < 6:
            await self._once()
            await asyncio.sleep(self._rng.uniform(0, 0.05))

    async def _once(self) -> None:
        if self.merges and self._rng.random() < 0.45:
            await self._town.undo(self.merges.pop(self._rng.randrange(len(self.merges))))
            self.undone += 1
            return
        one = self._rng.choice(self._people[:8])
        other = one if self._rng.random() < 0.5 else self._rng.choice(self._people[:8])
        pair = [await self._town.person(one.agents[MBOX]), await self._town.person(other.agents[ACCOUNT])]
        if None not in pair and pair[0] != pair[1]:
            self.merges.append(await self._town.merge(*pair))


async def test_merges_and_undoings_amid_statements(town):
    rng = random.Random(4141)
    made = with_meetings(world(30, 30, seed=41).timely(), rng)
    clerk, done = Clerk(town, made, rng), asyncio.Event()
    working = asyncio.create_task(clerk.work(done))
    for batch in batches(made.deliveries, 120, rng):
        await town.send(batch)
    done.set()
    await working
    await town.caught_up()
    assert clerk.merges
    await agrees(town, made)
    rng.shuffle(clerk.merges)
    for merge in clerk.merges:
        await town.undo(merge)
    async with town.connection() as connection:
        whose = await persons(connection, "default")
    assert len(set(whose.values())) == 2 * len(made.people)
    await agrees(town, made)
