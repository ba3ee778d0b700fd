"""The link to the cluster: topics ensured, a producer kept alive, and whether the brokers answer.

It starts in the background and tries for ever: a Kafka that was never there looks like one that went away. A
producer that is beyond repair is replaced, topics that have vanished (a new, empty cluster) are made again.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from services.common.backoff import Backoff
from services.common.errors import Unavailable
from services.common.eventlog import Partition
from services.common.eventlog.partitions import WrongPartitions
from services.common.eventlog.waiting import set_within

_LOOK_EVERY = 1.0
_LOOK_WITHIN = 10.0  # several brokers may be asked in turn, each for 3 s
_ANSWERED_WITHIN = 4.5  # an answer that old still counts: one broker of several may hang when it is asked
_STOP_WITHIN = 5.0

logger = logging.getLogger(__name__)


class Link:
    """Makes a producer and keeps one; `producer()` and `leader_of()` tell what is known."""

    def __init__(
        self,
        make_producer: Callable[[], AIOKafkaProducer],
        ensure: Callable[[], Awaitable[dict[str, int]]],
    ) -> None:
        self.counts: dict[str, int] = {}
        """How many partitions each topic has; empty until the first connection."""
        self.tried = asyncio.Event()
        """Set when there was a connection, or never will be."""
        self._make_producer = make_producer
        self._ensure = ensure
        self._producer: AIOKafkaProducer | None = None
        self._broken = asyncio.Event()
        self._answered = float("-inf")
        self._wrong: WrongPartitions | None = None

    def check(self) -> None:
        """Raise what keeps this link from ever working."""
        if self._wrong is not None:
            raise self._wrong

    def producer(self) -> AIOKafkaProducer:
        """Return the producer, or raise `Unavailable` at once."""
        self.check()
        if self._producer is None:
            raise Unavailable("kafka", "not connected")
        return self._producer

    def alive(self) -> bool:
        """Tell whether a broker has answered lately."""
        return self._producer is not None and time.monotonic() - self._answered < _ANSWERED_WITHIN

    def leader_of(self, partition: Partition) -> int | None:
        """Return the broker that leads a partition, None when none is known."""
        if self._producer is None:
            return None
        leaders = self._producer.client.cluster
        known = leaders.available_partitions_for_topic(partition.topic) or ()
        return leaders.leader_for_partition(partition_key(partition)) if partition.number in known else None

    def replace(self, producer: AIOKafkaProducer) -> None:
        """Have a producer replaced that can do no more."""
        if self._producer is producer:
            self._broken.set()

    async def run(self) -> None:
        """Keep the link until cancelled."""
        backoff = Backoff(longest=2.0)
        while True:
            try:
                await self._connect()
            except WrongPartitions as error:
                logger.critical("the event log cannot be used: %s", error)
                self._wrong = error
                self.tried.set()
                return
            except (KafkaError, OSError, TimeoutError) as error:
                logger.warning("kafka is away", extra={"error": type(error).__name__})
            except Exception:
                logger.exception("the link failed, making it anew")
            await backoff.sleep()

    async def _connect(self) -> None:
        self.counts = await self._ensure()
        producer = self._make_producer()
        try:
            await producer.start()
            await producer.client.set_topics(list(self.counts))
            self._broken.clear()
            self._producer = producer
            await self._attend(producer)
        finally:
            self._producer = None
            await stop_quickly(producer)

    async def _attend(self, producer: AIOKafkaProducer) -> None:
        """Ask for the cluster's state each second: new leaders are known early, and so is that nobody answers."""
        while not self._broken.is_set():
            async with asyncio.timeout(_LOOK_WITHIN):
                answered = await producer.client.force_metadata_update()
            if answered:
                self._answered = time.monotonic()
                self.tried.set()
                if not set(self.counts) <= producer.client.cluster.topics():
                    self.counts = await self._ensure()
            await set_within(self._broken, _LOOK_EVERY)


async def stop_quickly(client: Any) -> None:
    """Stop a producer or consumer of aiokafka, which may be waiting for brokers that are away.

    In a task of its own: a consumer that is stopped while it waits to fetch again raises CancelledError, which is
    not the caller's, and leaves its connections open.
    """
    stopping = asyncio.create_task(client.stop())
    await asyncio.wait([stopping], timeout=_STOP_WITHIN)
    if not stopping.done() or stopping.cancelled() or stopping.exception() is not None:
        stopping.cancel()
        inner = client.client if isinstance(client, AIOKafkaProducer) else client._client  # noqa: SLF001
        await inner.close()


def partition_key(partition: Partition) -> TopicPartition:
    """Return the partition as aiokafka names it."""
    return TopicPartition(partition.topic, partition.number)
