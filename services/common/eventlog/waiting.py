"""Waiting for an event, but not for ever."""

import asyncio
import contextlib


async def set_within(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set, or after that many seconds.

    Not `asyncio.wait_for`: until Python 3.12 it swallows a cancellation that comes together with the event, and a
    task that is cancelled once and goes on for ever hangs whoever closes it.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
