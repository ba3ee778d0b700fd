"""Parts that run beside this process and are started again when they end by themselves."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from services.common.backoff import Backoff
from services.console.terminal import say

T = TypeVar("T")

logger = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def kept(
    name: str, wait: Callable[[], Awaitable[T]], again: Callable[[T], Awaitable[object]]
) -> AsyncIterator[None]:
    """Inside: whenever `wait` returns, `again` is called with what it returned, until it succeeds."""
    keeping = asyncio.create_task(_keep(name, wait, again))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _keep(name: str, wait: Callable[[], Awaitable[T]], again: Callable[[T], Awaitable[object]]) -> None:
    backoff = Backoff(longest=10)
    while True:
        ended = await wait()
        say(f"{name} ended by itself; starting it again")
        while True:
            await backoff.sleep()
            try:
                await again(ended)
            except Exception as error:
                logger.exception("part does not start", extra={"part": name})
                say(f"{name} does not start: {error}")
            else:
                say(f"{name} was started again")
                break
