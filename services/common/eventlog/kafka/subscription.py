"""A member of a Kafka consumer group.

What aiokafka would do on its own is kept from it: it commits nothing and resets nothing, and a newly assigned
partition is paused, at a place it is never read from, before aiokafka can ask for a committed offset. It is resumed
when `Locate` has answered and the seek was made. (What a rebalance listener raises is swallowed, so none of this
happens inside the listener.)
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord, TopicPartition

from services.common.backoff import Backoff
from services.common.errors import Unavailable
from services.common.eventlog import Batch, Locate, Partition, Range, Record
from services.common.eventlog.kafka.link import partition_key, stop_quickly
from services.common.eventlog.kafka.survey import Survey
from services.common.eventlog.members import Member, Seat, out_of_range
from services.common.eventlog.requests import cut
from services.common.eventlog.waiting import set_within

_GRACE = 0.1

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Held:
    """What was fetched of a partition and not handed out yet; `end` is where reading goes on after all of it."""

    seat: Seat
    records: list[Record]
    end: int


class KafkaSubscription(Member):
    """Reads what the group assigns.

    `poll` raises `Unavailable` while there is no connection at all; when the brokers go away later it returns None
    until they are back, which the consumer finds out by itself.
    """

    def __init__(
        self,
        make_consumer: Callable[[str], AIOKafkaConsumer],
        group: str,
        topics: Sequence[str],
        locate: Locate,
        *,
        survey: Survey,
        ready: asyncio.Event,
        batch_records: int,
        batch_bytes: int,
    ) -> None:
        super().__init__(group, topics, locate)
        self._make_consumer = make_consumer
        self._survey = survey
        self._ready = ready
        self._batch_records = batch_records
        self._batch_bytes = batch_bytes
        self._consumer: AIOKafkaConsumer | None = None
        self._held: dict[Partition, _Held] = {}
        self._broken = asyncio.Event()
        self._settled = False
        self._away = ""
        self._tasks.append(asyncio.create_task(self._keep_consumer()))

    def settled(self) -> bool:
        """Tell whether the group has told this member what it has."""
        return self._settled

    async def lag(self) -> dict[Partition, int]:
        """Return how many records are still to be read.

        What is held is counted exactly; beyond it offsets are, so that markers of transactions count until they
        were fetched, and not after.
        """
        ranges = await self._survey.ranges(each for each, seat in self._seats.items() if seat.position is not None)
        consumer = self._consumer  # the one to whose assignment the seats belong now
        lag = {}
        for partition, held in ranges.items():
            seat = self._seats.get(partition)
            if consumer is not None and seat is not None and seat.position is not None:
                unfetched = max(0, held.end - await consumer.position(partition_key(partition)))
                lag[partition] = unfetched + len(self._held[partition].records if partition in self._held else ())
        return lag

    async def close(self) -> None:
        """Leave the group at once."""
        self._unseat(list(self._seats))
        await super().close()

    # Reading

    async def _next(self, patience: float) -> Batch | None:
        batch = self._from_held()
        if batch is None:
            await self._fetch(patience)
            batch = self._from_held()
        return batch

    async def _await_news(self, timeout: float) -> None:  # noqa: ASYNC109 - passed on from poll
        """The fetch has already waited."""
        await asyncio.sleep(0)

    def _from_held(self) -> Batch | None:
        for partition, held in list(self._held.items()):
            position = held.seat.position
            del self._held[partition]
            if self._seats.get(partition) is not held.seat or position is None:
                continue
            count = cut(held.records, self._batch_records, self._batch_bytes)
            taken, rest = held.records[:count], held.records[count:]
            if rest:
                self._held[partition] = _Held(held.seat, rest, held.end)  # the last in turn: nobody starves
            return Batch(partition, position, taken[-1].position + 1 if rest else held.end, tuple(taken))
        return None

    async def _fetch(self, patience: float) -> None:
        """Wait for records and hold them. Called only when nothing is held, so this is bounded by one fetch."""
        consumer = self._consumer
        if consumer is None:
            if self._away:
                raise Unavailable("kafka", self._away)
            await set_within(self._wake, patience)
            return
        try:
            # While the group is being rebalanced getmany waits for its end, whatever its time-out.
            async with asyncio.timeout(patience + _GRACE):
                fetched = await consumer.getmany(timeout_ms=int(patience * 1000))
            for key, records in fetched.items():
                await self._hold(consumer, key, records)
        except TimeoutError:
            return
        except OffsetOutOfRangeError as error:
            await self._stop_at(error.args[0])
        except KafkaError as error:
            self._away = type(error).__name__
            self._broken.set()
            raise Unavailable("kafka", self._away) from error

    async def _hold(self, consumer: AIOKafkaConsumer, key: TopicPartition, records: list[ConsumerRecord]) -> None:
        partition = Partition(key.topic, key.partition)
        seat = self._seats.get(partition)
        if seat is not None and seat.position is not None and records:
            # The consumer stands after markers of transactions that were fetched with these records.
            end = await consumer.position(key)
            self._held[partition] = _Held(seat, [_record(partition, each) for each in records], end)

    async def _stop_at(self, offsets: Mapping[TopicPartition, int]) -> None:
        for key, offset in offsets.items():
            partition = Partition(key.topic, key.partition)
            seat = self._seats.get(partition)
            if seat is not None:
                seat.error = out_of_range(self.group, partition, offset, await self._range(partition))

    async def _range(self, partition: Partition) -> Range:
        return (await self._survey.ranges([partition]))[partition]

    # The group

    async def _keep_consumer(self) -> None:
        backoff = Backoff(longest=2.0)
        await self._ready.wait()
        while True:
            try:
                await self._attend()
            except (KafkaError, OSError, TimeoutError) as error:
                self._away = type(error).__name__
                logger.warning("not in the group", extra={"group": self.group, "error": self._away})
            except Exception as error:
                self._away = type(error).__name__
                logger.exception("a member failed, joining anew", extra={"group": self.group})
            await backoff.sleep()

    async def _attend(self) -> None:
        consumer = self._make_consumer(self.group)
        try:
            await consumer.start()
            self._broken.clear()
            self._away = ""
            self._consumer = consumer
            consumer.subscribe(self.topics, listener=_Listener(self))
            await self._broken.wait()
        finally:
            self._consumer = None
            self.revoked()
            await stop_quickly(consumer)

    def revoked(self) -> None:
        """Hear that the group is being shared out anew: nothing is ours until it tells."""
        self._settled = False
        self._unseat(list(self._seats))

    def given(self, keys: set[TopicPartition]) -> None:
        """Hear what this member has now."""
        self._seat(Partition(key.topic, key.partition) for key in keys)
        self._settled = True
        self._wake.set()

    def _placed(self, partition: Partition, position: int | None) -> None:
        self._held.pop(partition, None)
        consumer, key = self._consumer, partition_key(partition)
        if consumer is None or key not in consumer.assignment():
            return
        if position is None:
            consumer.pause(key)
            consumer.seek(key, 0)
        else:
            consumer.seek(key, position)
            consumer.resume(key)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, subscription: KafkaSubscription) -> None:
        self._subscription = subscription

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        self._subscription.revoked()

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._subscription.given(assigned)


def _record(partition: Partition, fetched: ConsumerRecord) -> Record:
    headers = tuple((name, value or b"") for name, value in fetched.headers)  # Kafka also has headers without a value
    return Record(partition, fetched.offset, fetched.key, fetched.value, headers)
