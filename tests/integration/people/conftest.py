"""People over HTTP on a real PostgreSQL: the routes about them with recommend beside, and history faked by a table.

`moved` has what history was told to move; events of an identity follow it, as the real one makes them.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

import services.analytics
from schemas.events import Person
from schemas.topics import PEOPLE
from schemas.xapi.agents import actor_key
from services.analytics.acting import Acting
from services.analytics.api import roster, scim
from services.analytics.people.parts import Parts
from services.common.access.credentials import create
from services.common.access.scopes import EVERYTHING, Scope
from services.common.application import application
from services.common.consumer import Transaction
from services.common.eventlog import Entry
from services.common.runtime import Runtime, Service, build
from services.common.settings import Settings
from services.recommend.app import service as recommend

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
TODAY = date(2026, 3, 20)

_VERSIONS = """
    UPDATE analytics.persons p SET version = version + 1 FROM unnest($1::text[], $2::uuid[]) AS n (tenant, person)
    WHERE p.tenant = n.tenant AND p.person = n.person
    RETURNING p.tenant, p.person, p.version, ARRAY(
        SELECT actor_key FROM analytics.identities i WHERE i.tenant = p.tenant AND i.person = p.person) AS identities,
        EXISTS (SELECT FROM access.objections o WHERE o.tenant = p.tenant AND o.person = p.person) AS objected
"""
_FOLLOW = "UPDATE analytics.events SET person = $3 WHERE tenant = $1 AND learner = $2"
_EVENT = """
    INSERT INTO analytics.events (tenant, statement, derivation, number, person, learner, role, class, rule, source,
        t_us, flags, duration_us, default_us, default_from, session_us, thread, object, part, discrete, tags, start_us,
        end_us, known, moment, version)
    VALUES ('default', gen_random_uuid(), 1, 1, $1, $2, 'learner', 'formal', 'r', 'app', 0, '', 0, 0, '', 0, 0, 0, '',
        false, '', 0, 0, 'none', true, 1)
"""
_DERIVATION = """
    INSERT INTO analytics.rule_sets (version, rules) VALUES ('r1', '{}');
    INSERT INTO analytics.derivations (tenant, derivation, rule_set, registry, time_zone, state, reason)
    VALUES ('default', 1, 'r1', 0, 'Europe/Amsterdam', 'active', 'first')
"""


async def publish(tx: Transaction, persons: Collection[tuple[str, str]]) -> None:
    rows = await tx.connection.fetch(_VERSIONS, *map(list, zip(*persons, strict=True)))
    for row in rows:
        told = Person.model_validate(
            {name: row[name] for name in ("tenant", "person", "version", "identities")}
            | {"flags": ["objected"] if row["objected"] else []}
        )
        tx.publish(PEOPLE, Entry(f"{row['tenant']}/{row['person']}".encode(), told.model_dump_json().encode()))


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class House:
    runtime: Runtime
    http: httpx.AsyncClient
    parts: Parts
    clock: Clock
    moved: list[tuple[dict[str, str], set[str]]] = field(default_factory=list)

    async def credential(self, *scopes: Scope, tenant: str = "default", bearer: bool = False) -> dict[str, str]:
        key, secret = await create(
            self.runtime.database,
            source="hr",
            kind="other",
            scopes=scopes or EVERYTHING,
            tenant=tenant,
            time_zone="Europe/Amsterdam",
        )
        if bearer:
            return {"authorization": f"Bearer {key}.{secret}"}
        return {"authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()}

    async def rows(self, query: str, *arguments: Any) -> list[Any]:
        async with self.runtime.database.connection() as connection:
            return [tuple(row) for row in await connection.fetch(query, *arguments)]

    async def person(self, *agents: dict[str, Any], origin: str = "statement", used: bool = True) -> str:
        """Somebody who came by statements of these agents."""
        person = str(uuid4())
        async with self.runtime.database.connection() as connection:
            await connection.execute("INSERT INTO analytics.persons (tenant, person) VALUES ('default', $1)", person)
            for agent in agents:
                await connection.execute(
                    "INSERT INTO analytics.identities VALUES ('default', $1, $2, $3)", actor_key(agent), person, origin
                )
                if used:
                    await connection.execute(_EVENT, person, actor_key(agent))
        return person

    async def learned(self, person: str, agent: dict[str, Any]) -> None:
        async with self.runtime.database.connection() as connection:
            await connection.execute(_EVENT, person, actor_key(agent))

    async def who(self, agent: dict[str, Any]) -> str | None:
        found = await self.rows(
            "SELECT person::text FROM analytics.identities WHERE tenant = 'default' AND actor_key = $1",
            actor_key(agent),
        )
        return found[0][0] if found else None

    async def events_of(self, person: str) -> int:
        return (await self.rows("SELECT count(*) FROM analytics.events WHERE person = $1", person))[0][0]

    async def take(self, *lines: str, status: int = 200, **params: str) -> Any:
        """Import a file."""
        answer = await self.http.post(
            "/analytics/v1/people/import",
            content="\n".join(lines).encode(),
            params=params,
            headers={"content-type": "text/csv; charset=utf-8"},
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.http.post(f"/analytics/v1{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, path: str, status: int = 200, **headers: str) -> Any:
        answer = await self.http.get(f"/analytics/v1{path}", headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def roster(self) -> list[Any]:
        """Everything an import may change, without times."""
        return [
            await self.rows("SELECT reference, person, active, identities FROM analytics.roster ORDER BY 1"),
            await self.rows("SELECT * FROM analytics.memberships ORDER BY reference, since, team"),
            await self.rows("SELECT * FROM analytics.teams ORDER BY team"),
            await self.rows("SELECT actor_key, person FROM analytics.identities ORDER BY 1"),
            await self.rows("SELECT person, version FROM analytics.persons ORDER BY 1"),
            await self.rows("SELECT one, other, state FROM analytics.matches ORDER BY 1, 2"),
        ]


@pytest.fixture
async def house(database: str) -> AsyncIterator[House]:
    runtime, clock = build(Settings(), database), Clock()
    moved: list[tuple[dict[str, str], set[str]]] = []

    async def move(tx: Transaction, tenant: str, moves: Mapping[str, str], persons: Collection[str]) -> None:
        moved.append((dict(moves), set(persons)))
        for key, person in moves.items():
            await tx.connection.execute(_FOLLOW, tenant, key, person)

    acting = Acting(runtime.database, runtime.outbox("analytics"))
    zone = ZoneInfo("Europe/Amsterdam")
    parts = Parts(runtime.database, acting, move, publish, publish, clock, lambda: str(uuid4()), zone)
    analytics = Service(
        name="analytics",
        migrations=Path(services.analytics.__file__).parent / "migrations",
        routers=[roster.router(parts, 8_000_000), scim.router(parts, "http://leermix.test")],
    )
    app = application(runtime, [analytics, recommend(runtime)])
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://leermix.test", timeout=60) as http:
            while (await http.get("/health/ready")).status_code != 200:
                await asyncio.sleep(0.02)
            house = House(runtime, http, parts, clock, moved)
            async with runtime.database.connection() as connection:
                await connection.execute(_DERIVATION)
            http.headers.update(await house.credential())
            yield house
