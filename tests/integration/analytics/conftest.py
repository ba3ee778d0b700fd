"""analytics on a real PostgreSQL: its group by itself on a log in memory, and its whole application over HTTP."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from services.analytics.app import service
from services.common.access.credentials import create
from services.common.access.scopes import EVERYTHING, Scope
from services.common.runtime import Runtime, application, build
from services.common.settings import Settings
from services.ingest.app import service as ingest


@dataclass
class House:
    """ingest and analytics embedded, spoken to without a socket."""

    runtime: Runtime
    http: httpx.AsyncClient

    async def credential(self, *scopes: Scope, tenant: str = "default", kind: str = "lms") -> dict[str, str]:
        """The headers of a new credential."""
        key, secret = await create(
            self.runtime.database, source=f"app-{kind}", kind=kind, scopes=scopes or EVERYTHING, tenant=tenant
        )
        token = base64.b64encode(f"{key}:{secret}".encode()).decode()
        return {"authorization": f"Basic {token}", "x-experience-api-version": "1.0.3", "x-leermix-viewer": "self"}

    async def send(self, *statements: dict[str, Any], headers: dict[str, str] | None = None) -> list[str]:
        answer = await self.http.post("/xapi/statements", json=list(statements), headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(self, path: str, headers: dict[str, str] | None = None, **params: Any) -> httpx.Response:
        return await self.http.get(f"/analytics/v1{path}", params=params, headers=headers)

    async def person(self, name: str, headers: dict[str, str] | None = None) -> str:
        answer = await self.get("/people", headers, agent=f'{{"mbox": "mailto:{name}@example.nl"}}')
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]


@asynccontextmanager
async def running(dsn: str, **settings: Any) -> AsyncIterator[House]:
    runtime = build(Settings(**settings), dsn)
    app = application(runtime, [ingest(runtime), service(runtime)])
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://leermix.test") as http:
            while (await http.get("/health/ready")).status_code != 200:
                pass
            house = House(runtime, http)
            http.headers.update(await house.credential())
            yield house


@pytest.fixture
async def house(database: str) -> AsyncIterator[House]:
    async with running(database) as each:
        yield each
