"""What a person says holds in the very next answer about that person, in both modes, also while the consumer lags."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from services.console.place import Place
from tests.harness.system import System

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

WINDOW = {"since": "2026-10-05T00:00:00+02:00", "until": "2026-10-06T00:00:00+02:00"}


@asynccontextmanager
async def held_up(system: System) -> AsyncIterator[None]:
    """Keep analytics' group from moving: its positions are locked by somebody else."""
    folder = system.folder / "data" / ("kafka-mode" if system.command == "up-kafka" else "")
    note = Place(folder).running() or Place(system.folder / "data").running()
    assert note is not None
    connection = await asyncpg.connect(note.database)
    try:
        async with connection.transaction():
            await connection.execute("SELECT FROM analytics.positions FOR UPDATE")
            yield
    finally:
        await connection.close()


def did(agent: dict[str, Any], ended: str, duration: str) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "actor": agent,
        "verb": {"id": "http://at-once.example/verbs/did"},
        "object": {"id": f"http://at-once.example/{ended}"},
        "timestamp": f"2026-10-05T{ended}+02:00",
        "result": {"duration": duration},
    }


class Person:
    """One person's routes, as the person's own app asks."""

    def __init__(self, http: httpx.AsyncClient, person: str) -> None:
        self.http, self.id = http, person

    async def ask(self, method: str, path: str, viewer: str = "self", **more: Any) -> httpx.Response:
        headers = {"X-Leermix-Viewer": viewer}
        return await self.http.request(method, f"/analytics/v1/people/{self.id}{path}", headers=headers, **more)

    async def mix(self, viewer: str = "self") -> httpx.Response:
        return await self.ask("GET", "/mix", viewer, params=WINDOW)

    async def minutes(self) -> dict[str, float]:
        answer = await self.mix()
        assert answer.status_code == 200, answer.text
        told: dict[str, float] = answer.json()["minutes"]
        return told


async def known(http: httpx.AsyncClient, agent: dict[str, Any]) -> Person:
    answer = await http.get("/analytics/v1/people", params={"agent": json.dumps(agent)})
    return Person(http, answer.raise_for_status().json()["id"])


async def test_what_a_person_says_holds_at_once(system: System) -> None:
    anna, bob = ({"mbox": f"mailto:{name}-{uuid4()}@at-once.example"} for name in ("anna", "bob"))
    auth = await asyncio.to_thread(system.credential, source="at-once", kind="lms", tenant=f"at-once-{uuid4().hex[:8]}")
    headers = {"X-Experience-API-Version": "1.0.3", "X-Leermix-Viewer": "self"}
    async with httpx.AsyncClient(base_url=system.origin, auth=auth, headers=headers, timeout=60) as http:
        course, task = did(anna, "10:00:00", "PT30M"), did(anna, "12:00:00", "PT20M")
        sent = await http.post("/xapi/statements", json=[course, task, did(bob, "10:00:00", "PT5M")])
        assert sent.status_code == 200, sent.text
        her, him = await known(http, anna), await known(http, bob)
        assert await her.minutes() == {"formal": 50, "social": 0, "experiential": 0}
        assert (await her.ask("PUT", f"/shares/{him.id}")).status_code == 204
        assert (await her.mix(viewer=him.id)).status_code == 200

        late = did(anna, "14:00:00", "PT10M")
        async with held_up(system):
            assert (await http.post("/xapi/statements", json=late)).status_code == 200
            assert (await her.mix()).json()["lag"] > 0

            corrected = await her.ask("PUT", f"/events/{task['id']}/correction", json={"mode": "experiential"})
            assert corrected.status_code in (200, 204), corrected.text
            assert await her.minutes() == {"formal": 30, "social": 0, "experiential": 20}

            added = await her.ask(
                "POST", "/additions", json={"mode": "social", "ended": "2026-10-05T16:00:00+02:00", "minutes": 15}
            )
            assert added.status_code == 201, added.text
            assert await her.minutes() == {"formal": 30, "social": 15, "experiential": 20}

            assert (await her.ask("DELETE", f"/shares/{him.id}")).status_code == 204
            assert (await her.mix(viewer=him.id)).status_code == 403

            assert (await her.ask("PUT", "/objection")).status_code in (200, 204)
            for refused in (await her.mix(), await her.ask("GET", "/why"), await next_for(her)):
                assert (refused.status_code, refused.json()["reason"]) == (403, "objected"), refused.text
            assert (await her.ask("DELETE", "/objection")).status_code in (200, 204)
            assert await her.minutes() == {"formal": 30, "social": 15, "experiential": 20}

        async with asyncio.timeout(60):
            while (await her.mix()).json()["lag"] != 0:
                await asyncio.sleep(0.1)
        assert await her.minutes() == {"formal": 40, "social": 15, "experiential": 20}


async def next_for(person: Person) -> httpx.Response:
    return await person.http.get(f"/recommend/v1/people/{person.id}/next")
