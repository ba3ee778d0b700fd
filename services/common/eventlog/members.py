"""What every member of a consumer group does alike: seats, asking `Locate`, refusing positions outside the log."""

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from services.common.backoff import Backoff
from services.common.errors import PositionOutOfRange
from services.common.eventlog import Batch, Locate, Partition, Range
from services.common.eventlog.waiting import set_within

logger = logging.getLogger(__name__)

BATCH_RECORDS = 500
BATCH_BYTES = 4 * 1024 * 1024


class Seat:
    """One assigned partition. It yields nothing while `position` is None: `Locate` has not answered yet."""

    __slots__ = ("error", "news", "position")

    def __init__(self) -> None:
        self.position: int | None = None
        self.error: PositionOutOfRange | None = None
        self.news = True
        """Whether there may be something to read beyond the position."""


class Member(ABC):
    """The part of a `Subscription` that does not depend on what the log is made of."""

    def __init__(self, group: str, topics: Sequence[str], locate: Locate) -> None:
        self.group = group
        self.topics = tuple(topics)
        self._locate = locate
        self._seats: dict[Partition, Seat] = {}
        self._wake = asyncio.Event()
        self._finding: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def assigned(self) -> frozenset[Partition]:
        """Return the partitions this member may read now."""
        return frozenset(self._seats)

    @abstractmethod
    def settled(self) -> bool:
        """Tell whether the group has told this member what it has."""

    async def poll(self, timeout: float) -> Batch | None:  # noqa: ASYNC109 - part of the contract
        """Return the next batch, or None when `timeout` seconds pass without one."""
        deadline = time.monotonic() + timeout
        while True:
            for seat in self._seats.values():
                if seat.error is not None:
                    raise seat.error
            self._wake.clear()
            batch = await self._next(max(0.0, deadline - time.monotonic()))
            if batch is not None:
                self._seats[batch.partition].position = batch.next
                return batch
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            await self._await_news(remaining)

    async def rewind(self, partition: Partition) -> None:
        """Drop what was read ahead and ask `Locate` again."""
        if partition in self._seats:
            self._seat([partition])

    async def close(self) -> None:
        """Stop what runs in the background and leave the group."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._unseat(list(self._seats))
        finding = list(self._finding)  # after the others, which may give seats
        for task in finding:
            task.cancel()
        await asyncio.gather(*finding, return_exceptions=True)

    @abstractmethod
    async def _next(self, patience: float) -> Batch | None:
        """Return a batch of a located seat, from its position, if there is one (or comes while it waits)."""

    @abstractmethod
    async def _range(self, partition: Partition) -> Range:
        """Return what the log holds of the partition now."""

    async def _await_news(self, timeout: float) -> None:  # noqa: ASYNC109 - passed on from poll
        await set_within(self._wake, timeout)

    def _seat(self, partitions: Iterable[Partition]) -> None:
        """Give these partitions fresh seats, not located yet; nothing read before counts any more."""
        for partition in partitions:
            seat = self._seats[partition] = Seat()
            self._placed(partition, None)
            finding = asyncio.create_task(self._find(partition, seat))
            self._finding.add(finding)
            finding.add_done_callback(self._finding.discard)

    def _unseat(self, partitions: Iterable[Partition]) -> None:
        for partition in partitions:
            if self._seats.pop(partition, None) is not None:
                self._placed(partition, None)

    def _placed(self, partition: Partition, position: int | None) -> None:  # noqa: B027 - most have nothing to do
        """Hear that a seat was located, or that it is not (any more): seek, or drop what was read ahead."""

    async def _find(self, partition: Partition, seat: Seat) -> None:
        """Locate one seat, for as long as it is that partition's: one that has no answer yet delays no other."""
        backoff = Backoff(longest=2.0)
        while self._seats.get(partition) is seat and not await self._located(partition, seat):
            await backoff.sleep()

    async def _located(self, partition: Partition, seat: Seat) -> bool:
        """Ask for the position of a partition and what the log holds, and take the seat there; False: not yet."""
        try:
            position = await self._locate(partition, await self._range(partition))
            # Asked again: the previous owner may have gone on while we asked, beyond the end we had seen.
            held = await self._range(partition)
            if self._seats.get(partition) is seat:
                self._take_place(partition, seat, position, held)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing may be read until there is an answer
            logger.warning(
                "not located yet: %s", type(error).__name__, extra={"group": self.group, "topic": partition.topic}
            )
            return False
        return True

    def _take_place(self, partition: Partition, seat: Seat, position: int, held: Range) -> None:
        if held.start <= position <= held.end:
            self._placed(partition, position)
            seat.position = position
        else:
            seat.error = out_of_range(self.group, partition, position, held)
        self._wake.set()


def out_of_range(group: str, partition: Partition, position: int, held: Range) -> PositionOutOfRange:
    """Return the error of a group whose position the log does not hold (any more)."""
    return PositionOutOfRange(
        f"group {group} stands at {position} of {partition.topic}/{partition.number}, "
        f"which holds {held.start} to {held.end}: say where to go on with "
        f"`leermix groups reset {group} {partition.topic} {partition.number} --to beginning`",
        topic=partition.topic,
        partition=partition.number,
        position=position,
    )
