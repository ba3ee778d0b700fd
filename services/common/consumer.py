"""The one consume loop: poll, decode, a transaction with the handler's effects, its outbox and its new position.

Everything that reads the event log is a `Handler` run by a `Loop`; there is no other reader. The transaction begins
with the compare-and-set on the position (law 2) and ends with the outbox. What cannot be taken becomes a dead letter
that is durable with the position; what is away is waited for; a bug costs its record and is loud (law 7).
"""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from schemas.reasons import NOT_OUR_FAULT, Reason
from schemas.topics import DEAD_LETTER_SUFFIX
from services.common import metrics
from services.common.backoff import Backoff
from services.common.database import Connection, Database, is_away, must_be_retried
from services.common.errors import PositionOutOfRange, Rejected, Stale, Unavailable
from services.common.eventlog import Batch, Entry, EventLog, Partition, Record, Subscription
from services.common.logs import frames_of
from services.common.outbox import Outbox, Outgoing
from services.common.positions import Positions

T = TypeVar("T")

_POLL_SECONDS = 1.0
_WINDOW = 100  # the last records that are looked at for a flood
_FLOOD = 50  # that many dead letters among them, and we are the bug

logger = logging.getLogger(__name__)


class Transaction:
    """What a handler may do besides SQL: publish, and refuse single records. All of it commits together or not."""

    def __init__(self, connection: Connection, group: str, watermark: datetime) -> None:
        self.connection = connection
        self.watermark = watermark
        self.outgoing: list[Outgoing] = []
        self.dead: list[tuple[Record, Reason]] = []
        self._group = group

    def publish(self, topic: str, entry: Entry) -> None:
        """Append this to the topic once the transaction has committed, at least once, in the order of the calls."""
        self.outgoing.append((topic, entry))

    def reject(self, record: Record, reason: Reason) -> None:
        """Make this record a dead letter, with its origin."""
        origin = (
            ("reason", reason.value.encode()),
            ("group", self._group.encode()),
            ("partition", str(record.partition.number).encode()),
            ("offset", str(record.position).encode()),
            ("time", datetime.now(UTC).isoformat().encode()),
        )
        self.publish(
            record.partition.topic + DEAD_LETTER_SUFFIX, Entry(record.key, record.value, record.headers + origin)
        )
        self.dead.append((record, reason))

    def mark(self) -> tuple[int, int, datetime]:
        """Return a mark to `rewind` to when a savepoint is rolled back."""
        return len(self.outgoing), len(self.dead), self.watermark

    def rewind(self, mark: tuple[int, int, datetime]) -> None:
        """Forget what was published and refused since the mark."""
        outgoing, dead, self.watermark = mark
        del self.outgoing[outgoing:]
        del self.dead[dead:]


class Decoded(Generic[T]):
    """A record and its decoded value."""

    __slots__ = ("record", "value")

    def __init__(self, record: Record, value: T) -> None:
        self.record = record
        self.value = value


