"""The one consume loop: poll, decode, a transaction with the handler's effects, its outbox and its new position.

The transaction begins with the compare-and-set on the position (law 2) and ends with the outbox. What cannot be taken
becomes a dead letter that is durable with the position; what is away is waited for; what is too much for PostgreSQL at
once is taken in parts; a bug costs its record and is loud (law 7).
"""

import asyncio
import logging
import random
import time
from collections import deque
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from schemas.reasons import NOT_OUR_FAULT
from services.common import metrics
from services.common.backoff import Backoff, pause
from services.common.consumer import Handler, Transaction
from services.common.database import Database, is_away, must_be_retried
from services.common.errors import PositionOutOfRange, Stale, TooSlow, Unavailable
from services.common.eventlog import Batch, EventLog, Partition, Subscription
from services.common.outbox import Outbox
from services.common.portions import Portions, rest_of
from services.common.positions import Positions
from services.common.standstill import Standstill
from services.common.taking import Taking

T = TypeVar("T")

_POLL_SECONDS = 1.0
_WINDOW = 100  # the last records that are looked at for a flood
_FLOOD = 50  # that many dead letters among them, and we are the bug
_PAUSE = 10  # a record that is too slow alone is tried again after a tenth of the time that it was given

logger = logging.getLogger(__name__)


class State(StrEnum):
    """How a loop is doing, as readiness shows it."""

    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"
    STOPPED = "stopped"


class Stopped(Exception):  # noqa: N818
    """The group cannot go on without an operator; the message says why and what to do."""


