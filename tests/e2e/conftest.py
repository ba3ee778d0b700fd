"""leermix as its users run it, in both modes, started once each for all end-to-end tests that do no harm to it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.harness.system import System


@pytest_asyncio.fixture(
    scope="session",
    loop_scope="session",
    params=[pytest.param("up", id="embedded"), pytest.param("up-kafka", id="distributed", marks=pytest.mark.kafka)],
)
async def system(request: pytest.FixtureRequest) -> AsyncIterator[System]:
    """A running system; tests keep apart by sources and people of their own."""
    async with System(request.param) as each:
        yield each