class Handler(Protocol[T]):
    """What a service does with records. Effects go through the transaction, and nowhere else."""

    @property
    def group(self) -> str:
        """The consumer group, `service.purpose`."""

    @property
    def topics(self) -> Sequence[str]:
        """What it reads."""

    @property
    def schema(self) -> str:
        """Where its positions stand: the schema of its service."""

    @property
    def watermarked(self) -> bool:
        """Whether this group's watermarks mean anything (ingest's store)."""

    def decode(self, record: Record) -> T:
        """Turn a record into a value, purely. Raises `Rejected`."""

    async def lock(self, tx: Transaction, items: Sequence[Decoded[T]]) -> None:
        """Take every lock that `handle` takes for these, each kind in sorted order.

        Called only before the records of a batch are handled one by one; `handle` does the same for its own.
        Lock order everywhere: position row, statement ids, actors, persons, partition counters last.
        """

    async def handle(self, tx: Transaction, items: Sequence[Decoded[T]]) -> None:
        """Do it. Anything raised but a dependency's absence is a bug in one of the records."""

    def committed(self, batch: Batch, dead: Sequence[tuple[Record, Reason]]) -> None:
        """Hear that the batch is committed, and what of it became dead letters: wake whoever waits for it."""


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
        self._log = log
        self._database = database
        self._outbox = outbox
        self._positions = Positions(database, handler.schema, handler.group)
        self._recent: deque[bool] = deque(maxlen=_WINDOW)
        self._backoff = Backoff()
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
            self._stop(str(error))
        finally:
            measuring.cancel()
            await asyncio.gather(measuring, return_exceptions=True)
            await subscription.close()

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
        if batch is not None:
            self._in_hand = batch
            await self._take(subscription, batch)
            self._in_hand, self._took[batch.partition] = None, time.monotonic()
        elif subscription.settled():
            self._runs()

    async def _take(self, subscription: Subscription, batch: Batch) -> None:
        """Process a batch; while PostgreSQL is away wait for it, as long as the partition is ours."""
        while batch.partition in subscription.assigned():
            self.alive = self.placed = time.monotonic()
            try:
                await self._process(batch)
            except Stale:
                logger.info("stale owner", extra={"group": self.handler.group, "topic": batch.partition.topic})
                await subscription.rewind(batch.partition)
                return
            except Exception as error:
                if must_be_retried(error):
                    await asyncio.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - so that two do not meet again
                    continue
                if not is_away(error):
                    raise
                await self._wait("postgresql")
            else:
                self._runs()
                return

    async def _process(self, batch: Batch) -> None:
        with metrics.GROUP_SECONDS.labels(self.handler.group).time():
            try:
                tx = await self._transact(batch, one_by_one=False)
            except Exception as error:
                if isinstance(error, Stale) or must_be_retried(error) or is_away(error):
                    raise
                logger.warning("batch failed, taking it record by record", extra={"group": self.handler.group})
                tx = await self._transact(batch, one_by_one=True)
        self._outbox.committed(tx.outgoing)
        self.handler.committed(batch, tx.dead)
        self._count(batch, tx)

    async def _transact(self, batch: Batch, *, one_by_one: bool) -> Transaction:
        async with self._database.transaction() as connection:
            watermark = await self._positions.move(connection, batch)
            tx = Transaction(connection, self.handler.group, watermark)
            items = self._decode(tx, batch)
            if one_by_one:
                await self.handler.lock(tx, items)
                for item in items:
                    await self._handle_alone(tx, item)
            elif items:
                await self.handler.handle(tx, items)
            if tx.watermark != watermark:
                await self._positions.advance(connection, batch.partition, tx.watermark)
            if tx.outgoing:
                await self._outbox.write(connection, tx.outgoing)
        return tx

    def _decode(self, tx: Transaction, batch: Batch) -> list[Decoded[T]]:
        items = []
        for record in batch.records:
            try:
                items.append(Decoded(record, self.handler.decode(record)))
            except Rejected as rejected:
                tx.reject(record, rejected.reason)
            except Exception as error:  # noqa: BLE001 - decoding is pure: whatever it is, it is this record's
                self._bury(tx, record, error)
        return items

    async def _handle_alone(self, tx: Transaction, item: Decoded[T]) -> None:
        self.alive = self.placed = time.monotonic()  # many records, each with its savepoint, may take a while
        mark = tx.mark()
        try:
            async with tx.connection.transaction():
                await self.handler.handle(tx, [item])
        except Rejected as rejected:
            tx.rewind(mark)
            tx.reject(item.record, rejected.reason)
        except Exception as error:
            if must_be_retried(error) or is_away(error):
                raise
            tx.rewind(mark)
            self._bury(tx, item.record, error)

    def _bury(self, tx: Transaction, record: Record, error: Exception) -> None:
        """Make the record on which our code fails a dead letter, loudly: the traceback without the message, which may
        quote the statement.
        """
        tx.reject(record, Reason.HANDLER_ERROR)
        logger.error(
            "handler failed",
            extra={
                "group": self.handler.group,
                "topic": record.partition.topic,
                "partition": record.partition.number,
                "offset": record.position,
                "exception": frames_of(error),
            },
        )

    def _count(self, batch: Batch, tx: Transaction) -> None:
        metrics.LOG_CONSUMED.labels(self.handler.group, batch.partition.topic).inc(len(batch.records))
        bad = {id(record) for record, reason in tx.dead if reason not in NOT_OUR_FAULT}
        self._recent.extend(id(record) in bad for record in batch.records)
        for record, reason in tx.dead:
            metrics.DEAD_LETTERS.labels(self.handler.group, record.partition.topic, reason.value).inc()
        if sum(self._recent) >= _FLOOD:
            raise Stopped(
                f"{sum(self._recent)} of the last {len(self._recent)} records became dead letters: "
                "look at the log of this process, mend the cause and start it again"
            )

    async def _measure_each_second(self, subscription: Subscription) -> None:
        """Tell the lag, and raise the watermarks of quiet partitions.

        Beside the turns: while one broker of several is silent it takes seconds until the question is given up, and
        the partitions of the others go on.
        """
        while True:
            await asyncio.sleep(1.0)
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

    def _runs(self) -> None:
        if self.state != State.RUNNING:
            logger.info("running", extra={"group": self.handler.group})
            self._backoff.reset()
        self.state, self.why = State.RUNNING, ""

    def _stop(self, why: str) -> None:
        self.state, self.why = State.STOPPED, why
        metrics.GROUP_STOPPED.labels(self.handler.group).set(1)
        logger.critical("group stopped: %s", why, extra={"group": self.handler.group})


async def watch(loops: Sequence[Loop[object]], stuck_after: float = 60.0) -> str:
    """Return the name of the first group whose loop has not turned for `stuck_after` seconds, or has had no place
    in its group for twice as long although the log was there.
    """
    while True:
        await asyncio.sleep(stuck_after / 10)
        now = time.monotonic()
        for loop in loops:
            if loop.state == State.STOPPED:
                continue
            if now - loop.alive > stuck_after or now - loop.placed > 2 * stuck_after:
                return loop.handler.group
