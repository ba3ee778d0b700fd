"""Read your writes, with a bound: a POST waits until the store has projected what it appended (DESIGN: law 1 decides
acceptance, this only makes it readable). Hints come from the store's commits, here or in another process; a hint can
be lost, and an operator can move the store back, so the positions are looked up each second as well.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from services.common import metrics
from services.common.backoff import pause
from services.common.database import Database, is_away
from services.common.eventlog import Appended, Batch
from services.common.eventlog.waiting import set_within
from services.common.signals import Signals
from services.ingest import store

CHANNEL = "ingest_applied"
_LOOK_AGAIN = 1.0


class Waiting:
    """Who waits for which position, and consistent-through as last known."""

    def __init__(self, database: Database, signals: Signals, away: Callable[[], bool]) -> None:
        self._database = database
        self._signals = signals
        self._away = away
        self._applied: dict[int, int] = {}
        self._waiters: dict[asyncio.Future[bool], Appended] = {}
        self._look = asyncio.Event()
        self.bound = datetime.fromtimestamp(0, UTC)
        signals.on(CHANNEL, self._heard)

    def announce(self, batch: Batch, conflict: bool) -> None:
        """Tell everybody that this batch is projected, and whether one of its statements met a conflict."""
        self._signals.announce(CHANNEL, f"{batch.partition.number} {batch.position} {batch.next} {int(conflict)}")

    async def until_readable(self, appended: Appended, seconds: float) -> bool | None:
        """Wait for the store, at most so long.

        True: it may have met a conflict, look; False: surely none; None: not there yet (or nobody knows now).
        """
        began = time.perf_counter()
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiters[done] = appended
        try:
            if self._applied.get(appended.partition.number, 0) > appended.last:
                return True
            if self._away():
                return None
            async with asyncio.timeout(seconds):
                return await done
        except TimeoutError:
            metrics.STORE_WAIT_EXCEEDED.inc()
            return None
        finally:
            del self._waiters[done]
            metrics.STORE_WAIT_SECONDS.observe(time.perf_counter() - began)

    async def run(self) -> None:
        """Keep consistent-through fresh, and look positions up, until cancelled."""
        while True:
            try:
                async with self._database.connection() as connection:
                    self.saw(await store.bound(connection))
                    self._look.clear()
                    before = dict(self._applied)
                    for partition, position in (await store.applied(connection)).items():
                        if position < before.get(partition, 0):  # an operator has reset the group
                            self._applied[partition] = position
                        self._reached(partition, position, conflict=True)
            except Exception as error:
                if not is_away(error):
                    raise
                await pause(_LOOK_AGAIN)  # not the event: it stays set until a look succeeds
            else:
                await set_within(self._look, _LOOK_AGAIN)

    def saw(self, bound: datetime | None) -> None:
        """Remember the latest consistent-through; it never goes back."""
        if bound is not None:
            self.bound = max(self.bound, bound)

    def _heard(self, payload: str | None) -> None:
        if payload is None:
            self._look.set()
            return
        partition, since, position, conflict = map(int, payload.split())
        # Where a hint was lost or comes late, what lies between is not known to be free of conflicts.
        gap = since > self._applied.get(partition, 0)
        self._reached(partition, position, conflict=bool(conflict) or gap)

    def _reached(self, partition: int, position: int, *, conflict: bool) -> None:
        if position <= self._applied.get(partition, 0):
            return
        self._applied[partition] = position
        for done, appended in self._waiters.items():
            if appended.partition.number == partition and appended.last < position and not done.done():
                done.set_result(conflict)
