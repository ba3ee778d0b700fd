"""One lane per partition: one RecordBatch under way, requests that come meanwhile share the next.

A RecordBatch is appended whole or not at all, so each request in it is. (aiokafka keeps one batch in flight per
partition anyway, but makes callers wait for each other in a way that fails those behind some 70 others.)
"""

import asyncio
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from aiokafka.structs import RecordMetadata

from schemas.reasons import Reason
from services.common.errors import Rejected, Unavailable
from services.common.eventlog import Appended, Entry, Partition
from services.common.eventlog.kafka.link import Link
from services.common.eventlog.sharing import Request, Room, SharedWriter

_GIVE_UP = 10.0  # aiokafka answers after twice the request timeout at most; this is for when it does not


class Lanes:
    """Submits requests to partitions, and tells which brokers do not answer."""

    def __init__(self, link: Link, room: Room, max_bytes: int) -> None:
        self._link = link
        self._room = room
        self._max_bytes = max_bytes
        self._writers: dict[Partition, SharedWriter] = {}
        self._under_way: dict[Partition, tuple[float, int | None]] = {}
        self._answered: dict[int | None, float] = {}

    def submit(self, partition: Partition, entries: Sequence[Entry], size: int) -> asyncio.Future[Appended]:
        """Queue a request for this very partition; raises `Unavailable` at once when the buffers are full."""
        writer = self._writers.get(partition)
        if writer is None:
            writer = self._writers[partition] = SharedWriter(self._write, self._room, self._max_bytes)
        return writer.submit(partition, entries, size)

    def silent_brokers(self, after: float) -> set[int | None]:
        """Return the brokers that owe an answer and have given none, for any partition, for `after` seconds."""
        long_ago = time.monotonic() - after
        return {
            leader
            for since, leader in self._under_way.values()
            if max(since, self._answered.get(leader, since)) < long_ago
        }

    async def drain(self) -> None:
        """Wait until nothing is pending."""
        await asyncio.gather(*(writer.drain() for writer in self._writers.values()))

    def abandon(self) -> None:
        """Give up what is pending."""
        for writer in self._writers.values():
            writer.abandon()

    async def _write(self, group: Sequence[Request]) -> list[Appended]:
        partition = group[0].partition
        leader = self._link.leader_of(partition)
        self._under_way[partition] = (time.monotonic(), leader)
        try:
            base = await self._send(partition, [entry for request in group for entry in request.entries])
            self._answered[leader] = time.monotonic()
        finally:
            del self._under_way[partition]
        landed = []
        for request in group:
            landed.append(Appended(partition, base, base + len(request.entries) - 1))
            base += len(request.entries)
        return landed

    async def _send(self, partition: Partition, entries: Sequence[Entry]) -> int:
        producer = self._link.producer()
        batch = record_batch(producer, entries)
        try:
            async with asyncio.timeout(_GIVE_UP):
                sent = await producer.send_batch(batch, partition.topic, partition=partition.number)
                metadata: RecordMetadata = await sent
        except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
            raise too_large() from error
        except TimeoutError as error:
            self._link.replace(producer)
            raise Unavailable("kafka", f"no answer within {_GIVE_UP} s") from error
        except KafkaError as error:
            if not error.retriable:
                self._link.replace(producer)
            raise Unavailable("kafka", type(error).__name__) from error
        return int(metadata.offset)


def record_batch(producer: AIOKafkaProducer, entries: Sequence[Entry]) -> object:
    """Return one closed RecordBatch of all the entries; raises `Rejected(BODY_TOO_LARGE)` when they do not fit."""
    batch = producer.create_batch()
    for entry in entries:
        if batch.append(key=entry.key, value=entry.value, timestamp=None, headers=list(entry.headers)) is None:
            raise too_large()
    batch.close()
    return batch


def too_large() -> Rejected:
    """Return the refusal of a request that the topic does not take."""
    return Rejected(Reason.BODY_TOO_LARGE, "the request is larger than the topic takes in one piece")
