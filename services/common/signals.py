"""Hints between processes: "something you may be waiting for has happened". A hint can be lost, never wrong.

Inside one process it is a call; between processes LISTEN and NOTIFY. NOTIFY is sent after the commit on a connection
of its own: inside a writing transaction it would serialise all commits.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

import asyncpg

from services.common.backoff import Backoff
from services.common.database import Database, is_away
from services.common.eventlog.waiting import set_within

Heard = Callable[[str | None], None]
"""Called with the payload, or with None when hints may have been lost: look for yourself."""

logger = logging.getLogger(__name__)


class Signals(Protocol):
    """Announce and hear."""

    def announce(self, channel: str, payload: str) -> None:
        """Tell everybody, soon. Never blocks, never fails."""

    def on(self, channel: str, heard: Heard) -> None:
        """Have `heard` called for each announcement on the channel. To be called before `run`."""

    async def run(self) -> None:
        """Carry hints until cancelled."""


class LocalSignals:
    """Within one process."""

    def __init__(self) -> None:
        self._heard: dict[str, list[Heard]] = {}

    def announce(self, channel: str, payload: str) -> None:
        """Call everybody who listens."""
        for heard in self._heard.get(channel, ()):
            heard(payload)

    def on(self, channel: str, heard: Heard) -> None:
        """Register a listener."""
        self._heard.setdefault(channel, []).append(heard)

    async def run(self) -> None:
        """Nothing to carry."""
        await asyncio.Event().wait()


class PostgresSignals:
    """Between processes that share a PostgreSQL; announcements of this process are heard here directly too."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._local = LocalSignals()
        self._channels: set[str] = set()
        self._pending: dict[tuple[str, str], None] = {}
        self._something = asyncio.Event()

    def announce(self, channel: str, payload: str) -> None:
        """Tell this process now and the others with the next NOTIFY."""
        self._local.announce(channel, payload)
        self._pending[channel, payload] = None
        self._something.set()

    def on(self, channel: str, heard: Heard) -> None:
        """Register a listener."""
        self._channels.add(channel)
        self._local.on(channel, heard)

    async def run(self) -> None:
        """Listen and notify; after each loss of the connection everybody is told to look again."""
        backoff = Backoff()
        while True:
            try:
                await self._connected()
            except Exception as error:
                if not is_away(error):
                    logger.exception("signals failed")
            await backoff.sleep()

    async def _connected(self) -> None:
        # The pool's reset would drop LISTEN, so this connection is not the pool's.
        connection = await asyncpg.connect(self._database.dsn, timeout=3, command_timeout=10)
        try:
            for channel in self._channels:
                await connection.add_listener(channel, self._received)
            for channel in self._channels:
                self._hear(channel, None)
            while not connection.is_closed():
                await self._send(connection)
        finally:
            connection.terminate()

    async def _send(self, connection: asyncpg.Connection) -> None:
        await set_within(self._something, 1)
        if not self._something.is_set():
            await connection.execute("SELECT 1")  # notices a connection that hangs
            return
        self._something.clear()
        pending, self._pending = list(self._pending), {}
        await connection.execute(
            "SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS p (channel, payload)",
            [channel for channel, _ in pending],
            [payload for _, payload in pending],
        )

    def _received(self, connection: object, pid: int, channel: str, payload: object) -> None:
        self._hear(channel, str(payload))

    def _hear(self, channel: str, payload: str | None) -> None:
        for heard in self._local._heard.get(channel, ()):  # noqa: SLF001 - one file, one idea
            heard(payload)
