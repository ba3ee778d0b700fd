"""Pausing: what is cancelled ends, also when its clean-up fails."""

import asyncio
from contextlib import suppress

import pytest

from services.common.backoff import Backoff, pause


async def again_and_again(tried: list[float], backoff: Backoff | None) -> None:
    """Try for ever what is away, as consumers, relays and members do; its clean-up fails as well."""
    while True:
        tried.append(asyncio.get_running_loop().time())
        with suppress(OSError):
            try:
                await asyncio.sleep(60)
            finally:
                raise OSError("the connection is gone too")
        await (backoff.sleep() if backoff else pause(0.01))


@pytest.mark.parametrize("backoff", [None, Backoff()])
async def test_a_cancellation_is_not_lost_to_a_clean_up_that_fails(backoff: Backoff | None) -> None:
    tried: list[float] = []
    trying = asyncio.create_task(again_and_again(tried, backoff))
    await asyncio.sleep(0.01)
    trying.cancel()
    done, _ = await asyncio.wait([trying], timeout=2)
    trying.cancel()
    assert done, "it went on as if nobody had cancelled it"
    assert trying.cancelled()
    assert len(tried) == 1


async def test_a_time_limit_that_has_passed_is_no_cancellation() -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(0.01):
            await asyncio.sleep(60)
    await pause(0)
