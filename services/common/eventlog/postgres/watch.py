"""Who hears what: one connection per log that listens, tells other processes, and looks for itself each second.

A notification is a hint and can be lost, so on every reconnect and each second all ends are compared with what was
known. It is sent on this connection, never in a writing transaction, and several at once are told as one.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable

import asyncpg

from services.common.backoff import Backoff
from services.common.database import is_away
from services.common.eventlog.postgres import statements
from services.common.eventlog.waiting import set_within

NEWS = "leermix_log"
"""The channel on which the ids of partitions with new records are told."""
GROUPS = "leermix_groups"
"""The channel on which the name of a group is told whose members have changed."""

_LOOK_EVERY = 1.0
_CLOSE_WITHIN = 2.0

logger = logging.getLogger(__name__)

Connect = Callable[[], Awaitable[asyncpg.Connection]]


class Watch:
    """Calls `on_news` with ids of partitions that may have new records, and `on_group` with names of groups."""

    def __init__(
        self, connect: Connect, on_news: Callable[[Iterable[int]], None], on_group: Callable[[str], None]
    ) -> None:
        self.connected = False
        self._connect = connect
        self._on_news = on_news
        self._on_group = on_group
        self._ends: dict[int, int] = {}
        self._untold: set[int] = set()
        self._something = asyncio.Event()

    def announce(self, partitions: Iterable[int]) -> None:
        """Wake the readers of this process now, and those of others as soon as the connection is free."""
        fresh = set(partitions)
        self._on_news(fresh)
        self._untold |= fresh
        self._something.set()

    async def run(self) -> None:
        """Attend until cancelled; a lost connection is made again."""
        backoff = Backoff(longest=2.0)
        while True:
            try:
                await self._attend()
            except Exception as error:
                if not is_away(error):
                    logger.exception("the watch failed")
                self.connected = False
            await backoff.sleep()

    async def _attend(self) -> None:
        connection = await self._connect()
        try:
            await connection.add_listener(NEWS, self._hear)
            await connection.add_listener(GROUPS, self._hear)
            while True:
                await self._look(connection)
                self.connected = True
                await self._tell_until(connection, time.monotonic() + _LOOK_EVERY)
        finally:
            await close_quickly(connection)

    async def _look(self, connection: asyncpg.Connection) -> None:
        ends = {row["id"]: row["next"] for row in await connection.fetch(statements.ENDS)}
        changed = [identity for identity, end in ends.items() if self._ends.get(identity) != end]
        self._ends = ends
        if changed:
            self._on_news(changed)

    async def _tell_until(self, connection: asyncpg.Connection, deadline: float) -> None:
        while (remaining := deadline - time.monotonic()) > 0:
            await set_within(self._something, remaining)
            self._something.clear()
            if self._untold:
                payload = " ".join(map(str, self._untold))
                self._untold.clear()
                await connection.execute(statements.NOTIFY, NEWS, payload)

    def _hear(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        if channel == GROUPS:
            self._on_group(str(payload))
        else:
            self._on_news([int(identity) for identity in str(payload).split()])


async def close_quickly(connection: asyncpg.Connection) -> None:
    """Close a connection in good order if that is possible at once, else drop it."""
    try:
        await connection.close(timeout=_CLOSE_WITHIN)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        connection.terminate()
