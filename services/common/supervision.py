"""What keeps a group running: the watchdog, a start after a bug (embedded), a start after an operator's word.

Distributed, a bug outside a handler ends the process, which is restarted (law 7). Embedded, there is nobody to restart
it, so the loop starts anew with back-off and readiness names it. A group that has stopped by itself goes on, in either
mode and without a restart, when an operator says so (`leermix groups reset` or `resume`).
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any

from services.common import metrics
from services.common.backoff import Backoff
from services.common.consumer import Handler
from services.common.loop import Loop, State
from services.common.outbox import Outbox
from services.common.runtime import Runtime

logger = logging.getLogger(__name__)


async def consume(runtime: Runtime, handler: Handler[Any], outbox: Outbox) -> None:
    """Run a handler's loop until cancelled; distributed, a bug is raised."""
    backoff = Backoff(longest=30)
    while True:
        loop = Loop(handler, runtime.log, runtime.database, outbox)
        runtime.loops[:] = [each for each in runtime.loops if each.handler is not handler] + [loop]
        metrics.GROUP_STOPPED.labels(handler.group).set(0)
        try:
            await _watched(loop)
            await loop.until_resumed()
            logger.warning("group resumed by an operator", extra={"group": handler.group})
        except Exception:
            if runtime.distributed:
                raise
            logger.exception("group failed, starting it again", extra={"group": handler.group})
            loop.state, loop.why = State.WAITING, "its next start: it failed, see the log"
            await backoff.sleep()


async def _watched(loop: Loop[Any]) -> None:
    running = asyncio.ensure_future(loop.run())
    watching = asyncio.ensure_future(watch([loop]))
    try:
        await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            raise RuntimeError(f"group {loop.handler.group} has not turned for too long, or has no place")
        if running.cancelled():  # not by us: something within was cancelled, and its CancelledError ended the loop
            raise RuntimeError(f"group {loop.handler.group} was cancelled from within")
        await running
    finally:
        running.cancel()
        watching.cancel()
        await asyncio.gather(running, watching, return_exceptions=True)


async def watch(loops: Sequence[Loop[Any]], stuck_after: float = 60.0) -> str:
    """Return the name of the first group whose loop has not turned for `stuck_after` seconds, or has had no place
    in its group for twice as long although the log was there.
    """
    while True:
        await asyncio.sleep(stuck_after / 10)
        now = time.monotonic()
        for loop in loops:
            if loop.state == State.STOPPED:
                continue
            if now - loop.alive > stuck_after or now - loop.placed > 2 * stuck_after:
                return loop.handler.group
