"""The real parts that tests share: one PostgreSQL and one Kafka for the whole run, started when first asked for."""

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from services.local.errors import LocalError
from services.local.kafka import KafkaCluster
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kafka_server() -> AsyncIterator[str]:
    """The bootstrap servers of one real Kafka broker; tests make topics of their own."""
    folder = Path(tempfile.mkdtemp(prefix="leermix-kafka-"))
    cluster = KafkaCluster(folder)
    try:
        yield await _start_or_skip(cluster)
    finally:
        await cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kafka_cluster3() -> AsyncIterator[Callable[[], Awaitable[KafkaCluster]]]:
    """Gives, when awaited, the run's three brokers, all of them up: what an earlier test killed is started again."""
    folder = Path(tempfile.mkdtemp(prefix="leermix-kafka3-"))
    cluster = KafkaCluster(folder, brokers=3)

    async def whole() -> KafkaCluster:
        if not cluster.bootstrap:
            await _start_or_skip(cluster)
        for number in (1, 2, 3):
            cluster.resume(number)
            if not cluster.alive(number):
                await cluster.start_broker(number)
        await cluster.until_whole()
        return cluster

    try:
        yield whole
    finally:
        await cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _start_or_skip(cluster: KafkaCluster) -> str:
    """Without network or Java there is no Kafka: then these tests are listed as not run, but CI must have it."""
    try:
        return await cluster.start()
    except LocalError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Apache Kafka: {error}")
