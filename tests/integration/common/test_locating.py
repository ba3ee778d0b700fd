"""Seats of a member are located each by itself."""

import asyncio

from schemas.topics import STATEMENTS
from services.common.eventlog import Entry, Partition, Range
from services.common.eventlog.memory import MemoryEventLog


async def test_a_partition_that_cannot_be_located_does_not_delay_the_others() -> None:
    log = MemoryEventLog()
    for number in range(3):
        log.keep(Partition(STATEMENTS, number), [Entry(None, b"%d" % number)])
    tries = 0

    async def locate(partition: Partition, held: Range) -> int:
        nonlocal tries
        if partition.number == 0:
            tries += 1
            await asyncio.sleep(0.3)
            raise TimeoutError  # one broker of three says nothing
        return held.start

    subscription = log.subscribe("g", [STATEMENTS], locate)
    try:
        async with asyncio.timeout(0.25):
            read = {(await subscription.poll(1)).records[0].value for _ in range(2)}  # type: ignore[union-attr]
        assert read == {b"1", b"2"}
        await subscription.rewind(Partition(STATEMENTS, 1))  # nor does it later, while it is asked again
        async with asyncio.timeout(0.25):
            assert (await subscription.poll(1)).records[0].value == b"1"  # type: ignore[union-attr]
        await asyncio.sleep(1)
        assert tries >= 2
    finally:
        await subscription.close()
