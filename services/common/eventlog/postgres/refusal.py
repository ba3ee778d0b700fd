"""Whether PostgreSQL takes what is written: it may answer every question while its disk is full."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable

import asyncpg

from services.common.backoff import pause
from services.common.database import is_away
from services.common.eventlog import Entry
from services.common.eventlog.postgres import statements
from services.common.eventlog.postgres.arrangement import arrange

_TRY_EVERY = 0.5
_TRIAL_BYTES = 64 * 1024  # more than the free space of a page: a full disk refuses it

logger = logging.getLogger(__name__)


class Refusal:
    """`why` an append failed last (the class of its cause), until one succeeds, be it only one on trial."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]], partition: Callable[[], int]) -> None:
        self.why: str | None = None
        self._connect = connect
        self._partition = partition
        self._trying: asyncio.Task[None] | None = None

    def failed(self, error: BaseException) -> None:
        """Take note of a failed append, warn once, and try until one succeeds."""
        if self.why is None:
            logger.warning("the event log takes nothing", extra={"because": type(error).__name__})
        self.why = type(error).__name__
        if self._trying is None:
            self._trying = asyncio.create_task(self._try_until_taken())

    def over(self) -> None:
        """Take note of an append that succeeded."""
        if self.why is not None:
            logger.warning("the event log takes appends again")
            self.why = None

    async def close(self) -> None:
        """Try no more."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)

    async def _try_until_taken(self) -> None:
        try:
            while self.why is not None:
                await pause(_TRY_EVERY)
                try:
                    await self._trial()
                except Exception as error:
                    if not is_away(error):
                        logger.exception("the trial append failed")
                else:
                    self.over()
        finally:
            self._trying = None

    async def _trial(self) -> None:
        """Append what nobody will see, and roll it back; random bytes, since others would be compressed away."""
        connection = await self._connect()
        try:
            trial = connection.transaction()
            await trial.start()
            entries = (Entry(None, os.urandom(_TRIAL_BYTES)),)
            await connection.fetchval(statements.APPEND, *arrange([(self._partition(), entries)]).arguments())
            await trial.rollback()
        finally:
            connection.terminate()
