"""A town: a generated world that is sent to ingest and analytics over HTTP, and its people."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from services.analytics.store import replays
from tests.integration.analytics.conftest import House, running
from tests.world.cast import Agent
from tests.world.world import REGISTRY

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
"""After the last of the 30 days of the worlds here."""
KINDS = ("lms", "job_aid", "social", "coaching", "work_system", "other")

Delivery = dict[str, Any]


class Town:
    """A house with the world's registry and a credential for each kind of source."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._headers: dict[str, dict[str, str]] = {}

    async def open(self) -> None:
        for kind in KINDS:
            self._headers[kind] = await self.house.credential(kind=kind)
        answer = await self.house.http.put("/analytics/v1/registry", json=REGISTRY)
        assert answer.status_code in (200, 201, 202), answer.text

    async def send(self, deliveries: Sequence[Delivery]) -> None:
        """Send deliveries in one request for each kind of source, an id once in each."""
        for kind in KINDS:
            once = {each["statement"]["id"]: each["statement"] for each in deliveries if each["kind"] == kind}
            if once:
                await self.house.send(*once.values(), headers=self._headers[kind])

    async def told(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.house.http.request(method, f"/analytics/v1{path}", json=body)
        assert answer.status_code in (200, 201, 204), answer.text
        return answer.json() if answer.content else None

    async def person(self, agent: Agent) -> str | None:
        """Whose this identity is; None when nobody knows it yet."""
        answer = await self.house.get("/people", agent=json.dumps(agent))
        return answer.json()["id"] if answer.status_code == 200 else None

    async def merge(self, kept: str, merged: str) -> str:
        return (await self.told("POST", f"/people/{kept}/merges", {"merged": merged}))["merge"]

    async def undo(self, merge: str) -> None:
        await self.told("POST", f"/merges/{merge}/undo")

    async def caught_up(self) -> None:
        """Wait until nothing of what was sent waits to be counted, also what was ruled."""
        async with asyncio.timeout(60):
            while (await self.told("GET", "/quality"))["lag"] != 0:
                await asyncio.sleep(0.05)

    async def replayed(self, **wanted: Any) -> int:
        """Begin a derivation."""
        async with self.house.runtime.database.transaction() as connection:
            number = await replays.start(connection, "default", reason="a test", **wanted)
        assert number is not None
        return number

    async def complete(self, derivation: int) -> None:
        async with asyncio.timeout(60):
            while not await self.value(
                "SELECT announced IS NOT NULL FROM analytics.derivations WHERE derivation = $1", derivation
            ):
                await asyncio.sleep(0.05)

    async def value(self, query: str, *arguments: Any) -> Any:
        async with self.connection() as connection:
            return await connection.fetchval(query, *arguments)

    def connection(self) -> Any:
        return self.house.runtime.database.connection()


@pytest.fixture
async def town(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    monkeypatch.setattr("services.analytics.app._now", lambda: NOW)
    async with running(database) as house:
        town = Town(house)
        await town.open()
        yield town


def batches(deliveries: Iterable[Delivery], size: int, rng: random.Random) -> list[list[Delivery]]:
    """The deliveries in an order that means nothing, some again, in parts of about so many."""
    shuffled = list(deliveries)
    shuffled += rng.sample(shuffled, len(shuffled) // 20)
    rng.shuffle(shuffled)
    return [shuffled[place : place + size] for place in range(0, len(shuffled), size)]
