"""The month's partition: replicas that all need a new one at the same moment must not lose a record over it."""

import asyncio
from datetime import UTC, datetime

from services.common.database import Database
from services.ingest import store
from tests.integration.ingest.conftest import Lrs


async def test_replicas_that_make_a_month_at_once_all_succeed(lrs: Lrs) -> None:
    database: Database = lrs.runtime.database
    for year in range(2040, 2050):
        ready = asyncio.Barrier(6)

        async def make(year: int = year, ready: asyncio.Barrier = ready) -> None:
            async with database.transaction() as connection:
                await ready.wait()
                await store.ensure_month(connection, datetime(year, 12, 31, tzinfo=UTC))

        await asyncio.gather(*(make() for _ in range(6)))
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT to_regclass('ingest.statements_2049_12') IS NOT NULL")
