"""What partitions hold, asked on connections of its own.

A broker answers the requests of one connection in turn, so behind a reader's waiting fetch such a question would
take half a second.
"""

import asyncio
from collections.abc import Callable, Iterable

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from services.common.errors import Unavailable
from services.common.eventlog import Partition, Range
from services.common.eventlog.kafka.link import partition_key, stop_quickly

_WITHIN = 5.0


class Survey:
    """Asks for ranges; connects when it is first asked, and anew after an error."""

    def __init__(self, make_consumer: Callable[[], AIOKafkaConsumer]) -> None:
        self._make_consumer = make_consumer
        self._consumer: AIOKafkaConsumer | None = None
        self._starting = asyncio.Lock()

    async def ranges(self, partitions: Iterable[Partition]) -> dict[Partition, Range]:
        """Return what each holds, up to the last stable offset; raises `Unavailable`."""
        keys = {partition: partition_key(partition) for partition in partitions}
        if not keys:
            return {}
        try:
            async with asyncio.timeout(_WITHIN):
                consumer = await self._started()
                starts, ends = await asyncio.gather(
                    consumer.beginning_offsets(list(keys.values())), consumer.end_offsets(list(keys.values()))
                )
        except (KafkaError, OSError, TimeoutError) as error:
            await self.close()
            raise Unavailable("kafka", type(error).__name__) from error
        return {partition: Range(starts[key], ends[key]) for partition, key in keys.items()}

    async def close(self) -> None:
        """Disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await stop_quickly(consumer)

    async def _started(self) -> AIOKafkaConsumer:
        async with self._starting:
            if self._consumer is None:
                consumer = self._make_consumer()
                try:
                    await consumer.start()
                except BaseException:
                    await stop_quickly(consumer)
                    raise
                self._consumer = consumer
            return self._consumer
