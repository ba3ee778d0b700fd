"""The real parts that tests share: one PostgreSQL and one Kafka for the whole run, started when first asked for."""

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest_asyncio

from services.local.postgres import Postgres


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_server() -> AsyncIterator[Postgres]:
    """One real PostgreSQL 18. It does not wait for the disk: tests of crashes start their own."""
    folder = Path(tempfile.mkdtemp(prefix="leermix-pg-"))
    try:
        async with Postgres(folder, settings={"fsync": "off", "max_connections": "200"}) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture
async def database(postgres_server: Postgres) -> AsyncIterator[str]:
    """The DSN of an empty database of this test's own."""
    name = f"t_{secrets.token_hex(6)}"
    await _as_admin(postgres_server, f"CREATE DATABASE {name} TEMPLATE template0")
    yield postgres_server.dsn_of(name)
    await _as_admin(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


async def _as_admin(server: Postgres, statement: str) -> None:
    connection = await asyncpg.connect(server.dsn_of("postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
