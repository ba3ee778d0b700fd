"""Read your writes, with a bound: a reader waits until what was on the log when it asked has been counted.

A POST answers when ingest's store has the statement; analytics reads the same log with a group of its own, usually
some milliseconds behind. So a look at figures first asks where the log ends now, and waits until the group's
positions are there. Hints that they moved come from the commits, here or in another process; they can be lost, so the
positions are looked up before and after. While the log is away nobody waits.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime

from services.analytics.store import GROUP, positions
from services.common.database import Database, is_away
from services.common.errors import Unavailable
from services.common.eventlog import Batch, EventLog, Partition
from services.common.signals import Signals

CHANNEL = "analytics_applied"
_ASK_SECONDS = 0.5


class CatchingUp:
    """Who waits for the group to have read how far."""

    def __init__(self, database: Database, log: EventLog, signals: Signals, topics: Sequence[str]) -> None:
        self._database = database
        self._log = log
        self._signals = signals
        self._topics = topics
        self._applied: dict[Partition, int] = {}
        self.complete_through: datetime | None = None
        """Everything appended before that moment is counted; None while nobody can tell."""
        self._news: set[asyncio.Event] = set()
        signals.on(CHANNEL, self._heard)

    def announce(self, batch: Batch) -> None:
        """Tell everybody that this batch is counted."""
        self._signals.announce(CHANNEL, f"{batch.partition.topic} {batch.partition.number} {batch.next}")

    async def lag(self, seconds: float) -> int | None:
        """Wait, at most so long, until all that the log holds now is counted; return how many records are not.

        None: the log is away, and nobody knows.
        """
        asked = datetime.now(UTC)
        ends = await self._ends()
        if ends is None:
            return None
        if self._behind(ends) or self._beyond(ends):
            await self._look()
        if self._behind(ends):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._until(ends)
        if self._behind(ends):
            await self._look()
        behind = self._behind(ends)
        if not behind:
            self.complete_through = asked
        return behind

    async def _until(self, ends: dict[Partition, int]) -> None:
        moved = asyncio.Event()
        self._news.add(moved)
        try:
            while self._behind(ends):
                await moved.wait()
                moved.clear()
        finally:
            self._news.discard(moved)

    def _behind(self, ends: dict[Partition, int]) -> int:
        return sum(max(0, end - self._applied.get(partition, 0)) for partition, end in ends.items())

    def _beyond(self, ends: dict[Partition, int]) -> bool:
        """Tell whether more was applied than the log held: just now, or the log or the group has been set back."""
        return any(self._applied.get(partition, 0) > end for partition, end in ends.items())

    async def _ends(self) -> dict[Partition, int] | None:
        """Return where each partition ends that holds anything."""
        if not self._log.available():
            return None
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                asked = await asyncio.gather(*(self._log.ranges(topic) for topic in self._topics))
                held = dict(zip(self._topics, asked, strict=True))
        except Exception as error:
            if not (isinstance(error, Unavailable) or is_away(error)):
                raise
            return None
        return {
            Partition(topic, number): each.end
            for topic, ranges in held.items()
            for number, each in ranges.items()
            if each.end > each.start
        }

    async def _look(self) -> None:
        before = dict(self._applied)
        async with self._database.connection() as connection:
            for partition, position in (await positions.of_group(connection, GROUP)).items():
                if position < before.get(partition, 0):  # an operator has reset the group
                    self._applied[partition] = position
                self._reached(partition, position)

    def _heard(self, payload: str | None) -> None:
        if payload is not None:
            topic, number, position = payload.split()
            self._reached(Partition(topic, int(number)), int(position))

    def _reached(self, partition: Partition, position: int) -> None:
        self._applied[partition] = max(position, self._applied.get(partition, 0))
        for moved in self._news:
            moved.set()
