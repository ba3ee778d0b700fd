"""The event log on Apache Kafka, through aiokafka."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakSet

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from schemas.topics import ALL_TOPICS, Topic
from services.common.eventlog import Appended, Entry, Locate, Partition, Range
from services.common.eventlog.kafka.appending import Appending
from services.common.eventlog.kafka.lanes import Lanes
from services.common.eventlog.kafka.link import Link
from services.common.eventlog.kafka.publisher import TRANSACTION_TIMEOUT_MS, KafkaPublisher
from services.common.eventlog.kafka.subscription import KafkaSubscription
from services.common.eventlog.kafka.survey import Survey
from services.common.eventlog.kafka.topics import ensure_topics
from services.common.eventlog.members import BATCH_BYTES, BATCH_RECORDS
from services.common.eventlog.requests import BODY_LIMIT, append_limit, checked_size
from services.common.eventlog.sharing import Room
from services.common.eventlog.waiting import set_within

_REQUEST_TIMEOUT_MS = 3_000
_LETTER_HEADERS = 64 * 1024  # a dead letter carries headers beside those of the record it was
_CLOSE_WITHIN = 2 * _REQUEST_TIMEOUT_MS / 1000 + 1


class KafkaEventLog:
    """An event log on the brokers at `bootstrap_servers`. Constructing it does nothing; `open` wants a running loop."""

    def __init__(
        self,
        bootstrap_servers: str,
        topics: Mapping[str, Topic] = ALL_TOPICS,
        *,
        replication_factor: int = 1,
        append_timeout: float = 3.0,
        failover_after: float = 0.3,
        body_limit: int = BODY_LIMIT,
        max_pending: int = 1_000,
        max_pending_bytes: int = 64 * 1024 * 1024,
        batch_records: int = BATCH_RECORDS,
        batch_bytes: int = BATCH_BYTES,
    ) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topics = topics
        self._replication_factor = replication_factor
        self._append_timeout = append_timeout
        self._append_limit = append_limit(body_limit)
        self._batch_records = batch_records
        self._batch_bytes = batch_bytes
        self._room = Room(max_pending, max_pending_bytes)
        self._link = Link(self._make_producer, self._ensure_topics)
        self._lanes = Lanes(self._link, self._room, self._append_limit)
        self._appending = Appending(self._link, self._lanes, topics, append_timeout, failover_after)
        self._survey = Survey(lambda: self._make_consumer(None))
        self._linking: asyncio.Task[None] | None = None
        self._subscriptions: WeakSet[KafkaSubscription] = WeakSet()

    async def open(self) -> None:
        """Begin to connect, and wait a little for it; a Kafka that is away is waited for in the background."""
        if self._linking is None:
            self._linking = asyncio.create_task(self._link.run())
        await set_within(self._link.tried, self._append_timeout)
        self._link.check()

    async def close(self) -> None:
        """Wait for what is pending, as long as it can take to fail, then let go of everything."""
        try:
            async with asyncio.timeout(_CLOSE_WITHIN):
                await self._lanes.drain()
        except TimeoutError:
            self._lanes.abandon()  # whoever waited for it has been told by now that it is not known to be kept
        await asyncio.gather(*(subscription.close() for subscription in self._subscriptions))
        await self._survey.close()
        if self._linking is not None:
            self._linking.cancel()
            await asyncio.gather(self._linking, return_exceptions=True)
            self._linking = None

    async def append(self, topic: str, entries: Sequence[Entry], route: bytes) -> Appended:
        """Append one request as one RecordBatch (or part of one), and once more elsewhere when that takes long."""
        size = checked_size(entries, self._append_limit)
        return await self._appending.append(topic, entries, route, size)

    async def publisher(self, name: str) -> KafkaPublisher:
        """Make the transactional writer of that name; the one before it can write no more."""
        self._link.producer()  # not connected: say so at once
        return await KafkaPublisher.start(
            lambda: self._make_producer(transactional_id=name, transaction_timeout_ms=TRANSACTION_TIMEOUT_MS),
            self._link.counts,
        )

    def subscribe(self, group: str, topics: Sequence[str], locate: Locate) -> KafkaSubscription:
        """Join a group."""
        subscription = KafkaSubscription(
            self._make_consumer,
            group,
            topics,
            locate,
            survey=self._survey,
            ready=self._link.tried,
            batch_records=self._batch_records,
            batch_bytes=self._batch_bytes,
        )
        self._subscriptions.add(subscription)
        return subscription

    async def ranges(self, topic: str) -> dict[int, Range]:
        """Return what each partition of a topic holds."""
        self._link.producer()  # not connected: say so at once
        ranges = await self._survey.ranges(Partition(topic, number) for number in range(self._link.counts[topic]))
        return {partition.number: held for partition, held in ranges.items()}

    def available(self) -> bool:
        """Tell whether a broker answered lately and there is room for another request."""
        return self._link.alive() and not self._room.full()

    def why_away(self) -> str | None:
        """Nothing is known: the link logs what it meets."""
        return None

    async def _ensure_topics(self) -> dict[str, int]:
        return await ensure_topics(
            self._bootstrap_servers, self._topics, self._replication_factor, self._append_limit + _LETTER_HEADERS
        )

    def _make_producer(self, **transactional: Any) -> AIOKafkaProducer:
        """Return a producer, not started.

        Never idempotent where it is not transactional: after a partition had no leader for 3 s an idempotent one
        answers OutOfOrderSequenceNumber for ever. The ids in the entries make repeats harmless (law 2).
        """
        return AIOKafkaProducer(
            bootstrap_servers=self._bootstrap_servers,
            acks="all",
            enable_idempotence=bool(transactional),
            compression_type="zstd",
            linger_ms=0,
            request_timeout_ms=_REQUEST_TIMEOUT_MS,
            max_batch_size=self._append_limit + _LETTER_HEADERS,
            max_request_size=self._append_limit + _LETTER_HEADERS,
            **transactional,
        )

    def _make_consumer(self, group: str | None) -> AIOKafkaConsumer:
        """Return a consumer, not started, that neither commits nor resets anything by itself."""
        return AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap_servers,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            fetch_max_bytes=16 * 1024 * 1024,
            request_timeout_ms=10_000 if group else _REQUEST_TIMEOUT_MS,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=500,  # also how soon a member hears that others have come or gone
            max_poll_interval_ms=300_000,
        )
