"""The writer of a relay: one Kafka transaction per publish.

Its transactional id is its name, so a predecessor that still hangs somewhere can write no more, and what it left
open is aborted. An open transaction holds its readers, hence the short time-out.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.common.errors import Unavailable
from services.common.eventlog import Entry, partition_of
from services.common.eventlog.kafka.lanes import too_large
from services.common.eventlog.kafka.link import stop_quickly

TRANSACTION_TIMEOUT_MS = 10_000
_WITHIN = TRANSACTION_TIMEOUT_MS / 1000


class KafkaPublisher:
    """Publishes until the first error; then it is spent."""

    def __init__(self, producer: AIOKafkaProducer, counts: Mapping[str, int]) -> None:
        self._producer = producer
        self._counts = counts
        self._spent = False

    @classmethod
    async def start(cls, make: Callable[[], AIOKafkaProducer], counts: Mapping[str, int]) -> "KafkaPublisher":
        """Fence the predecessor and return the publisher; raises `Unavailable`."""
        producer = make()
        try:
            async with asyncio.timeout(_WITHIN):
                await producer.start()
        except (KafkaError, OSError, TimeoutError) as error:
            await stop_quickly(producer)
            raise Unavailable("kafka", type(error).__name__) from error
        return cls(producer, counts)

    async def publish(self, entries: Sequence[tuple[str, Entry]]) -> None:
        """Append all of them in one transaction, each to the partition of its key."""
        if self._spent:
            raise Unavailable("kafka", "this publisher has failed: make a new one")
        if not entries:
            return
        self._spent = True
        try:
            async with asyncio.timeout(_WITHIN):
                await self._transact(entries)
        except (KafkaError, OSError, TimeoutError) as error:
            raise Unavailable("kafka", type(error).__name__) from error
        self._spent = False

    async def close(self) -> None:
        """Release the producer; a transaction that is open is aborted by the next publisher, or by its time-out."""
        self._spent = True
        await stop_quickly(self._producer)

    async def _transact(self, entries: Sequence[tuple[str, Entry]]) -> None:
        by_partition: dict[tuple[str, int], list[Entry]] = {}
        for topic, entry in entries:
            number = partition_of(entry.key or b"", self._counts[topic])
            by_partition.setdefault((topic, number), []).append(entry)
        await self._producer.begin_transaction()
        sent: list[asyncio.Future[object]] = []
        for (topic, number), some in by_partition.items():
            for batch in self._batches(some):
                future = await self._producer.send_batch(batch, topic, partition=number)
                future.add_done_callback(_heard)
                sent.append(future)
        await self._producer.commit_transaction()
        await asyncio.gather(*sent)

    def _batches(self, entries: Sequence[Entry]) -> list[object]:
        """Return as few RecordBatches as hold the entries, in order."""
        batches: list[object] = []
        batch = None
        for entry in entries:
            if batch is None or not _added(batch, entry):
                batch = self._producer.create_batch()
                batches.append(batch)
                if not _added(batch, entry):
                    raise too_large()
        return batches


def _heard(sent: asyncio.Future[object]) -> None:
    """Look at the outcome, also when the commit has failed before anybody else does."""
    if not sent.cancelled():
        sent.exception()


def _added(batch: object, entry: Entry) -> bool:
    metadata = batch.append(  # type: ignore[attr-defined]
        key=entry.key, value=entry.value, timestamp=None, headers=list(entry.headers)
    )
    return metadata is not None
