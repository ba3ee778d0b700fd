"""recommend as a whole, on a real PostgreSQL, spoken to over HTTP without a socket; the log is in memory or tables."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from schemas.events import DaySum, Mix, Person, Suggestion
from schemas.topics import MIXES, PEOPLE, SUGGESTIONS
from services.common.access.credentials import Credentials, create
from services.common.access.scopes import Scope
from services.common.application import application
from services.common.database import Database
from services.common.eventlog import Entry, EventLog, Partition, Range, Record
from services.common.eventlog.memory import MemoryEventLog
from services.common.outbox import TableOutbox
from services.common.runtime import Runtime, build
from services.common.settings import Settings
from services.common.signals import PostgresSignals
from services.recommend.app import service

SEEN_ALL = {"formal": True, "social": True, "experiential": True}


@dataclass
class Recommend:
    runtime: Runtime
    http: httpx.AsyncClient

    async def header(self, *scopes: Scope, tenant: str = "default") -> dict[str, str]:
        key, secret = await create(
            self.runtime.database,
            source="portal",
            kind="other",
            scopes=scopes or (Scope.RECOMMEND_READ,),
            tenant=tenant,
            time_zone=self.runtime.settings.time_zone,
        )
        return {"authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()}

    async def say(self, topic: str, person: UUID, value: Person | Mix | None, version: int = 0) -> None:
        """Append what analytics would: a value, or a tombstone with its version."""
        tenant = value.tenant if value else "default"
        body = value.model_dump_json().encode() if value else None
        headers = () if value else (("version", str(version).encode()),)
        key = f"{tenant}/{person}".encode()
        await self.runtime.log.append(topic, [Entry(key, body, headers)], route=key)

    async def tell_person(self, person: UUID, version: int = 1, tenant: str = "default") -> None:
        await self.say(PEOPLE, person, Person(tenant=tenant, person=person, version=version, identities=["k"]))

    async def tell_mix(self, person: UUID, version: int = 1, **minutes: int) -> None:
        sums: Any = {mode: each * 60_000_000 for mode, each in minutes.items()}
        today = DaySum(day=date.today(), microseconds=sums, events=dict.fromkeys(minutes, 1))  # noqa: DTZ011
        await self.say(
            MIXES,
            person,
            Mix(
                tenant="default", person=person, version=version, as_of=datetime.now(UTC),
                time_zone="Europe/Amsterdam", days=[today], visible=SEEN_ALL,
            ),
        )  # fmt: skip

    async def somebody(self) -> UUID:
        """A person who has learned something, known here."""
        person = uuid4()
        await self.tell_person(person)
        await self.tell_mix(person, formal=30)
        await self.until(person, lambda row: row["version"] == 1 and row["mix_version"] == 1)
        return person

    async def row(self, person: UUID) -> Any:
        async with self.runtime.database.connection() as connection:
            return await connection.fetchrow("SELECT * FROM recommend.people WHERE person = $1", person)

    async def until(self, person: UUID, told: Callable[[Any], bool]) -> None:
        async with asyncio.timeout(10):
            while (row := await self.row(person)) is None or not told(row):
                await asyncio.sleep(0.02)

    async def caught_up(self) -> None:
        """Wait until everything that stands on the log now has been handled."""
        ends = {
            (topic, number): held.end
            for topic in (PEOPLE, MIXES)
            for number, held in (await self.runtime.log.ranges(topic)).items()
        }
        async with asyncio.timeout(10):
            while True:
                rows = await self.fetch("SELECT topic, partition, position FROM recommend.positions")
                if {(row["topic"], row["partition"]): row["position"] for row in rows} == ends:
                    return
                await asyncio.sleep(0.02)

    async def execute(self, sql: str, *arguments: Any) -> None:
        async with self.runtime.database.connection() as connection:
            await connection.execute(sql, *arguments)

    async def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        async with self.runtime.database.connection() as connection:
            return list(await connection.fetch(sql, *arguments))

    async def next(self, person: UUID | str, viewer: str = "self", **headers: str) -> httpx.Response:
        headers = {"X-Leermix-Viewer": viewer} | headers
        return await self.http.get(f"/recommend/v1/people/{person}/next", headers=headers)

    async def tell(self, person: UUID, suggestion: str, outcome: Any, viewer: str = "self") -> httpx.Response:
        return await self.http.put(
            f"/recommend/v1/people/{person}/suggestions/{suggestion}/outcome",
            json={"outcome": outcome},
            headers={"X-Leermix-Viewer": viewer},
        )

    async def history(self, person: UUID, viewer: str = "self", **params: Any) -> httpx.Response:
        headers = {"X-Leermix-Viewer": viewer}
        return await self.http.get(f"/recommend/v1/people/{person}/suggestions", headers=headers, params=params)

    async def published(self, expected: int) -> list[Suggestion]:
        """What stands on the suggestions topic, once it is at least so many and a moment later."""
        async with asyncio.timeout(10):
            while sum(held.end for held in (await self.runtime.log.ranges(SUGGESTIONS)).values()) < expected:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        return [Suggestion.model_validate_json(each.value or b"") for each in await read(self.runtime.log, SUGGESTIONS)]


async def read(log: EventLog, topic: str) -> list[Record]:
    """All of a topic, as a group of its own sees it."""

    async def from_the_start(partition: Partition, held: Range) -> int:
        return held.start

    subscription = log.subscribe(f"test.{uuid4().hex}", [topic], from_the_start)
    wanted = sum(held.end for held in (await log.ranges(topic)).values())
    records: list[Record] = []
    try:
        async with asyncio.timeout(10):
            while len(records) < wanted:
                batch = await subscription.poll(0.5)
                records += batch.records if batch else ()
    finally:
        await subscription.close()
    return records


def in_memory(dsn: str) -> Runtime:
    """The shape of the distributed mode without a Kafka: an outbox table, a relay, and NOTIFY."""
    database = Database(dsn)
    return Runtime(
        Settings(), database, MemoryEventLog(), Credentials(database), PostgresSignals(database), TableOutbox,
        distributed=True,
    )  # fmt: skip


@asynccontextmanager
async def running(runtime: Runtime) -> AsyncIterator[Recommend]:
    app = application(runtime, [service(runtime)])
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://leermix.test") as http:
            async with asyncio.timeout(20):
                while (await http.get("/health/ready")).status_code != 200:
                    await asyncio.sleep(0.02)
            recommend = Recommend(runtime, http)
            http.headers.update(await recommend.header())
            yield recommend


@pytest.fixture(params=["embedded", "distributed"])
async def both(request: pytest.FixtureRequest, database: str) -> AsyncIterator[Recommend]:
    """In either mode."""
    runtime = build(Settings(), database) if request.param == "embedded" else in_memory(database)
    async with running(runtime) as each:
        yield each


@pytest.fixture
async def recommend(database: str) -> AsyncIterator[Recommend]:
    async with running(in_memory(database)) as each:
        yield each
