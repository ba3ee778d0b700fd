"""ingest as a whole, embedded: its application on a real PostgreSQL, spoken to over HTTP without a socket."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from services.common.access.credentials import create
from services.common.access.scopes import Scope
from services.common.application import application
from services.common.runtime import Runtime, build
from services.common.settings import Settings
from services.ingest.app import service


def basic(key: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


@dataclass
class Lrs:
    runtime: Runtime
    http: httpx.AsyncClient

    async def credential(
        self, *scopes: Scope, source: str = "app", kind: str = "other", tenant: str = "default"
    ) -> str:
        """The Authorization header of a new credential."""
        key, secret = await create(
            self.runtime.database,
            source=source,
            kind=kind,
            scopes=scopes or (Scope.ALL,),
            tenant=tenant,
            time_zone=self.runtime.settings.time_zone,
        )
        return basic(key, secret)

    async def post(self, body: Any, **headers: str) -> httpx.Response:
        return await self.http.post("/xapi/statements", json=body, headers=headers)

    async def get(self, **params: Any) -> httpx.Response:
        return await self.http.get("/xapi/statements", params=params)


@asynccontextmanager
async def running(dsn: str, **settings: Any) -> AsyncIterator[Lrs]:
    runtime = build(Settings(**settings), dsn)
    app = application(runtime, [service(runtime)])
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://leermix.test") as http:
            while (await http.get("/health/ready")).status_code != 200:
                pass
            lrs = Lrs(runtime, http)
            http.headers["authorization"] = await lrs.credential()
            http.headers["x-experience-api-version"] = "1.0.3"
            yield lrs


@pytest.fixture
async def lrs(database: str) -> AsyncIterator[Lrs]:
    async with running(database) as each:
        yield each
