"""One harness per kind of log: the same suite holds all three to the contract."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contract.harness import Harness, KafkaHarness, MemoryHarness, PostgresHarness


@pytest_asyncio.fixture
async def memory() -> AsyncIterator[MemoryHarness]:
    built = MemoryHarness()
    yield built
    await built.close()


@pytest_asyncio.fixture
async def postgres(database: str) -> AsyncIterator[PostgresHarness]:
    built = PostgresHarness(database)
    yield built
    await built.close()


@pytest_asyncio.fixture
async def kafka(kafka_server: str) -> AsyncIterator[KafkaHarness]:
    built = KafkaHarness(kafka_server)
    yield built
    await built.close()


@pytest.fixture(params=["memory", "postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
def harness(request: pytest.FixtureRequest) -> Harness:
    built: Harness = request.getfixturevalue(request.param)
    return built