class Loop(Generic[T]):
    """One member of one group, run until cancelled or stopped."""

    def __init__(self, handler: Handler[T], log: EventLog, database: Database, outbox: Outbox) -> None:
        self.handler = handler
        self.state = State.STARTING
        self.why = ""
        self.alive = self.placed = time.monotonic()
        """When it last turned, and when it last had, or could not have, a place in its group: the watchdog's facts."""
        self.slow: dict[Partition, int] = {}
        """Where a single record takes longer than one statement may: its position."""
        self._log = log
        self._database = database
        self._outbox = outbox
        self._positions = Positions(database, handler.schema, handler.group)
        self._taking = Taking(handler, self._positions, database, outbox, self._turns)
        self._portions = Portions()
        self._recent: deque[bool] = deque(maxlen=_WINDOW)
        self._backoff = Backoff()
        self._standstill = Standstill(self._positions)
        self._in_hand: Batch | None = None
        self._took: dict[Partition, float] = {}

    async def run(self) -> None:
        """Consume. Returns only when the group has stopped; a bug outside the handler is raised."""
        subscription = self._log.subscribe(self.handler.group, self.handler.topics, self._positions.locate)
        measuring = asyncio.create_task(self._measure_each_second(subscription))
        try:
            while True:
                await self._turn(subscription)
                if measuring.done():
                    measuring.result()  # a bug: raised
        except (PositionOutOfRange, Stopped) as error:
            await self._stop(error)
        finally:
            measuring.cancel()
            await asyncio.gather(measuring, return_exceptions=True)
            await subscription.close()

    def waits_for(self) -> list[str]:
        """Return, in words, what this member waits for."""
        seconds = f"{self._database.command_timeout:g} s"
        slow = [
            f"one record at {partition.topic}/{partition.number}/{position}, which takes longer than {seconds}"
            for partition, position in sorted(self.slow.items())
        ]
        return slow or ([self.why] if self.state is State.WAITING else [])

    async def until_resumed(self) -> None:
        """Once stopped: wait until an operator lets the group go on (`leermix groups reset` or `resume`)."""
        await self._standstill.end()

    async def _turn(self, subscription: Subscription) -> None:
        self.alive = time.monotonic()
        try:
            batch = await subscription.poll(_POLL_SECONDS)
        except Unavailable as error:
            self.placed = time.monotonic()
            await self._wait(error.what)
            return
        if batch is not None or subscription.settled() or not self._log.available():
            self.placed = time.monotonic()
        self.slow = {each: position for each, position in self.slow.items() if each in subscription.assigned()}
        if batch is not None:
            await self._take(subscription, batch)
            self._in_hand, self._took[batch.partition] = None, time.monotonic()
        elif subscription.settled():
            self._runs()

    async def _take(self, subscription: Subscription, batch: Batch) -> None:
        """Process a batch, whole or in parts, as long as the partition is ours; wait while PostgreSQL is away."""
        rest: Batch | None = batch
        while rest is not None and batch.partition in subscription.assigned():
            self._turns()
            self._in_hand = rest
            part = self._portions.first_of(rest)
            try:
                await self._process(part)
            except Stale:
                logger.info("stale owner", extra={"group": self.handler.group, "topic": batch.partition.topic})
                await subscription.rewind(batch.partition)
                return
            except TooSlow:
                if not await self._goes_on_smaller(part):
                    await subscription.rewind(batch.partition)  # the other partitions have their turn meanwhile
                    return
            except Exception as error:
                if must_be_retried(error):
                    await pause(random.uniform(0.005, 0.05))  # noqa: S311 - so that two do not meet again
                    continue
                if not is_away(error):
                    raise
                await self._wait("postgresql")
            else:
                self.slow.pop(part.partition, None)
                rest = rest_of(rest, part)
                self._runs()

    async def _goes_on_smaller(self, part: Batch) -> bool:
        """See to a part that was not done in time; False: it is a single record, which has waited for now.

        It stays a wait and never becomes a dead letter (law 7), but it is not a silent one. Only where PostgreSQL
        answers another question is the part itself too much for it; otherwise it is away, and size is not the matter.
        """
        if not await self._database.answers_elsewhere():
            await self._wait("postgresql")
            return True
        metrics.GROUP_TOO_SLOW.labels(self.handler.group, part.partition.topic).inc()
        logger.error(
            "not done in time, postgresql answers otherwise",
            extra={
                "group": self.handler.group,
                "topic": part.partition.topic,
                "partition": part.partition.number,
                "offset": part.position,
                "records": len(part.records),
            },
        )
        if self._portions.was_too_much(part):
            return True
        self.slow[part.partition] = part.records[0].position
        self.state = State.WAITING
        await pause(self._database.command_timeout / _PAUSE)
        return False

    async def _process(self, batch: Batch) -> None:
        began = time.monotonic()
        with metrics.GROUP_SECONDS.labels(self.handler.group).time():
            tx = await self._taking.take(batch)
        self._portions.was_done(batch, time.monotonic() - began, self._database.command_timeout)
        self._outbox.committed(tx.outgoing)
        self.handler.committed(batch, tx.dead)
        self._count(batch, tx)

    def _count(self, batch: Batch, tx: Transaction) -> None:
        metrics.LOG_CONSUMED.labels(self.handler.group, batch.partition.topic).inc(len(batch.records))
        bad = {id(record) for record, reason in tx.dead if reason not in NOT_OUR_FAULT}
        self._recent.extend(id(record) in bad for record in batch.records)
        for record, reason in tx.dead:
            metrics.DEAD_LETTERS.labels(self.handler.group, record.partition.topic, reason.value).inc()
        if sum(self._recent) >= _FLOOD:
            raise Stopped(
                f"{sum(self._recent)} of the last {len(self._recent)} records became dead letters: "
                "mend the cause (leermix_dead_letters_total has their reasons, the log its tracebacks), then "
                f"`leermix groups resume {self.handler.group}`"
            )

    async def _measure_each_second(self, subscription: Subscription) -> None:
        """Tell the lag, and raise the watermarks of quiet partitions.

        Beside the turns: while one broker of several is silent it takes seconds until the question is given up, and
        the partitions of the others go on.
        """
        while True:
            await pause(1.0)
            try:
                await self._measure(subscription)
            except Exception as error:
                if not (is_away(error) or must_be_retried(error)):
                    raise

    async def _measure(self, subscription: Subscription) -> None:
        now = time.monotonic()
        lag = await subscription.lag()
        if self._in_hand is not None and self._in_hand.partition in lag:
            lag[self._in_hand.partition] += len(self._in_hand.records)  # read, but not taken yet
        for partition, records in lag.items():
            metrics.LOG_LAG.labels(self.handler.group, partition.topic, str(partition.number)).set(records)
        if self.handler.watermarked:
            quiet = [each for each, records in lag.items() if records == 0 and now - self._took.get(each, 0) >= 1]
            if quiet:
                await self._positions.idle(quiet, datetime.now(UTC))

    async def _wait(self, what: str) -> None:
        if self.state != State.WAITING:
            logger.warning("waiting", extra={"group": self.handler.group, "for": what})
        self.state, self.why = State.WAITING, what
        await self._backoff.sleep()

    def _turns(self) -> None:
        self.alive = self.placed = time.monotonic()

    def _runs(self) -> None:
        if self.state != State.RUNNING:
            logger.info("running", extra={"group": self.handler.group})
            self._backoff.reset()
        self.state, self.why = State.RUNNING, ""

    async def _stop(self, error: PositionOutOfRange | Stopped) -> None:
        await self._standstill.begin(error if isinstance(error, PositionOutOfRange) else None)
        self.state, self.why = State.STOPPED, str(error)
        metrics.GROUP_STOPPED.labels(self.handler.group).set(1)
        logger.critical("group stopped: %s", self.why, extra={"group": self.handler.group})
