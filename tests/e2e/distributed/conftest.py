"""What docker-compose.yml describes, as processes of this machine: the same commands and the same environment."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from services.local.errors import LocalError
from services.local.kafka import KafkaCluster
from services.local.postgres import Postgres
from tests.e2e.distributed.composition import Composition
from tests.integration.deploy.conftest import resolve, resolved

__all__ = ["resolve", "resolved"]

_DATABASE = "e2e_distributed"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def composition(resolved: dict[str, Any], postgres_server: Postgres) -> AsyncIterator[Composition]:
    """The gateway and the three services, on a Kafka of their own: its topics hold nothing of other tests."""
    folder = Path(tempfile.mkdtemp(prefix="lm-dist-"))
    kafka = KafkaCluster(folder / "kafka")
    admin = await asyncpg.connect(postgres_server.dsn_of("postgres"))
    try:
        bootstrap = await _started(kafka)
        await admin.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE template0")
        async with Composition(folder, resolved, postgres_server.dsn_of(_DATABASE), bootstrap) as running:
            yield running
    finally:
        await kafka.stop()
        await admin.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)")
        await admin.close()
        shutil.rmtree(folder, ignore_errors=True)


async def _started(kafka: KafkaCluster) -> str:
    """As the shared broker: without network or Java these tests are listed as not run, but CI must have it."""
    try:
        return await kafka.start()
    except LocalError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Apache Kafka: {error}")
