"""The routes by which people and organisations say something, on a real PostgreSQL; deriving is only noted."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest
from fastapi import APIRouter, FastAPI

import services.analytics
import services.common
import services.ingest
from schemas.xapi.agents import actor_key
from services.analytics.api.quality import QualityRoutes
from services.analytics.api.reading import Reading
from services.analytics.api.registry import RegistryRoutes
from services.analytics.api.targets import TargetRoutes
from services.analytics.api.vocabulary import VocabularyRoutes
from services.analytics.api.voice import add_voice
from services.analytics.changing import Changing
from services.analytics.classifying import Classifying
from services.analytics.readings import Readings
from services.analytics.registering import Registering
from services.analytics.rules import base_data, base_rules
from services.common import access, docs
from services.common.access.credentials import Credentials, create
from services.common.access.scopes import EVERYTHING, Scope
from services.common.consumer import Transaction
from services.common.database import Database, migrate
from services.common.http import handle_errors
from services.ingest.store import ensure_month
from tests.integration.analytics.statements import agent, statement

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
MINUTE = 60_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CaughtUp:
    """Nobody lags."""

    async def lag(self, seconds: float) -> int | None:
        return 0


@dataclass
class Desk:
    """The application, its tables, and what was asked to be derived anew."""

    database: Database
    http: httpx.AsyncClient
    now: datetime = NOW
    rederived: list[tuple[str, str]] = field(default_factory=list)
    additions: list[tuple[str, str]] = field(default_factory=list)

    async def run(self, work):
        """Acting: a transaction."""
        return await self.database.retrying(lambda connection: work(Transaction(connection, "test", NOW)))

    async def rederive(self, tx, keys):
        self.rederived += keys

    async def derive_additions(self, tx, tenant, ids):
        self.additions += [(tenant, each) for each in ids]

    async def credential(self, *scopes: Scope, tenant: str = "default", source: str = "app") -> dict[str, str]:
        """The headers of a new credential."""
        key, secret = await create(
            self.database,
            source=source,
            kind="lms",
            scopes=scopes or EVERYTHING,
            tenant=tenant,
            time_zone=AMSTERDAM.key,
        )
        return {"authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()}

    async def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """Send a request and return what it answers."""
        answer = await self.http.request(method, f"/analytics/v1{path}", **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, status: int, reason: str, **more: Any) -> str:
        """Send a request that is refused for this reason, and return where."""
        told = await self.ask(method, path, status, **more)
        assert told["reason"] == reason, told
        return told["path"]

    async def execute(self, query: str, *arguments: Any) -> None:
        async with self.database.connection() as connection:
            await connection.execute(query, *arguments)

    async def rows(self, query: str, *arguments: Any) -> list[Any]:
        async with self.database.connection() as connection:
            return await connection.fetch(query, *arguments)

    async def person(self, name: str, tenant: str = "default") -> str:
        """Make a person with one identity."""
        made = str(uuid4())
        await self.execute("INSERT INTO analytics.persons (tenant, person) VALUES ($1, $2)", tenant, made)
        await self.identity(name, made, tenant)
        return made

    async def identity(self, name: str, person: str, tenant: str = "default") -> None:
        await self.execute(
            "INSERT INTO analytics.identities (tenant, actor_key, person) VALUES ($1, $2, $3)",
            *(tenant, actor_key(agent(name)), person),
        )

    async def store(self, made: Any, source: str = "app", kind: str = "lms", stored: datetime = NOW) -> str:
        """Put a statement into ingest's store."""
        async with self.database.transaction() as connection:
            await ensure_month(connection, stored)
            await connection.execute(
                "INSERT INTO ingest.statement_ids (tenant, id, digest, fingerprint, stored) "
                "VALUES ('default', $1, '', '', $2)",
                *(made["id"], stored),
            )
            await connection.execute(
                "INSERT INTO ingest.statements (tenant, id, stored, arrived, timestamp_sent, source, kind, credential, "
                "body) VALUES ($1, $2, $3, $3, true, $4, $5, 'key', $6)",
                *("default", made["id"], stored, source, kind, orjson.dumps(made)),
            )
        return made["id"]

    async def event(
        self,
        statement_id: str,
        name: str,
        person: str,
        cls: str = "unclassified",
        rule: str = "none",
        at: datetime = NOW - timedelta(days=3),
        minutes: int = 10,
        derivation: int = 1,
    ) -> None:
        """Put down an event as it is derived."""
        t_us = (at - EPOCH) // timedelta(microseconds=1)
        await self.execute(
            """
            INSERT INTO analytics.events (tenant, statement, derivation, number, person, learner, role, class, rule,
                source, t_us, flags, duration_us, default_us, default_from, session_us, thread, object, part, discrete,
                tags, start_us, end_us, known, moment, version)
            SELECT 'default', $1, $2, count(*), $3, $4, 'learner', $5, $6, 'app', $7, '', 0, 0, '', 0, 1, 1, 'other',
                false, '', $8, $7, 'reported', true, 1
            FROM analytics.events WHERE tenant = 'default' AND statement = $1 AND derivation = $2
            """,
            *(statement_id, derivation, person, actor_key(agent(name)), cls, rule, t_us, t_us - minutes * MINUTE),
        )

    async def learned(self, name: str, person: str, **more: Any) -> str:
        """An event about a statement of this person, which is not in the store."""
        made = statement(name)["id"]
        await self.event(made, name, person, **more)
        return made

    async def day(self, person: str, day: date, cls: str = "formal", derivation: int = 1, **counts: int) -> None:
        """Put down a day as it is folded."""
        names = ["events", "moments", "arrival", "disbelieved", "defaults", "untimed"]
        await self.execute(
            f"""
            INSERT INTO analytics.person_days (tenant, derivation, person, day, class, minutes_us, measured_us,
                reported_us, session_us, default_us, halved_us, doubled_us, given_us, {", ".join(names)})
            VALUES ('default', $1, $2, $3, $4, 0, 0, 0, 0, 0, 0, 0, 0, $5, $6, $7, $8, $9, $10)
            """,
            *(derivation, person, day, cls, *(counts.get(name, 0) for name in names)),
        )


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    tables = Database(database)
    await tables.open()
    shared = Path(services.common.__file__).parent / "migrations"
    await migrate(tables, "access", access.MIGRATIONS)
    for service in (services.ingest, services.analytics):
        await migrate(tables, service.__name__.split(".")[1], shared, Path(service.__file__).parent / "migrations")
    app = FastAPI(docs_url=None, redoc_url=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as http:
        desk = Desk(tables, http)
        _build(app, desk)
        await desk.execute("INSERT INTO analytics.rule_sets (version, rules) VALUES ($1, '{}')", base_rules().version)
        await _derivation(desk)
        http.headers.update(await desk.credential() | {"x-leermix-viewer": "self"})
        yield desk
    await tables.close()


def _build(app: FastAPI, desk: Desk) -> None:
    handle_errors(app)
    docs.add_to(app)
    reading = Reading(
        Credentials(desk.database),
        desk.database,
        CaughtUp(),
        Readings(base_rules().version, base_data(), AMSTERDAM),
        lambda: desk.now,
    )
    changing = Changing(desk, desk.rederive, desk.derive_additions, lambda: str(uuid4()))
    classifying = Classifying(base_rules())
    routes = APIRouter(prefix="/analytics/v1")
    add_voice(routes, reading, changing)
    TargetRoutes(reading, changing).add_to(routes)
    RegistryRoutes(reading, Registering(desk.database, desk, classifying, AMSTERDAM)).add_to(routes)
    VocabularyRoutes(reading, classifying).add_to(routes)
    QualityRoutes(reading, classifying).add_to(routes)
    app.include_router(routes)


async def _derivation(desk: Desk) -> None:
    await desk.execute(
        "INSERT INTO analytics.derivations (tenant, derivation, rule_set, registry, time_zone, state, reason) "
        "VALUES ('default', 1, $1, 0, 'Europe/Amsterdam', 'active', 'first')",
        base_rules().version,
    )
