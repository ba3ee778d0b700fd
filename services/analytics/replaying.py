"""Replay: history derived beside what is served, then a switch (law 10).

A derivation that is not complete is read from the statement store, oldest first, in batches that are transactions of
their own; where it stands is a row, so a crash costs one batch. New statements are derived under it at the same time,
and none is missed: the replay begins when every transaction that was under way when the derivation was made has ended
(store/replays.py), and what analytics had heard before that and the store does not show yet is waited for at the end.
Each statement is derived under the lock of its id, by what the id stands for at that moment.
"""

import logging
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import asyncpg

from services.analytics.acting import Acting
from services.analytics.announcing import Announcing
from services.analytics.history import History
from services.analytics.store import replays, voice
from services.analytics.store.replays import Replay
from services.common import metrics
from services.common.backoff import Backoff, pause
from services.common.consumer import Transaction
from services.common.database import Database, is_away

_BATCH = 2_000
_SWEPT = 5_000
_KEPT = timedelta(days=30)
_PERSONS = 500
_LOOK_SECONDS = 1.0
_TIDY_SECONDS = 60.0
_STORE_SECONDS = 30.0
_TAIL = timedelta(minutes=10)  # what is stored out of order is stored within a moment
_BEGINNING = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
_LOCK = 0x6C6D7270  # "lmrp"

logger = logging.getLogger(__name__)


class Replaying:
    """Does one replay after another, in one process of the installation at a time."""

    def __init__(self, database: Database, acting: Acting, history: History, announcing: Announcing) -> None:
        self._database = database
        self._acting = acting
        self._history = history
        self._announcing = announcing
        self._tidied = 0.0

    async def run(self) -> None:
        """Replay for ever; whatever is away is waited for."""
        backoff = Backoff()
        while True:
            try:
                await self._as_the_only_one()
            except Exception as error:
                if not is_away(error) and not isinstance(
                    error, asyncpg.UndefinedTableError | asyncpg.InvalidSchemaNameError
                ):
                    logger.exception("replay failed")
            await backoff.sleep()

    async def _as_the_only_one(self) -> None:
        async with self._database.session() as connection:
            while True:
                # The lock goes with the session, so each round makes sure that it is still there.
                if await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                    while await self.step():
                        await connection.execute("SELECT 1")
                    await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
                await pause(_LOOK_SECONDS)

    async def step(self) -> bool:
        """Do what is to be done next, whole; False when there is nothing."""
        async with self._database.connection() as connection:
            await replays.notice(connection)
            replay = await replays.next_one(connection)
            served = None if replay else await replays.unannounced(connection)
        if replay is not None:
            await self._replay(replay)
        elif served is not None:
            await self._announce(*served)
        else:
            return await self._tidy()
        return True

    async def _tidy(self) -> bool:
        """Delete a little of what nobody switches back to any more, now and then; tell whether there was something."""
        if time.monotonic() < self._tidied + _TIDY_SECONDS:
            return False
        async with self._database.connection() as connection:
            await replays.retire(connection, _KEPT)
            swept = await replays.sweep(connection, _SWEPT)
        if not swept:
            self._tidied = time.monotonic()
        return bool(swept)

    async def _replay(self, replay: Replay) -> None:
        began, done = time.monotonic(), replay.done
        if replay.at is None:
            async with self._database.connection() as connection:
                total = await replays.count(connection, replay)
            logger.info("replay begins", extra={"derivation": replay.derivation, "statements": total})
        at = await self._read(replay, replay.at or _BEGINNING)
        if at is None:
            return
        late = await self._late(replay)
        for place in range(0, len(late), _BATCH):
            await self._derive(replay, late[place : place + _BATCH])
        await self._read(replay, (at[0] - _TAIL, UUID(int=0)), count=False)
        await self._acting.run(lambda tx: self._add(tx, replay))
        await self._end(replay)
        seconds = time.monotonic() - began
        async with self._database.connection() as connection:
            told = next(
                each
                for each in await replays.listed(connection, replay.tenant)
                if each["derivation"] == replay.derivation
            )
        read = told["done"] - done
        logger.info(
            "replay is complete",
            extra={
                "derivation": replay.derivation,
                "statements": read,
                "per_second": round(read / max(seconds, 0.001)),
            },
        )

    async def _read(
        self, replay: Replay, at: tuple[datetime, UUID], *, count: bool = True
    ) -> tuple[datetime, UUID] | None:
        """Derive everything after this place; return where that ended, None when it is not wanted any more."""
        while True:
            async with self._database.connection() as connection:
                page = await replays.page(connection, replay.tenant, at, _BATCH)
            if not page:
                return at
            at = (page[-1][1], UUID(page[-1][0]))
            wanted = await self._derive(replay, [each for each, _ in page], at if count else None)
            if not wanted:
                return None
            if count:
                metrics.REPLAYED.inc(len(page))

    async def _derive(self, replay: Replay, ids: list[str], at: tuple[datetime, UUID] | None = None) -> bool:
        async def batch(tx: Transaction) -> bool:
            await self._history.rederive(tx, {(replay.tenant, each) for each in ids}, only=replay.derivation)
            return at is None or await replays.advance(tx.connection, replay, at, len(ids))

        return await self._acting.run(batch)

    async def _late(self, replay: Replay) -> list[str]:
        """Wait for what analytics had heard and the store did not show; return what came."""
        async with self._database.connection() as connection:
            waited_for = missing = await replays.missing(connection, replay.tenant)
        until = time.monotonic() + _STORE_SECONDS
        while missing and time.monotonic() < until:
            await pause(_LOOK_SECONDS)
            async with self._database.connection() as connection:
                missing = waited_for & await replays.missing(connection, replay.tenant)
        if missing:
            logger.warning("statements without a body stay as they were derived", extra={"statements": len(missing)})
        return sorted(waited_for - missing)

    async def _add(self, tx: Transaction, replay: Replay) -> None:
        after: str | None = None
        while held := await voice.counting(tx.connection, replay.tenant, after, _BATCH):
            ids = [each.addition.id for each in held]
            await self._history.derive_additions(tx, replay.tenant, ids, only=replay.derivation)
            after = ids[-1]

    async def _end(self, replay: Replay) -> None:
        async with self._database.transaction() as connection:
            await replays.complete(connection, replay.tenant, replay.derivation)
            if replay.switch and replay.state == "building":
                await replays.switch(connection, replay.tenant, replay.derivation)

    async def _announce(self, tenant: str, derivation: int) -> None:
        """Publish every person's mix by the derivation that is served now, and have their months summed up anew."""
        after = str(UUID(int=0))
        while True:
            async with self._database.connection() as connection:
                persons = await replays.persons(connection, tenant, after, _PERSONS)
            if not persons:
                break
            await self._acting.run(partial(self._announcing.mixes, persons=[(tenant, person) for person in persons]))
            after = persons[-1]
        async with self._database.connection() as connection:
            await replays.announced(connection, tenant, derivation)
