"""Sharing one write between concurrent requests: while one is under way, those that come are gathered for the next.

Each request stays whole. A shared write that is known to have failed is tried again request by request, so that
nobody pays for somebody else's bad one; one whose end is not known (`Unavailable`) is not tried again here.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from services.common.errors import Unavailable
from services.common.eventlog import Appended, Entry, Partition

_GROUP_RECORDS = 5_000


@dataclass(eq=False, slots=True)
class Request:
    """One append on its way: its entries, their size, where they go, and the future its caller waits for."""

    partition: Partition
    entries: Sequence[Entry]
    size: int
    landed: asyncio.Future[Appended]


Write = Callable[[Sequence[Request]], Awaitable[Sequence[Appended]]]
"""Writes requests together, all or none. `Unavailable`: not known to be kept. Anything else: known not to be."""


class Room:
    """How much may be pending at once, in requests and in bytes."""

    def __init__(self, requests: int, size: int) -> None:
        self._requests = requests
        self._bytes = size
        self._free_requests = requests
        self._free_bytes = size

    def enter(self, size: int) -> None:
        """Take a place; raises `Unavailable` when there is none. One request fits always when none is there."""
        if self._free_requests <= 0 or (size > self._free_bytes and not self.empty()):
            raise Unavailable("log", "too many requests are waiting to be appended")
        self._free_requests -= 1
        self._free_bytes -= size

    def leave(self, size: int) -> None:
        """Give the place back."""
        self._free_requests += 1
        self._free_bytes += size

    def empty(self) -> bool:
        """Tell whether nothing is pending."""
        return self._free_requests == self._requests

    def full(self) -> bool:
        """Tell whether nothing more would be taken."""
        return self._free_requests <= 0 or self._free_bytes <= 0


class SharedWriter:
    """One write at a time; requests queue for the next one in the order in which they came."""

    def __init__(self, write: Write, room: Room, max_bytes: int) -> None:
        self._write = write
        self._room = room
        self._max_bytes = max_bytes
        self._queue: deque[Request] = deque()
        self._task: asyncio.Task[None] | None = None

    def submit(self, partition: Partition, entries: Sequence[Entry], size: int) -> asyncio.Future[Appended]:
        """Queue a request at once, or raise `Unavailable` when the room is full.

        Cancelling the future takes the request back as long as it has not been taken up.
        """
        self._room.enter(size)
        request = Request(partition, entries, size, asyncio.get_running_loop().create_future())
        self._queue.append(request)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return request.landed

    async def drain(self) -> None:
        """Wait until nothing is pending."""
        while self._task is not None:
            await asyncio.wait([self._task])

    def abandon(self) -> None:
        """Give up what is under way; it may still be kept, but nobody waits for it any more."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            while group := self._gather():
                try:
                    await self._settle(group)
                finally:
                    for request in group:
                        self._room.leave(request.size)
        finally:
            self._task = None

    def _gather(self) -> list[Request]:
        group: list[Request] = []
        size = records = 0
        while self._queue:
            request = self._queue[0]
            size += request.size
            records += len(request.entries)
            if group and (size > self._max_bytes or records > _GROUP_RECORDS):
                break
            self._queue.popleft()
            if request.landed.cancelled():
                self._room.leave(request.size)
                size -= request.size
                records -= len(request.entries)
            else:
                group.append(request)
        return group

    async def _settle(self, group: list[Request]) -> None:
        try:
            landed = await self._write(group)
        except Exception as error:  # noqa: BLE001 - it is handed to whoever waits for the append
            if len(group) == 1 or isinstance(error, Unavailable):
                _fail(group, error)
                return
            for request in group:
                await self._settle([request])
        else:
            for request, where in zip(group, landed, strict=True):
                if not request.landed.done():
                    request.landed.set_result(where)


def _fail(group: list[Request], error: Exception) -> None:
    for request in group:
        if not request.landed.done():
            request.landed.set_exception(error)
            request.landed.exception()  # its caller may have gone: that is not an unhandled error
