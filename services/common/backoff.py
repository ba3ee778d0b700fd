"""Waiting for something that is away: a little longer each time, with jitter, and short again after success.

And pausing without losing a cancellation. What is cancelled while its dependencies go too may fail in its clean-up,
and that error takes the place of the CancelledError; whoever waits and tries again after errors would go on for ever,
and hang whoever closes it. So everything that does so pauses here.
"""

import asyncio
import random
import time

_RESET_AFTER = 30.0  # seconds without a sleep: what went wrong then is another story


async def pause(seconds: float) -> None:
    """Sleep, unless this task has been cancelled already: raises the CancelledError that an error took the place of."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    await asyncio.sleep(seconds)


class Backoff:
    """Sleeps 0.1 s, 0.2 s, … up to `longest` seconds."""

    def __init__(self, longest: float = 3.0) -> None:
        self._longest = longest
        self._next = 0.1
        self._last = time.monotonic()

    async def sleep(self) -> None:
        """Wait for the present step, then make the next one longer."""
        if time.monotonic() - self._last > _RESET_AFTER:
            self.reset()
        await pause(self._next * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
        self._next = min(self._longest, self._next * 2)
        self._last = time.monotonic()

    def reset(self) -> None:
        """Begin short again."""
        self._next = 0.1
