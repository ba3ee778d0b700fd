"""The relay: empties a service's outbox into the log, in row order, one at a time per service.

Order of things: advisory lock, then publisher (which fences a predecessor that still hangs somewhere), then read
rows. After any error it starts again at the lock. A row is deleted after its acknowledgement; a crash in between
repeats it, which readers allow for (law 2).
"""

import asyncio
import logging
from zlib import crc32

from services.common import metrics
from services.common.backoff import Backoff
from services.common.database import Connection, Database, is_away
from services.common.errors import Unavailable
from services.common.eventlog import EventLog, Publisher
from services.common.eventlog.waiting import set_within
from services.common.outbox import TableOutbox, outgoing_from_row

logger = logging.getLogger(__name__)

_ROWS = 100  # per transaction: one costs 28 ms whatever it holds
_LOOK_AGAIN = 0.25  # seconds; rows of other replicas do not wake us


class Relay:
    """Runs until cancelled."""

    def __init__(self, database: Database, outbox: TableOutbox, log: EventLog) -> None:
        self._database = database
        self._schema = outbox.schema
        self._log = log
        self._written = asyncio.Event()
        self._rows = _ROWS
        outbox.on_commit(self._written.set)

    async def run(self) -> None:
        """Relay for ever; whatever is away is waited for."""
        backoff = Backoff()
        while True:
            try:
                await self._as_the_only_one()
            except Exception as error:
                self._rows = max(1, self._rows // 2)  # what is too much for one transaction must not be tried for ever
                if not (isinstance(error, Unavailable) or is_away(error)):
                    logger.exception("relay failed", extra={"schema": self._schema})
            await backoff.sleep()

    async def _as_the_only_one(self) -> None:
        async with self._database.session() as connection:
            lock = crc32(f"relay {self._schema}".encode())
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock):  # noqa: ASYNC110
                await asyncio.sleep(1)
            publisher = await self._log.publisher(f"leermix-relay-{self._schema}")
            try:
                await self._empty(connection, publisher)
            finally:
                await publisher.close()

    async def _empty(self, connection: Connection, publisher: Publisher) -> None:
        while True:
            self._written.clear()
            rows = await connection.fetch(
                f"SELECT id, topics, keys, bodies, headers FROM {self._schema}.outbox ORDER BY id LIMIT $1",
                self._rows,
            )
            if not rows:
                await self._wait()
                continue
            outgoing = [
                each
                for row in rows
                for each in outgoing_from_row(row["topics"], row["keys"], row["bodies"], row["headers"])
            ]
            await publisher.publish(outgoing)
            await connection.execute(
                f"DELETE FROM {self._schema}.outbox WHERE id = ANY($1)",
                [row["id"] for row in rows],
            )
            self._rows = _ROWS
            for topic, _ in outgoing:
                metrics.LOG_APPENDED.labels(topic=topic).inc()

    async def _wait(self) -> None:
        await set_within(self._written, _LOOK_AGAIN)
