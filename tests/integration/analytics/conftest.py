"""analytics on a real PostgreSQL: its group by itself on a log in memory, and its whole application over HTTP."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest

import services.analytics
import services.common
from schemas.topics import RULINGS, STATEMENTS
from services.analytics.app import service
from services.analytics.handlers import LearningHandler
from services.analytics.readings import Readings
from services.analytics.rules import base_data, base_rules
from services.analytics.surroundings import Surroundings
from services.common import access
from services.common.access.credentials import create
from services.common.access.scopes import EVERYTHING, Scope
from services.common.application import application
from services.common.database import Database, migrate
from services.common.eventlog import Batch, Entry, Partition
from services.common.eventlog.memory import MemoryEventLog
from services.common.loop import Loop
from services.common.outbox import TableOutbox, outgoing_from_row
from services.common.runtime import Runtime, build
from services.common.settings import Settings
from services.ingest.app import service as ingest

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


@dataclass
class House:
    """ingest and analytics embedded, spoken to without a socket."""

    runtime: Runtime
    http: httpx.AsyncClient

    async def credential(self, *scopes: Scope, tenant: str = "default", kind: str = "lms") -> dict[str, str]:
        """The headers of a new credential."""
        key, secret = await create(
            self.runtime.database,
            source=f"app-{kind}",
            kind=kind,
            scopes=scopes or EVERYTHING,
            tenant=tenant,
            time_zone=self.runtime.settings.time_zone,
        )
        token = base64.b64encode(f"{key}:{secret}".encode()).decode()
        return {"authorization": f"Basic {token}", "x-experience-api-version": "1.0.3", "x-leermix-viewer": "self"}

    async def send(self, *statements: dict[str, Any], headers: dict[str, str] | None = None) -> list[str]:
        answer = await self.http.post("/xapi/statements", json=list(statements), headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(self, path: str, headers: dict[str, str] | None = None, **params: Any) -> httpx.Response:
        return await self.http.get(f"/analytics/v1{path}", params=params or None, headers=headers)

    async def told(self, path: str, headers: dict[str, str] | None = None, **params: Any) -> Any:
        answer = await self.get(path, headers, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def person(self, name: str, headers: dict[str, str] | None = None) -> str:
        told = await self.told("/people", headers, agent=f'{{"mbox": "mailto:{name}@example.nl"}}')
        return told["id"]


@asynccontextmanager
async def running(dsn: str, **settings: Any) -> AsyncIterator[House]:
    runtime = build(Settings(**settings), dsn)
    app = application(runtime, [ingest(runtime), service(runtime)])
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://leermix.test") as http:
            while (await http.get("/health/ready")).status_code != 200:
                await asyncio.sleep(0.02)
            house = House(runtime, http)
            http.headers.update(await house.credential())
            yield house


@pytest.fixture
async def house(database: str) -> AsyncIterator[House]:
    async with running(database) as each:
        yield each


@dataclass
class Group:
    """The group `analytics.learning`, with as many members as a test starts, on a log in memory."""

    database: Database
    log: MemoryEventLog
    members: list[tuple[Loop[Any], asyncio.Task[None]]] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    readings: Readings = field(default_factory=lambda: Readings(base_rules().version, base_data(), AMSTERDAM))

    def start(self) -> Loop[Any]:
        around = Surroundings(lambda: NOW, lambda: str(uuid4()))
        handler = LearningHandler(self.readings, around, self.batches.append)
        loop = Loop(handler, self.log, self.database, TableOutbox("analytics"))
        self.members.append((loop, asyncio.create_task(loop.run())))
        return loop

    async def stop(self, place: int = 0) -> None:
        _, task = self.members.pop(place)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def append(self, topic: str, number: int, *entries: Entry) -> None:
        """Append one request to this very partition."""
        self.log.keep(Partition(topic, number), entries)

    async def caught_up(self, within: float = 60) -> None:
        """Wait until the group has taken everything that the log holds."""
        async with asyncio.timeout(within):
            while await self._behind():
                for _, task in self.members:
                    assert not task.done(), task.exception()
                await asyncio.sleep(0.01)

    async def rows(self, query: str, *arguments: Any) -> list[Any]:
        async with self.database.connection() as connection:
            return await connection.fetch(query, *arguments)

    async def published(self, topic: str) -> list[tuple[bytes, Any]]:
        """What stands in the outbox for a topic: keys and values."""
        rows = await self.rows("SELECT topics, keys, bodies, headers FROM analytics.outbox ORDER BY id")
        return [
            (entry.key, orjson.loads(entry.value))
            for row in rows
            for to, entry in outgoing_from_row(*row.values())
            if to == topic
        ]

    async def _behind(self) -> bool:
        rows = await self.rows("SELECT topic, partition, position FROM analytics.positions")
        positions = {Partition(row["topic"], row["partition"]): row["position"] for row in rows}
        ends = {
            Partition(topic, number): held.end
            for topic in (STATEMENTS, RULINGS)
            for number, held in (await self.log.ranges(topic)).items()
        }
        return any(end > positions.get(partition, 0) for partition, end in ends.items())


@pytest.fixture
async def group(database: str) -> AsyncIterator[Group]:
    """The group, not yet started."""
    tables = Database(database)
    await tables.open()
    shared = Path(services.common.__file__).parent / "migrations"
    own = Path(services.analytics.__file__).parent / "migrations"
    await migrate(tables, "access", access.MIGRATIONS)
    await migrate(tables, "analytics", shared, own)
    group = Group(tables, MemoryEventLog(batch_records=40))
    async with tables.transaction() as connection:
        await group.readings.prepare(connection)
    try:
        yield group
    finally:
        while group.members:
            await group.stop()
        await tables.close()
