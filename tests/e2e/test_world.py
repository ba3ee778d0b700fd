"""A generated world in both modes, with a kill -9 amid it: what is served is what anyone reckons from the export."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
import pytest_asyncio

from schemas.events import MODES
from tests.e2e.world import NUMBERS, Client, Figures, as_served, by_name, checked, served, told
from tests.harness.system import System
from tests.oracle.test_minutes import oracle
from tests.world.world import FIRST_DAY, World, world

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def made() -> World:
    return world(40, 30, seed=51)


async def lived(system: System, made: World, heart: str) -> Figures:
    """Send the world, kill amid it, and wait until what is served is what is reckoned; return that by name."""
    client = Client(system, made, seed=52)
    try:
        await client.prepare()
        parts = client.batches(90)
        await _sent(client, parts[: len(parts) // 2])
        sending = asyncio.create_task(_sent(client, parts[len(parts) // 2 :]))
        await asyncio.sleep(0.4)
        system.kill(heart)
        if heart == "main":
            await system.stop()
            await system.start()
        await sending
        return await _settled(client, made)
    finally:
        await client.close()


async def _sent(client: Client, parts: list) -> None:
    """Two senders at a time."""
    for place in range(0, len(parts), 2):
        await asyncio.gather(*map(client.send, parts[place : place + 2]))


async def _settled(client: Client, made: World) -> Figures:
    """Merge, and look again and again until the store and what is served are complete."""
    until = time.monotonic() + 90
    await client.caught_up()
    await client.merge()
    statements = len({each["statement"]["id"] for each in made.deliveries})
    while True:
        written, who, expected = await asyncio.to_thread(checked, client.system)
        found = await served(client, expected) if written == statements else {}
        if (found and found == as_served(expected)) or time.monotonic() > until:
            break
    assert written == statements
    wanted = as_served(expected)
    different = [key for key in sorted(found.keys() | wanted.keys()) if found.get(key) != wanted.get(key)]
    assert not different, [(key, found.get(key), wanted.get(key)) for key in different[:5]]
    await _windows_add_up(client, expected)
    return by_name(expected, who, made)


async def _windows_add_up(client: Client, expected: Figures) -> None:
    """The served mix of the whole time is the sum of the days."""
    first, last = FIRST_DAY - timedelta(days=1), max(date.fromisoformat(day) for _, day, _ in expected)
    for person in sorted({person for person, _, _ in expected}):
        mix = await client.mix(person, first, last)
        for mode in MODES:
            rows = [row for (who, _, of), row in expected.items() if (who, of) == (person, mode)]
            for name in NUMBERS:
                assert mix[name][mode] == pytest.approx(sum(row.get(name, 0) for row in rows), abs=1e-3)


def painted(made: World) -> Figures:
    """What the oracle says."""
    found = {}
    for (person, day, mode), row in oracle(made).items():
        minutes = {name: round(row[name] / 60, 6) for name in ("minutes", "measured", "given")}
        numbers = {name: row[name] for name in ("moments", "events")}
        if figures := told(minutes | numbers):
            found[person, day.isoformat(), mode] = figures
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def embedded(made: World) -> AsyncIterator[Figures]:
    async with System("up") as system:
        yield await lived(system, made, "main")


def test_what_is_served_is_what_anyone_reckons_embedded(embedded: Figures, made: World) -> None:
    assert embedded == painted(made.timely())


@pytest.mark.kafka
@pytest.mark.asyncio(loop_scope="session")
async def test_what_is_served_is_what_anyone_reckons_distributed(embedded: Figures, made: World) -> None:
    async with System("up-kafka") as system:
        distributed = await lived(system, made, "analytics")
    assert distributed == embedded
